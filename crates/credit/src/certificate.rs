//! A certificate of completion: what it says, however it is rendered.
//!
//! The credit record is the primary object; a certificate is a rendering of it. Everything that the AMA requires is here:
//! the physician's name, the accredited provider, the activity's title, the learning format, the date of completion and
//! the credits awarded. There is no location, since an enduring material has none. How it is typeset is for the server.

use super::{Credits, Format, System};

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// As it was when the credit was awarded.
    pub name: String,
    pub provider: String,
    pub joint_providers: Vec<String>,
    pub title: String,
    pub format: Format,
    /// The date that was frozen when the credit was awarded, as the provider writes dates.
    pub completed: String,
    pub system: System,
    pub amount: Credits,
    /// The provider's own texts, with the facts filled in.
    pub accreditation: String,
    pub designation: String,
    /// The code that anyone can check.
    pub code: String,
    /// Where they check it.
    pub verify_url: String,
    pub language: String,
    /// Whether the activity is only for trying the product out.
    pub sample: bool,
}

impl Certificate {
    /// What kind of paper it is. Those whom the credit is not for receive a record that they took part.
    pub fn heading(&self) -> &'static str {
        self.system.table().certificate
    }

    /// What the person did, as the sentence between their name and the title.
    pub fn deed(&self) -> String {
        let article = if self.format.to_string().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{} {article} {} of {}", self.system.table().deed, self.format, self.provider)
    }

    /// Its facts, each with its name, in the order in which they are read.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![("Completed on", self.completed.clone())];
        if self.system.is_credit() {
            facts.push(("Credit awarded", self.system.award(self.amount, &self.designation)));
        }
        facts.push(("Learning format", self.format.to_string()));
        facts.push(("Accredited provider", self.provider.clone()));
        if !self.joint_providers.is_empty() {
            facts.push(("Joint provider", self.joint_providers.join(", ")));
        }
        facts
    }
}
