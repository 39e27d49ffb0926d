//! The layers of the configuration, weakest first: the default file, `enduring.toml`, `ENDURING_*`, flags.
//!
//! A layer is merged over those below it and the whole is parsed at once, so an invalid value is always in
//! the layer just merged, and the error can name it.

use super::{Config, ConfigError, secrets};
use std::collections::BTreeSet;
use std::fmt;
use toml::{Table, Value};

/// The documented default, as the repository and the program carry it.
pub(super) const DEFAULT: &str = include_str!("../config.default.toml");

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File(String),
    Variable(String),
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default configuration"),
            Self::File(path) => f.write_str(path),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The layers so far.
pub(super) struct Layers {
    merged: Table,
    config: Config,
    /// The keys that were set explicitly, joined by dots.
    explicit: BTreeSet<String>,
}

impl Layers {
    /// The default alone.
    pub(super) fn new() -> Result<Self, ConfigError> {
        let merged = parse(&Source::Default, DEFAULT)?;
        let config = fit(&Source::Default, &merged)?;
        Ok(Self { merged, config, explicit: BTreeSet::new() })
    }

    /// Merges the text of a configuration file; returns whether it has secrets.
    pub(super) fn file(&mut self, source: &Source, text: &str) -> Result<bool, ConfigError> {
        let table = parse(source, text)?;
        note(&table, "", &mut self.explicit);
        let has_secrets = secrets::has_secrets(&table);
        self.merge(source, table)?;
        Ok(has_secrets)
    }

    /// Merges the variables that begin with `ENDURING_`, one by one.
    pub(super) fn environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let names: Vec<(String, Vec<String>)> =
            leaves(&self.merged).into_iter().map(|path| (variable(&path), path)).collect();
        for (name, text) in variables.into_iter().filter(|(name, _)| name.starts_with("ENDURING_")) {
            if name == super::FILE_VARIABLE {
                continue;
            }
            let Some((_, path)) = names.iter().find(|(known, _)| *known == name) else {
                return Err(ConfigError::UnknownVariable(name));
            };
            self.one(&Source::Variable(name), path, &text)?;
        }
        Ok(())
    }

    /// Merges one flag: `("content_listen", "127.0.0.1:0")`.
    pub(super) fn flag(&mut self, key: &str, text: &str) -> Result<(), ConfigError> {
        self.one(&Source::Flag(format!("--{}", key.replace('_', "-"))), &[key.to_owned()], text)
    }

    /// The merged configuration, and which keys were set explicitly.
    pub(super) fn finish(self) -> (Config, BTreeSet<String>) {
        (self.config, self.explicit)
    }

    fn one(&mut self, source: &Source, path: &[String], text: &str) -> Result<(), ConfigError> {
        let value = value_like(at(&self.merged, path), text).map_err(|reason| ConfigError::bad(source, &reason))?;
        self.explicit.insert(path.join("."));
        let nested = path.iter().rev().fold(value, |inner, key| Value::Table(Table::from_iter([(key.clone(), inner)])));
        match nested {
            Value::Table(table) => self.merge(source, table),
            _ => Ok(()),
        }
    }

    fn merge(&mut self, source: &Source, table: Table) -> Result<(), ConfigError> {
        merge(&mut self.merged, table);
        self.config = fit(source, &self.merged)?;
        Ok(())
    }
}

fn parse(source: &Source, text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| ConfigError::bad(source, &error))
}

fn fit(source: &Source, table: &Table) -> Result<Config, ConfigError> {
    table.clone().try_into().map_err(|error: toml::de::Error| ConfigError::bad(source, &error))
}

/// Merges `upper` over `lower`: tables are merged, everything else is replaced.
fn merge(lower: &mut Table, upper: Table) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

/// The paths of everything in `table` that is not itself a table.
fn leaves(table: &Table) -> Vec<Vec<String>> {
    let below = |key: &String, value: &Value| match value {
        Value::Table(inner) => leaves(inner).into_iter().map(|rest| [vec![key.clone()], rest].concat()).collect(),
        _ => vec![vec![key.clone()]],
    };
    table.iter().flat_map(|(key, value)| below(key, value)).collect()
}

fn note(table: &Table, prefix: &str, explicit: &mut BTreeSet<String>) {
    explicit.extend(leaves(table).iter().map(|path| format!("{prefix}{}", path.join("."))));
}

/// `["provider", "time_zone"]` is `ENDURING_PROVIDER_TIME_ZONE`.
fn variable(path: &[String]) -> String {
    format!("ENDURING_{}", path.join("_").to_uppercase())
}

fn at<'a>(table: &'a Table, path: &[String]) -> Option<&'a Value> {
    let (last, before) = path.split_last()?;
    before.iter().try_fold(table, |inner, key| inner.get(key)?.as_table())?.get(last)
}

/// Reads `text` as the type that the default has at this position; text stays text without quotes.
fn value_like(default: Option<&Value>, text: &str) -> Result<Value, String> {
    match default {
        Some(Value::Boolean(_)) => {
            text.parse().map(Value::Boolean).map_err(|_| format!("write true or false instead of {text:?}"))
        }
        Some(Value::Integer(_)) => {
            text.parse().map(Value::Integer).map_err(|_| format!("write a whole number instead of {text:?}"))
        }
        Some(Value::Array(_)) => {
            let line: Table = format!("value = {text}").parse().map_err(|error: toml::de::Error| error.to_string())?;
            line.get("value").cloned().ok_or_else(|| "write a list as TOML does".to_owned())
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}
