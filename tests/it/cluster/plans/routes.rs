//! Which routes the program has, by its sources, and which were visited, by its metrics.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A route: its pattern, and its method where the sources say one beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    method: Option<String>,
    pattern: String,
}

impl Route {
    /// Whether one of `visited` is this one.
    pub(super) fn is_among(&self, visited: &BTreeSet<Self>) -> bool {
        let same = |method: &Option<String>| self.method.is_none() || *method == self.method;
        visited.iter().any(|route| route.pattern == self.pattern && same(&route.method))
    }
}

/// What registers a route, with its pattern as the first argument.
const REGISTERING: [&str; 4] = [".route(\"", "resource(\"", "served(\"", "reading(\""];

/// Every route that the sources register.
pub(super) fn known() -> BTreeSet<Route> {
    let mut known = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"), &mut known);
    known
}

fn collect(path: &Path, known: &mut BTreeSet<Route>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), known);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        known.extend(registered(&fs::read_to_string(path).unwrap()));
    }
}

/// The routes of one file. Where it has a scope, all are within it but those that are given to `cfg` itself.
fn registered(source: &str) -> Vec<Route> {
    let scope = source.split("scope(\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let pieces = |marker: &'static str| {
        let pieces: Vec<&str> = source.split(marker).collect();
        pieces.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let route = |(before, behind): (&str, &str)| {
        let prefix = if before.ends_with("cfg") { "" } else { scope };
        let (pattern, rest) = behind.split_once('"').unwrap();
        Route { method: method(rest), pattern: format!("{prefix}{pattern}") }
    };
    REGISTERING.into_iter().flat_map(pieces).map(route).filter(|route| route.pattern.starts_with('/')).collect()
}

/// The method that follows the pattern, as `, web::get().to(page))` or `, get().to(page))`.
fn method(rest: &str) -> Option<String> {
    let handler = rest.trim_start_matches([',', ' ', '\n']).trim_start_matches("web::");
    let name = handler.split('(').next().unwrap();
    ["get", "post", "put", "delete"].contains(&name).then(|| name.to_uppercase())
}

/// The routes that were served and not refused, by the text of `/metrics`.
pub(super) fn visited(figures: &str) -> BTreeSet<Route> {
    let lines = figures.lines().filter(|line| line.starts_with("enduring_http_requests_total{"));
    let label = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let taken = lines.filter(|line| label(line, "status").parse::<u16>().unwrap() < 400);
    taken.map(|line| Route { method: Some(label(line, "method")), pattern: label(line, "route") }).collect()
}

#[test]
fn every_way_of_registering_a_route_is_understood() {
    let source = r#"
        cfg.route("/outside/{id}", web::get().to(serve)).service(
            web::scope("/inside").route("/a", web::post().to(a)).service(resource("/b").route(put().to(b))));"#;
    let route =
        |method: Option<&str>, pattern: &str| Route { method: method.map(str::to_owned), pattern: pattern.to_owned() };
    let expected = [route(Some("GET"), "/outside/{id}"), route(Some("POST"), "/inside/a"), route(None, "/inside/b")];
    assert_eq!(registered(source), expected);
    assert!(known().len() > 80, "{}", known().len());
    for pattern in ["/desk", "/xapi/statements", "/player/commit", "/player/{tag}/{name}", "/metrics"] {
        assert!(known().iter().any(|route| route.pattern == pattern), "{pattern}");
    }
    let figures = "enduring_http_requests_total{origin=\"app\",method=\"GET\",route=\"/desk\",status=\"200\"} 3\n\
                   enduring_http_requests_total{origin=\"app\",method=\"GET\",route=\"/reports\",status=\"403\"} 1\n";
    assert_eq!(visited(figures), BTreeSet::from([route(Some("GET"), "/desk")]));
}
