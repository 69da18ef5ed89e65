//! Permissions: which there are, who has which, and who may enter a tenant.

mod catalogue;
mod user;

pub use catalogue::{
    ACTIONS, EXTRAS, KINDS, Kind, Permission, TENANT_KINDS, administrator, all, app_of, by_kind,
    exists, grantable, is_public_view, tester,
};
pub use user::{load_user, may_enter, visitor_may};
