//! Notices that outlive a redirect: in a signed cookie of this host, shown on the next page.

use axum::response::Response;
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use views::{Level, Message, Translations};

use crate::cookies;
use crate::csrf::Signer;
use crate::visitor::Visitor;

/// Part of what is signed, so that no other signature fits.
const PURPOSE: &[u8] = b"flash";
/// Characters of a signature.
const SIGNATURE: usize = 32;

/// Something to be told on the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// Key of the words.
    key: String,
    /// Value of `{ $name }` in them.
    name: String,
    /// Address of somebody who helps; may be empty.
    contact: String,
}

impl Notice {
    /// A notice without a name in it.
    pub(crate) fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            name: String::new(),
            contact: String::new(),
        }
    }

    /// A notice about somebody.
    pub(crate) fn about(key: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::new(key)
        }
    }

    /// With a link to write to somebody.
    #[must_use]
    pub(crate) fn contact(self, address: Option<&String>) -> Self {
        Self {
            contact: address.cloned().unwrap_or_default(),
            ..self
        }
    }

    /// In words.
    pub(crate) fn message(&self, words: &Translations, language: &str) -> Message {
        let contact = !self.contact.is_empty();
        Message {
            level: match self.key.as_str() {
                "flash-key-unknown" | "flash-key-expired" | "flash-address-taken" => Level::Danger,
                "flash-registered-approval" => Level::Warning,
                key if key.starts_with("flash-refused-") => Level::Danger,
                _ => Level::Success,
            },
            text: words.text_about(language, &self.key, &self.name),
            link: contact.then(|| {
                let text = words.text_about(language, "flash-contact", &self.contact);
                (text, format!("mailto:{}", self.contact))
            }),
        }
    }
}

/// Adds a notice to an answer that leads elsewhere.
pub(crate) fn leave(visitor: &Visitor, mut response: Response, notice: &Notice) -> Response {
    let text = serde_json::to_string(notice).unwrap_or_default();
    let cookie = visitor.scope.flash(&seal(&visitor.app.csrf(), &text));
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

/// The notice that an earlier answer left.
pub(crate) fn find(signer: &Signer, headers: &HeaderMap) -> Option<Notice> {
    open(signer, cookies::find(headers, cookies::FLASH)?)
}

fn seal(signer: &Signer, text: &str) -> String {
    signer.sign(PURPOSE, text.as_bytes()) + &crate::chance::hex(text.as_bytes())
}

fn open(signer: &Signer, value: &str) -> Option<Notice> {
    let (signature, text) = value.split_at_checked(SIGNATURE)?;
    let text = crate::chance::unhex(text)?;
    if !signer.has_signed(PURPOSE, &text, signature) {
        return None;
    }
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_notices_are_shown() {
        let signer = Signer::new(b"key");
        let notice = Notice::about("flash-email-sent", "<b>é@example.org");
        let text = serde_json::to_string(&notice).expect("JSON");
        let value = seal(&signer, &text);
        assert_eq!(open(&signer, &value), Some(notice));
        assert_eq!(open(&Signer::new(b"other"), &value), None);
        assert_eq!(open(&signer, &value.replace("66", "67")), None);
        for wrong in ["", "x", "\u{20ac}", &"0".repeat(40), &value[..40]] {
            assert_eq!(open(&signer, wrong), None, "{wrong}");
        }
    }
}
