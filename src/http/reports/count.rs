//! How many statements match a filter, counted on request.

use super::form::{COUNT, FilterQuery, Form};
use crate::http::Problem;
use crate::http::pages::{Formats, sentence};
use crate::service::App;
use crate::service::records::access::Access;
use crate::service::records::statements::VoidedStatements;
use crate::service::reporting::{AggregateError, AggregateQuery, Extent, TimeBasis, aggregate};
use base::log::Seq;

/// How many statements match.
pub(super) enum Count {
    /// Not requested; the link requests it.
    Unknown {
        href: String,
    },
    Known(String),
}

impl Count {
    /// Counts the matching statements if that is requested, since it reads every one.
    pub(super) async fn of(app: &App, form: &Form, query: &FilterQuery) -> Result<Self, Problem> {
        if !query.counted {
            return Ok(Self::Unknown { href: form.with(COUNT, "true").href() });
        }
        let formats = Formats::of(app);
        let question = AggregateQuery {
            filter: query.filter.clone(),
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
        let voided = if query.voided == VoidedStatements::Included { ", without voided ones" } else { "" };
        Ok(Self::Known(match counted.extent {
            Extent::Whole => format!("{number} {noun} in all{voided}."),
            Extent::Part => format!("More than {number} {noun}{voided}; the API can count the rest."),
        }))
    }
}
