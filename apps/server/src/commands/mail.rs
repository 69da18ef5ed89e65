//! `kiwi mail …` and `kiwi sendtestemail`: the outbox, and whether mail arrives.

use domain::mail::{self, Entry, Filter, State};
use domain::{Domain, site};
use jobs::Failure as Undelivered;
use serde::Serialize;

use super::{fault, tenant_of};
use crate::cli::{Chosen, Mail, SendTestEmail, Which};
use crate::config::Config;
use crate::deeds::{self, Deed, Done};
use crate::output::{Failure, Output, columns};

#[derive(Serialize)]
struct Line {
    id: i64,
    tenant: String,
    state: &'static str,
    to: String,
    subject: String,
    attempts: i32,
    created_at: String,
    next_at: String,
    last_error: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    line: Line,
    message_id: String,
    text: String,
}

/// Runs one of the commands.
pub(super) async fn run(domain: &Domain, command: Mail, output: Output) -> Result<(), Failure> {
    match command {
        Mail::List { which, limit } => {
            let filter = filter(domain, which, None).await?;
            let found = mail::list(domain, &filter, limit.into())
                .await
                .map_err(fault)?;
            let shown = in_words(found)?;
            let lines: Vec<Line> = shown.into_iter().map(|shown| shown.line).collect();
            output.show(&lines, |lines| {
                let rows: Vec<[String; 7]> = lines.iter().map(row).collect();
                columns(
                    ["ID", "TENANT", "STATE", "TRIES", "NEXT", "TO", "SUBJECT"],
                    &rows,
                )
            })
        }
        Mail::Show { id } => {
            let entry = mail::entry(domain, id).await.map_err(|_| missing(&[id]))?;
            let shown = in_words(vec![entry])?.pop().ok_or_else(|| missing(&[id]))?;
            output.show(&shown, text)
        }
        Mail::Retry(chosen) => {
            let (filter, named) = chosen_filter(domain, chosen).await?;
            let count = mail::retry(domain, &filter).await.map_err(fault)?;
            told(output, named, count, "due now")
        }
        Mail::Delete(chosen) => {
            let (filter, named) = chosen_filter(domain, chosen).await?;
            let count = mail::delete(domain, &filter).await.map_err(fault)?;
            told(output, named, count, "deleted")
        }
    }
}

async fn filter(domain: &Domain, which: Which, ids: Option<Vec<i64>>) -> Result<Filter, Failure> {
    let tenant = match which.tenant {
        Some(name) => Some(tenant_of(domain, &name).await?.schema.clone()),
        None => None,
    };
    let state = which.state.map(|state| match state.as_str() {
        "dead" => State::Dead,
        _ => State::Waiting,
    });
    Ok(Filter { ids, tenant, state })
}

/// The mails that are meant, and how many of them were named; names that no mail has are refused.
async fn chosen_filter(domain: &Domain, chosen: Chosen) -> Result<(Filter, u64), Failure> {
    known(domain, &chosen.ids).await?;
    let named = chosen.ids.len() as u64;
    let ids = (named > 0).then_some(chosen.ids);
    Ok((filter(domain, chosen.which, ids).await?, named))
}

/// Mails with their subjects and texts.
fn in_words(entries: Vec<Entry>) -> Result<Vec<Shown>, Failure> {
    let words = views::Mails::new().map_err(anyhow::Error::from)?;
    let shown = |entry: Entry| -> anyhow::Result<Shown> {
        let letter = serde_json::to_value(&entry.mail.letter)?;
        let rendered = words.render("en", &letter)?;
        Ok(Shown {
            message_id: entry.mail.message_id,
            text: rendered.text,
            line: Line {
                id: entry.id,
                tenant: entry.tenant,
                state: entry.state.as_str(),
                to: entry.mail.to,
                subject: rendered.subject,
                attempts: entry.attempts,
                created_at: entry.created_at.to_rfc3339(),
                next_at: entry.next_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                last_error: entry.last_error,
            },
        })
    };
    let all: anyhow::Result<Vec<Shown>> = entries.into_iter().map(shown).collect();
    Ok(all?)
}

