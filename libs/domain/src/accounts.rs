//! Accounts: who may log in. They exist once, whatever the number of tenants.
//!
//! Everything that changes an account goes through this folder, because each change must reach the
//! `member` rows of the tenants and end what other programs remember.

mod account;
mod authenticate;
mod change;
mod create;
mod deactivate;
mod keys;
mod password_rules;
pub mod passwords;
mod permission;
mod projection;
pub mod recovery;
mod register;
mod remove;
mod reset;
mod similarity;
pub mod social;
mod throttle;

pub use account::{Account, all, by_id, find, find_by_email, free_username};
pub(crate) use account::{AccountRights, fingerprint, rights};
pub(crate) use authenticate::count_wrong_token;
pub use authenticate::{WRONG, authenticate, confirm};
pub use change::{Changes, set_password, update};
pub use create::{
    Made, NewAccount, change_password, create, create_first, create_or_reset, is_email,
};
pub use deactivate::{deactivate, deactivate_all, delete_stale_attempts};
pub use keys::delete_expired as delete_expired_keys;
pub use password_rules::{
    Owner, check as check_password, check_twice as check_password_twice, weaknesses,
};
pub use permission::{grant, permissions, revoke};
pub(crate) use projection::{Scope, note as note_change, put as put_member};
pub use projection::{project, project_all, run_projection};
pub use register::{
    Redeemed, Registered, Registration, ask_for_address, needs_setup_token, redeem, register,
};
pub use remove::{Impact, delete, impact, run_deletion};
pub use reset::{ask_for_reset, find_reset, reset_password, send_resets};
