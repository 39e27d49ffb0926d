//! Documents that the record store keeps for others: state, activity profiles and agent profiles (Part 3 §2.2).

use crate::actor::{Ifi, comparable_mbox};
use crate::check::excerpt;
use crate::fault::{Code, Fault};
use crate::iri::is_iri;
use crate::parameters::Parameters;
use crate::version::Version;
use base::hash::{Hasher, Sha256};
use jiff::Timestamp;
use uuid::Uuid;

/// One of the three document resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// Part 3 §2.3.
    State,
    /// Part 3 §2.7.
    ActivityProfile,
    /// Part 3 §2.6.
    AgentProfile,
}

impl Resource {
    /// The parameter that names a document within its context.
    pub(crate) fn id_parameter(self) -> &'static str {
        match self {
            Self::State => "stateId",
            Self::ActivityProfile | Self::AgentProfile => "profileId",
        }
    }

    /// The parameters that say what a document is about; all of them are needed.
    fn context_parameters(self) -> &'static [&'static str] {
        match self {
            Self::State => &["activityId", "agent"],
            Self::ActivityProfile => &["activityId"],
            Self::AgentProfile => &["agent"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::ActivityProfile => "activity-profile",
            Self::AgentProfile => "agent-profile",
        }
    }
}

/// What a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentContext {
    pub resource: Resource,
    pub activity: Option<String>,
    pub agent: Option<Ifi<'static>>,
    /// Only of state; without one, a context covers all registrations.
    pub registration: Option<Uuid>,
}

impl DocumentContext {
    /// One name for the context without its registration.
    pub fn general_key(&self) -> Sha256 {
        let mut hasher = Sha256::hasher();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// One name for the context with its registration.
    pub fn key(&self) -> Sha256 {
        self.key_of_parts(&[])
    }

    /// One name for the document `id` of this context.
    pub fn document_key(&self, id: &str) -> Sha256 {
        self.key_of_parts(&[id])
    }

    fn key_of_parts(&self, parts: &[&str]) -> Sha256 {
        let mut hasher = Sha256::hasher();
        self.hash(&mut hasher);
        part(&self.registration.map(|registration| registration.to_string()).unwrap_or_default(), &mut hasher);
        for text in parts {
            part(text, &mut hasher);
        }
        hasher.finish()
    }

    fn hash(&self, hasher: &mut Hasher) {
        part(self.resource.name(), hasher);
        part(self.activity.as_deref().unwrap_or_default(), hasher);
        match &self.agent {
            None => part("", hasher),
            Some(agent) => hash_agent(agent, hasher),
        }
    }
}

/// One name for an agent.
pub fn agent_key(agent: &Ifi<'_>) -> Sha256 {
    let mut hasher = Sha256::hasher();
    hash_agent(agent, &mut hasher);
    hasher.finish()
}

fn hash_agent(agent: &Ifi<'_>, hasher: &mut Hasher) {
    match agent {
        Ifi::Mbox(mbox) => parts(&["mbox", &comparable_mbox(mbox)], hasher),
        Ifi::MboxSha1Sum(sum) => parts(&["mbox_sha1sum", &sum.to_ascii_lowercase()], hasher),
        Ifi::OpenId(openid) => parts(&["openid", openid], hasher),
        Ifi::Account { home_page, name } => parts(&["account", home_page, name], hasher),
    }
}

fn parts(texts: &[&str], hasher: &mut Hasher) {
    for text in texts {
        part(text, hasher);
    }
}

/// The length before it says where a part ends.
fn part(text: &str, hasher: &mut Hasher) {
    hasher.update(&text.len().to_le_bytes());
    hasher.update(text.as_bytes());
}

/// What a request is about: one document, or those of a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub context: DocumentContext,
    pub id: Option<String>,
    /// Only documents that were changed after this instant.
    pub since: Option<Timestamp>,
}

/// What a method can be applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentTarget {
    /// One document that is written: PUT and POST. What it is about is checked as in a new statement.
    Written,
    /// One document only: DELETE of profiles.
    One,
    /// One document, or all of a context: DELETE of state.
    OneOrAll,
    /// One document, or the ids of a context, perhaps since an instant: GET.
    OneOrIds,
}

