//! Tenants that are paid for until some time, where the operator wants that.

use chrono::TimeDelta;
use tenancy::Tenant;

use crate::{Caller, Domain};

/// What an operator can set about it.
#[derive(Debug, Clone)]
pub struct Billing {
    /// Whether a tenant whose time is over is refused.
    pub enforce: bool,
    /// Whether a tenant without a time is served for ever.
    pub null_means_unlimited: bool,
    /// Days before the end on which those who can do something about it are warned.
    pub warn_days: i64,
}

impl Default for Billing {
    fn default() -> Self {
        Self {
            enforce: false,
            null_means_unlimited: true,
            warn_days: 14,
        }
    }
}

/// Whether the tenant is not served because nobody pays for it. The public tenant always is.
pub fn is_unpaid(domain: &Domain, tenant: &Tenant) -> bool {
    let billing = &domain.settings().billing;
    let is_over = match tenant.paid_until {
        Some(end) => end <= crate::now(),
        None => !billing.null_means_unlimited,
    };
    billing.enforce && !tenant.is_public() && is_over
}

/// Whether the caller is to be warned: on the last day everybody, before that those who can do
/// something about it.
pub fn expires_soon(domain: &Domain, tenant: &Tenant, caller: &Caller) -> bool {
    let billing = &domain.settings().billing;
    let (Some(end), Some(user)) = (tenant.paid_until, caller.user()) else {
        return false;
    };
    let is_in_charge = user.is_superuser || tenant.owner_id == Some(user.id);
    let days = if is_in_charge { billing.warn_days } else { 1 };
    let left = end - crate::now();
    billing.enforce && !tenant.is_public() && left <= TimeDelta::days(days)
}
