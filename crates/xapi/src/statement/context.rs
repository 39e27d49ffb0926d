//! Contexts (Part 2 §2.4.6; 2.0 §4.2.2.5).

use super::activity::{Activity, activity};
use super::actor::{Actor, ActorKind, actor, actor_of};
use super::check::Check;
use crate::fault::Code;
use crate::json::{Kind, Value};
use crate::version::Version;
use uuid::Uuid;

/// What a filter or a rule needs of a context.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context<'d> {
    pub(crate) registration: Option<Uuid>,
    /// Instructor, team, and the actors of `contextAgents` and `contextGroups`.
    pub(crate) actors: Vec<Actor<'d>>,
    /// Those of `contextActivities`, whichever way they are related.
    pub(crate) activities: Vec<Activity<'d>>,
    /// Single activities where the standard returns an array (Part 2 §2.4.6.2).
    pub(crate) singles: Vec<Value<'d>>,
    /// The members that only a statement about an activity may have.
    pub(crate) activity_only: Vec<Value<'d>>,
}

/// Reads a context.
pub(crate) fn context<'d>(value: Value<'d>, check: &mut Check) -> Option<Context<'d>> {
    let names = [
        "registration",
        "instructor",
        "team",
        "contextActivities",
        "revision",
        "platform",
        "language",
        "statement",
        "extensions",
        "contextAgents",
        "contextGroups",
    ];
    let [
        registration,
        instructor,
        team,
        activities,
        revision,
        platform,
        language,
        statement,
        extensions,
        agents,
        groups,
    ] = check.fields(value, names)?;
    let registration = registration.and_then(|registration| check.uuid(registration));
    let mut context = Context { registration, ..Context::default() };
    context.actors.extend(instructor.and_then(|instructor| actor(instructor, check)));
    context.actors.extend(team.and_then(|team| actor_of(team, ActorKind::Group, check)));
    if let Some(activities) = activities {
        context_activities(activities, &mut context, check);
    }
    for text in [revision, platform].into_iter().flatten() {
        check.string(text);
        context.activity_only.push(text);
    }
    if let Some(language) = language {
        check.language(language);
    }
    if let Some(statement) = statement {
        super::reference(statement, check);
    }
    if let Some(extensions) = extensions {
        check.extensions(extensions);
    }
    let related = [(agents, &CONTEXT_AGENT), (groups, &CONTEXT_GROUP)];
    for (list, form) in related.into_iter().filter_map(|(list, form)| Some((list?, form))) {
        context.actors.extend(context_actors(list, form, check));
    }
    Some(context)
}

fn context_activities<'d>(value: Value<'d>, context: &mut Context<'d>, check: &mut Check) {
    let Some(kinds) = check.fields(value, ["parent", "grouping", "category", "other"]) else { return };
    for list in kinds.into_iter().flatten() {
        match list.kind() {
            Kind::Object => {
                context.singles.push(list);
                context.activities.extend(activity(list, check));
            }
            Kind::Array => context.activities.extend(list.items().filter_map(|item| activity(item, check))),
            _ => check.wrong_type(list, "an array of activities"),
        }
    }
}

/// How an actor is written in its list, with the types of its relevance (2.0 §4.2.2.5).
struct ActorForm {
    list: &'static str,
    object_type: &'static str,
    member: &'static str,
    kind: ActorKind,
}

const CONTEXT_AGENT: ActorForm =
    ActorForm { list: "contextAgents", object_type: "contextAgent", member: "agent", kind: ActorKind::Agent };
const CONTEXT_GROUP: ActorForm =
    ActorForm { list: "contextGroups", object_type: "contextGroup", member: "group", kind: ActorKind::Group };

fn context_actors<'d>(list: Value<'d>, form: &ActorForm, check: &mut Check) -> Vec<Actor<'d>> {
    if check.version == Version::V1 {
        let message = format!("xAPI 1.0 knows no `{}`; send the statement as 2.0, or leave it out", form.list);
        check.faults.at(list, Code::Unknown, message);
        return Vec::new();
    }
    check.items(list).filter_map(|item| context_actor(item, form, check)).collect()
}

fn context_actor<'d>(item: Value<'d>, form: &ActorForm, check: &mut Check) -> Option<Actor<'d>> {
    let [kind, member, types] = check.fields(item, ["objectType", form.member, "relevantTypes"])?;
    check.required(item, "objectType", kind).map(|kind| check.one_of(kind, &[form.object_type]));
    if let Some(types) = types {
        if types.kind() == Kind::Array && types.items().next().is_none() {
            check.faults.at(types, Code::Missing, "name at least one relevant type, or leave `relevantTypes` out");
        }
        for kind in check.items(types) {
            check.iri(kind);
        }
    }
    check.required(item, form.member, member).and_then(|member| actor_of(member, form.kind, check))
}
