//! One order: show that the names are ours, and take the certificate.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use instant_acme::{
    Account, AccountBuilder, AccountCredentials, AuthorizationStatus, ChallengeType,
    ExternalAccountKey, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::process::Command;

use super::store::{Answer, Issued, Store};
use crate::ask;
use crate::config::AcmePlan;
use crate::config::acme::Challenge;

/// Time for an authority to ask about all names, and then to issue the certificate.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(500))
    .backoff(1.5)
    .timeout(Duration::from_mins(2));
/// Seconds for which an answer is offered.
const OFFERED: i64 = 600;
/// Time until every server has heard what it must answer in a handshake.
const SPREAD: Duration = Duration::from_secs(2);
/// Longest time for the program that changes records.
const RECORD_TIME: Duration = Duration::from_mins(10);

/// Speaks to the authority of the plan.
pub(super) fn client(plan: &AcmePlan) -> Result<AccountBuilder> {
    Ok(match &plan.ca_file {
        None => Account::builder()?,
        Some(file) => Account::builder_with_root(file)
            .with_context(|| format!("tls.acme.ca_file {}", file.display()))?,
    })
}

/// Makes an account with the authority.
pub(super) async fn register(plan: &AcmePlan) -> Result<(Account, AccountCredentials)> {
    let contact = plan.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let account = NewAccount {
        contact: &contact,
        // the settings were refused otherwise
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let binding = plan.binding.as_ref();
    let binding = binding.map(|binding| ExternalAccountKey::new(binding.id.clone(), &binding.key));
    let made = client(plan)?.create(&account, plan.directory.clone(), binding.as_ref());
    made.await
        .with_context(|| format!("no account at {}", plan.directory))
}

/// Orders a certificate.
pub(super) async fn certificate(
    plan: &AcmePlan,
    store: &Store,
    account: &Account,
    names: &[String],
) -> Result<Issued> {
    let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    let mut shown = vec![];
    let taken = take(plan, store, &mut order, &mut shown).await;
    for proof in &shown {
        if let Err(why) = proof.remove(plan, store).await {
            tracing::warn!(event = "acme_proof_left", "{why:#}");
        }
    }
    let (chain, key) = taken?;
    let (not_before, not_after) = life(&chain)?;
    Ok(Issued {
        names: names.to_vec(),
        chain,
        key,
        not_before,
        not_after,
    })
}

async fn take(
    plan: &AcmePlan,
    store: &Store,
    order: &mut Order,
    shown: &mut Vec<Proof>,
) -> Result<(String, String)> {
    show(plan, store, order, shown).await?;
    if let OrderStatus::Invalid = order.poll_ready(&PATIENCE).await? {
        bail!("{}", refusal(order).await);
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok((chain, key))
}

/// Makes the proofs visible, then tells the authority to look.
async fn show(
    plan: &AcmePlan,
    store: &Store,
    order: &mut Order,
    shown: &mut Vec<Proof>,
) -> Result<()> {
    let kind = match plan.challenge {
        Challenge::Http => ChallengeType::Http01,
        Challenge::TlsAlpn => ChallengeType::TlsAlpn01,
        Challenge::Dns(_) => ChallengeType::Dns01,
    };
    let before = shown.len();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = authorization.identifier().to_string();
        let challenge = authorization.challenge(kind.clone()).with_context(|| {
            format!("the authority does not take the challenge that is set for {name}")
        })?;
        let proof = challenge.key_authorization();
        let host = name.trim_start_matches("*.").to_owned();
        let proof = match &plan.challenge {
            Challenge::Dns(_) => Proof::Record {
                record: format!("_acme-challenge.{host}"),
                value: proof.dns_value(),
            },
            other => Proof::Answer(Answer {
                token: challenge.token.clone(),
                proof: proof.as_str().to_owned(),
                host,
                digest: (*other == Challenge::TlsAlpn).then(|| proof.digest().as_ref().to_vec()),
                until: domain::now().timestamp() + OFFERED,
            }),
        };
        proof.make(plan, store).await?;
        shown.push(proof);
    }
    if plan.challenge == Challenge::TlsAlpn && shown.len() > before {
        tokio::time::sleep(SPREAD).await;
    }
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status != AuthorizationStatus::Valid
            && let Some(mut challenge) = authorization.challenge(kind.clone())
        {
            challenge.set_ready().await?;
        }
    }
    Ok(())
}

/// What the authority says about the names that it could not confirm.
async fn refusal(order: &mut Order) -> String {
    let mut reasons = vec![];
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else {
            continue;
        };
        let problems = state
            .challenges
            .iter()
            .filter_map(|challenge| challenge.error.as_ref());
        let problems: Vec<String> = problems.map(ToString::to_string).collect();
        if !problems.is_empty() {
            reasons.push(format!("{}: {}", state.identifier(), problems.join(", ")));
        }
    }
    if reasons.is_empty() {
        "the authority refused the order without a reason".to_owned()
    } else {
        reasons.join("; ")
    }
}

/// Something that the authority can see while it looks.
enum Proof {
    /// What the servers answer.
    Answer(Answer),
    /// A TXT record.
    Record { record: String, value: String },
}

impl Proof {
    async fn make(&self, plan: &AcmePlan, store: &Store) -> Result<()> {
        match (self, &plan.challenge) {
            (Self::Answer(answer), _) => store.offer(answer).await,
            (Self::Record { record, value }, Challenge::Dns(Some(program))) => {
                change_record(program, "add", record, value).await
            }
            (Self::Record { record, value }, _) => ask_for_record(record, value).await,
        }
    }

    async fn remove(&self, plan: &AcmePlan, store: &Store) -> Result<()> {
        match (self, &plan.challenge) {
            (Self::Answer(answer), _) => store.withdraw(&answer.token).await,
            (Self::Record { record, value }, Challenge::Dns(Some(program))) => {
                change_record(program, "remove", record, value).await
            }
            (Self::Record { record, .. }, _) => {
                say(&format!("You may remove the record {record} now."));
                Ok(())
            }
        }
    }
}

async fn change_record(program: &Path, what: &str, record: &str, value: &str) -> Result<()> {
    let name = program.display();
    let done = Command::new(program)
        .args([what, record, value])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let done = tokio::time::timeout(RECORD_TIME, done).await;
    let done = done.with_context(|| format!("{name} {what} did not end in ten minutes"))?;
    let done = done.with_context(|| format!("tls.acme.dns_command {name} cannot be run"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    bail!("{name} {what} {record}: {}, {}", done.status, said.trim())
}

/// A person makes the record.
async fn ask_for_record(record: &str, value: &str) -> Result<()> {
    say(&format!(
        "Add this TXT record, wait until it can be seen, then press Enter:\n  {record}  {value}"
    ));
    let answer = tokio::task::spawn_blocking(|| ask::line("")).await?;
    let answer = answer.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    answer.map(drop).with_context(|| {
        format!("nobody confirmed the record {record}; without a person set tls.acme.dns_command")
    })
}

/// Speaks to the person at the terminal; results go to standard output.
#[expect(clippy::print_stderr, reason = "a dialogue with a person")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// When a chain begins and ends, in seconds since 1970.
fn life(chain: &str) -> Result<(i64, i64)> {
    let leaf = CertificateDer::from_pem_slice(chain.as_bytes())
        .context("the authority sent no certificate")?;
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).context("the certificate")?;
    let validity = leaf.validity();
    Ok((
        validity.not_before.timestamp(),
        validity.not_after.timestamp(),
    ))
}
