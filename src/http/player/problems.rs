//! How the errors of the run-time become responses.

use super::pace::UNKNOWN;
use crate::http::Problem;
use crate::service::catalogue::packages;
use crate::service::playing::{commits, history, launches, opening, sessions, visits};
use actix_web::http::StatusCode;

impl From<sessions::Error> for Problem {
    fn from(error: sessions::Error) -> Self {
        use sessions::Error as E;
        let sentence = error.to_string();
        match error {
            E::UnknownLaunch => Self::new(StatusCode::NOT_FOUND, UNKNOWN, sentence),
            E::Expired => Self::new(StatusCode::GONE, "launch-expired", sentence),
            E::Ended => Self::new(StatusCode::GONE, "launch-ended", sentence),
            E::NoRegistration(_) => Self::new(StatusCode::NOT_FOUND, "no-registration", sentence),
            E::NoItem(_) => Self::unprocessable("no-item", sentence),
            E::Package(packages::Error::Store(error)) | E::Store(error) => error.into(),
            E::Package(error) => Self::internal(error),
            E::Gone(_) => Self::internal(sentence),
        }
    }
}

impl From<visits::Error> for Problem {
    fn from(error: visits::Error) -> Self {
        use visits::Error as E;
        match error {
            E::Session(error) => error.into(),
            E::Statements(error) => Self::internal(error),
            E::Store(error) => error.into(),
        }
    }
}

impl From<launches::Error> for Problem {
    fn from(error: launches::Error) -> Self {
        use launches::Error as E;
        let sentence = error.to_string();
        match error {
            E::Erased(_) => Self::conflict("learner-erased", sentence),
            E::FrameAncestor(_) => Self::unprocessable("invalid-frame-ancestor", sentence),
            E::NotPlayed(_) => Self::conflict("standard-not-yet-played", sentence),
            E::ReturnUrl(_) => Self::unprocessable("invalid-return-url", sentence),
            E::Session(error) => error.into(),
            E::Package(packages::Error::Store(error)) | E::Store(error) => error.into(),
            E::Package(error) => Self::internal(error),
        }
    }
}

impl From<opening::Error> for Problem {
    fn from(error: opening::Error) -> Self {
        use opening::Error as E;
        match error {
            E::Session(error) => error.into(),
            E::Visit(error) => error.into(),
            E::Statements(error) => Self::internal(error),
            E::Package(packages::Error::Store(error)) | E::Store(error) => error.into(),
            E::Package(error) => Self::internal(error),
        }
    }
}

impl From<commits::Error> for Problem {
    fn from(error: commits::Error) -> Self {
        use commits::Error as E;
        let sentence = error.to_string();
        match error {
            E::Commit(_) => Self::bad_request("invalid-commit", sentence),
            E::Overtaken { .. } => Self::conflict("commit-overtaken", sentence),
            E::SequenceUsed(_) => Self::conflict("sequence-used", sentence),
            E::Ended => Self::conflict("session-ended", sentence),
            E::Session(error) => error.into(),
            E::Visit(error) => error.into(),
            E::Statements(error) => Self::internal(error),
            E::Store(error) => error.into(),
        }
    }
}

impl From<history::Error> for Problem {
    fn from(error: history::Error) -> Self {
        match error {
            history::Error::UnknownSession(_) => Self::not_found(error.to_string()),
            history::Error::Session(error) => error.into(),
            history::Error::Store(error) => error.into(),
        }
    }
}
