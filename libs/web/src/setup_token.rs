//! The token of the first set-up in the browser: whoever reads the log of the server knows it.

use std::sync::atomic::{AtomicBool, Ordering};

use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;

/// The token, the same in all programs that share the secret key.
pub(crate) struct SetupToken {
    text: String,
    is_told: AtomicBool,
    /// One set-up at a time.
    pub(crate) turn: Mutex<()>,
}

impl SetupToken {
    /// Derives it from the installation's key.
    pub(crate) fn new(key: &[u8]) -> Self {
        Self {
            text: domain::setup_token(key),
            is_told: AtomicBool::new(false),
            turn: Mutex::default(),
        }
    }

    /// As it is typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Writes it into the log, once.
    pub(crate) fn tell(&self) {
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event = "setup_token",
                token = self.text,
                "whoever sets up this installation in the browser is asked for this token"
            );
        }
    }

    /// Whether a text is the token; blanks do not matter.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        let text: String = text.split_whitespace().collect();
        text.to_ascii_lowercase()
            .as_bytes()
            .ct_eq(self.text.as_bytes())
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_of_the_same_key_is_accepted() {
        let token = SetupToken::new(b"key");
        assert_eq!(token.text.len(), 32);
        assert!(token.accepts(&token.text));
        assert!(token.accepts(&format!(" {}\n", token.text.to_uppercase())));
        assert!(!token.accepts(&SetupToken::new(b"other").text));
        assert!(!token.accepts(""));
    }
}
