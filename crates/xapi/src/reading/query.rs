//! A query for statements (Part 3 §2.1.3): its parameters, checked and parsed.

use super::format::Format;
use super::parameters::Parameters;
use crate::actor::Ifi;
use crate::fault::{Code, Fault};
use crate::version::Version;
use crate::{StatementId, Token, token};
use jiff::Timestamp;
use uuid::Uuid;

/// One query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub selection: Selection,
    pub format: Format,
    /// Whether the bytes of attachments are requested too.
    pub attachments: bool,
}

/// Which statements are requested.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// The one with this id, unless it is voided.
    One(StatementId),
    /// The one with this id, if it is voided.
    Voided(StatementId),
    Many(Filter),
}

/// Conditions that every returned statement fulfills.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    pub agent: Option<Ifi<'static>>,
    pub verb: Option<String>,
    pub activity: Option<String>,
    pub registration: Option<Uuid>,
    pub breadth: Breadth,
    /// Stored after this instant.
    pub since: Option<Timestamp>,
    /// Stored at or before this instant.
    pub until: Option<Timestamp>,
    /// None where the reader leaves it to the server, by 0 or by silence.
    pub limit: Option<usize>,
    pub direction: Direction,
}

/// How far the agent and activity conditions reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Breadth {
    pub agents: Reach,
    pub activities: Reach,
}

/// Where an agent or activity may occur in a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// As actor or object.
    #[default]
    Narrow,
    /// Also in the context and in a SubStatement.
    Related,
}

/// Which statements come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    NewestFirst,
    OldestFirst,
}

impl Filter {
    /// The names of the parameters that [`Filter::read`] reads.
    pub(crate) const NAMES: [&str; 10] = [
        "agent",
        "verb",
        "activity",
        "registration",
        "related_activities",
        "related_agents",
        "since",
        "until",
        "limit",
        "ascending",
    ];

    /// Reads those of them that were given.
    pub fn read(parameters: &mut Parameters<'_>) -> Self {
        let reach = |related| if related { Reach::Related } else { Reach::Narrow };
        let direction = |ascending| if ascending { Direction::OldestFirst } else { Direction::NewestFirst };
        Self {
            agent: parameters.actor("agent"),
            verb: parameters.iri("verb"),
            activity: parameters.iri("activity"),
            registration: parameters.uuid("registration"),
            breadth: Breadth {
                agents: reach(parameters.flag("related_agents")),
                activities: reach(parameters.flag("related_activities")),
            },
            since: parameters.timestamp("since"),
            until: parameters.timestamp("until"),
            limit: parameters.parse("limit", "a whole number that is not negative", limit).filter(|limit| *limit > 0),
            direction: direction(parameters.flag("ascending")),
        }
    }

    /// The index tokens that a statement must have, or one that it refers to.
    pub fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        tokens.extend(self.registration.map(token::registration));
        tokens.extend(self.agent.as_ref().map(|agent| match self.breadth.agents {
            Reach::Narrow => token::agent(agent),
            Reach::Related => token::related_agent(agent),
        }));
        match (&self.verb, &self.activity, self.breadth.activities) {
            (Some(verb), Some(activity), Reach::Narrow) => tokens.push(token::verb_and_activity(verb, activity)),
            (verb, activity, reach) => {
                tokens.extend(activity.as_deref().map(|activity| match reach {
                    Reach::Narrow => token::activity(activity),
                    Reach::Related => token::related_activity(activity),
                }));
                tokens.extend(verb.as_deref().map(token::verb));
            }
        }
        tokens
    }
}

impl Query {
    /// Reads the parameters of a request, already decoded.
    ///
    /// # Errors
    /// Every fault of them.
    pub fn read(given: &[(String, String)], version: Version) -> Result<Self, Vec<Fault>> {
        let known: Vec<&str> = Filter::NAMES.into_iter().chain(OTHERS).collect();
        let mut parameters = Parameters::of(given, &known, version);
        refuse_filters_of_one(&mut parameters);
        let one = parameters.uuid("statementId").map(StatementId);
        let voided = parameters.uuid("voidedStatementId").map(StatementId);
        let filter = Filter::read(&mut parameters);
        let format = parameters.parse("format", "`ids`, `exact` or `canonical`", |text| {
            Format::NAMES.iter().find(|(name, _)| *name == text).map(|(_, format)| *format)
        });
        let attachments = parameters.flag("attachments");
        let selection = match (one, voided) {
            (Some(one), _) => Selection::One(one),
            (None, Some(voided)) => Selection::Voided(voided),
            (None, None) => Selection::Many(filter),
        };
        parameters.finish(Self { selection, format: format.unwrap_or_default(), attachments })
    }
}

/// The names of the parameters that concern one statement, or how all are shown.
const OTHERS: [&str; 4] = ["statementId", "voidedStatementId", "format", "attachments"];

/// A single statement is requested by its id alone.
fn refuse_filters_of_one(parameters: &mut Parameters<'_>) {
    for single in ["statementId", "voidedStatementId"] {
        let allowed = [single, "format", "attachments"];
        if parameters.text(single).is_some()
            && let Some(other) = parameters.names().find(|name| !allowed.contains(name))
        {
            parameters.refuse(Code::Rule, format!("`{single}` cannot be used together with `{other}`"));
        }
    }
}