fn row(line: &Line) -> [String; 7] {
    [
        line.id.to_string(),
        line.tenant.clone(),
        line.state.to_owned(),
        line.attempts.to_string(),
        line.next_at.clone(),
        line.to.clone(),
        line.subject.clone(),
    ]
}

fn text(shown: &Shown) -> String {
    let line = &shown.line;
    let error = line.last_error.as_deref().unwrap_or("-");
    format!(
        "To: {}\nSubject: {}\nMessage-ID: {}\nTenant: {}\nState: {}\nTries: {}\nNext: {}\n\
         Last error: {error}\n\n{}",
        line.to,
        line.subject,
        shown.message_id,
        line.tenant,
        line.state,
        line.attempts,
        line.next_at,
        shown.text
    )
}

fn missing(ids: &[i64]) -> Failure {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Failure::NotFound(format!("not in the outbox: {}", ids.join(", ")))
}

/// Refuses numbers that no mail has.
async fn known(domain: &Domain, ids: &[i64]) -> Result<(), Failure> {
    let wanted = Filter {
        ids: Some(ids.to_vec()),
        ..Filter::default()
    };
    let limit = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let found = mail::list(domain, &wanted, limit).await.map_err(fault)?;
    let absent: Vec<i64> = ids
        .iter()
        .copied()
        .filter(|id| !found.iter().any(|entry| entry.id == *id))
        .collect();
    if absent.is_empty() {
        Ok(())
    } else {
        Err(missing(&absent))
    }
}

#[derive(Serialize)]
struct Told {
    count: u64,
}

/// Tells how many mails were changed; those named that were not are a failure.
fn told(output: Output, named: u64, count: u64, what: &str) -> Result<(), Failure> {
    output.show(&Told { count }, |told| format!("{} {what}", told.count))?;
    let left = named.saturating_sub(count);
    if left == 0 {
        return Ok(());
    }
    let text = format!("{left} of {named}: being sent right now, or not what the options say");
    if count == 0 {
        Err(Failure::Refused(text))
    } else {
        Err(Failure::Partly(text))
    }
}

#[derive(Serialize)]
struct Outcome {
    to: String,
    sent: bool,
    answer: String,
}

/// `kiwi sendtestemail`
pub(super) async fn send_test(
    config: &Config,
    domain: &Domain,
    options: SendTestEmail,
    output: Output,
) -> Result<(), Failure> {
    let mut addresses = options.addresses;
    if options.admins || options.managers {
        addresses.extend(config.admins());
    }
    if addresses.is_empty() {
        return Err(Failure::Usage(
            "the setting mail.admins is empty".to_owned(),
        ));
    }
    let tenant = tenant_of(domain, &options.tenant).await?;
    let site = site::domain_of(domain, &tenant).await.map_err(fault)?;
    let mailer = config.mailer()?.map_err(Failure::Refused)?;
    let begun = deeds::begin(Deed::TestMail);
    let mut outcomes = vec![];
    for to in addresses {
        let sent = mailer.send_test(&to, &site).await;
        outcomes.push(Outcome {
            to,
            sent: sent.is_ok(),
            answer: sent.unwrap_or_else(|failure| match failure {
                Undelivered::Temporary(reason) | Undelivered::Final(reason) => reason.detail,
                Undelivered::Later(_) => String::new(),
            }),
        });
    }
    let noted = match outcomes.iter().find(|outcome| !outcome.sent) {
        None => Ok(Done {
            detail: "sent".to_owned(),
            bytes: None,
            of: None,
        }),
        Some(outcome) => Err(outcome.answer.clone()),
    };
    begun.end(domain, noted).await;
    output.show(&outcomes, |outcomes| {
        let line = |outcome: &Outcome| {
            let done = if outcome.sent { "sent" } else { "not sent" };
            format!("{}: {done}: {}", outcome.to, outcome.answer)
        };
        outcomes.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    let failed = outcomes.iter().filter(|outcome| !outcome.sent).count();
    match failed {
        0 => Ok(()),
        failed if failed == outcomes.len() => Err(Failure::failed("no mail was sent")),
        failed => Err(Failure::Partly(format!(
            "{failed} of {} were not sent",
            outcomes.len()
        ))),
    }
}
