//! Why somebody could not be recognised.

/// Why somebody could not be recognised. No text holds a secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No answer, or one that says that the provider cannot work.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// An answer that is not what a provider says.
    #[error("the provider is not understood: {0}")]
    Answer(String),
    /// The provider does not take the code, or not from us.
    #[error("the provider refuses the code: {0}")]
    Refused(String),
    /// What the provider says about the person does not hold.
    #[error("the identity is not proven: {0}")]
    Untrusted(String),
}

impl Error {
    /// One word for logs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Answer(_) => "not_understood",
            Self::Refused(_) => "code_refused",
            Self::Untrusted(_) => "not_proven",
        }
    }

    /// True if it is the provider that has to be mended.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Answer(_))
    }
}
