//! What can go wrong while words or pages are made.

/// The result of everything fallible in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A defect of a template, a translation file or the front-end build; never a visitor's fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template does not parse.
    #[error("template {name} cannot be read: {reason}")]
    Template {
        /// The path below `templates/`, without extension.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// A template that parses cannot be filled with the data of its page.
    #[error("template {name} cannot be rendered: {source}")]
    Render {
        /// The path below `templates/`, without extension.
        name: &'static str,
        /// What the engine says.
        source: Box<handlebars::RenderError>,
    },
    /// A file of words does not parse.
    #[error("translation file {name} is invalid: {reason}")]
    Translation {
        /// The path below `locales/`.
        name: String,
        /// What the parser says.
        reason: String,
    },
    /// The list that the front-end build leaves behind is not valid.
    #[error("the manifest of the front-end build is invalid: {0}")]
    Manifest(#[from] serde_json::Error),
}
