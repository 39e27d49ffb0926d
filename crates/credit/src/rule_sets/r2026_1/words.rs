//! The words of this rule set. A finding's sentence is part of the decision and so frozen with it: pages may come to write a
//! share, a system or a profession in another way, a released decision never does.

use crate::{Fraction, Profession, SignalKind, System};

/// A share in per cent, with the decimals that it has.
pub(super) fn percent(share: Fraction) -> String {
    let ten_thousandths = share.ten_thousandths();
    let decimals = format!("{:02}", ten_thousandths % 100);
    let decimals = decimals.trim_end_matches('0');
    let whole = ten_thousandths / 100;
    if decimals.is_empty() { format!("{whole} %") } else { format!("{whole}.{decimals} %") }
}

/// Seconds as people say them.
pub(super) fn minutes(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

pub(super) fn system(system: System) -> &'static str {
    match system {
        System::AmaPraCategory1 => "AMA PRA Category 1 Credit™",
        System::AnccContactHours => "ANCC contact hours",
        System::Participation => "Participation",
    }
}

pub(super) fn profession(profession: Profession) -> &'static str {
    match profession {
        Profession::Physician => "physician",
        Profession::PhysicianAssistant => "physician assistant",
        Profession::Nurse => "nurse",
        Profession::NursePractitioner => "nurse practitioner",
        Profession::Pharmacist => "pharmacist",
        Profession::PharmacyTechnician => "pharmacy technician",
        Profession::Psychologist => "psychologist",
        Profession::SocialWorker => "social worker",
        Profession::Dentist => "dentist",
        Profession::Dietitian => "dietitian",
        Profession::Other => "other profession",
    }
}

/// The first part of a signal's id.
pub(super) fn signal(kind: SignalKind) -> &'static str {
    match kind {
        SignalKind::FastPass => "fast-pass",
        SignalKind::AssessedBeforeContent => "assessed-before-content",
        SignalKind::ClockSkew => "clock-skew",
        SignalKind::OverlappingSessions => "overlapping-sessions",
        SignalKind::ClientTimeOverServer => "client-time-over-server",
        // This set makes no other signals.
        _ => "",
    }
}
