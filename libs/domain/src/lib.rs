//! The rules: what may be done, by whom, and what it leaves behind.
//!
//! Every function takes a [`Ctx`]: the open transaction inside one tenant, the caller and the time.
//! Must not know HTTP, HTML or JSON. An area of the product is one file or folder that holds its
//! entities and its verbs; the same name is used in `rpc/src/methods`, `web/src/pages` and
//! `views/templates`.

pub mod accounts;
pub mod attachment;
pub mod bug;
pub mod bug_system;
pub mod build;
pub mod bulk;
mod caches;
pub mod captcha;
pub mod category;
pub mod classification;
pub mod comment;
pub mod component;
mod context;
pub mod dashboard;
pub mod deletion;
pub mod demo;
pub mod environment;
mod error;
pub mod files;
pub mod form;
pub mod group;
pub mod history;
pub mod installation;
pub mod job;
mod link;
pub mod link_reference;
pub mod mail;
pub mod member;
pub mod notify;
pub mod permissions;
pub mod plan_type;
pub mod priority;
pub mod product;
pub mod profile;
pub mod query;
mod random;
pub mod seal;
pub mod session;
mod settings;
pub mod severity;
pub mod site;
pub mod status;
pub mod tag;
pub mod telemetry;
pub mod template;
pub mod tenants;
pub mod test_case;
pub mod test_case_status;
pub mod test_execution;
pub mod test_execution_status;
pub mod test_plan;
pub mod test_run;
pub mod text;
pub mod token;
pub mod tracker;
pub mod tracker_token;
pub mod version;

pub use context::{Caller, Ctx, Domain, LogIns, Request, SessionChange, User, now, pause};
pub use error::{Error, FieldErrors, Result};
pub use settings::{FirstSuperuser, Settings, setup_token};

/// Markdown and the sanitiser, for crates that only know this one.
pub use markdown;

/// The tenants themselves, for crates that only know this one.
pub use tenancy;
