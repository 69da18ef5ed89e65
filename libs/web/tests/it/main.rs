//! The HTTP layer through its front door: hosts, sessions, forms, pages, endpoints, limits.

mod accounts;
mod api;
mod attachments;
mod chrome;
mod errors;
mod hosts;
mod profiles;
mod rates;
mod reference;
mod results;
mod setup;
mod site;
mod system;
mod uploads;
mod visitors;
mod well_known;
