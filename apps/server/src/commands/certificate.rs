//! `kiwi certificate`: what HTTPS shows, and new self-signed pairs.

use std::path::PathBuf;

use serde::Serialize;

use crate::cli::Certificate;
use crate::config::Config;
use crate::output::{Failure, Output};
use crate::tls::{self, Facts, Names};

/// One pair and what it says about itself, or why it cannot be used.
#[derive(Serialize)]
struct Shown {
    file: PathBuf,
    #[serde(flatten)]
    facts: Option<Facts>,
    error: Option<String>,
}

/// Runs one of the commands.
pub(super) fn run(config: &Config, command: &Certificate, output: Output) -> Result<(), Failure> {
    match command {
        Certificate::Show => output.show(&pairs(config), |pairs| {
            if pairs.is_empty() {
                return "there is no certificate yet; the server makes one at its first start"
                    .to_owned();
            }
            pairs.iter().map(described).collect::<Vec<_>>().join("\n\n")
        }),
        Certificate::Check { days } => check(config, *days, output),
        Certificate::SelfSigned { name, days } => {
            let mut names = Names::of(config);
            names.others.extend(name.iter().cloned());
            names.days = days.unwrap_or(names.days);
            make(config, &names, output)
        }
        Certificate::Renew => make(config, &Names::of(config), output),
    }
}

fn pairs(config: &Config) -> Vec<Shown> {
    let file = config.data_dir.join("ssl").join("localhost.crt");
    let first = tls::look(&config.data_dir).transpose();
    let first = first.map(|facts| (file, facts));
    first
        .into_iter()
        .chain(tls::look_at_names(&config.data_dir))
        .map(|(file, facts)| match facts {
            Ok(facts) => Shown {
                file,
                facts: Some(facts),
                error: None,
            },
            Err(why) => Shown {
                file,
                facts: None,
                error: Some(format!("{why:#}")),
            },
        })
        .collect()
}

fn described(shown: &Shown) -> String {
    let mut lines = vec![shown.file.display().to_string()];
    if let Some(facts) = &shown.facts {
        lines.push(format!("  subject      {}", facts.subject));
        lines.push(format!("  issuer       {}", facts.issuer));
        lines.push(format!("  names        {}", facts.names.join(", ")));
        lines.push(format!(
            "  valid        {} to {}, {} days left",
            facts.not_before, facts.not_after, facts.days_left
        ));
        lines.push(format!("  fingerprint  {}", facts.fingerprint));
        if facts.is_generated {
            lines.push("  made by this program".to_owned());
        }
    }
    lines.extend(shown.error.iter().map(|why| format!("  error: {why}")));
    lines.join("\n")
}

fn check(config: &Config, days: i64, output: Output) -> Result<(), Failure> {
    let pairs = pairs(config);
    let wrong: Vec<String> = pairs
        .iter()
        .filter_map(|shown| match (&shown.facts, &shown.error) {
            (_, Some(why)) => Some(format!("{}: {why}", shown.file.display())),
            (Some(facts), None) if facts.days_left < days => Some(format!(
                "{}: ends in {} days",
                shown.file.display(),
                facts.days_left
            )),
            _ => None,
        })
        .collect();
    output.show(&pairs, |_| String::new())?;
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::failed(wrong.join("\n")))
    }
}

fn make(config: &Config, names: &Names, output: Output) -> Result<(), Failure> {
    let facts =
        tls::make(&config.data_dir, names).map_err(|why| Failure::Refused(format!("{why:#}")))?;
    output.remark(
        "a new authority was made: give static/ca.crt to browsers and clients; a running server \
         shows the new certificate within 10 seconds",
    );
    let shown = Shown {
        file: config.data_dir.join("ssl").join("localhost.crt"),
        facts: Some(facts),
        error: None,
    };
    output.show(&shown, described)
}
