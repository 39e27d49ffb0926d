//! How the run-time's refusals are answered.

use crate::http::Problem;
use crate::service::catalogue::packages;
use crate::service::playing::sessions;
use actix_web::http::StatusCode;

impl From<sessions::Error> for Problem {
    fn from(error: sessions::Error) -> Self {
        use sessions::Error as E;
        let sentence = error.to_string();
        match error {
            E::UnknownLaunch => Self::new(StatusCode::NOT_FOUND, "launch-unknown", sentence),
            E::Expired => Self::new(StatusCode::GONE, "launch-expired", sentence),
            E::UnknownSession(_) => Self::not_found(sentence),
            E::NoRegistration(_) => Self::new(StatusCode::NOT_FOUND, "no-registration", sentence),
            E::Erased(_) => Self::conflict("learner-erased", sentence),
            E::NoItem(_) => Self::unprocessable("no-item", sentence),
            E::ReturnUrl(_) => Self::unprocessable("invalid-return-url", sentence),
            E::Commit(_) => Self::bad_request("invalid-commit", sentence),
            E::Overtaken { .. } => Self::conflict("commit-overtaken", sentence),
            E::SequenceUsed(_) => Self::conflict("sequence-used", sentence),
            E::Ended => Self::conflict("session-ended", sentence),
            E::Package(packages::Error::Store(error)) | E::Store(error) => error.into(),
            E::Package(error) => Self::internal(error),
            E::Statements(error) => Self::internal(error),
            E::Gone(_) => Self::internal(sentence),
        }
    }
}
