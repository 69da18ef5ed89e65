//! Ready-made texts for new cases.

use entity::{Entity, Id, Relations};

/// Ready-made Markdown that can be loaded into the text of a new case.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "template",
    wire = "testcases.Template",
    title = "template",
    history
)]
pub struct Template {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, list, search)]
    pub name: String,
    /// Text
    pub text: String,
}

impl Relations for Template {}
