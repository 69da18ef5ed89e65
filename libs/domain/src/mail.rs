//! The outbox: mails that wait to be sent, noted in the transaction of their cause.
//!
//! A mail is a job, one for each recipient, with the facts of a [`Letter`]; words and wire format
//! are made by the worker. What is rolled back was never there, and what is committed is sent at
//! least once. Who is written to is decided in [`crate::notify`].

mod letter;
mod outbox;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

pub use letter::Letter;
pub(crate) use letter::moment;
pub use outbox::{Counts, Entry, Filter, State, counts, delete, entry, list, retry};

use crate::job;
use crate::{Error, Result, random};

/// A mail to one address, as it waits in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Address of the recipient.
    pub to: String,
    /// The delivery key: the same at every try, so that mail systems recognise a repetition.
    pub message_id: String,
    /// Key of the conversation that mail programs show it in, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// What it says.
    pub letter: Letter,
}

/// Where mails come from: the tenant they are about and the host that their links lead to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// Schema of the tenant; empty for mail of the installation.
    pub(crate) tenant: &'a str,
    /// Domain of the tenant's site, with its port if it has one.
    pub(crate) site: &'a str,
}

/// A letter and who gets it; `thread` names what it is about.
pub(crate) struct Post {
    pub(crate) to: Vec<String>,
    pub(crate) thread: Option<String>,
    pub(crate) letter: Letter,
}

/// Notes one mail for each address in an open transaction.
pub(crate) async fn post(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    to: &[String],
    thread: Option<&str>,
    letter: &Letter,
) -> Result<()> {
    let post = Post {
        to: to.to_vec(),
        thread: thread.map(str::to_owned),
        letter: letter.clone(),
    };
    post_all(conn, origin, std::iter::once(post)).await
}

/// Notes the mails of many letters, with one statement.
pub(crate) async fn post_all(
    conn: &mut PgConnection,
    origin: Origin<'_>,
    posts: impl Iterator<Item = Post>,
) -> Result<()> {
    let host = origin.site.split(':').next().unwrap_or_default();
    let mut payloads = vec![];
    for post in posts {
        let thread = post.thread.as_ref();
        let thread = thread.map(|thread| format!("<{thread}.{}@{host}>", origin.tenant));
        for to in post.to {
            let mail = Mail {
                to,
                message_id: format!("<{}@{host}>", random::key()),
                thread: thread.clone(),
                letter: post.letter.clone(),
            };
            let payload = serde_json::to_value(mail);
            payloads.push(payload.map_err(|error| Error::Internal(error.into()))?);
        }
    }
    job::enqueue_many(conn, origin.tenant, job::SEND_MAIL, payloads).await
}
