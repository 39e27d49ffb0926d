//! The slow reading of Part 3 §2.1.3, sentence by sentence, on plain JSON.

use super::VOIDED;
use super::world::Question;
use serde_json::Value;

/// The ids of the statements that match `question`, in its order.
pub(super) fn answer(log: &[Value], question: &Question) -> Vec<String> {
    let within = |statement: &Value| {
        let stored = statement["stored"].as_str().unwrap();
        question.since.as_deref().is_none_or(|since| stored > since)
            && question.until.as_deref().is_none_or(|until| stored <= until)
    };
    let found = log.iter().filter(|statement| within(statement) && !is_voided(log, statement));
    let found = found.filter(|statement| meets(log, statement, question));
    let mut ids: Vec<_> = found.map(|statement| statement["id"].as_str().unwrap().to_owned()).collect();
    if !question.ascending {
        ids.reverse();
    }
    ids
}

/// "The LRS MUST NOT return any Statement which has been voided"; a statement that voids cannot be voided (Part 2 §2.3.2).
pub(super) fn is_voided(log: &[Value], statement: &Value) -> bool {
    let voids = |other: &Value| other["verb"]["id"] == VOIDED && other["object"]["id"] == statement["id"];
    statement["verb"]["id"] != VOIDED && log.iter().any(voids)
}

/// A statement meets a condition if it does itself, or one to which a chain of references leads from it. `verb` with
/// `activity` is one condition, if only objects are requested.
fn meets(log: &[Value], statement: &Value, question: &Question) -> bool {
    let chain = chain(log, statement);
    let met = |condition: &dyn Fn(&Value) -> bool| chain.iter().any(|statement| condition(statement));
    let verb = |statement: &Value| question.verb.as_ref().is_none_or(|verb| statement["verb"]["id"] == **verb);
    let activity = |statement: &Value| {
        question.activity.as_ref().is_none_or(|activity| {
            if question.related_activities {
                has_activity(statement, activity)
            } else {
                statement["object"]["id"] == **activity
            }
        })
    };
    let agent = |statement: &Value| {
        question.agent.as_ref().is_none_or(|agent| {
            if question.related_agents {
                is(&statement["authority"], agent) || has_agent(statement, agent)
            } else {
                is(&statement["actor"], agent) || is(&statement["object"], agent)
            }
        })
    };
    let registration = |statement: &Value| {
        question.registration.as_ref().is_none_or(|wanted| statement["context"]["registration"] == **wanted)
    };
    let verb_and_activity = if question.related_activities {
        met(&verb) && met(&activity)
    } else {
        met(&|statement| verb(statement) && activity(statement))
    };
    verb_and_activity && met(&agent) && met(&registration)
}

/// The statement, the one that it refers to, and so on, as far as they exist.
fn chain<'l>(log: &'l [Value], statement: &'l Value) -> Vec<&'l Value> {
    let mut chain = vec![statement];
    loop {
        let object = &chain[chain.len() - 1]["object"];
        let target = log.iter().find(|other| object["objectType"] == "StatementRef" && other["id"] == object["id"]);
        match target {
            Some(target) if !chain.iter().any(|seen| seen["id"] == target["id"]) => chain.push(target),
            _ => return chain,
        }
    }
}

/// "the Object, any of the Context Activities, or any of those properties in a contained SubStatement".
fn has_activity(sentence: &Value, id: &str) -> bool {
    let lists = sentence["context"]["contextActivities"].as_object();
    let listed = lists.is_some_and(|lists| {
        lists
            .values()
            .any(|list| list["id"] == id || list.as_array().is_some_and(|list| list.iter().any(|one| one["id"] == id)))
    });
    let object = &sentence["object"];
    object["id"] == id && object["objectType"] != "StatementRef"
        || listed
        || object["objectType"] == "SubStatement" && has_activity(object, id)
}

/// "the Actor, Object, Authority, Instructor, Team, or any of these properties in a contained SubStatement", and in 2.0
/// the context agents and groups.
fn has_agent(sentence: &Value, agent: &Value) -> bool {
    let (context, object) = (&sentence["context"], &sentence["object"]);
    let listed = |list: &str, member: &str| {
        context[list].as_array().is_some_and(|list| list.iter().any(|item| is(&item[member], agent)))
    };
    [&sentence["actor"], object, &context["instructor"], &context["team"]].iter().any(|actor| is(actor, agent))
        || listed("contextAgents", "agent")
        || listed("contextGroups", "group")
        || object["objectType"] == "SubStatement" && has_agent(object, agent)
}

/// Whether an actor is the one with these identifiers, or a group that has it as a member.
fn is(actor: &Value, agent: &Value) -> bool {
    let same = |actor: &Value| {
        ["mbox", "openid", "mbox_sha1sum", "account"]
            .iter()
            .any(|name| !agent[name].is_null() && actor[name] == agent[name])
    };
    same(actor) || actor["member"].as_array().is_some_and(|members| members.iter().any(same))
}