impl Address {
    /// Reads the parameters of a request, already decoded.
    ///
    /// # Errors
    /// Every fault of them.
    pub fn read(
        given: &[(String, String)],
        resource: Resource,
        scope: DocumentTarget,
        version: Version,
    ) -> Result<Self, Vec<Fault>> {
        let mut known = resource.context_parameters().to_vec();
        known.push(resource.id_parameter());
        if resource == Resource::State {
            known.push("registration");
        }
        if scope == DocumentTarget::OneOrIds {
            known.push("since");
        }
        let mut parameters = Parameters::of(given, &known, version);
        for name in resource.context_parameters() {
            parameters.require(name);
        }
        if matches!(scope, DocumentTarget::One | DocumentTarget::Written) {
            parameters.require(resource.id_parameter());
        }
        let context = DocumentContext {
            resource,
            activity: parameters.iri("activityId"),
            agent: parameters.agent("agent"),
            registration: parameters.uuid("registration"),
        };
        if scope == DocumentTarget::Written
            && let Some(activity) = context.activity.as_deref().filter(|activity| !is_iri(activity))
        {
            let message =
                format!("`activityId` must be an absolute IRI (RFC 3987); this request has `{}`", excerpt(activity));
            parameters.refuse(Code::Format, message);
        }
        let id = parameters.string(resource.id_parameter());
        let since = parameters.timestamp("since");
        if id.is_some() && since.is_some() {
            let message = format!("`since` is for lists; leave it or `{}` out", resource.id_parameter());
            parameters.refuse(Code::Rule, message);
        }
        parameters.finish(Self { context, id, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: (&str, &str) = ("agent", r#"{"mbox":"mailto:a@b.c"}"#);
    const ACTIVITY: (&str, &str) = ("activityId", "a:1");

    fn read(resource: Resource, scope: DocumentTarget, given: &[(&str, &str)]) -> Result<Address, Vec<Code>> {
        let given: Vec<_> = given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Address::read(&given, resource, scope, Version::V1)
            .map_err(|faults| faults.into_iter().map(|fault| fault.code).collect())
    }

    #[test]
    fn each_resource_has_its_own_parameters() {
        use {DocumentTarget as S, Resource as R};
        assert!(read(R::State, S::One, &[ACTIVITY, AGENT, ("stateId", "s")]).is_ok());
        assert!(read(R::State, S::OneOrAll, &[ACTIVITY, AGENT]).is_ok());
        assert!(read(R::AgentProfile, S::OneOrIds, &[AGENT, ("since", "2026-01-01T00:00:00Z")]).is_ok());
        assert_eq!(read(R::State, S::One, &[AGENT]), Err(vec![Code::Missing, Code::Missing]));
        assert_eq!(read(R::ActivityProfile, S::One, &[ACTIVITY, AGENT, ("profileId", "p")]), Err(vec![Code::Unknown]));
        assert_eq!(read(R::AgentProfile, S::One, &[AGENT, ("profileId", "")]), Err(vec![Code::Format]));
        assert_eq!(
            read(R::State, S::One, &[ACTIVITY, AGENT, ("stateId", "s"), ("since", "x")]).unwrap_err()[0],
            Code::Unknown
        );
        let both = [ACTIVITY, ("profileId", "p"), ("since", "2026-01-01T00:00:00Z")];
        assert_eq!(read(R::ActivityProfile, S::OneOrIds, &both), Err(vec![Code::Rule]));
        let odd = [("activityId", "http://a:b"), ("profileId", "p")];
        assert_eq!(read(R::ActivityProfile, S::Written, &odd), Err(vec![Code::Format]));
        assert!(read(R::ActivityProfile, S::One, &odd).is_ok() && read(R::ActivityProfile, S::OneOrIds, &odd).is_ok());
        let group = ("agent", r#"{"objectType":"Group","mbox":"mailto:a@b.c"}"#);
        assert_eq!(read(R::AgentProfile, S::OneOrIds, &[group]), Err(vec![Code::Rule]));
    }

    #[test]
    fn no_two_contexts_or_documents_share_a_key() {
        let context = |activity: &str, registration| DocumentContext {
            resource: Resource::State,
            activity: Some(activity.to_owned()),
            agent: Some(Ifi::account("h:a", "b")),
            registration,
        };
        let (one, other) = (context("a:1", None), context("a:1", Some(Uuid::nil())));
        assert_eq!(one.general_key(), other.general_key());
        assert_ne!(one.key(), other.key());
        assert_ne!(one.document_key("x"), other.document_key("x"));
        assert_ne!(one.document_key("x"), one.document_key("y"));
        assert_ne!(one.general_key(), context("a:2", None).general_key());
    }
}
