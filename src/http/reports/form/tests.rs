//! What the filter form understands, and how it rejects the rest.

use super::*;
use actix_web::web;
use xapi::query::{Query, Selection};
use xapi::version::Version;

fn pairs(query: &str) -> Vec<(String, String)> {
    web::Query::<Vec<_>>::from_query(query).unwrap().into_inner()
}

fn form(query: &str) -> Form {
    let (form, faults, _) = Form::of(&pairs(query));
    assert_eq!(faults, Faults::new());
    form
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

fn faults(query: &str) -> Vec<(&'static str, String)> {
    form(query).read(&berlin()).map_or_else(|faults| faults.into_iter().collect(), |_| Vec::new())
}

#[test]
fn times_are_those_of_the_provider_unless_they_have_an_offset() {
    for (text, instant) in [
        ("2026-01-15T09:30", "2026-01-15T08:30:00Z"),
        ("2026-07-15 09:30:15", "2026-07-15T07:30:15Z"),
        ("2026-01-15T09:30:00.25", "2026-01-15T08:30:00.25Z"),
        ("2026-01-15T09:30:00Z", "2026-01-15T09:30:00Z"),
        ("2026-01-15T09:30:00-05:00", "2026-01-15T14:30:00Z"),
        // Clocks go from 02:00 to 03:00, and in autumn from 03:00 back to 02:00.
        ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
    ] {
        let query = form(&format!("since={}", encoded(text))).read(&berlin()).unwrap();
        assert_eq!(query.filter.since, instant.parse().ok(), "{text}");
    }
    assert_eq!(form("since=2026-01-15T09:30:00Z").local("since", &berlin()).unwrap(), "2026-01-15T10:30:00");
    assert_eq!(form("since=soon").local("since", &berlin()), None);
    assert_eq!(form("since=2026-01-15T09:30:00.1234567Z").local("since", &berlin()), None);
}

#[test]
fn each_fault_has_a_separate_sentence() {
    for (query, name, sentence) in [
        ("agent=ann", "agent", "Write a mail address"),
        ("verb=completed", "verb", "A verb is known by its IRI"),
        ("activity=a%20b", "activity", "An activity is known by its IRI"),
        ("registration=7", "registration", "A registration is known by its UUID"),
        ("since=yesterday", "since", "Write date and time"),
        ("until=2026-01-15", "until", "Write date and time"),
        ("until=2026-02-30T09:30", "until", "Write date and time"),
        ("since=2026-01-16T09:30&until=2026-01-15T09:30", "until", "later than the instant"),
        ("ascending=yes", "", "`ascending` must be `true` or `false`"),
        ("before=x", "before", "does not name a page"),
    ] {
        let found = faults(query);
        assert!(matches!(&found[..], [(at, said)] if *at == name && said.contains(sentence)), "{query}: {found:?}");
    }
    assert_eq!(faults("agent=ann&verb=x&registration=1&since=s").len(), 4);
}

#[test]
fn what_is_no_filter_is_named() {
    let (form, faults, _) = Form::of(&pairs("verb=v:1&person=ann"));
    assert_eq!(form.href(), "/reports/statements?verb=v%3A1");
    assert_eq!(faults[""], "There is no filter called `person`; it was ignored.");
    let (form, faults, _) = Form::of(&pairs("verb=v:1&verb=v:2"));
    assert_eq!((form.text("verb"), faults.len()), ("v:1", 1));
}

#[test]
fn an_address_holds_what_is_filled_in_and_no_more() {
    let (form, _, address) =
        Form::of(&pairs("agent=&verb=v%3A1&since=&ascending=true&related_agents=false&limit=5&after=3"));
    assert_eq!(address, Address::Wordy);
    assert_eq!(form.href(), "/reports/statements?verb=v%3A1&after=3&ascending=true");
    assert_eq!(Form::of(&pairs("verb=v:1")).2, Address::Plain);
    assert_eq!(form.at(Window::Before(Seq(9))).href(), "/reports/statements?verb=v%3A1&before=9&ascending=true");
    assert_eq!(form.with("activity", "a:1").href(), "/reports/statements?verb=v%3A1&activity=a%3A1&ascending=true");
    assert_eq!(form.with("verb", "").href(), "/reports/statements?ascending=true");
}

#[test]
fn the_query_of_the_standard_asks_the_same() {
    for query in [
        "",
        "agent=ann@example.com&related_agents=true",
        "agent=https://lms.example.com%20Ann%20%26%20Lee&verb=v:1&activity=a:1%23%3F&related_activities=true",
        "registration=6690e6c9-3ef0-4ed3-8b37-7f3964730bee&since=2026-01-15T09:30:00.5&until=2026-01-16T09:30",
        "agent=%7B%22openid%22%3A%22https%3A//ann.example.com/%22%7D&ascending=true",
    ] {
        let filter = form(query).read(&berlin()).unwrap().filter;
        let address = xapi("/xapi/statements", &filter);
        let (_, sent) = address.split_once('?').unwrap_or_default();
        let read = Query::read(&pairs(sent), Version::V2).unwrap();
        assert_eq!(read.selection, Selection::Many(filter), "{address}");
    }
}

#[test]
fn a_window_is_where_the_direction_begins_unless_the_address_names_one() {
    for (query, window) in [
        ("", Window::Newest),
        ("ascending=true", Window::Oldest),
        ("before=7", Window::Before(Seq(7))),
        ("after=7&ascending=true", Window::After(Seq(7))),
    ] {
        assert_eq!(form(query).read(&berlin()).unwrap().window, window, "{query}");
    }
}
