//! People whom a provider elsewhere knows: which account is theirs, and how they get one.
//!
//! A person is found by the provider, its issuer and what the provider calls the person for ever. An
//! address never leads to an account, unless the provider has verified it and the operator wants that.

use std::collections::BTreeMap;

use entity::{Id, sql};
use serde_json::json;
use sqlx::PgConnection;
use sqlx::types::Json;
use tenancy::PlatformTx;

use super::account::{self, select_account};
use super::create::{self, MAX_EMAIL, NewAccount};
use super::projection::{self, Pending, Scope};
use super::{Account, change, passwords};
use crate::{Domain, Error, Result, random};

/// Longest user name that leaves room for what makes it unique.
const LONGEST_NAME: usize = 133;
/// Longest first and last name.
const LONGEST_PART: usize = 150;

/// Somebody whom a provider has recognised.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// Short name of the provider.
    pub provider: String,
    /// Address under which it speaks.
    pub issuer: String,
    /// What it calls the person for ever.
    pub uid: String,
    /// User name there.
    pub username: Option<String>,
    /// Address there.
    pub email: Option<String>,
    /// Whether the provider has made sure that the address is the person's own.
    pub email_verified: bool,
    /// First name; empty when it is not told.
    pub first_name: String,
    /// Last name; empty when it is not told.
    pub last_name: String,
    /// Groups there.
    pub groups: Vec<String>,
}

/// What the operator lets a provider do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whoever has no account gets one.
    pub creates: bool,
    /// Only addresses of these domains get one, and only verified ones; empty: all.
    pub email_domains: Vec<String>,
    /// A verified address is enough to be let in as the account that has it.
    pub trusts_email: bool,
    /// Groups there and the groups of the public tenant that new accounts join for them.
    pub groups: BTreeMap<String, String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            creates: true,
            email_domains: vec![],
            trusts_email: false,
            groups: BTreeMap::new(),
        }
    }
}

/// Whether somebody is let in.
#[derive(Debug)]
pub enum Recognised {
    /// Yes, as this account.
    As(Box<Account>, Way),
    /// No.
    Refused(Refusal),
}

/// How an account was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It was theirs already.
    Known,
    /// It was made for them.
    Created,
    /// The provider has verified its address.
    ByEmail,
}

/// Why somebody is not let in, or not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The provider tells no address, or none that can be one.
    NoEmail,
    /// Another account has the address.
    EmailTaken,
    /// Addresses like this one get no account.
    EmailNotAllowed,
    /// Nobody gets an account by this provider.
    NoAccount,
    /// The account may not log in.
    Inactive,
    /// Another account is connected with the person.
    OfAnother,
    /// Without the connection nobody could log in as the account any more.
    LastWay,
}

/// The account of a person, made if need be, and noted as logged in.
pub async fn recognise(domain: &Domain, policy: &Policy, person: &Person) -> Result<Recognised> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let is_known = find(tx.conn(), person).await?.is_some();
    tx.commit().await?;
    // nobody knows it, but it lets the person ask for another one; hashing takes its time
    let password = if is_known || !policy.creates {
        None
    } else {
        Some(passwords::hash(&random::key()).await?)
    };
    let mut tx = domain.tenancy().begin_platform().await?;
    create::one_at_a_time(&mut tx).await?;
    let mut pending = Vec::new();
    let outcome = decide(&mut tx, domain, policy, person, password, &mut pending).await?;
    if let Recognised::Refused(_) = outcome {
        tx.rollback().await?;
        return Ok(outcome);
    }
    tx.commit().await?;
    for pending in pending {
        pending.carry(domain).await;
    }
    Ok(outcome)
}

