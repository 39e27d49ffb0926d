//! How many statements match a filter, for those who ask.

use super::form::{Asked, COUNT, Form};
use crate::http::Problem;
use crate::http::pages::{Formats, sentence};
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::records::statements::VoidedStatements;
use crate::service::reporting::{AggregateError, AggregateQuery, Extent, TimeBasis, aggregate};
use base::log::Seq;

/// How many statements match.
pub(super) enum Count {
    /// Nobody asked; here is where to ask.
    Unknown {
        href: String,
    },
    Known(String),
}

impl Count {
    /// Counts what matches, when that is asked for: it reads every one.
    pub(super) async fn of(app: &App, form: &Form, asked: &Asked) -> Result<Self, Problem> {
        if !asked.counted {
            return Ok(Self::Unknown { href: form.with(COUNT, "true").href() });
        }
        let formats = Formats::of(app);
        let question = AggregateQuery {
            filter: asked.filter.clone(),
            after: Seq(0),
            by: Vec::new(),
            measures: Vec::new(),
            moment: TimeBasis::default(),
            zone: formats.zone().clone(),
        };
        let counted = match aggregate(app, &Access::All, &question).await {
            Ok(counted) => counted,
            Err(AggregateError::Store(error)) => return Err(error.into()),
            Err(refused) => return Ok(Self::Known(sentence(&refused.to_string()))),
        };
        let (number, noun) =
            (formats.count(counted.total.count), if counted.total.count == 1 { "statement" } else { "statements" });
        let voided = if asked.voided == VoidedStatements::Included { ", without voided ones" } else { "" };
        Ok(Self::Known(match counted.extent {
            Extent::Whole => format!("{number} {noun} in all{voided}."),
            Extent::Part => format!("More than {number} {noun}{voided}; the API can count the rest."),
        }))
    }
}
