//! Turns data into HTML, text and translated words.
//!
//! What it is for: every page is a plain struct (module [`page`]) and a Handlebars template of the
//! same path under `templates/`. [`Views`] renders one with the other, [`Assets`] serves what the
//! front-end build produced, [`Translations`] holds the words, [`SafeHtml`] is the only way to get
//! markup through a template unescaped.
//!
//! What it must not do: know the database, HTTP, the domain or the caller's permissions. Whatever a
//! page needs to decide is a field of its struct.
//!
//! To add a mail: its facts in `domain::mail::Letter`, `templates/mail/<name>.txt.hbs` and its subject
//! in `locales/en/mail.ftl`.
//!
//! To add a page: a struct in `src/page/`, a template in `templates/`, its words in
//! `locales/en/*.ftl`, and its `samples()` in the list of `src/page/gallery.rs`; the test of that
//! file renders every sample with every missing variable being an error.

mod assets;
mod chrome;
mod code;
mod error;
mod helper;
mod mail;
mod markdown;
pub mod page;
mod progress;
mod rendering;
mod status;
mod translation;

pub use assets::{Asset, Assets};
pub use chrome::{Brand, Chrome, Clock, Level, Message, NavigationItem, Theme, UserMenu};
pub use error::{Error, Result};
pub use mail::{Mail, Mails};
pub use markdown::SafeHtml;
pub use page::{Fragment, Page};
pub use progress::{Progress, Segment, StatusCount};
pub use rendering::Views;
pub use status::{Sign, Status, Statuses, StoredStatus};
pub use translation::Translations;