async fn decide(
    tx: &mut PlatformTx,
    domain: &Domain,
    policy: &Policy,
    person: &Person,
    password: Option<String>,
    pending: &mut Vec<Pending>,
) -> Result<Recognised> {
    if let Some(account) = find(tx.conn(), person).await? {
        return let_in(tx, person, account, Way::Known, pending).await;
    }
    let email = person.email.as_deref().unwrap_or_default();
    if !create::is_email(email) || email.chars().count() > MAX_EMAIL {
        return Ok(Recognised::Refused(Refusal::NoEmail));
    }
    let holders = with_email(tx.conn(), email).await?;
    if let [holder] = holders.as_slice()
        && policy.trusts_email
        && person.email_verified
        && holder.is_active
        && !has_any(tx.conn(), holder.id).await?
    {
        connect(tx.conn(), holder.id, person).await?;
        return let_in(tx, person, holder.clone(), Way::ByEmail, pending).await;
    }
    if !holders.is_empty() {
        return Ok(Recognised::Refused(Refusal::EmailTaken));
    }
    let Some(password) = password else {
        return Ok(Recognised::Refused(Refusal::NoAccount));
    };
    let (_, host) = email.rsplit_once('@').unwrap_or_default();
    let is_of = |domain: &String| domain.eq_ignore_ascii_case(host);
    let is_allowed = person.email_verified && policy.email_domains.iter().any(is_of);
    if !policy.email_domains.is_empty() && !is_allowed {
        return Ok(Recognised::Refused(Refusal::EmailNotAllowed));
    }
    let mut new = NewAccount::user(domain, &free_name(tx.conn(), person).await?, email, None);
    new.first_name = part(&person.first_name);
    new.last_name = part(&person.last_name);
    let mapped = person
        .groups
        .iter()
        .filter_map(|name| policy.groups.get(name));
    new.groups.extend(mapped.cloned());
    let (id, arrival) = create::add(tx, &new, &password).await?;
    pending.push(arrival);
    connect(tx.conn(), id, person).await?;
    let account = account::lock(tx.conn(), id).await?;
    let_in(tx, person, account, Way::Created, pending).await
}

/// Notes the log-in of an account that may log in; its names follow the provider's.
async fn let_in(
    tx: &mut PlatformTx,
    person: &Person,
    old: Account,
    way: Way,
    pending: &mut Vec<Pending>,
) -> Result<Recognised> {
    if !old.is_active {
        return Ok(Recognised::Refused(Refusal::Inactive));
    }
    let now = crate::now();
    let told = |there: &str, here: &str| match there.trim() {
        "" => here.to_owned(),
        there => part(there),
    };
    let mut account = Account {
        first_name: told(&person.first_name, &old.first_name),
        last_name: told(&person.last_name, &old.last_name),
        ..old.clone()
    };
    if account != old {
        change::store(tx, &old, &account).await?;
        pending.push(projection::note(tx, old.id, Scope::default()).await?);
    }
    sql::query("UPDATE platform.account SET last_login = $2 WHERE id = $1")
        .bind(old.id)
        .bind(now)
        .execute(tx.conn())
        .await?;
    account.last_login = Some(now);
    sql::query(
        "UPDATE platform.social_account
         SET extra_data = $4,
             modified = $5
         WHERE provider = $1
           AND issuer = $2
           AND uid = $3",
    )
    .bind(&person.provider)
    .bind(&person.issuer)
    .bind(&person.uid)
    .bind(extra(person))
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(Recognised::As(Box::new(account), way))
}

/// Connects a person with an account that has logged in; the person may then log in as that account.
pub async fn connect_with(
    domain: &Domain,
    account: Id,
    person: &Person,
) -> Result<Option<Refusal>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    create::one_at_a_time(&mut tx).await?;
    let refusal = match find(tx.conn(), person).await? {
        Some(owner) if owner.id == account => None,
        Some(_) => Some(Refusal::OfAnother),
        None => {
            let owner = account::lock(tx.conn(), account).await?;
            if owner.is_active {
                connect(tx.conn(), account, person).await?;
                None
            } else {
                Some(Refusal::Inactive)
            }
        }
    };
    tx.commit().await?;
    Ok(refusal)
}

