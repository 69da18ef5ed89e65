//! Slows down whoever guesses passwords; counted in the database, for all programs together.
//!
//! Failures are counted for the account name and for the address of the client. From the limit on
//! each further failure doubles the time in which nothing is tried any more, up to five minutes.
//! Nobody is locked out for good: the counts are forgotten after the window without a failure, and
//! an address from which the account has logged in before has a count of its own, so that
//! strangers cannot keep the owner out. Successful log-ins are never slowed down by their number.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::sql;
use sqlx::{PgConnection, Row as _};

use crate::{Error, Result, Settings};

/// Failures per address for each one that an account may have: many people share an address.
const PEOPLE_PER_ADDRESS: i32 = 20;
/// Longest time in which nothing is tried.
const LONGEST: u64 = 300;
/// How long an address is known after a log-in.
const KNOWN_DAYS: i32 = 30;
/// Names longer than this have no account.
const LONGEST_NAME: usize = 150;

/// The rows in which one attempt is counted.
#[derive(Debug)]
pub(super) struct Attempt {
    account: Option<String>,
    known: Option<String>,
    address: Option<String>,
}

impl Attempt {
    pub(super) fn new(username: &str, client: Option<IpAddr>) -> Self {
        let name: String = username
            .chars()
            .take(LONGEST_NAME)
            .filter(|c| *c != '\0')
            .collect();
        let place = client.map(place);
        Self {
            known: place.as_ref().map(|place| format!("known:{name}@{place}")),
            address: place.map(|place| format!("address:{place}")),
            account: Some(format!("account:{name}")),
        }
    }

    /// An attempt that names no account.
    pub(super) fn anonymous(client: Option<IpAddr>) -> Self {
        Self {
            account: None,
            known: None,
            address: client.map(|client| format!("address:{}", place(client))),
        }
    }

