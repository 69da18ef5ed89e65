//! `kiwi loglevel`: what the running server logs, changed for a while.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::cli;
use crate::config::Config;
use crate::control::{Control, LogLevel};
use crate::output::{Failure, Output};
use crate::telemetry;

#[derive(Serialize)]
struct Told {
    filter: String,
    /// None for the filter of the settings.
    until: Option<String>,
}

/// Shows, sets or resets the filter.
pub(super) fn run(config: &Config, options: &cli::LogLevel, output: Output) -> Result<(), Failure> {
    let control = Control::of(config);
    let failed = |why: std::io::Error| Failure::Failed(why.into());
    if options.reset {
        control.set_log_level(None).map_err(failed)?;
    } else if let Some(filter) = &options.filter {
        telemetry::is_filter(filter).map_err(Failure::Usage)?;
        let level = LogLevel {
            filter: filter.clone(),
            until: domain::now() + options.time,
        };
        control.set_log_level(Some(&level)).map_err(failed)?;
    }
    let told = match control.log_level().map_err(failed)? {
        Some(level) => Told {
            filter: level.filter,
            until: Some(in_words(level.until)),
        },
        None => Told {
            filter: config.log_filter.clone(),
            until: None,
        },
    };
    output.show(&told, |told| match &told.until {
        Some(until) => format!("{} until {until}", told.filter),
        None => format!("{}, as the settings say", told.filter),
    })
}

/// A time for people and programs.
pub(super) fn in_words(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
