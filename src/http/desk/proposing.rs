//! Acts that need two people: proposing one, and deciding about what someone else proposed.

use crate::http::Problem;
use crate::http::auth::{Coordinator, PostedForm};
use crate::http::pages::{Formats, Page, Section, render, render_with, see_other, sentence};
use crate::service::crediting::proposals::{self, Answer, Error, HandAct, Proposal, ProposalState};
use crate::service::learning::registrations;
use crate::service::ledger::credits::CreditId;
use crate::service::people::accounts;
use crate::service::{Account, AccountId, App, RegistrationId, StoreError};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;
use credit::OfferingId;
use uuid::Uuid;
use xapi::StatementId;

#[derive(Template)]
#[template(path = "desk/propose.html")]
struct ProposePage {
    page: Page,
    registration: Uuid,
    lede: &'static str,
    action: String,
    award: Option<AwardFields>,
    reason: String,
    refusal: Option<String>,
    takes: bool,
}

/// The fields of an award by hand.
struct AwardFields {
    maximum: String,
    step: String,
    amount: String,
    completed: String,
}

/// A proposal as the desk shows it.
pub(super) struct ProposalRow {
    pub id: Uuid,
    pub registration: String,
    pub what: String,
    pub statement: Option<String>,
    pub by: String,
    pub when: String,
    pub expires: String,
    pub reason: String,
    /// What became of it.
    pub outcome: String,
    pub is_waiting: bool,
    pub is_mine: bool,
}

/// What is proposed, by the last two parts of its address.
#[derive(Debug, Clone)]
enum Subject {
    Void(Uuid),
    Revoke(Uuid),
    Reinstate(Uuid),
    Award(OfferingId),
}

impl Subject {
    fn read(kind: &str, of: &str) -> Result<Self, Problem> {
        let unknown = || Problem::not_found("the desk has no such page; go back to the registration");
        let id = || of.parse::<Uuid>().map_err(|_| unknown());
        Ok(match kind {
            "void" => Self::Void(id()?),
            "revoke" => Self::Revoke(id()?),
            "reinstate" => Self::Reinstate(id()?),
            "award" => Self::Award(OfferingId(of.to_owned())),
            _ => return Err(unknown()),
        })
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Void(_) => "Void a statement",
            Self::Revoke(_) => "Revoke a credit",
            Self::Reinstate(_) => "Reinstate a credit",
            Self::Award(_) => "Award credit by hand",
        }
    }

    fn lede(&self) -> &'static str {
        match self {
            Self::Void(_) => {
                "The statement stays in the log, permanently marked as void. The learner's credit is decided again without it: \
                 if the remaining evidence does not support the credit, it is revoked, and anyone who checks the certificate \
                 sees that."
            }
            Self::Revoke(_) => {
                "The credit no longer counts, and anyone who checks the certificate sees that. The learner sees the reason. \
                 It can be reinstated later."
            }
            Self::Reinstate(_) => {
                "The credit counts again, with its certificate and code, although evidence under it may be void. The learner \
                 sees the reason."
            }
            Self::Award(_) => {
                "For what the log does not show, such as a session on paper. The record says that two people vouched for it \
                 (trust tier T0). Certification, identity, profession and one credit per period are checked all the same."
            }
        }
    }

    fn takes(&self) -> bool {
        matches!(self, Self::Void(_) | Self::Revoke(_))
    }
}

/// `GET /desk/registrations/{id}/propose/{act}/{of}`: what would happen, and a field for the reason.
pub(super) async fn form(
    app: Data<App>,
    coordinator: Coordinator,
    path: Path<(Uuid, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, kind, of) = path.into_inner();
    let page = show(&app, &coordinator.0, id, &kind, &of, &Typed::default(), None).await?;
    Ok(render(&page))
}

/// What was typed.
#[derive(Debug, Default)]
struct Typed {
    reason: String,
    amount: String,
    completed: String,
}

