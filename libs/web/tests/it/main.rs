//! The HTTP layer through its front door: hosts, sessions, forms, pages, endpoints, limits.

mod accounts;
mod api;
mod attachments;
mod chrome;
mod hosts;
mod profiles;
mod rates;
mod reference;
mod results;
mod setup;
mod site;
mod uploads;
mod visitors;
