//! New accounts, and what the command line does with accounts.

use entity::{Id, sql};
use sqlx::PgConnection;
use tenancy::PlatformTx;

use super::projection::{self, Pending, Scope};
use super::{Account, account, password_rules, passwords};
use crate::{Domain, Error, FieldErrors, Result};

pub(super) const REQUIRED: &str = "This field is required.";
/// Longest address.
pub(super) const MAX_EMAIL: usize = 254;

/// What is known about an account before it exists.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Log-in name.
    pub username: String,
    /// Address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Password; without one nobody can log in until one is set.
    pub password: Option<String>,
    /// May log in.
    pub is_active: bool,
    /// May open the administration pages.
    pub is_staff: bool,
    /// Has every permission.
    pub is_superuser: bool,
    /// Groups of the public tenant that it joins; names that do not exist there are skipped.
    pub groups: Vec<String>,
}

impl NewAccount {
    /// An ordinary account: active, staff, in the default groups.
    pub fn user(domain: &Domain, username: &str, email: &str, password: Option<&str>) -> Self {
        Self {
            groups: domain.settings().default_groups.clone(),
            ..Self::staff(username, email, password)
        }
    }

    /// An account that may do everything; it is in no group.
    pub fn superuser(username: &str, email: &str, password: Option<&str>) -> Self {
        Self {
            is_superuser: true,
            ..Self::staff(username, email, password)
        }
    }

    fn staff(username: &str, email: &str, password: Option<&str>) -> Self {
        Self {
            username: username.to_owned(),
            email: email.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            password: password.map(str::to_owned),
            is_active: true,
            is_staff: true,
            is_superuser: false,
            groups: vec![],
        }
    }
}

/// Makes an account and carries it into the public tenant.
///
/// The user name must be new regardless of case, and so must an address, if one is given. The
/// strength of the password is not looked at: pages and commands do that with
/// [`super::check_password`] before.
pub async fn create(domain: &Domain, new: NewAccount) -> Result<Account> {
    make(domain, new, false).await
}

/// Makes the account that the installation begins with: a superuser, while there is none that may log
/// in. Of several callers at the same moment one succeeds.
pub async fn create_first(domain: &Domain, new: NewAccount) -> Result<Account> {
    let new = NewAccount {
        is_superuser: true,
        is_staff: true,
        is_active: true,
        ..new
    };
    make(domain, new, true).await
}

async fn make(domain: &Domain, new: NewAccount, first: bool) -> Result<Account> {
    let password = match &new.password {
        Some(password) => passwords::hash(password).await?,
        None => passwords::unusable(),
    };
    let mut tx = domain.tenancy().begin_platform().await?;
    one_at_a_time(&mut tx).await?;
    if first && has_superuser(&mut tx).await? {
        let text = "there is a superuser already, who can make others";
        return Err(Error::Conflict(text.to_owned()));
    }
    let (id, pending) = add(&mut tx, &new, &password).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    account::by_id(domain, id).await
}

/// Makes an account with this hash in an open transaction.
pub(super) async fn add(
    tx: &mut PlatformTx,
    new: &NewAccount,
    password: &str,
) -> Result<(Id, Pending)> {
    one_at_a_time(tx).await?;
    check(tx, new).await?;
    let id = insert(tx, new, password).await?;
    let pending = projection::note(tx, id, Scope::arrival("public", &new.groups)).await?;
    Ok((id, pending))
}

