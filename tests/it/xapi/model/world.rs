//! Small worlds, in which few names occur often.

use super::{Dice, VOIDED, id};
use serde_json::{Map, Value, json};

/// Statements, in the batches in which they are sent. Targets come before or after what refers to them, or never.
pub(super) struct World {
    pub(super) batches: Vec<Vec<Value>>,
}

const STATEMENTS: usize = 40;
/// Some targets never come.
const NAMES: usize = STATEMENTS + 4;

impl World {
    pub(super) fn of(dice: &mut Dice) -> Self {
        let mut waiting: Vec<usize> = (0..STATEMENTS).collect();
        let mut batches = Vec::new();
        while !waiting.is_empty() {
            let size = (1 + dice.below(6)).min(waiting.len());
            let batch = (0..size).map(|_| waiting.swap_remove(dice.below(waiting.len())));
            let names: Vec<usize> = batch.collect();
            batches.push(names.into_iter().map(|name| statement(dice, name)).collect());
        }
        Self { batches }
    }
}

fn name(n: usize) -> String {
    id(u32::try_from(n).unwrap())
}

fn statement(dice: &mut Dice, n: usize) -> Value {
    let mut statement = match dice.below(10) {
        0 | 1 => {
            let mut void = sentence(dice, 0);
            void["verb"]["id"] = json!(VOIDED);
            void["object"] = reference(dice);
            void
        }
        2..=4 => {
            let mut referring = sentence(dice, 0);
            referring["object"] = reference(dice);
            referring
        }
        _ => sentence(dice, 1),
    };
    statement["id"] = json!(name(n));
    statement
}

fn reference(dice: &mut Dice) -> Value {
    json!({"objectType": "StatementRef", "id": name(dice.below(NAMES))})
}

/// Who did what, perhaps within another sentence.
fn sentence(dice: &mut Dice, deeper: usize) -> Value {
    let object = match dice.below(8) {
        0 => object_actor(agent(dice)),
        1 => group(dice),
        2 if deeper > 0 => {
            let mut inner = sentence(dice, 0);
            inner["objectType"] = json!("SubStatement");
            inner
        }
        _ => activity(dice),
    };
    json!({"actor": actor(dice), "verb": {"id": verb(dice)}, "object": object, "context": context(dice)})
}

fn verb(dice: &mut Dice) -> String {
    format!("v:{}", dice.below(3))
}

fn activity(dice: &mut Dice) -> Value {
    json!({"id": format!("a:{}", dice.below(3))})
}

fn registration(dice: &mut Dice) -> String {
    name(900 + dice.below(2))
}

fn object_actor(mut agent: Value) -> Value {
    agent["objectType"] = json!("Agent");
    agent
}

fn agent(dice: &mut Dice) -> Value {
    match dice.below(6) {
        0 => json!({"openid": "https://example.com/o"}),
        1 => json!({"mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}),
        2 => {
            json!({"name": "x", "account": {"homePage": "https://example.com", "name": format!("n{}", dice.below(2))}})
        }
        _ => json!({"mbox": format!("mailto:a{}@example.com", dice.below(3))}),
    }
}

fn group(dice: &mut Dice) -> Value {
    let mut group = if dice.below(2) == 0 { agent(dice) } else { json!({}) };
    group["objectType"] = json!("Group");
    group["member"] = (0..=dice.below(2)).map(|_| agent(dice)).collect();
    group
}

fn actor(dice: &mut Dice) -> Value {
    if dice.below(4) == 0 { group(dice) } else { agent(dice) }
}

fn context(dice: &mut Dice) -> Value {
    let mut context = Map::new();
    for part in 0..6 {
        if dice.below(4) > 0 {
            continue;
        }
        let (member, value) = match part {
            0 => ("registration", json!(registration(dice))),
            1 => ("instructor", actor(dice)),
            2 => ("team", group(dice)),
            3 => {
                let kind = ["parent", "grouping", "category", "other"][dice.below(4)];
                let list = if dice.below(2) == 0 { activity(dice) } else { json!([activity(dice), activity(dice)]) };
                ("contextActivities", json!({kind: list}))
            }
            4 => ("contextAgents", json!([{"objectType": "contextAgent", "agent": agent(dice)}])),
            _ => ("contextGroups", json!([{"objectType": "contextGroup", "group": group(dice)}])),
        };
        context.insert(member.to_owned(), value);
    }
    context.into()
}

/// Filters, and how many statements a page may have.
#[derive(Debug, Default)]
pub(super) struct Question {
    pub(super) agent: Option<Value>,
    pub(super) verb: Option<String>,
    pub(super) activity: Option<String>,
    pub(super) registration: Option<String>,
    pub(super) related_agents: bool,
    pub(super) related_activities: bool,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) ascending: bool,
    limit: usize,
}

impl Question {
    pub(super) fn of(dice: &mut Dice, log: &[Value]) -> Self {
        let stored = |dice: &mut Dice| log[dice.below(log.len())]["stored"].as_str().unwrap().to_owned();
        let mut question = Self { limit: dice.below(12), ascending: dice.below(2) == 0, ..Self::default() };
        question.related_agents = dice.below(2) == 0;
        question.related_activities = dice.below(2) == 0;
        if dice.below(2) == 0 {
            question.agent =
                Some(if dice.below(8) == 0 { log[0]["authority"].clone() } else { object_actor(agent(dice)) });
        }
        if dice.below(3) == 0 {
            question.verb = Some(if dice.below(5) == 0 { VOIDED.to_owned() } else { verb(dice) });
        }
        if dice.below(3) == 0 {
            question.activity = activity(dice)["id"].as_str().map(str::to_owned);
        }
        if dice.below(6) == 0 {
            question.registration = Some(registration(dice));
        }
        if dice.below(4) == 0 {
            question.since = Some(stored(dice));
        }
        if dice.below(4) == 0 {
            question.until = Some(stored(dice));
        }
        question
    }

    /// As a query string has them.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let flag = |flag: bool| Some(flag.to_string());
        let all = [
            ("agent", self.agent.as_ref().map(Value::to_string)),
            ("verb", self.verb.clone()),
            ("activity", self.activity.clone()),
            ("registration", self.registration.clone()),
            ("related_agents", flag(self.related_agents)),
            ("related_activities", flag(self.related_activities)),
            ("since", self.since.clone()),
            ("until", self.until.clone()),
            ("ascending", flag(self.ascending)),
            ("limit", Some(self.limit.to_string())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
