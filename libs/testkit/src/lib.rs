//! A whole server in a test, in one line.
//!
//! ```ignore
//! let app = testkit::App::start().await;
//! let mut tester = app.client(testkit::ALPHA).log_in(testkit::TESTER).await;
//! let work = app.work(testkit::ALPHA).await;
//! let rows = tester.call("TestCase.filter", json!([{"plan": work.plan}])).await.unwrap();
//! ```
//!
//! * [`App`]: a database of its own, cloned from a template; all layers, no port.
//! * [`Client`]: one visitor with cookies; one method for each thing a visitor does.
//! * [`IdentityProvider`]: a provider elsewhere that says who somebody is.
//! * [`PostOffice`]: a mail server that takes what the worker sends.
//! * [`Work`]: a product, a plan with cases and a run, to act on.
//! * [`TestDatabase`]: a database without a server, for what lies below one.
//!
//! Every database has the tenants *public*, [`ALPHA`] and [`BETA`], and in each of them
//! [`ROOT`], [`TESTER`] and [`STRANGER`]. Only tests use this crate; it panics where something is
//! not as it should be.

mod app;
mod client;
mod cluster;
mod database;
mod identity_provider;
mod patience;
mod post_office;
mod template;
mod work;
mod xml;

pub use app::{App, Edge};
pub use client::{Answer, Client, Fault};
pub use database::TestDatabase;
pub use identity_provider::{IdentityProvider, Says};
pub use patience::until;
pub use post_office::{MAIL_ACCOUNT, Manners, PostOffice, Received, worker};
pub use template::{ALPHA, BETA, DOMAIN, PASSWORD, PUBLIC, ROOT, STRANGER, TESTER};
pub use work::Work;
