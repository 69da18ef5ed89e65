//! The requirements of security, shown from outside; `docs/reference/security.md` lists which test
//! shows which.

mod access;
mod accounts;
mod api;
mod content;
mod limits;
mod logs;
mod pages;
mod people;
mod queries;
mod registration;
mod resets;
mod social;
mod tracker_tokens;
