//! Agents and groups (Part 2 §2.4.2).

use super::check::Check;
use crate::fault::Code;
use crate::json::{Kind, Value};
use std::borrow::Cow;

/// An inverse functional identifier: what distinguishes one agent or group from all others (Part 2 §2.4.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ifi<'a> {
    /// `mailto:` and an address.
    Mbox(Cow<'a, str>),
    /// The SHA-1 of such an IRI, in hexadecimal digits.
    MboxSha1Sum(Cow<'a, str>),
    OpenId(Cow<'a, str>),
    Account {
        home_page: Cow<'a, str>,
        name: Cow<'a, str>,
    },
}

impl<'a> Ifi<'a> {
    /// The account `name` at `home_page`.
    pub fn account(home_page: impl Into<Cow<'a, str>>, name: impl Into<Cow<'a, str>>) -> Self {
        Self::Account { home_page: home_page.into(), name: name.into() }
    }

    /// The same, independent of the text that it was read from.
    pub fn into_owned(self) -> Ifi<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Mbox(mbox) => Ifi::Mbox(owned(mbox)),
            Self::MboxSha1Sum(sum) => Ifi::MboxSha1Sum(owned(sum)),
            Self::OpenId(openid) => Ifi::OpenId(owned(openid)),
            Self::Account { home_page, name } => Ifi::Account { home_page: owned(home_page), name: owned(name) },
        }
    }
}

/// The part of a mailbox after the last `@` is the same in any case (Part 2 §2.3.1).
pub fn comparable_mbox(mbox: &str) -> Cow<'_, str> {
    match mbox.rsplit_once('@') {
        Some((local, domain)) if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Cow::Owned(format!("{local}@{}", domain.to_ascii_lowercase()))
        }
        _ => Cow::Borrowed(mbox),
    }
}

/// An agent or a group.
#[derive(Debug, Clone)]
pub struct Actor<'d> {
    pub value: Value<'d>,
    pub kind: ActorKind,
    /// None for an anonymous group.
    pub ifi: Option<Ifi<'d>>,
    /// The members of a group.
    pub members: Vec<Actor<'d>>,
}

/// Which of the two an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    Agent,
    Group,
}

impl<'d> Actor<'d> {
    /// The identifiers by which a filter finds the actor: its own, and those of its members (Part 3 §2.1.3).
    pub fn ifis(&self) -> impl Iterator<Item = &Ifi<'d>> {
        self.ifi.iter().chain(self.members.iter().filter_map(|member| member.ifi.as_ref()))
    }
}

/// Reads an agent or a group.
pub fn actor<'d>(value: Value<'d>, check: &mut Check) -> Option<Actor<'d>> {
    let names = ["objectType", "name", "mbox", "mbox_sha1sum", "openid", "account", "member"];
    let [kind, name, mbox, sha1, openid, account, member] = check.fields(value, names)?;
    let kind = match kind.map(|kind| check.one_of(kind, &["Agent", "Group"])) {
        Some(Some("Group")) => ActorKind::Group,
        Some(None) => return None,
        _ => ActorKind::Agent,
    };
    if let Some(name) = name {
        check.string(name);
    }
    let ifi = match [mbox, sha1, openid, account].iter().flatten().count() {
        0 => None,
        1 => Some(one_ifi(mbox, sha1, openid, account, check)?),
        _ => {
            let message = "give exactly one of `mbox`, `mbox_sha1sum`, `openid` and `account`";
            check.faults.at(value, Code::Rule, message);
            return None;
        }
    };
    let members = members(value, kind, member, check);
    if ifi.is_none() && (kind == ActorKind::Agent || member.is_none()) {
        let message = match kind {
            ActorKind::Agent => "an agent needs one of `mbox`, `mbox_sha1sum`, `openid` and `account`",
            ActorKind::Group => "a group needs `member`, or one of `mbox`, `mbox_sha1sum`, `openid` and `account`",
        };
        check.faults.at(value, Code::Missing, message);
        return None;
    }
    Some(Actor { value, kind, ifi, members })
}

/// Reads an actor that must be of `kind`.
pub(crate) fn actor_of<'d>(value: Value<'d>, kind: ActorKind, check: &mut Check) -> Option<Actor<'d>> {
    let actor = actor(value, check)?;
    if actor.kind != kind {
        let message = match kind {
            ActorKind::Agent => "an Agent is expected here, not a Group",
            ActorKind::Group => "a Group is expected here; give it `\"objectType\": \"Group\"`",
        };
        check.faults.at(value, Code::Rule, message);
    }
    Some(actor)
}

fn members<'d>(group: Value<'d>, kind: ActorKind, list: Option<Value<'d>>, check: &mut Check) -> Vec<Actor<'d>> {
    let Some(list) = list else { return Vec::new() };
    if kind == ActorKind::Agent {
        check.faults.at(group, Code::Rule, "only a Group has `member`; give it `\"objectType\": \"Group\"`");
    }
    if list.kind() == Kind::Array && list.items().next().is_none() {
        check.faults.at(list, Code::Missing, "a group lists at least one member, or has no `member`");
    }
    check.items(list).filter_map(|item| actor_of(item, ActorKind::Agent, check)).collect()
}

fn one_ifi<'d>(
    mbox: Option<Value<'d>>,
    sha1: Option<Value<'d>>,
    openid: Option<Value<'d>>,
    account: Option<Value<'d>>,
    check: &mut Check,
) -> Option<Ifi<'d>> {
    if let Some(mbox) = mbox {
        return check.mailto(mbox).map(Ifi::Mbox);
    }
    if let Some(sha1) = sha1 {
        let is_sha1 = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        return check.formatted(sha1, "40 hexadecimal digits", is_sha1).map(Ifi::MboxSha1Sum);
    }
    if let Some(openid) = openid {
        return check.iri(openid).map(Ifi::OpenId);
    }
    let account = account?;
    let [home_page, name] = check.fields(account, ["homePage", "name"])?;
    let home_page = check.required(account, "homePage", home_page).and_then(|home_page| check.iri(home_page));
    let name = check.required(account, "name", name).and_then(|name| check.string(name));
    Some(Ifi::Account { home_page: home_page?, name: name? })
}
