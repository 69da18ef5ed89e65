//! Certificates from an authority that speaks ACME (RFC 8555), such as Let's Encrypt.
//!
//! A scheduled task orders what is missing and renews what has lived two thirds of its life; one
//! program does it at a time. The database keeps account, certificates and pending challenges, so
//! that every server answers the authority and shows the same certificates. Files of the operator
//! for the same name win.

mod answers;
mod order;
mod shown;
mod store;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::{Domain, site};
use instant_acme::Account;
use tracing::{error, info, warn};

pub(crate) use answers::answering;
pub(crate) use shown::follow;
use store::Store;
pub(crate) use store::{Issued, Trouble};

use crate::config::acme::{Challenge, host_name};
use crate::config::{AcmePlan, Config};
use crate::seal::Seal;

/// Certificates fetched in one run: authorities refuse more than 300 orders in three hours.
const AT_ONCE: usize = 60;
/// Pause after the first failure for a name; each further one doubles it.
const PAUSE: Duration = Duration::from_hours(1);
/// Longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// Days before the end of a certificate when a failure to renew it is an error.
const CRITICAL_DAYS: i64 = 7;
const DAY: i64 = 86_400;

/// How this installation fetches certificates.
pub(crate) struct Fetching {
    plan: AcmePlan,
    seal: Option<Seal>,
}

/// What is needed to fetch them.
pub(crate) struct Acme<'a> {
    plan: &'a AcmePlan,
    store: Store,
    domain: &'a Domain,
}

/// A certificate that is wanted: the names on it.
type Names = Vec<String>;

impl Fetching {
    /// By this plan, and with the key that hides what is kept.
    pub(crate) fn new(plan: AcmePlan, config: &Config) -> Self {
        Self {
            plan,
            seal: Seal::of(config),
        }
    }

    /// For this installation.
    pub(crate) fn with<'a>(&'a self, domain: &'a Domain) -> Acme<'a> {
        Acme {
            plan: &self.plan,
            store: Store::new(domain.tenancy().clone(), self.seal.clone()),
            domain,
        }
    }
}