/// Ends the connections of an account with a provider; the last way to log in stays.
pub async fn disconnect(domain: &Domain, account: Id, provider: &str) -> Result<Option<Refusal>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    // whoever disconnects two at the same moment keeps one
    let owner = account::lock(tx.conn(), account).await?;
    let has_password = domain.settings().password_login && owner.has_usable_password();
    let others: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT FROM platform.social_account
                        WHERE account_id = $1 AND provider <> $2)",
    )
    .bind(account)
    .bind(provider)
    .fetch_one(tx.conn())
    .await?;
    if !has_password && !others {
        tx.rollback().await?;
        return Ok(Some(Refusal::LastWay));
    }
    let done =
        sql::query("DELETE FROM platform.social_account WHERE account_id = $1 AND provider = $2")
            .bind(account)
            .bind(provider)
            .execute(tx.conn())
            .await?;
    tx.commit().await?;
    match done.rows_affected() {
        0 => Err(Error::NotFound {
            entity: "SocialAccount",
        }),
        _ => Ok(None),
    }
}

/// Whether an account is connected with somebody at this provider.
pub async fn is_connected(domain: &Domain, account: Id, provider: &str) -> Result<bool> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sql::query_scalar(
        "SELECT EXISTS (SELECT FROM platform.social_account
                        WHERE account_id = $1 AND provider = $2)",
    )
    .bind(account)
    .bind(provider)
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// The account that is connected with the person, locked until the end of the transaction.
async fn find(conn: &mut PgConnection, person: &Person) -> Result<Option<Account>> {
    let found = sql::query_as(select_account!(
        "JOIN platform.social_account s ON s.account_id = a.id
         WHERE s.provider = $1
           AND s.issuer = $2
           AND s.uid = $3
         FOR UPDATE OF a"
    ))
    .bind(&person.provider)
    .bind(&person.issuer)
    .bind(&person.uid)
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

/// The accounts with this address, regardless of case.
async fn with_email(conn: &mut PgConnection, email: &str) -> Result<Vec<Account>> {
    let found = sql::query_as(select_account!(
        "WHERE lower(normalize(a.email, NFKC)) = lower(normalize($1, NFKC)) ORDER BY a.id LIMIT 2"
    ))
    .bind(email)
    .fetch_all(conn)
    .await?;
    Ok(found)
}

/// Whether an account is connected with anybody.
async fn has_any(conn: &mut PgConnection, account: Id) -> Result<bool> {
    let found = sql::query_scalar(
        "SELECT EXISTS (SELECT FROM platform.social_account WHERE account_id = $1)",
    )
    .bind(account)
    .fetch_one(conn)
    .await?;
    Ok(found)
}

async fn connect(conn: &mut PgConnection, account: Id, person: &Person) -> Result<()> {
    sql::query(
        "INSERT INTO platform.social_account
             (account_id, provider, issuer, uid, extra_data, created, modified)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(account)
    .bind(&person.provider)
    .bind(&person.issuer)
    .bind(&person.uid)
    .bind(extra(person))
    .bind(crate::now())
    .execute(conn)
    .await?;
    Ok(())
}

fn extra(person: &Person) -> Json<serde_json::Value> {
    Json(json!({"username": person.username, "email": person.email}))
}

/// The name of a new account: that at the provider, made fitting and unique.
async fn free_name(conn: &mut PgConnection, person: &Person) -> Result<String> {
    let wanted = fitting(person.username.as_deref().unwrap_or_default());
    let is_taken: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT FROM platform.account WHERE lower(username) = lower($1))",
    )
    .bind(&wanted)
    .fetch_one(conn)
    .await?;
    let suffix = || random::hex(&random::bytes::<8>());
    Ok(match (wanted.is_empty(), is_taken) {
        (true, _) => random::key(),
        (false, true) => format!("{wanted}{}", suffix()),
        (false, false) => wanted,
    })
}

/// A text as a user name can be.
fn fitting(name: &str) -> String {
    let good = |c: &char| c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '-' | '_');
    name.chars().filter(good).take(LONGEST_NAME).collect()
}

/// A text as a part of a name can be.
fn part(name: &str) -> String {
    let name = name.trim().chars().filter(|c| !c.is_control());
    name.take(LONGEST_PART).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_providers_become_fitting() {
        assert_eq!(fitting("Ann Lee <ann@x.example>"), "AnnLeeann@x.example");
        assert_eq!(fitting("Иван"), "Иван");
        assert_eq!(fitting("/ \0"), "");
        assert_eq!(fitting(&"x".repeat(200)).len(), LONGEST_NAME);
        assert_eq!(part(" Ann\0\n "), "Ann");
    }
}
