//! The methods of the API.

use serde::Serialize;

use super::{Page, Title};
use crate::SafeHtml;

/// `/rpc/`
#[derive(Debug, Clone, Serialize)]
pub struct ReferencePage {
    /// All methods, class by class.
    pub classes: Vec<MethodClass>,
    /// How many methods there are.
    pub total: usize,
}

/// The methods of one class.
#[derive(Debug, Clone, Serialize)]
pub struct MethodClass {
    /// Its name.
    pub name: String,
    /// Its methods.
    pub methods: Vec<MethodEntry>,
}

/// A method.
#[derive(Debug, Clone, Serialize)]
pub struct MethodEntry {
    /// Its whole name, `Class.verb`; also the fragment of its address.
    pub name: String,
    /// Its name without the class.
    pub verb: String,
    /// What it does.
    pub text: SafeHtml,
    /// The permission that the caller needs.
    pub permission: Option<String>,
    /// Whether it can be called without a log-in.
    pub public: bool,
    /// What the search looks through, besides the name.
    pub words: String,
    /// Its parameters in order.
    pub params: Vec<MethodParameter>,
    /// What it answers with, in a few words.
    pub result: String,
    /// The fields of what it answers with.
    pub members: Vec<MethodMember>,
    /// A call, as JSON.
    pub request: SafeHtml,
    /// Its answer, as JSON.
    pub answer: SafeHtml,
}

/// A parameter.
#[derive(Debug, Clone, Serialize)]
pub struct MethodParameter {
    /// Its name.
    pub name: String,
    /// What it takes, in a word or two.
    pub kind: String,
    /// Whether it is written in the query language.
    pub query: bool,
    /// Whether it can be left out.
    pub optional: bool,
    /// The fields of an object.
    pub members: Vec<MethodMember>,
}

/// A field of an object that is sent or answered.
#[derive(Debug, Clone, Serialize)]
pub struct MethodMember {
    /// Its key.
    pub name: String,
    /// What it holds, in a word or two.
    pub kind: String,
    /// Words for people; may be empty.
    pub label: String,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether it cannot be left out; only said of what is sent.
    pub required: bool,
}

impl Page for ReferencePage {
    const TEMPLATE: &'static str = "reference/show";
    const BODY: &'static str = "page-reference";

    fn title(&self) -> Title<'_> {
        Title::plain("reference-title")
    }
}
