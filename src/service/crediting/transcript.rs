//! A learner's transcript: a view of their credit records.

use crate::service::catalogue::activities;
use crate::service::crediting::certificates;
use crate::service::ledger::credits::{self, CreditRecord};
use crate::service::{Account, App};
use credit::{Activity, Credits};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One credit record as a transcript shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    pub credit: CreditRecord,
    pub title: String,
    pub provider: String,
    pub format: String,
    pub completed: Date,
    /// As certificates show it.
    pub code: String,
    pub sample: bool,
    /// In words: `0.75 AMA PRA Category 1 Credit™`.
    pub award: String,
}

/// Every credit record of `account`, the last recorded first.
pub async fn lines(app: &App, account: &Account) -> Result<Vec<TranscriptLine>, activities::Error> {
    let mut lines = Vec::new();
    for credit in credits::of_learner(app, account.id, store::Span::ALL).await? {
        let activity = activities::version(app, &credit.activity, credit.version).await?.document;
        lines.push(TranscriptLine {
            award: award(&activity, &credit),
            title: activity.title,
            provider: activity.provider.name,
            format: activity.format.to_string(),
            completed: credit.completed,
            code: certificates::format_code(&credit.code),
            sample: activity.sample,
            credit,
        });
    }
    Ok(lines)
}

/// The sum of what counts, for each kind of credit. Samples are not summed: they are not credit.
pub fn totals(lines: &[TranscriptLine]) -> Vec<(&'static str, String)> {
    let mut sums: BTreeMap<&'static str, u32> = BTreeMap::new();
    let counts = |line: &&TranscriptLine| line.credit.is_active() && line.credit.system.is_credit() && !line.sample;
    for line in lines.iter().filter(counts) {
        let sum = sums.entry(line.credit.system.name()).or_default();
        *sum = sum.saturating_add(line.credit.amount.0);
    }
    sums.into_iter().map(|(name, sum)| (name, Credits(sum).to_string())).collect()
}

/// What someone has who has `credit` of `activity`, in words.
pub fn award(activity: &Activity, credit: &CreditRecord) -> String {
    let template = activity.offering(&credit.offering).map_or("", |offering| offering.designation.as_str());
    credit.system.award(credit.amount, template)
}

/// The lines as CSV (RFC 4180), with a byte order mark so that spreadsheets read it as UTF-8.
pub fn csv(lines: &[TranscriptLine]) -> String {
    const HEAD: [&str; 8] = ["Completed", "Activity", "Format", "Provider", "Credit", "Amount", "Status", "Code"];
    let head = HEAD.map(str::to_owned);
    let rows = lines.iter().map(|line| {
        let credit = &line.credit;
        let amount = if credit.system.is_credit() { credit.amount.to_string() } else { String::new() };
        let status = match (credit.is_active(), line.sample) {
            (true, false) => "valid",
            (true, true) => "sample",
            (false, _) => "revoked",
        };
        [
            credit.completed.to_string(),
            line.title.clone(),
            line.format.clone(),
            line.provider.clone(),
            credit.system.name().to_owned(),
            amount,
            status.to_owned(),
            line.code.clone(),
        ]
    });
    let text: String =
        std::iter::once(head).chain(rows).map(|row| row.map(|cell| field(&cell)).join(",") + "\r\n").collect();
    format!("\u{feff}{text}")
}

/// A field in quotes. A spreadsheet takes what begins with one of these signs for a formula, so that begins with an
/// apostrophe instead.
fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula() {
        for (text, written) in [
            ("Stroke", "\"Stroke\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM", "\"'@SUM\""),
            ("a,b", "\"a,b\""),
            ("-1", "\"'-1\""),
        ] {
            assert_eq!(field(text), written);
        }
    }
}
