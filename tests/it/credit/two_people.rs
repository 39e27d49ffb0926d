//! Acts that take or give credit by hand need two people.

use super::office::{Office, document};
use credit::{Credits, Outcome, Tier};
use enduring::service::crediting::proposals::{self, Error, HandAct, ProposalState};
use enduring::service::ledger::credits::CreditState;
use jiff::civil::date;

#[actix_web::test]
async fn one_person_alone_revokes_nothing_and_two_do_with_both_names_in_the_ledger() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let (one, other) = office.coordinators().await;
    let act = HandAct::Revoke { credit: credit.id };
    let propose = async |reason| proposals::propose(office.app(), registration.id, act.clone(), &one, reason).await;
    assert!(matches!(propose("  ").await, Err(Error::Registration(_))));
    let proposed = propose("Not taken by this person.").await.unwrap();
    assert!(matches!(propose("Again.").await, Err(Error::Doubled)));
    let alone = proposals::approve(office.app(), proposed.id, &one, "I agree with myself.").await;
    assert!(matches!(alone, Err(Error::SamePerson)));
    assert!(office.credits(&registration).await[0].is_active());
    assert_eq!(proposals::waiting(office.app()).await.unwrap().len(), 1);

    let silent = proposals::approve(office.app(), proposed.id, &other, " ").await;
    assert!(matches!(silent, Err(Error::Registration(_))));
    proposals::approve(office.app(), proposed.id, &other, "The log shows it.").await.unwrap();
    let revoked = office.credits(&registration).await.remove(0);
    let CreditState::Revoked { entry: 2, approval: Some(decided) } = revoked.standing.clone() else {
        panic!("{:?}", revoked.standing)
    };
    assert_eq!((decided.proposed_by, decided.approved_by), (one.id.0, other.id.0));
    assert_eq!((&*decided.reason, &*decided.approval_reason), ("Not taken by this person.", "The log shows it."));
    // It does not come back by itself, and nobody decides twice.
    office.decide(registration.id).await;
    assert_eq!(office.credits(&registration).await.len(), 1);
    assert!(matches!(proposals::decline(office.app(), proposed.id, &other, "No.").await, Err(Error::NotWaiting)));
    assert_eq!(office.differences().await, Vec::<String>::new());

    office.by_two(&registration, HandAct::Reinstate { credit: credit.id }).await.unwrap();
    let again = office.credits(&registration).await.remove(0);
    assert!(again.is_active());
    assert_eq!((&again.code, again.reinstated.as_ref().map(|by| (by.revoked, by.entry))), (&credit.code, Some((2, 3))));
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_credit_whose_evidence_was_voided_can_be_reinstated_despite_of_it() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let evaluated = office.standing(&registration).await.evidence.evaluations[0].id;
    office.by_two(&registration, HandAct::Void { statement: evaluated }).await.unwrap();
    assert!(!office.credits(&registration).await[0].is_active());
    office.by_two(&registration, HandAct::Reinstate { credit: credit.id }).await.unwrap();
    for _ in 0..2 {
        office.decide(registration.id).await;
    }
    let again = office.credits(&registration).await;
    assert_eq!((again.len(), again[0].is_active()), (1, true));
    assert_eq!(again[0].reinstated.as_ref().unwrap().despite, [evaluated]);
    assert_eq!(office.differences().await, Vec::<String>::new());
}

#[actix_web::test]
async fn a_declined_or_expired_proposal_changes_nothing() {
    let office = Office::open().await;
    let (registration, credit) = office.credited("Ada").await;
    let (one, other) = office.coordinators().await;
    let act = HandAct::Revoke { credit: credit.id };
    let propose = async || proposals::propose(office.app(), registration.id, act.clone(), &one, "Why.").await.unwrap();
    let declined = proposals::decline(office.app(), propose().await.id, &other, "There is no reason.").await.unwrap();
    assert!(matches!(declined.state, ProposalState::Declined(_)));
    let late = propose().await;
    office.after(14 * 24 * 60);
    assert!(proposals::waiting(office.app()).await.unwrap().is_empty());
    assert!(matches!(proposals::approve(office.app(), late.id, &other, "Late.").await, Err(Error::NotWaiting)));
    assert_eq!(office.credits(&registration).await, [credit]);
}

#[actix_web::test]
async fn credit_awarded_by_hand_says_that_people_vouched_for_it_and_verifies() {
    let office = Office::later_with(document()).await;
    let registration = office.register("Ada").await;
    let act = |amount, completed| HandAct::Award { offering: "ama".into(), amount: Credits(amount), completed };
    let day = date(2026, 11, 30);
    assert!(matches!(office.by_two(&registration, act(80, day)).await, Err(Error::Amount { .. })));
    assert!(matches!(office.by_two(&registration, act(75, date(2027, 1, 1))).await, Err(Error::Day { .. })));
    office.by_two(&registration, act(50, day)).await.unwrap();
    let credit = office.credits(&registration).await.remove(0);
    assert_eq!((credit.amount, credit.completed, credit.tier), (Credits(50), day, Some(Tier::T0)));
    let ama = office.ama(&registration).await;
    assert_eq!(ama.decision.outcome, Outcome::Award { amount: Credits(50) });
    assert!(ama.decision.findings.iter().any(|finding| finding.reason.contains("vouched for it")));
    assert!(matches!(office.by_two(&registration, act(25, day)).await, Err(Error::Credited)));
    assert_eq!(office.differences().await, Vec::<String>::new());

    // The first rule set does not know it; it is frozen.
    let before = Office::open().await;
    let old = before.register("Bo").await;
    let refused = before.by_two(&old, act(50, date(2026, 3, 1))).await;
    assert!(matches!(refused, Err(Error::NoAwards(_))), "{refused:?}");
}
