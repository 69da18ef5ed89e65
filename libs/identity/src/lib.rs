//! Providers elsewhere that say who somebody is, by OpenID Connect.
//!
//! * [`Provider`]: what the operator says about one.
//! * [`Providers`]: all of them, with what is remembered of each. A log-in is [`Providers::begin`],
//!   a visit of the browser to the provider, and [`Providers::complete`], which says who came back.
//! * [`Providers::examine`]: whether a provider can be used, for the operator.
//!
//! Uses none of ours. Must not know accounts, tenants or sessions: what a [`Person`] may do here is
//! for others to decide, and so is where secrets of a log-in are kept until it is complete.

mod claims;
mod error;
mod examine;
mod flow;
mod memory;
mod provider;
mod remote;

pub use claims::Person;
pub use error::Error;
pub use examine::{Examined, Finding};
pub use flow::{Begun, Secrets};
pub use provider::{Provider, Providers};
