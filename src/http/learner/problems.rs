//! How the errors of the learner's use cases become responses.

use crate::http::Problem;
use crate::service::crediting::claims;
use crate::service::learning::{assessment, enrollment, evaluation};
use actix_web::http::StatusCode;

impl From<enrollment::Error> for Problem {
    fn from(refused: enrollment::Error) -> Self {
        use enrollment::Error as R;
        let sentence = refused.to_string();
        match refused {
            R::NotRead => Self::unprocessable("not-read", sentence),
            R::Changed => Self::conflict("published-anew", sentence),
            R::Closed(_) => Self::new(StatusCode::GONE, "not-open", sentence),
            R::Registration(error) => error.into(),
        }
    }
}

impl From<assessment::Error> for Problem {
    fn from(refused: assessment::Error) -> Self {
        use assessment::Error as R;
        let sentence = refused.to_string();
        match refused {
            R::None => Self::not_found(sentence),
            R::ContentFirst => Self::conflict("content-first", sentence),
            R::Passed => Self::conflict("already-passed", sentence),
            R::Exhausted => Self::conflict("attempts-used", sentence),
            R::Wait(_) => Self::conflict("attempt-not-open", sentence),
            R::Graded(_) => Self::conflict("already-graded", sentence),
            R::Changed => Self::conflict("changed-elsewhere", sentence),
            R::Unanswered(_) => Self::unprocessable("unanswered", sentence),
            R::Registration(error) => error.into(),
            R::Store(error) => error.into(),
        }
    }
}

impl From<evaluation::Error> for Problem {
    fn from(refused: evaluation::Error) -> Self {
        use evaluation::Error as R;
        let sentence = refused.to_string();
        match refused {
            R::None => Self::not_found(sentence),
            R::ContentFirst => Self::conflict("content-first", sentence),
            R::PassFirst => Self::conflict("pass-first", sentence),
            R::Submitted => Self::conflict("already-submitted", sentence),
            R::Changed => Self::conflict("changed-elsewhere", sentence),
            R::Invalid(_) => Self::unprocessable("invalid-evaluation", sentence),
            R::Registration(error) => error.into(),
            R::Store(error) => error.into(),
        }
    }
}

impl From<claims::Error> for Problem {
    fn from(refused: claims::Error) -> Self {
        use claims::Error as R;
        let sentence = refused.to_string();
        match refused {
            R::Unknown => Self::not_found(sentence),
            R::Profession => Self::forbidden("profession", sentence),
            R::Duplicate => Self::conflict("already-claimed", sentence),
            R::Revoked => Self::conflict("revoked", sentence),
            R::NotReady(_) => Self::conflict("not-complete", sentence),
            R::Late(_) => Self::new(StatusCode::GONE, "claim-too-late", sentence),
            R::NotAnAmount => Self::unprocessable("not-an-amount", sentence),
            R::AboveMaximum { .. } => Self::unprocessable("above-maximum", sentence),
            R::NotAStep(_) => Self::unprocessable("not-a-step", sentence),
            R::NotAttested => Self::unprocessable("not-attested", sentence),
            R::Registration(error) => error.into(),
            R::Decision(error) => error.into(),
        }
    }
}