impl Acme<'_> {
    /// Orders and renews what is due; the text says what was done. An error if something could not
    /// be fetched that is missing or ends soon.
    pub(crate) async fn renew(&self) -> Result<String> {
        let now = domain::now().timestamp();
        let wanted = self.wanted().await?;
        let issued = self.store.certificates().await?;
        let troubles = self.store.troubles().await?;
        let due = wanted.iter().filter(|names| {
            let found = issued.iter().find(|issued| issued.names == **names);
            found.is_none_or(|issued| issued.is_due(now))
        });
        let waits = |names: &&Names| {
            let trouble = troubles.get(&names[0]);
            trouble.is_some_and(|trouble| trouble.not_before > now)
        };
        let (waiting, due): (Vec<&Names>, Vec<_>) = due.partition(waits);
        let due: Vec<&Names> = due.into_iter().take(AT_ONCE).collect();
        let problem = |name: &str, why: &str| format!("{name}: {why}");
        let mut fetched = 0;
        let mut problems: Vec<String> = waiting
            .iter()
            .filter_map(|names| Some(problem(&names[0], &troubles.get(&names[0])?.error)))
            .collect();
        if !due.is_empty() {
            let account = self.account().await?;
            for names in due {
                match self.fetch(&account, names).await {
                    Ok(_) => fetched += 1,
                    Err(why) => {
                        let before = troubles.get(&names[0]).map_or(0, |trouble| trouble.times);
                        let trouble = Trouble::after(before, now, format!("{why:#}"));
                        self.store.keep_trouble(&names[0], &trouble).await?;
                        let left = issued.iter().find(|issued| issued.names == *names);
                        let left = left.map(|issued| (issued.not_after - now) / DAY);
                        tell(names, left, &trouble);
                        problems.push(problem(&names[0], &trouble.error));
                    }
                }
            }
        }
        self.forget_others(&wanted, &issued).await?;
        if problems.is_empty() {
            Ok(format!(
                "{fetched} of {} certificates fetched",
                wanted.len()
            ))
        } else {
            bail!("{fetched} fetched; {}", problems.join("; "))
        }
    }

    /// The certificates that are kept, and why others could not be fetched.
    pub(crate) async fn kept(&self) -> Result<(Vec<Issued>, BTreeMap<String, Trouble>)> {
        Ok((
            self.store.certificates().await?,
            self.store.troubles().await?,
        ))
    }

    /// Orders a certificate for these names at once.
    pub(crate) async fn fetch_now(&self, names: &[String]) -> Result<Issued> {
        let account = self.account().await?;
        self.fetch(&account, names).await
    }

    async fn fetch(&self, account: &Account, names: &[String]) -> Result<Issued> {
        let issued = order::certificate(self.plan, &self.store, account, names).await?;
        self.store.keep_certificate(&issued).await?;
        info!(
            event = "acme_certificate_fetched",
            host = names[0],
            "the authority issued a certificate"
        );
        Ok(issued)
    }

    /// The account with the authority; made at the first time.
    async fn account(&self) -> Result<Account> {
        if let Some(known) = self.store.account(&self.plan.directory).await? {
            return Ok(order::client(self.plan)?.from_credentials(known).await?);
        }
        let (account, credentials) = order::register(self.plan).await?;
        self.store
            .keep_account(&self.plan.directory, &credentials)
            .await?;
        info!(
            event = "acme_account_made",
            directory = self.plan.directory,
            "an account was made with the authority"
        );
        Ok(account)
    }

    /// The certificates that ought to be there.
    async fn wanted(&self) -> Result<Vec<Names>> {
        if !self.plan.names.is_empty() {
            return Ok(alone(self.plan.names.clone()));
        }
        let usual = self.usual_names();
        if !usual.is_empty() {
            return Ok(vec![usual]);
        }
        let tenancy = self.domain.tenancy();
        if self.plan.tenants_domain.is_some() {
            return Ok(alone(self.possible(tenancy.host_names().await?)));
        }
        let public = tenancy.by_name("public").await?;
        let public = public.context("there is no tenant yet")?;
        let link = site::stored_of(self.domain, &public).await?;
        let host = link
            .rsplit_once(':')
            .map_or(link.as_str(), |(host, _)| host);
        Ok(alone(self.possible(vec![host.to_owned()])))
    }

    /// The names of one certificate for all tenants; none unless a wildcard is possible.
    pub(crate) fn usual_names(&self) -> Names {
        match (&self.plan.tenants_domain, &self.plan.challenge) {
            (Some(domain), Challenge::Dns(_)) => vec![domain.clone(), format!("*.{domain}")],
            _ => vec![],
        }
    }

    /// Those that an authority can know.
    fn possible(&self, names: Vec<String>) -> Vec<String> {
        let names = names.into_iter();
        let read = names.filter_map(|name| host_name(&name, &self.plan.challenge).ok());
        read.filter(|name| !name.ends_with(".localhost")).collect()
    }

    /// Removes what belongs to names that are not wanted any more and has ended.
    async fn forget_others(&self, wanted: &[Names], issued: &[Issued]) -> Result<()> {
        let firsts: BTreeSet<&String> = wanted.iter().filter_map(|names| names.first()).collect();
        let now = domain::now().timestamp();
        for old in issued {
            if old.not_after < now && !firsts.contains(&old.names[0]) {
                self.store.forget_certificate(&old.names[0]).await?;
            }
        }
        self.store.forget_old_answers(now).await
    }
}

/// A certificate for each name.
fn alone(names: Vec<String>) -> Vec<Names> {
    names.into_iter().map(|name| vec![name]).collect()
}

fn tell(names: &[String], days_left: Option<i64>, trouble: &Trouble) {
    let (host, why) = (&names[0], &trouble.error);
    match days_left {
        Some(days) if days >= CRITICAL_DAYS => warn!(
            event = "acme_failed",
            host,
            days_left = days,
            "no new certificate: {why}"
        ),
        Some(days) => error!(
            event = "acme_failed",
            host,
            days_left = days,
            "the certificate ends soon and there is no new one: {why}"
        ),
        None => error!(event = "acme_failed", host, "no certificate: {why}"),
    }
}

impl Trouble {
    /// After one more failure.
    fn after(times: u32, now: i64, error: String) -> Self {
        let factor = 1 << times.min(10);
        let pause = PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
        Self {
            times: times.saturating_add(1),
            not_before: now.saturating_add_unsigned(pause.as_secs()),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, Trouble};

    #[test]
    fn pauses_after_failures_grow_up_to_a_day() {
        let pause = |times| Trouble::after(times, 100, String::new()).not_before - 100;
        assert_eq!([pause(0), pause(1), pause(2)], [3600, 7200, 14_400]);
        assert_eq!([pause(5), pause(u32::MAX)], [DAY, DAY]);
        assert_eq!(Trouble::after(u32::MAX, 0, String::new()).times, u32::MAX);
    }
}
