//! Whom a credit offering is for, and whether an activity is open.

use super::{Badge, Tone};
use crate::service::learning::enrollment::Availability;
use credit::{Offering, Profession};

/// Whom an offering is for: `For physicians and physician assistants`.
pub fn audience(offering: &Offering) -> String {
    let names: Vec<_> = offering.professions.iter().map(|profession| plural(*profession)).collect();
    match names.split_last() {
        None => "For nobody".to_owned(),
        Some((only, [])) => format!("For {only}"),
        Some((last, [first])) => format!("For {first} and {last}"),
        Some((last, before)) => format!("For {}, and {last}", before.join(", ")),
    }
}

fn plural(profession: Profession) -> &'static str {
    match profession {
        Profession::Physician => "physicians",
        Profession::PhysicianAssistant => "physician assistants",
        Profession::Nurse => "nurses",
        Profession::NursePractitioner => "nurse practitioners",
        Profession::Pharmacist => "pharmacists",
        Profession::PharmacyTechnician => "pharmacy technicians",
        Profession::Psychologist => "psychologists",
        Profession::SocialWorker => "social workers",
        Profession::Dentist => "dentists",
        Profession::Dietitian => "dietitians",
        Profession::Other => "other professions",
    }
}

/// Whether an activity can be started today.
pub fn openness(offered: Availability) -> Badge {
    match offered {
        Availability::Open => Badge::new(Tone::Good, "Open"),
        Availability::From(_) => Badge::new(Tone::Warn, "Not yet open"),
        Availability::Expired(_) => Badge::new(Tone::Warn, "Expired"),
    }
}
