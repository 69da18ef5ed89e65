//! Mail about accounts: links that only the owner of a mailbox may have.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::sql;
use tenancy::{PlatformTx, Tenant};

use crate::accounts::Account;
use crate::mail::{self, Letter, Origin};
use crate::{Domain, Result};

/// Somebody forgot the password of an account: the link that sets another one, to its owner.
pub(crate) async fn password_forgotten(
    tx: &mut PlatformTx,
    tenant: &Tenant,
    site: &str,
    account: &Account,
    key: &str,
) -> Result<()> {
    let id = URL_SAFE_NO_PAD.encode(account.id.to_string());
    let letter = Letter::PasswordReset {
        site: site.to_owned(),
        url: format!("https://{site}/accounts/passwordreset/confirm/{id}/{key}/"),
        username: account.username.clone(),
    };
    let to = [account.email.clone()];
    mail::post(tx.conn(), origin(tenant, site), &to, None, &letter).await
}

/// An account gave an address: the link that confirms it, to that address.
pub(crate) async fn address_given(
    tx: &mut PlatformTx,
    tenant: &Tenant,
    site: &str,
    account: &Account,
    email: &str,
    key: &str,
) -> Result<()> {
    let letter = Letter::ConfirmEmail {
        url: format!("https://{site}/accounts/confirm/{key}/"),
        username: account.username.clone(),
    };
    let to = [email.to_owned()];
    mail::post(tx.conn(), origin(tenant, site), &to, None, &letter).await
}

/// Somebody registered: to the superusers and to the people who run the server.
pub(crate) async fn registered(
    tx: &mut PlatformTx,
    domain: &Domain,
    tenant: &Tenant,
    site: &str,
    account: &Account,
) -> Result<()> {
    let mut to: Vec<String> = sql::query_scalar(
        "SELECT email
         FROM platform.account
         WHERE is_superuser
           AND is_active
           AND email <> ''
         ORDER BY email",
    )
    .fetch_all(tx.conn())
    .await?;
    to.extend(domain.settings().admins.iter().cloned());
    let to = super::Audience::of_people(to).once();
    let letter = Letter::Registered {
        username: account.username.clone(),
        url: format!("https://{site}/admin/auth/user/{}/change/", account.id),
    };
    mail::post(tx.conn(), origin(tenant, site), &to, None, &letter).await
}

fn origin<'a>(tenant: &'a Tenant, site: &'a str) -> Origin<'a> {
    Origin {
        tenant: &tenant.schema,
        site,
    }
}
