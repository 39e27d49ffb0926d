//! The provider's own texts, with the document's facts filled in.

use super::{Activity, Credits, Offering};

/// A fact that a text can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    Provider,
    Accreditor,
    JointProviders,
    Title,
    Format,
    Maximum,
}

impl Placeholder {
    pub(super) const ALL: [Self; 6] =
        [Self::Provider, Self::Accreditor, Self::JointProviders, Self::Title, Self::Format, Self::Maximum];

    /// As a text writes it.
    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Provider => "{provider}",
            Self::Accreditor => "{accreditor}",
            Self::JointProviders => "{joint_providers}",
            Self::Title => "{title}",
            Self::Format => "{format}",
            Self::Maximum => "{maximum}",
        }
    }
}

/// The names in braces in `text` that are not placeholders.
pub(super) fn unknown(text: &str) -> Vec<&str> {
    let braced = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name);
    braced.filter(|name| !Placeholder::ALL.iter().any(|known| known.written() == format!("{{{name}}}"))).collect()
}

impl Activity {
    /// The accreditation statement as learners read it.
    pub fn accreditation_statement(&self) -> String {
        self.fill(&self.statements.accreditation, None)
    }

    /// The designation statement of `offering` as learners read it.
    pub fn designation_statement(&self, offering: &Offering) -> String {
        self.fill(&offering.designation, Some(offering.maximum))
    }

    fn fill(&self, text: &str, maximum: Option<Credits>) -> String {
        Placeholder::ALL.iter().fold(text.to_owned(), |text, placeholder| {
            let fact = match placeholder {
                Placeholder::Provider => self.provider.name.clone(),
                Placeholder::Accreditor => self.provider.accreditor.clone(),
                Placeholder::JointProviders => self.provider.joint_providers.join(", "),
                Placeholder::Title => self.title.clone(),
                Placeholder::Format => self.format.to_string(),
                Placeholder::Maximum => maximum.map(|credits| credits.to_string()).unwrap_or_default(),
            };
            text.replace(placeholder.written(), &fact)
        })
    }
}
