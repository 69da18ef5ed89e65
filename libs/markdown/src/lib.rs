//! Markdown to HTML, and HTML to harmless HTML (spec 01 §8).
//!
//! The texts of the product follow the original Markdown rules with fenced code, tables,
//! strike-through and line breaks that count. They are brought into the form of `CommonMark` first
//! (`dialect`), read by `pulldown-cmark`, and written in the layout that clients know (`writer`,
//! `code`); what comes out always goes through the sanitiser.
//!
//! Must not know who wrote a text or where it is shown. To add a language of code blocks: an entry
//! in `code/languages.rs`.

mod code;
mod dialect;
mod sanitiser;
mod writer;

pub use sanitiser::sanitise;

/// Renders Markdown as HTML that is safe to show.
pub fn render(text: &str) -> String {
    let source = dialect::to_common_mark(text);
    let html = writer::write(&source);
    sanitiser::clean(html.trim()).trim().to_owned()
}

#[cfg(test)]
mod tests;