/// More statements than any server sends count as so many.
fn limit(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &[(&str, &str)]) -> Result<Query, Vec<Code>> {
        let parameters: Vec<_> = query.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Query::read(&parameters, Version::V1).map_err(|faults| faults.into_iter().map(|fault| fault.code).collect())
    }

    const ID: &str = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

    #[test]
    fn parameters_are_understood() {
        let agent = r#"{"objectType":"Group","mbox":"mailto:g@b.c","member":[{"mbox":"mailto:a@b.c"}]}"#;
        let query = read(&[
            ("agent", agent),
            ("related_agents", "true"),
            ("verb", "v:1"),
            ("activity", "a:1"),
            ("registration", ID),
            ("since", "2026-01-01T00:00:00Z"),
            ("until", "2026-01-02T01:00:00+01:00"),
            ("limit", "0"),
            ("ascending", "true"),
            ("format", "ids"),
            ("attachments", "true"),
        ])
        .unwrap();
        assert_eq!((query.format, query.attachments), (Format::Ids, true));
        let Selection::Many(filter) = query.selection else { panic!("not many") };
        assert_eq!(filter.agent, Some(Ifi::Mbox("mailto:g@b.c".into())));
        assert_eq!(filter.breadth, Breadth { agents: Reach::Related, activities: Reach::Narrow });
        assert_eq!(filter.limit, None);
        assert_eq!(filter.direction, Direction::OldestFirst);
        assert_eq!(filter.until, "2026-01-02T00:00:00Z".parse().ok());
        let one = read(&[("statementId", ID), ("format", "canonical"), ("attachments", "false")]).unwrap();
        assert_eq!(one.selection, Selection::One(StatementId(ID.parse().unwrap())));
    }

    #[test]
    fn what_clients_of_other_languages_write_is_understood() {
        let since = |text: &str| match read(&[("since", text)]).unwrap().selection {
            Selection::Many(filter) => filter.since,
            _ => None,
        };
        for (text, instant) in [
            ("2026-01-02T00:00:00 01:00", "2026-01-01T23:00:00Z"),
            ("2026-01-02 00:00:00+01:00", "2026-01-01T23:00:00Z"),
            ("2026-01-02 00:00:00 01:00", "2026-01-01T23:00:00Z"),
            ("2026-01-02 00:00:00.5", "2026-01-02T00:00:00.5Z"),
            ("2026-01-02 00:00:00Z", "2026-01-02T00:00:00Z"),
        ] {
            assert_eq!(since(text), instant.parse().ok(), "{text}");
        }
        for (text, direction) in [("True", Direction::OldestFirst), ("False", Direction::NewestFirst)] {
            let Selection::Many(filter) = read(&[("ascending", text)]).unwrap().selection else { panic!("not many") };
            assert_eq!(filter.direction, direction);
        }
    }

    #[test]
    fn a_refusal_says_what_came() {
        let given = [("ascending".to_owned(), "yes".to_owned())];
        let faults = Query::read(&given, Version::V1).unwrap_err();
        assert_eq!(faults[0].message, "`ascending` must be `true` or `false`; this request has `yes`");
    }

    #[test]
    fn what_an_earlier_release_accepted_can_be_asked_for() {
        let odd = "http://TheQuiz-urn:scormdriver:5419";
        let agent = format!(r#"{{"account":{{"homePage":"{odd}","name":"a"}}}}"#);
        assert!(read(&[("activity", odd), ("agent", &agent)]).is_ok());
        assert!(read(&[("agent", "{\"mbox\":\"mailto:\u{E000}@b.c\"}")]).is_ok());
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        type Case<'a> = (&'a [(&'a str, &'a str)], &'a [Code]);
        let cases: [Case<'_>; 18] = [
            (&[("statementid", ID)], &[Code::Unknown]),
            (&[("statementId", ID), ("voidedStatementId", ID)], &[Code::Rule, Code::Rule]),
            (&[("statementId", ID), ("limit", "1")], &[Code::Rule]),
            (&[("voidedStatementId", ID), ("ascending", "true")], &[Code::Rule]),
            (&[("statementId", "x")], &[Code::Format]),
            (&[("verb", "x"), ("activity", "should fail")], &[Code::Format, Code::Format]),
            (&[("limit", "-1")], &[Code::Format]),
            (&[("limit", "1.5")], &[Code::Format]),
            (&[("ascending", "TRUE")], &[Code::Format]),
            (&[("format", "Exact")], &[Code::Format]),
            (&[("since", "yesterday")], &[Code::Format]),
            (&[("since", "2026-01-02  00:00:00Z")], &[Code::Format]),
            (&[("since", "2026-01-02T00:00:00+01 00")], &[Code::Format]),
            (&[("agent", "{")], &[Code::Json]),
            (&[("agent", r#"{"name":"x"}"#)], &[Code::Missing]),
            (&[("agent", r#"{"objectType":"Group","member":[{"mbox":"mailto:a@b.c"}]}"#)], &[Code::Rule]),
            (&[("verb", "v:1"), ("verb", "v:1")], &[Code::Duplicate]),
            (&[("registration", "x"), ("attachments", "1")], &[Code::Format, Code::Format]),
        ];
        for (query, codes) in cases {
            assert_eq!(read(query), Err(codes.to_vec()), "{query:?}");
        }
    }
}
