//! What a value is in the standard's terms, by its place in a statement. What compares statements and what shows them
//! walk by this one map.

/// What a value is, where that matters to a walk over a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Statement,
    /// The object of a statement, of any type but a reference; one with an actor of its own is a SubStatement.
    Object,
    Verb,
    Activity,
    Definition,
    Components,
    Component,
    Actor,
    Members,
    Context,
    ContextActors,
    ContextActor,
    ContextActivities,
    /// One list of context activities, or a single one where the standard means a list.
    Activities,
    Result,
    /// How a verb is displayed.
    Display,
    LanguageMap,
    Reference,
    Attachments,
    Attachment,
    Mailbox,
    /// A string that means the same in upper and lower case.
    Caseless,
    Instant,
    Duration,
    /// A member that the server sets.
    Assigned,
    /// None of these: a name, an extension, a number.
    Plain,
}

impl Shape {
    /// What the member `name` of a value of this shape is.
    pub(crate) fn member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Statement, "id" | "stored" | "authority" | "timestamp" | "version") => Self::Assigned,
            (Self::Verb, "display") => Self::Display,
            (Self::Object | Self::Activity, "definition") => Self::Definition,
            (Self::Definition, "name" | "description")
            | (Self::Component, "description")
            | (Self::Attachment, "display" | "description") => Self::LanguageMap,
            (Self::Definition, "choices" | "scale" | "source" | "target" | "steps") => Self::Components,
            (Self::Statement | Self::Object, "actor")
            | (Self::Context, "instructor" | "team")
            | (Self::ContextActor, "agent" | "group") => Self::Actor,
            (Self::Statement | Self::Object, "verb") => Self::Verb,
            (Self::Statement | Self::Object, "object") => Self::Object,
            (Self::Statement | Self::Object, "context") => Self::Context,
            (Self::Statement | Self::Object, "result") => Self::Result,
            (Self::Statement | Self::Object, "attachments") => Self::Attachments,
            (Self::Object, "timestamp") => Self::Instant,
            (Self::Object | Self::Actor, "member") => Self::Members,
            (Self::Object | Self::Actor, "mbox") => Self::Mailbox,
            (Self::Object | Self::Actor, "mbox_sha1sum")
            | (Self::Reference, "id")
            | (Self::Context, "registration" | "language")
            | (Self::Attachment, "sha2") => Self::Caseless,
            (Self::Context, "contextActivities") => Self::ContextActivities,
            (Self::Context, "contextAgents" | "contextGroups") => Self::ContextActors,
            (Self::Context, "statement") => Self::Reference,
            (Self::ContextActivities, _) => Self::Activities,
            (Self::Result, "duration") => Self::Duration,
            _ => Self::Plain,
        }
    }

    /// What the items of an array of this shape are.
    pub(crate) fn item(self) -> Self {
        match self {
            Self::Members => Self::Actor,
            Self::ContextActors => Self::ContextActor,
            Self::Activities => Self::Activity,
            Self::Attachments => Self::Attachment,
            Self::Components => Self::Component,
            _ => Self::Plain,
        }
    }
}
