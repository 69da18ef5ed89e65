//! Accounts from the command line.

use std::collections::BTreeMap;

use domain::accounts::{self, Account, Impact, Made, NewAccount, Owner, recovery};
use domain::{Domain, site, tenants};
use serde::Serialize;

use super::{account_of, fault, person_of, refuse_anonymous, tenant_of};
use crate::ask;
use crate::cli::{
    ChangePassword, CreateSuperuser, DeleteUser, NewSuperuser, NewUser, PasswordSource,
};
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Told {
    id: i32,
    username: String,
    email: String,
    is_superuser: bool,
    created: bool,
    password_reset: bool,
}

impl Told {
    fn new(account: Account, made: Made) -> Self {
        Self {
            id: account.id,
            username: account.username,
            email: account.email,
            is_superuser: account.is_superuser,
            created: made == Made::Created,
            password_reset: made == Made::PasswordReset,
        }
    }
}

/// `kiwi createsuperuser`
pub(super) async fn create_superuser(
    domain: &Domain,
    options: CreateSuperuser,
    output: Output,
) -> Result<(), Failure> {
    let told = make_superuser(domain, options.account, output).await?;
    if options.recovery {
        return let_in(domain, &told, output).await;
    }
    output.show(&told, superuser_text)
}

#[derive(Serialize)]
struct WayIn {
    username: String,
    created: bool,
    url: String,
    expires_at: String,
}

/// Prints a link that lets a superuser in.
async fn let_in(domain: &Domain, told: &Told, output: Output) -> Result<(), Failure> {
    let account = accounts::by_id(domain, told.id).await.map_err(fault)?;
    let recovery = recovery::issue(domain, &account).await.map_err(fault)?;
    let public = tenant_of(domain, "public").await?;
    let site = site::domain_of(domain, &public).await.map_err(fault)?;
    let stored = site::stored_of(domain, &public).await.map_err(fault)?;
    if !site::is_set(&stored) {
        output.remark(format!(
            "The domain is still {site}; put the name of the server in its place."
        ));
    }
    let way_in = WayIn {
        username: account.username,
        created: told.created,
        url: format!("https://{site}/accounts/recovery/?key={}", recovery.key),
        expires_at: recovery.expires_at.to_rfc3339(),
    };
    output.show(&way_in, |way_in| {
        format!(
            "{}\nIt lets {} in once, until {}.",
            way_in.url, way_in.username, way_in.expires_at
        )
    })
}

fn superuser_text(told: &Told) -> String {
    match told {
        Told { created: true, .. } => "Superuser created successfully.".to_owned(),
        Told {
            password_reset: true,
            username,
            ..
        } => {
            format!("The account {username} exists; its password was changed.")
        }
        Told {
            username,
            is_superuser: true,
            ..
        } => {
            format!("The account {username} exists already; nothing was changed.")
        }
        Told { username, .. } => format!(
            "The account {username} exists already and is no superuser; nothing was changed."
        ),
    }
}

/// The superuser part of the initial set-up; returns what to say.
pub(super) async fn first_superuser(
    domain: &Domain,
    options: NewSuperuser,
    output: Output,
) -> Result<String, Failure> {
    let told = make_superuser(domain, options, output).await?;
    Ok(superuser_text(&told))
}

async fn make_superuser(
    domain: &Domain,
    options: NewSuperuser,
    output: Output,
) -> Result<Told, Failure> {
    #[expect(
        clippy::disallowed_methods,
        reason = "answers to questions, not settings"
    )]
    let env = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let username = options
        .username
        .or_else(|| env("DJANGO_SUPERUSER_USERNAME"));
    let username = needed(
        username,
        options.noinput,
        "Username: ",
        "--username or DJANGO_SUPERUSER_USERNAME",
    )?;
    if let Some(existing) = accounts::find(domain, &username).await.map_err(fault)? {
        refuse_anonymous(&existing)?;
        if !options.reset_password {
            return Ok(Told::new(existing, Made::AlreadyExists));
        }
    }
    let email = options.email.or_else(|| env("DJANGO_SUPERUSER_EMAIL"));
    let email = needed(
        email,
        options.noinput,
        "Email address: ",
        "--email or DJANGO_SUPERUSER_EMAIL",
    )?;
    let from_environment = env("DJANGO_SUPERUSER_PASSWORD").filter(|text| !text.is_empty());
    let password = password(
        &options.password,
        from_environment,
        options.noinput,
        &username,
        &email,
        output,
    )?;
    if password.is_none() {
        output.remark("No password was given, so nobody can log in with this account yet.");
    }
    let new = NewAccount::superuser(&username, &email, password.as_deref());
    let (account, made) = accounts::create_or_reset(domain, new, options.reset_password)
        .await
        .map_err(fault)?;
    Ok(Told::new(account, made))
}

