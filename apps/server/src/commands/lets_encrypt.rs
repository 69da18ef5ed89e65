//! `kiwi lets-encrypt`: certificates of an authority, at once.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use domain::Domain;
use serde::Serialize;

use crate::acme::{Fetching, Issued, Trouble};
use crate::cli::LetsEncrypt;
use crate::config::Config;
use crate::config::acme::host_name;
use crate::output::{Failure, Output, columns};

/// A certificate, or why there is none.
#[derive(Serialize)]
struct Line {
    names: Vec<String>,
    not_after: Option<String>,
    days_left: Option<i64>,
    error: Option<String>,
}

/// Runs the command.
pub(super) async fn run(
    config: &Config,
    domain: &Domain,
    options: LetsEncrypt,
    output: Output,
) -> Result<(), Failure> {
    let plan = config.acme().map_err(Failure::Usage)?;
    let given = options
        .names
        .iter()
        .map(|name| host_name(name, &plan.challenge));
    let given = given
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::Usage)?;
    let fetching = Fetching::new(plan, config);
    let acme = fetching.with(domain);
    if options.list {
        let (issued, troubles) = acme.kept().await?;
        return list(&issued, troubles, output);
    }
    let mut names = acme.usual_names();
    names.extend(given);
    names.dedup();
    if names.is_empty() {
        return Err(Failure::Usage(
            "name the hosts of the certificate, or set tenancy.domain and \
             tls.acme.challenge = dns-01"
                .to_owned(),
        ));
    }
    let issued = acme.fetch_now(&names).await?;
    output.show(&line(&issued), |line| {
        let until = line.not_after.as_deref().unwrap_or_default();
        format!("{}: until {until}", line.names.join(", "))
    })
}

fn list(
    issued: &[Issued],
    mut troubles: BTreeMap<String, Trouble>,
    output: Output,
) -> Result<(), Failure> {
    let mut lines: Vec<Line> = issued.iter().map(line).collect();
    for line in &mut lines {
        line.error = troubles.remove(&line.names[0]).map(|trouble| trouble.error);
    }
    lines.extend(troubles.into_iter().map(|(name, trouble)| Line {
        names: vec![name],
        not_after: None,
        days_left: None,
        error: Some(trouble.error),
    }));
    output.show(&lines, |lines| {
        let rows: Vec<[String; 3]> = lines.iter().map(row).collect();
        columns(["NAMES", "UNTIL", "ERROR"], &rows)
    })
}

fn row(line: &Line) -> [String; 3] {
    [
        line.names.join(", "),
        line.not_after.clone().unwrap_or_default(),
        line.error.clone().unwrap_or_default(),
    ]
}

fn line(issued: &Issued) -> Line {
    let end = DateTime::from_timestamp(issued.not_after, 0);
    Line {
        names: issued.names.clone(),
        not_after: end.map(|end| end.to_rfc3339_opts(SecondsFormat::Secs, true)),
        days_left: end.map(|end| (end - domain::now()).num_days()),
        error: None,
    }
}