    /// Refuses an attempt that comes too early; says whether the address is known otherwise.
    pub(super) async fn check(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<bool> {
        let rows = sql::query(
            "SELECT key, blocked_until
             FROM platform.login_attempt
             WHERE key IN ($1, $2, $3)",
        )
        .bind(&self.account)
        .bind(&self.known)
        .bind(&self.address)
        .fetch_all(conn)
        .await?;
        let mut blocked: Vec<(String, Option<DateTime<Utc>>)> = vec![];
        for row in rows {
            blocked.push((row.try_get("key")?, row.try_get("blocked_until")?));
        }
        let is_known = blocked
            .iter()
            .any(|(key, _)| Some(key) == self.known.as_ref());
        if is_known {
            blocked.retain(|(key, _)| Some(key) != self.account.as_ref());
        }
        let until = blocked.into_iter().filter_map(|(_, until)| until).max();
        match until.and_then(|until| (until - now).to_std().ok()) {
            Some(wait) if !wait.is_zero() => Err(Error::Throttled(wait)),
            _ => Ok(is_known),
        }
    }

    /// Counts a failure.
    pub(super) async fn failed(
        &self,
        conn: &mut PgConnection,
        is_known: bool,
        now: DateTime<Utc>,
        settings: &Settings,
    ) -> Result<()> {
        let account = if is_known {
            self.known.as_ref()
        } else {
            self.account.as_ref()
        };
        let limit = settings.login_attempts as i32;
        // sorted, so that two programs never wait for each other's rows
        let mut counted: Vec<(&String, i32)> =
            account.map(|key| (key, limit)).into_iter().collect();
        let many = limit.saturating_mul(PEOPLE_PER_ADDRESS);
        counted.extend(self.address.as_ref().map(|key| (key, many)));
        counted.sort_unstable();
        for (key, limit) in counted {
            count(conn, key, limit, now, settings.login_window).await?;
        }
        Ok(())
    }

    /// Forgets the failures of the account and remembers the address.
    pub(super) async fn succeeded(
        &self,
        conn: &mut PgConnection,
        is_known: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if let Some(known) = &self.known {
            sql::query(
                "INSERT INTO platform.login_attempt AS l (key, first_at, last_at)
                 VALUES ($1, $2, $2)
                 ON CONFLICT (key) DO UPDATE
                 SET failures = 0,
                     last_at = excluded.last_at,
                     blocked_until = NULL
                 WHERE l.failures > 0
                    OR l.last_at < excluded.last_at - interval '1 day'",
            )
            .bind(known)
            .bind(now)
            .execute(&mut *conn)
            .await?;
        }
        if !is_known {
            sql::query("DELETE FROM platform.login_attempt WHERE key = $1")
                .bind(&self.account)
                .execute(conn)
                .await?;
        }
        Ok(())
    }
}

async fn count(
    conn: &mut PgConnection,
    key: &str,
    limit: i32,
    now: DateTime<Utc>,
    window: Duration,
) -> Result<()> {
    let failures: i32 = sql::query_scalar(
        "INSERT INTO platform.login_attempt AS l (key, failures, first_at, last_at)
         VALUES ($1, 1, $2, $2)
         ON CONFLICT (key) DO UPDATE
         SET failures = CASE WHEN l.last_at < $3 THEN 1 ELSE l.failures + 1 END,
             first_at = CASE WHEN l.last_at < $3 THEN excluded.first_at ELSE l.first_at END,
             last_at = excluded.last_at
         RETURNING failures",
    )
    .bind(key)
    .bind(now)
    .bind(now - window)
    .fetch_one(&mut *conn)
    .await?;
    if let Some(delay) = delay(failures, limit) {
        sql::query("UPDATE platform.login_attempt SET blocked_until = $2 WHERE key = $1")
            .bind(key)
            .bind(now + delay)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// How long nothing is tried after so many failures.
fn delay(failures: i32, limit: i32) -> Option<Duration> {
    let exponent = u32::try_from(failures - limit + 1)
        .ok()
        .filter(|beyond| *beyond > 0)?;
    let seconds = 1_u64
        .checked_shl(exponent)
        .filter(|_| exponent < 32)
        .unwrap_or(LONGEST);
    Some(Duration::from_secs(seconds.min(LONGEST)))
}

/// Forgets old failures and addresses that were not used for long; returns how many.
pub(super) async fn clean(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    settings: &Settings,
) -> Result<u64> {
    let done = sql::query(
        "DELETE FROM platform.login_attempt
         WHERE (last_at < $1 AND key NOT LIKE 'known:%')
            OR last_at < $2::timestamptz - make_interval(days => $3)",
    )
    .bind(now - settings.login_window)
    .bind(now)
    .bind(KNOWN_DAYS)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// The name under which an address is counted: a client with IPv6 has a whole network.
fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_end() {
        let seconds = |failures| delay(failures, 5).map(|delay| delay.as_secs());
        let found: Vec<_> = (4..=14).map(seconds).collect();
        let expected = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map(Some);
        assert_eq!(found[0], None);
        assert_eq!(found[1..], expected);
        assert_eq!(seconds(i32::MAX), Some(LONGEST));
    }

    #[test]
    fn rows_of_an_attempt() {
        let attempt = Attempt::new("alice", "2001:db8:1:2:3:4:5:6".parse().ok());
        assert_eq!(attempt.account.as_deref(), Some("account:alice"));
        assert_eq!(
            attempt.address.as_deref(),
            Some("address:2001:db8:1:2::/64")
        );
        assert_eq!(
            attempt.known.as_deref(),
            Some("known:alice@2001:db8:1:2::/64")
        );
        let mapped = Attempt::new("a\0b", "::ffff:192.0.2.7".parse().ok());
        assert_eq!(mapped.address.as_deref(), Some("address:192.0.2.7"));
        assert_eq!(mapped.account.as_deref(), Some("account:ab"));
        assert_eq!(Attempt::new("alice", None).known, None);
    }
}
