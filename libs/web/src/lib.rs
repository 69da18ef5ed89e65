//! Everything that speaks HTTP: hosts, sessions, pages, the endpoints of the API, static files.
//!
//! * [`App`] is what all requests share, [`application`] the routes with all their layers.
//! * A page is a handler in `pages`, which reads with a function of `domain` and shows with a page
//!   of `views`; its route is a line in `routes`.
//! * What fails is an `error::Error`; `failures` turns it into a page, an RPC error or JSON.
//!
//! Must not know SQL, and must not hold a rule of the product.

mod api;
mod app;
mod body;
mod chance;
mod connection;
mod cookies;
mod csrf;
pub mod debug;
mod error;
mod failures;
mod files;
mod flash;
mod form;
mod guest;
mod health;
mod host;
mod language;
mod layers;
mod metrics;
mod next_page;
mod pages;
mod part;
mod rates;
mod routes;
mod session;
mod setup_token;
mod store;
mod uploads;
mod visitor;
mod well_known;

pub use app::{App, Inspection, Settings, WebSetup};
pub use connection::Connection;
pub use debug::Debugging;
pub use layers::HeaderSettings;
pub use metrics::{Metrics, SECONDS};
pub use rates::{Addresses, Rate, RateSettings, network_of};
pub use routes::{application, health_only};
pub use store::Store;
