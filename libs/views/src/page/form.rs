//! What forms have in common: `partials/field.hbs` shows a [`Field`].

use serde::Serialize;

/// Messages by the name of their field.
pub type Errors = [(String, Vec<String>)];

/// One line of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Name in the form.
    name: &'static str,
    /// Key of the words beside it.
    label: &'static str,
    /// Key of the words below it.
    hint: Option<&'static str>,
    /// The `type` of the input.
    kind: &'static str,
    /// What browsers may fill in.
    autocomplete: &'static str,
    /// What it holds; never a password.
    value: String,
    /// What can be chosen; any text where there is nothing.
    choices: Vec<String>,
    /// Whether it is only shown.
    read_only: bool,
    /// What is wrong with it.
    errors: Vec<String>,
}

impl Field {
    /// A field that takes any text.
    pub(super) fn text(name: &'static str, label: &'static str, value: String) -> Self {
        Self {
            name,
            label,
            hint: None,
            kind: "text",
            autocomplete: "off",
            value,
            choices: vec![],
            read_only: false,
            errors: vec![],
        }
    }

    /// A field that hides what is typed.
    pub(super) fn password(name: &'static str, label: &'static str) -> Self {
        Self {
            kind: "password",
            autocomplete: "new-password",
            ..Self::text(name, label, String::new())
        }
    }

    /// A field that takes one of some texts.
    pub(super) fn choice(
        name: &'static str,
        label: &'static str,
        value: String,
        choices: Vec<String>,
    ) -> Self {
        Self {
            choices,
            ..Self::text(name, label, value)
        }
    }

    /// Explains what is expected.
    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    /// Says what browsers may fill in.
    pub(super) fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self {
            autocomplete,
            ..self
        }
    }

    /// Only shows it.
    pub(super) fn read_only(self, read_only: bool) -> Self {
        Self { read_only, ..self }
    }

    /// Takes over what is wrong with it.
    pub(super) fn judged(mut self, errors: &Errors) -> Self {
        let mine = errors.iter().filter(|(name, _)| name == self.name);
        self.errors = mine.flat_map(|(_, messages)| messages.clone()).collect();
        self
    }
}