/// `kiwi createuser`
pub(super) async fn create_user(
    domain: &Domain,
    options: NewUser,
    output: Output,
) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    for name in &options.tenant {
        wanted.push(tenant_of(domain, name).await?);
    }
    if wanted.is_empty() && !options.group.is_empty() {
        wanted.push(tenant_of(domain, "public").await?);
    }
    for tenant in &wanted {
        tenants::require_groups(domain, tenant, &options.group)
            .await
            .map_err(fault)?;
    }
    let username = needed(
        options.username,
        options.noinput,
        "Username: ",
        "--username",
    )?;
    let existing = accounts::find(domain, &username).await.map_err(fault)?;
    if let Some(existing) = &existing {
        refuse_anonymous(existing)?;
    }
    let (account, made) = match existing {
        Some(account) if !options.reset_password => (account, Made::AlreadyExists),
        _ => {
            let email = needed(options.email, options.noinput, "Email address: ", "--email")?;
            let password = password(
                &options.password,
                None,
                options.noinput,
                &username,
                &email,
                output,
            )?;
            let mut new = NewAccount::user(domain, &username, &email, password.as_deref());
            // in the public tenant it joins the groups that are named, and no others
            new.groups = Vec::new();
            accounts::create_or_reset(domain, new, options.reset_password)
                .await
                .map_err(fault)?
        }
    };
    for tenant in &wanted {
        tenants::add_member(domain, tenant, account.id)
            .await
            .map_err(fault)?;
        if !options.group.is_empty() {
            tenants::join_groups(domain, tenant, account.id, &options.group)
                .await
                .map_err(fault)?;
        }
    }
    output.show(&Told::new(account, made), |told| {
        let Told { username, .. } = told;
        match made {
            Made::Created => format!("The account {username} was created."),
            Made::PasswordReset => {
                format!("The account {username} exists; its password was changed.")
            }
            Made::AlreadyExists => format!("The account {username} exists already."),
        }
    })
}

/// `kiwi changepassword`
pub(super) async fn change_password(
    domain: &Domain,
    options: ChangePassword,
    output: Output,
) -> Result<(), Failure> {
    let username = options.username;
    let account = person_of(domain, &username).await?;
    let password = password(
        &options.password,
        None,
        false,
        &username,
        &account.email,
        output,
    )?
    .ok_or_else(|| Failure::Usage("missing: a password".to_owned()))?;
    let account = accounts::change_password(domain, &username, &password, false)
        .await
        .map_err(fault)?;
    output.show(&Told::new(account, Made::PasswordReset), |told| {
        format!("Password changed successfully for user '{}'", told.username)
    })
}

#[derive(Serialize)]
struct Deleted {
    id: i32,
    username: String,
    /// Rows by tenant and kind.
    tenants: BTreeMap<String, BTreeMap<&'static str, i64>>,
}

impl Deleted {
    fn new(account: &Account, impact: Vec<Impact>) -> Self {
        let counts = |found: Impact| (found.tenant, found.counts.into_iter().collect());
        Self {
            id: account.id,
            username: account.username.clone(),
            tenants: impact.into_iter().map(counts).collect(),
        }
    }

    fn lines(&self) -> String {
        let places = self.tenants.iter().flat_map(|(tenant, counts)| {
            counts
                .iter()
                .map(move |(kind, count)| format!("\n  {tenant}: {kind} {count}"))
        });
        places.collect()
    }
}

/// `kiwi deleteuser`
pub(super) async fn delete_user(
    domain: &Domain,
    options: DeleteUser,
    output: Output,
) -> Result<(), Failure> {
    let username = options.username;
    let account = account_of(domain, &username).await?;
    let impact = accounts::impact(domain, account.id).await.map_err(fault)?;
    let deleted = Deleted::new(&account, impact);
    if !options.yes {
        if !ask::is_terminal() {
            return Err(Failure::Usage("deleting needs --yes".to_owned()));
        }
        output.remark(format!(
            "This deletes the account {username} and, in these tenants:{}\nThere is no undo.",
            deleted.lines()
        ));
        if !ask::yes("Go on? [y/N]: ")? {
            return Err(Failure::Refused("nothing was deleted".to_owned()));
        }
    }
    accounts::delete(domain, account.id).await.map_err(fault)?;
    output.show(&deleted, |deleted| {
        format!(
            "The account {} was deleted, and with it:{}",
            deleted.username,
            deleted.lines()
        )
    })
}

/// A value from an option, a variable or an answer.
fn needed(
    given: Option<String>,
    noinput: bool,
    prompt: &str,
    hint: &str,
) -> Result<String, Failure> {
    match given.filter(|text| !text.trim().is_empty()) {
        Some(text) => Ok(text.trim().to_owned()),
        None if noinput => Err(Failure::Usage(format!("missing: {hint}"))),
        None => ask::text(prompt, hint),
    }
}

/// A password from where the options say; `None` when none is given and nothing may be asked.
///
/// A weak one is only remarked upon when a script gives it, because whoever runs commands can do
/// everything anyway; a person is asked.
fn password(
    source: &PasswordSource,
    variable: Option<String>,
    noinput: bool,
    username: &str,
    email: &str,
    output: Output,
) -> Result<Option<String>, Failure> {
    let owner = Owner {
        username,
        email,
        ..Owner::default()
    };
    let given = match (&source.password_file, source.password_stdin) {
        (Some(path), _) => Some(ask::password_from_file(path)?),
        (None, true) => Some(ask::password_from_stdin()?),
        (None, false) => variable,
    };
    if let Some(password) = given {
        for weakness in accounts::weaknesses(&password, owner) {
            output.remark(format!("Warning: {weakness}"));
        }
        return Ok(Some(password));
    }
    if noinput {
        return Ok(None);
    }
    loop {
        let password = ask::new_password()?;
        let weaknesses = accounts::weaknesses(&password, owner);
        if weaknesses.is_empty() {
            return Ok(Some(password));
        }
        if !ask::is_terminal() {
            return Err(Failure::failed(weaknesses.join(" ")));
        }
        for weakness in weaknesses {
            output.remark(weakness);
        }
        if ask::yes("Bypass password validation and go on anyway? [y/N]: ")? {
            return Ok(Some(password));
        }
    }
}
