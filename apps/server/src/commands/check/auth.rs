//! `kiwi check auth`: whether providers elsewhere can let people in, before anybody tries.

use identity::Finding;
use serde::Serialize;

use crate::config::{Config, catalogue};
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Report {
    password_login: bool,
    providers: Vec<Examined>,
}

#[derive(Serialize)]
struct Examined {
    id: String,
    name: String,
    issuer: String,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    #[serde(rename = "check")]
    subject: &'static str,
    good: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'static str>,
}

/// `kiwi check auth`
pub(super) async fn run(config: &Config, output: Output) -> Result<(), Failure> {
    let identity = config.identity().map_err(Failure::failed)?;
    let mut providers = Vec::new();
    for provider in identity.iter() {
        let examined = identity.examine(&provider.id, domain::now()).await;
        let examined = examined.map_err(|error| Failure::failed(error.to_string()))?;
        let checks = examined.findings.into_iter().map(|(subject, finding)| {
            let (good, found, fix) = match finding {
                Finding::Good(found) => (true, found, None),
                Finding::Bad(found, fix) => (false, found, Some(fix)),
            };
            Check {
                subject,
                good,
                found,
                fix,
            }
        });
        providers.push(Examined {
            id: provider.id.clone(),
            name: provider.name.clone(),
            issuer: provider.issuer.clone(),
            checks: checks.collect(),
        });
    }
    let report = Report {
        password_login: config.values.switch(&catalogue::PASSWORD_LOGIN),
        providers,
    };
    output.show(&report, text)?;
    let bad = |provider: &&Examined| provider.checks.iter().any(|check| !check.good);
    match report.providers.iter().filter(bad).count() {
        0 if report.password_login || !report.providers.is_empty() => Ok(()),
        0 => Err(Failure::failed(
            "nobody can log in: passwords are switched off and there is no provider",
        )),
        1 => Err(Failure::failed("1 provider cannot be used")),
        count => Err(Failure::failed(format!("{count} providers cannot be used"))),
    }
}

fn text(report: &Report) -> String {
    let password = if report.password_login { "on" } else { "off" };
    let mut lines = vec![format!("password: {password}")];
    for provider in &report.providers {
        lines.push(format!("{}: {}", provider.id, provider.issuer));
        for check in &provider.checks {
            let mark = if check.good { "good" } else { "error" };
            lines.push(format!("  {mark}: {}: {}", check.subject, check.found));
            lines.extend(check.fix.map(|fix| format!("    {fix}")));
        }
    }
    lines.join("\n")
}