/// `POST` of the same address.
pub(super) async fn propose(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    path: Path<(Uuid, String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, kind, of) = path.into_inner();
    let Coordinator(account) = &posted.by;
    let field = |name| posted.fields.get(name).unwrap_or_default().trim().to_owned();
    let typed = Typed { reason: field("reason"), amount: field("amount"), completed: field("completed") };
    let act = match Subject::read(&kind, &of)? {
        Subject::Void(id) => Ok(HandAct::Void { statement: StatementId(id) }),
        Subject::Revoke(id) => Ok(HandAct::Revoke { credit: CreditId(id) }),
        Subject::Reinstate(id) => Ok(HandAct::Reinstate { credit: CreditId(id) }),
        Subject::Award(offering) => match (typed.amount.parse(), typed.completed.parse()) {
            (Ok(amount), Ok(completed)) => Ok(HandAct::Award { offering, amount, completed }),
            _ => Err("Write an amount such as 0.75, and the day of completion as YYYY-MM-DD."),
        },
    };
    let refusal = match act {
        Err(refusal) => refusal.to_owned(),
        Ok(act) => match proposals::propose(&app, RegistrationId(id), act, account, &typed.reason).await {
            Ok(proposal) => {
                return Ok(see_other(&format!("/desk/registrations/{id}#proposal-{}", proposal.id)));
            }
            Err(
                refused @ (Error::Registration(registrations::Error::NoReason)
                | Error::Amount { .. }
                | Error::Day { .. }
                | Error::Missing(_)),
            ) => sentence(&refused.to_string()),
            Err(refused) => return Err(refused.into()),
        },
    };
    let page = show(&app, account, id, &kind, &of, &typed, Some(refusal)).await?;
    Ok(render_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn show(
    app: &App,
    account: &Account,
    registration: Uuid,
    kind: &str,
    of: &str,
    typed: &Typed,
    refusal: Option<String>,
) -> Result<ProposePage, Problem> {
    let subject = Subject::read(kind, of)?;
    let status = registrations::status(app, RegistrationId(registration)).await?;
    let award = match &subject {
        Subject::Award(id) => {
            let offering = status.version.document.offering(id);
            let offering = offering.ok_or_else(|| Problem::from(Error::NoOffering))?;
            let (maximum, step) = (offering.maximum.to_string(), offering.step.to_string());
            let (amount, completed) = (typed.amount.clone(), typed.completed.clone());
            Some(AwardFields { maximum, step, amount, completed })
        }
        _ => None,
    };
    Ok(ProposePage {
        page: Page::new(app, subject.title()).seen_by(account).at(Section::Desk),
        registration,
        lede: subject.lede(),
        action: format!("/desk/registrations/{registration}/propose/{kind}/{of}"),
        award,
        reason: typed.reason.clone(),
        refusal,
        takes: subject.takes(),
    })
}

/// `POST /desk/proposals/{id}`: a second person approves or declines.
pub(super) async fn decide(
    app: Data<App>,
    posted: PostedForm<Coordinator>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let Coordinator(account) = &posted.by;
    let reason = posted.fields.get("reason").unwrap_or_default();
    let proposal = match posted.fields.get("decision") {
        Some("approve") => proposals::approve(&app, *id, account, reason).await?,
        Some("decline") => proposals::decline(&app, *id, account, reason).await?,
        _ => return Err(Problem::bad_request("no-decision", "choose one of the two decisions, then record it")),
    };
    Ok(see_other(&format!("/desk/registrations/{}", proposal.registration)))
}

/// `proposals` as `viewer` sees them.
pub(super) async fn rows(app: &App, viewer: &Account, proposals: &[Proposal]) -> Result<Vec<ProposalRow>, StoreError> {
    let mut rows = Vec::new();
    for proposal in proposals {
        rows.push(row(app, viewer, proposal).await?);
    }
    Ok(rows)
}

async fn row(app: &App, viewer: &Account, proposal: &Proposal) -> Result<ProposalRow, StoreError> {
    let formats = Formats::of(app);
    let (what, statement) = match &proposal.act {
        HandAct::Void { statement } => ("Void the statement".to_owned(), Some(statement.to_string())),
        HandAct::Revoke { .. } => ("Revoke the credit".to_owned(), None),
        HandAct::Reinstate { .. } => ("Reinstate the credit".to_owned(), None),
        HandAct::Award { offering, amount, completed } => {
            (format!("Award {amount} from {offering}, completed on {}", formats.date(*completed)), None)
        }
    };
    let is_waiting = proposal.is_waiting(app.clock.now());
    let outcome = match &proposal.state {
        ProposalState::Waiting if is_waiting => {
            format!("It can be approved until {}.", formats.moment(proposal.expires))
        }
        ProposalState::Waiting => {
            format!("Nobody decided until {}, so it has expired.", formats.moment(proposal.expires))
        }
        ProposalState::Approved(answer) => told(app, "Approved", answer).await?,
        ProposalState::Declined(answer) => told(app, "Declined", answer).await?,
    };
    Ok(ProposalRow {
        id: proposal.id,
        registration: proposal.registration.to_string(),
        what,
        statement,
        by: name(app, proposal.proposed_by).await?,
        when: formats.moment(proposal.proposed),
        expires: formats.moment(proposal.expires),
        reason: proposal.reason.clone(),
        outcome,
        is_waiting,
        is_mine: proposal.proposed_by == viewer.id,
    })
}

async fn told(app: &App, word: &str, answer: &Answer) -> Result<String, StoreError> {
    let who = name(app, answer.by).await?;
    Ok(format!("{word} by {who}, {}: {}", Formats::of(app).moment(answer.at), answer.reason))
}

async fn name(app: &App, id: AccountId) -> Result<String, StoreError> {
    let account = accounts::get(app, id).await?;
    Ok(account.map_or_else(|| "someone who has no account any more".to_owned(), |account| account.name))
}

impl From<Error> for Problem {
    fn from(refused: Error) -> Self {
        let sentence = refused.to_string();
        match refused {
            Error::Unknown | Error::NoOffering => Self::not_found(sentence),
            Error::SamePerson => Self::forbidden("same-person", sentence),
            Error::NotWaiting => Self::conflict("not-waiting", sentence),
            Error::Doubled => Self::conflict("already-proposed", sentence),
            Error::NotEvidence => Self::conflict("not-evidence", sentence),
            Error::NotActive => Self::conflict("not-active", sentence),
            Error::NotRevoked => Self::conflict("not-revoked", sentence),
            Error::Credited => Self::conflict("credited", sentence),
            Error::Amount { .. } => Self::unprocessable("amount", sentence),
            Error::Day { .. } => Self::unprocessable("completed", sentence),
            Error::NoAwards(_) => Self::conflict("no-awards", sentence),
            Error::Missing(_) => Self::conflict("missing", sentence),
            Error::Registration(error) => error.into(),
            Error::Decision(error) => error.into(),
            Error::Ledger(error) => error.into(),
            Error::Statements(error) => Self::internal(error),
            Error::Store(error) => error.into(),
        }
    }
}
