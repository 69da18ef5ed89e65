//! The program as its users start it: its own process, its own data directory, free ports.

mod acme;
mod all_or_nothing;
mod backup;
mod backup_watch;
mod bucket;
mod commands;
mod configuration;
mod database;
mod keepsakes;
mod kiwi;
mod life;
mod limits;
mod mail;
mod observability;
mod operations;
mod proxies;
mod sign_in;
mod status;
mod tls;
mod tls_versions;
mod traces;
mod upgrade;
mod wire;
