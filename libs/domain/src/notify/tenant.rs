//! Mail about tenants.

use tenancy::{PlatformTx, Tenant};

use crate::Result;
use crate::accounts::Account;
use crate::mail::{self, Letter, Origin};

/// A tenant was made: to its owner. When the tenant is given up after all, the mail goes with it.
pub(crate) async fn tenant_created(
    tx: &mut PlatformTx,
    tenant: &Tenant,
    site: &str,
    owner: &Account,
) -> Result<()> {
    if !owner.is_active || owner.email.is_empty() {
        return Ok(());
    }
    let origin = Origin {
        tenant: &tenant.schema,
        site,
    };
    let letter = Letter::TenantCreated {
        tenant: name_of(tenant).to_owned(),
        url: format!("https://{site}/"),
    };
    let to = [owner.email.clone()];
    mail::post(tx.conn(), origin, &to, None, &letter).await
}

/// Somebody was let into a tenant by `host`, a member of it.
pub(crate) async fn invited(
    tx: &mut PlatformTx,
    tenant: &Tenant,
    site: &str,
    host: &Account,
    guest: &Account,
) -> Result<()> {
    if !guest.is_active || guest.email.is_empty() {
        return Ok(());
    }
    let name = format!("{} {}", host.first_name, host.last_name);
    let by = match name.trim() {
        "" => host.username.clone(),
        name => name.to_owned(),
    };
    let origin = Origin {
        tenant: &tenant.schema,
        site,
    };
    let letter = Letter::Invited {
        by,
        tenant: name_of(tenant).to_owned(),
        url: format!("https://{site}/"),
        reset_url: format!("https://{site}/accounts/passwordreset/"),
        username: guest.username.clone(),
    };
    let to = [guest.email.clone()];
    mail::post(tx.conn(), origin, &to, None, &letter).await
}

/// What people call a tenant; one without a name is called like its schema.
fn name_of(tenant: &Tenant) -> &str {
    if tenant.name.is_empty() {
        &tenant.schema
    } else {
        &tenant.name
    }
}
