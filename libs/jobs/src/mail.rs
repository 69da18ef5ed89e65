//! Sending: a letter becomes words, a message, and a delivery.

mod pace;
mod settings;
mod transport;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::mail::Mail;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox};
use lettre::{Address, Message};

pub(crate) use pace::Pace;
pub use settings::{Backend, MailSettings, Security, Sender, Smtp};

use crate::Failure;
use transport::Transport;

/// The language of mails: that of the installation, whatever the reader's is.
const LANGUAGE: &str = "en";

/// Sends mails.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    sender: Sender,
    subject_prefix: String,
    words: views::Mails,
    transport: Transport,
    pace: Pace,
}

impl Mailer {
    /// Puts a mailer together; nothing is connected yet.
    pub fn new(settings: MailSettings) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Inner {
            transport: Transport::new(settings.backend)?,
            sender: settings.sender,
            subject_prefix: settings.subject_prefix,
            words: views::Mails::new()?,
            pace: Pace::new(settings.tenant_rate),
        })))
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.0.pace
    }

    /// Hands a mail over; `noted` is the date that it carries, however late it is sent.
    pub(crate) async fn send(&self, mail: &Mail, noted: DateTime<Utc>) -> Result<(), Failure> {
        let letter = serde_json::to_value(&mail.letter);
        let letter = letter.map_err(|error| Failure::Final(error.to_string().into()))?;
        let words = self.0.words.render(LANGUAGE, &letter);
        let words = words.map_err(|error| Failure::Final(error.to_string().into()))?;
        let head = Head {
            to: &mail.to,
            subject: if mail.letter.has_prefix() {
                format!("{}{}", self.0.subject_prefix, words.subject)
            } else {
                words.subject
            },
            message_id: &mail.message_id,
            thread: mail.thread.as_deref(),
            date: noted,
        };
        let message = self.message(head, words.text)?;
        self.0.transport.deliver(&message).await?;
        Ok(())
    }

    /// Hands a mail over that says nothing but that mail works; returns what the server answered.
    pub async fn send_test(&self, to: &str, site: &str) -> Result<String, Failure> {
        let now = domain::now();
        let host = site.split(':').next().unwrap_or_default();
        let message_id = format!("<test-{}@{host}>", now.timestamp_micros());
        let head = Head {
            to,
            subject: format!("{}Test mail from {site}", self.0.subject_prefix),
            message_id: &message_id,
            thread: None,
            date: now,
        };
        let text = "If you can read this, mail from this server arrives.\n".to_owned();
        let message = self.message(head, text)?;
        self.0.transport.deliver(&message).await
    }

    fn message(&self, head: Head<'_>, text: String) -> Result<Message, Failure> {
        let refused = |error: &dyn std::fmt::Display| Failure::Final(error.to_string().into());
        let to: Address = head.to.parse().map_err(|_| {
            Failure::Final(crate::failure::Reason {
                summary: "the recipient is no address".to_owned(),
                detail: format!("`{}` is no address", head.to),
            })
        })?;
        let body = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable);
        let body = body.map_err(|_| refused(&"the text cannot be encoded"))?;
        let mut message = Message::builder()
            .from(self.0.sender.0.clone())
            .to(Mailbox::new(None, to))
            .subject(head.subject)
            .message_id(Some(head.message_id.to_owned()))
            .date(head.date.into())
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        if let Some(thread) = head.thread {
            message = message
                .in_reply_to(thread.to_owned())
                .references(thread.to_owned());
        }
        message
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|error| refused(&error))
    }
}

/// What stands above the text of a message.
struct Head<'a> {
    to: &'a str,
    subject: String,
    message_id: &'a str,
    thread: Option<&'a str>,
    date: DateTime<Utc>,
}
