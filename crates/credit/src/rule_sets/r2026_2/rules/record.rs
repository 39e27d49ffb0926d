//! Who and how much: identity (V6), profession (V11), the claim (V12), one credit per period (V13), sound evidence (V15).

use super::super::words;
use super::{Case, Ruling, Step, day};
use crate::{Assurance, Credits, Verdict};
use jiff::ToSpan as _;
use jiff::civil::Date;

impl Case<'_> {
    /// V6: someone vouches for the learner, and the certificate can be made out to a name.
    pub(super) fn learner_identified(&self) -> Ruling {
        let Some(registered) = &self.evidence.registered else {
            return Ruling::unmet("The registration is not in the log.").go_to(Step::Coordinator);
        };
        let identity = registered.said;
        let vouched = match identity.assurance {
            Assurance::Demo if self.facts.activity.sample => "a demo account, which counts in a sample",
            Assurance::Demo => {
                let reason = "A demo account cannot earn credit; sign in through your institution.";
                return Ruling::unmet(reason).go_to(Step::Profile).resting_on([registered.id]);
            }
            Assurance::Portal => "signed in by their institution",
            Assurance::Credential => "registered by a trusted system",
        };
        if identity.named {
            Ruling::met(format!("Identified: {vouched}, with a name."), [registered.id])
        } else {
            Ruling::unmet("The account has no name to make the certificate out to.")
                .go_to(Step::Profile)
                .resting_on([registered.id])
        }
    }

    /// V11: the offering is for the learner's profession.
    pub(super) fn profession_eligible(&self) -> Ruling {
        let Some(registered) = &self.evidence.registered else {
            return Ruling::unmet("The registration is not in the log.").go_to(Step::Coordinator);
        };
        let name = words::system(self.offering.system);
        let profession = words::profession(registered.said.profession);
        if self.offering.professions.contains(&registered.said.profession) {
            Ruling::met(format!("{name} is open to the learner's profession, {profession}."), [registered.id])
        } else {
            Ruling::unmet(format!("{name} is not open to the learner's profession, {profession}."))
                .resting_on([registered.id])
        }
    }

    /// V12: the learner claimed more than nothing, at most the maximum, in whole steps, in time, and attested to it.
    pub(super) fn claimed(&self) -> Ruling {
        let Some(claim) = self.claim() else {
            return Ruling::unmet(format!("No credit has been claimed; up to {} can be.", self.offering.maximum))
                .go_to(Step::Claim);
        };
        let (amount, day) = (claim.said.amount, day(self.facts, claim.at));
        let refuse = |reason: String| Ruling::unmet(reason).go_to(Step::Claim).resting_on([claim.id]);
        let (maximum, step) = (self.offering.maximum, self.offering.step);
        if amount == Credits(0) || amount > maximum {
            return refuse(format!("{amount} was claimed; more than nothing and at most {maximum} can be."));
        }
        if !amount.is_multiple_of(step) {
            return refuse(format!("{amount} was claimed; credit is claimed in steps of {step}."));
        }
        if !claim.said.attested {
            return refuse("The learner has not attested to the extent of their participation.".to_owned());
        }
        let deadline = self.last_claim_day();
        if day > deadline {
            return Ruling::unmet(format!("Claimed on {day}, after the last day for it, {deadline}."))
                .resting_on([claim.id]);
        }
        Ruling::met(format!("{amount} claimed and attested on {day}."), [claim.id])
    }

    /// Expiry closes new awards, and an offering can set an earlier deadline, in days from completion.
    fn last_claim_day(&self) -> Date {
        let until = self.offering.window.until;
        match (self.completed, self.offering.claim_within_days) {
            (Some(completed), Some(days)) => completed.saturating_add(i64::from(days).days()).min(until),
            _ => until,
        }
    }

    /// V13: the learner has no other credit from this offering in this period.
    pub(super) fn credited_once(&self) -> Ruling {
        let same = self.active.iter().find(|other| {
            other.activity == self.facts.activity.id
                && other.offering == self.offering.id
                && other.window.overlaps(self.offering.window)
        });
        match same {
            None => Ruling::met("No other credit from this offering in this period.", []),
            Some(other) => {
                Ruling::unmet(format!("Already credited in this period, in credit record {}.", other.credit))
            }
        }
    }

    /// V15: nothing that the decision rests on was voided, and no integrity signal is open.
    pub(super) fn evidence_sound(&self) -> Ruling {
        let unsettled: Vec<_> = self.signals.iter().filter(|signal| signal.settled.is_none()).collect();
        let upheld = self.signals.iter().find_map(|signal| match signal.settled {
            Some((Verdict::Upheld, settlement)) => Some((signal, settlement)),
            _ => None,
        });
        if let Some((signal, settlement)) = upheld {
            let reason = format!("A person looked at this and did not accept it: {}", signal.message);
            return Ruling::unmet(reason).go_to(Step::Coordinator).resting_on([settlement]);
        }
        if let Some(first) = unsettled.first() {
            let ids = unsettled.iter().flat_map(|signal| signal.rests_on.iter().copied());
            let reason = format!("Held for a person to look at: {}", first.message);
            return Ruling::unmet(reason).go_to(Step::Coordinator).resting_on(ids);
        }
        let settlements = self.signals.iter().filter_map(|signal| signal.settled).map(|(_, settlement)| settlement);
        let reason = match self.evidence.voided.len() {
            0 => "Every statement is this server's own and none was voided.".to_owned(),
            voided => format!("Every statement counted is this server's own; {voided} voided ones count for nothing."),
        };
        Ruling::met(reason, settlements)
    }
}
