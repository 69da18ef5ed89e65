//! What an operator can say about mail.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use lettre::message::Mailbox;

/// How mail is sent.
pub struct MailSettings {
    /// Who takes it.
    pub backend: Backend,
    /// Whom it comes from.
    pub sender: Sender,
    /// What every subject begins with.
    pub subject_prefix: String,
    /// How many mails a tenant may send in a minute; the others wait. 0 is no limit.
    pub tenant_rate: u32,
}

/// Who takes the mail.
pub enum Backend {
    /// A mail server.
    Smtp(Smtp),
    /// A folder, where each mail becomes a file.
    Folder(PathBuf),
    /// Standard output.
    Console,
}

/// A mail server. Holds a password, so it cannot be printed.
pub struct Smtp {
    /// Its host name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User and password, if it asks for them.
    pub credentials: Option<(String, String)>,
    /// Time for handing one mail over.
    pub timeout: Duration,
    /// How we greet it; the name of the machine when not given.
    pub hello: Option<String>,
    /// File with certificates to trust besides the usual ones.
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// TLS after a command; refused when the server does not offer it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Whom mails come from: an address, with or without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(pub(crate) Mailbox);

impl Sender {
    /// The address alone.
    pub fn address(&self) -> &str {
        self.0.email.as_ref()
    }
}

impl FromStr for Sender {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            |_| format!("expected an address such as `Kiwi <kiwi@example.org>`, got `{text}`");
        text.trim().parse().map(Self).map_err(expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_have_an_address() {
        let address = |text: &str| text.parse::<Sender>().map(|s| s.address().to_owned());
        assert_eq!(address("a@b.example").as_deref(), Ok("a@b.example"));
        assert_eq!(
            address(" Kiwi TCMS <a@b.example>").as_deref(),
            Ok("a@b.example")
        );
        for wrong in ["", "nobody", "Kiwi <a@>", "a@b.example\r\nBcc: c@d.example"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