/// Lets nobody else take a name or an address until the end of the transaction, because no
/// constraint of the database compares without case.
pub(super) async fn one_at_a_time(tx: &mut PlatformTx) -> Result<()> {
    sql::query("SELECT pg_advisory_xact_lock(hashtext('platform.account'))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// True if somebody may log in as superuser.
pub(super) async fn has_superuser(tx: &mut PlatformTx) -> Result<bool> {
    let begun = sql::query_scalar(
        "SELECT EXISTS (SELECT FROM platform.account WHERE is_superuser AND is_active)",
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(begun)
}

async fn insert(tx: &mut PlatformTx, new: &NewAccount, password: &str) -> Result<Id> {
    let id = sql::query_scalar(
        "INSERT INTO platform.account
             (username, password, email, first_name, last_name, is_active, is_staff,
              is_superuser, date_joined)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         RETURNING id",
    )
    .bind(&new.username)
    .bind(password)
    .bind(&new.email)
    .bind(&new.first_name)
    .bind(&new.last_name)
    .bind(new.is_active)
    .bind(new.is_staff)
    .bind(new.is_superuser)
    .bind(crate::now())
    .fetch_one(tx.conn())
    .await?;
    Ok(id)
}

async fn check(tx: &mut PlatformTx, new: &NewAccount) -> Result<()> {
    let mut errors = FieldErrors::default();
    check_username(&new.username, &mut errors);
    check_email(&new.email, &mut errors);
    check_length("first_name", &new.first_name, 150, &mut errors);
    check_length("last_name", &new.last_name, 150, &mut errors);
    if errors.is_empty() {
        check_unused(tx.conn(), None, &new.username, &new.email, &mut errors).await?;
    }
    errors.into_result()
}

/// Complains about a user name or an address that another account has, regardless of case.
pub(super) async fn check_unused(
    conn: &mut PgConnection,
    own: Option<Id>,
    username: &str,
    email: &str,
    errors: &mut FieldErrors,
) -> Result<()> {
    let (name, address): (bool, bool) = sql::query_as(
        "SELECT EXISTS (SELECT FROM platform.account
                        WHERE lower(username) = lower($1) AND id IS DISTINCT FROM $3),
                EXISTS (SELECT FROM platform.account
                        WHERE lower(email) = lower($2) AND id IS DISTINCT FROM $3)",
    )
    .bind(username)
    .bind(email)
    .bind(own)
    .fetch_one(conn)
    .await?;
    if name {
        errors.add("username", "A user with that username already exists.");
    }
    if address && !email.is_empty() {
        errors.add("email", "A user with that email already exists.");
    }
    Ok(())
}

pub(super) fn check_username(username: &str, errors: &mut FieldErrors) {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '-' | '_');
    if username.is_empty() {
        errors.add("username", REQUIRED);
        return;
    }
    if !username.chars().all(good) {
        errors.add(
            "username",
            "Enter a valid username. This value may contain only letters, numbers, and \
             @/./+/-/_ characters.",
        );
    }
    check_length("username", username, 150, errors);
}

/// An empty address is allowed; pages that need one say so themselves.
pub(super) fn check_email(email: &str, errors: &mut FieldErrors) {
    if !email.is_empty() && !is_email(email) {
        errors.add("email", "Enter a valid email address.");
    }
    check_length("email", email, MAX_EMAIL, errors);
}

pub(super) fn check_length(field: &str, text: &str, most: usize, errors: &mut FieldErrors) {
    let length = text.chars().count();
    if length > most {
        let message = format!("Ensure this value has at most {most} characters (it has {length}).");
        errors.add(field, message);
    }
    if text.contains('\0') {
        errors.add(field, "Null characters are not allowed.");
    }
}

/// `name@host`: neither blanks nor control characters, one `@` outside quotes, a host of labels
/// or an address in brackets.
pub fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |part: &str| {
        let good = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
        !part.is_empty() && part.chars().all(good)
    };
    let quoted = name.len() > 1
        && name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'))
            .is_some_and(|inner| {
                inner
                    .chars()
                    .all(|c| !c.is_control() && c != '"' && c != '\\')
            });
    let label = |label: &str| {
        let good = |c: char| c.is_alphanumeric() || c == '-';
        !label.is_empty()
            && label.chars().count() <= 63
            && label.chars().all(good)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let literal = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|host| {
            host.trim_start_matches("IPv6:")
                .parse::<std::net::IpAddr>()
                .is_ok()
        });
    let top_is_number = || {
        let top = host.rsplit('.').next().unwrap_or_default();
        !top.is_empty() && top.bytes().all(|byte| byte.is_ascii_digit())
    };
    let named = host == "localhost"
        || (host.contains('.') && host.split('.').all(label) && !top_is_number());
    (name.split('.').all(atom) || quoted) && (literal || named)
}

/// What [`create_or_reset`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A new account.
    Created,
    /// An account with this name was there already; nothing was changed.
    AlreadyExists,
    /// An account with this name was there already and has a new password now.
    PasswordReset,
}

/// Makes an account, or says that it is there; `reset` gives an existing one the new password.
/// For commands, which may be repeated.
pub async fn create_or_reset(
    domain: &Domain,
    new: NewAccount,
    reset: bool,
) -> Result<(Account, Made)> {
    let Some(existing) = account::find(domain, &new.username).await? else {
        return Ok((create(domain, new).await?, Made::Created));
    };
    match new.password.filter(|_| reset) {
        Some(password) => {
            super::set_password(domain, existing.id, &password).await?;
            Ok((
                account::by_id(domain, existing.id).await?,
                Made::PasswordReset,
            ))
        }
        None => Ok((existing, Made::AlreadyExists)),
    }
}

/// Gives the account with this name a new password; with `check`, only a strong one.
pub async fn change_password(
    domain: &Domain,
    username: &str,
    password: &str,
    check: bool,
) -> Result<Account> {
    let found = account::find(domain, username).await?;
    let account = found.ok_or(Error::NotFound { entity: "User" })?;
    if check {
        password_rules::check("password", password, account.owner())?;
    }
    super::set_password(domain, account.id, password).await?;
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names() {
        let errors = |name: &str| {
            let mut errors = FieldErrors::default();
            check_username(name, &mut errors);
            errors
                .0
                .into_iter()
                .flat_map(|(_, messages)| messages)
                .collect::<Vec<_>>()
        };
        for name in ["a", "alice", "Иван", "a.b@c+d-e_f", &"x".repeat(150)] {
            assert_eq!(errors(name), Vec::<String>::new(), "{name}");
        }
        assert_eq!(errors(""), [REQUIRED]);
        for name in ["a b", "a/b", "a\nb", "a!", "<b>"] {
            assert!(
                errors(name)[0].starts_with("Enter a valid username."),
                "{name}"
            );
        }
        assert_eq!(
            errors(&"x".repeat(151)),
            ["Ensure this value has at most 150 characters (it has 151)."]
        );
    }

    #[test]
    fn addresses() {
        for good in [
            "a@b.example",
            "a.b+c@sub.b.example",
            "\"a b\"@b.example",
            "a@localhost",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "имя@пример.рф",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.example",
            "a@",
            "a b@c.example",
            "a@b",
            "a@-b.example",
            "a@b..c",
            "a@b.example\n",
            ".a@b.example",
            "a..b@c.example",
            "a@127.0.0.1",
            "a@b@c.example",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
