//! One column of an entity: what it holds and how forms and lists treat it.

use crate::Meta;

/// What a column holds; decides look-ups, coercion and widgets.
#[derive(Clone, Copy)]
pub enum Kind {
    /// The primary key.
    Id,
    /// A 32-bit number.
    Int,
    /// A truth value.
    Bool,
    /// Text; with [`Field::max`] one line of limited length, otherwise unlimited.
    Text,
    /// A point in time.
    Time,
    /// A length of time.
    Span,
    /// A reference to a row of another entity. A function, because tables refer to each other.
    Fk(fn() -> &'static Meta),
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Id => "Id",
            Self::Int => "Int",
            Self::Bool => "Bool",
            Self::Text => "Text",
            Self::Time => "Time",
            Self::Span => "Span",
            Self::Fk(_) => "Fk",
        })
    }
}

/// One column of an entity.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each set by its own method"
)]
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// API name.
    pub name: &'static str,
    /// Name of the column: the API name, with `_id` appended for references.
    pub column: &'static str,
    /// Words for people.
    pub label: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// True if NULL is allowed.
    pub null: bool,
    /// Longest text in characters, 0 for no limit.
    pub max: usize,
    /// True for text that must be a URL.
    pub is_url: bool,
    /// True for text that must be `#rgb` or `#rrggbb`.
    pub is_colour: bool,
    /// Forms accept an empty value.
    pub is_blank: bool,
    /// An empty nullable text is stored as `''` by forms, not as NULL.
    pub is_empty_text: bool,
    /// True for text that must be an e-mail address.
    pub is_email: bool,
    /// Shown as a column of the administration list.
    pub listed: bool,
    /// Searched by the administration list.
    pub searched: bool,
    /// Reachable by look-ups and sent by the API.
    pub open: bool,
    /// No two rows share the value; pairs are in [`crate::Relations::UNIQUE`].
    pub is_unique: bool,
}

impl Field {
    /// A field as the derive sees it: name, name of the column if it is a reference, label, and
    /// what its type says.
    #[must_use]
    pub const fn new(
        name: &'static str,
        reference: &'static str,
        label: &'static str,
        kind: Kind,
        null: bool,
    ) -> Self {
        let (kind, column) = match (kind, name.as_bytes()) {
            (Kind::Int, b"id") => (Kind::Id, name),
            (Kind::Fk(_), _) => (kind, reference),
            (kind, _) => (kind, name),
        };
        Self {
            name,
            column,
            label,
            kind,
            null,
            max: 0,
            is_url: false,
            is_email: false,
            is_colour: false,
            is_blank: null,
            is_empty_text: false,
            listed: false,
            searched: false,
            open: true,
            is_unique: false,
        }
    }

    /// Longest text in characters.
    #[must_use]
    pub const fn max(mut self, characters: usize) -> Self {
        self.max = characters;
        self
    }

    /// A URL of at most this many characters.
    #[must_use]
    pub const fn url(mut self, characters: usize) -> Self {
        self.max = characters;
        self.is_url = true;
        self
    }

    /// A colour, `#rgb` or `#rrggbb`.
    #[must_use]
    pub const fn colour(mut self) -> Self {
        self.is_colour = true;
        self
    }

    /// Forms accept an empty value; without this a column that is not nullable is required.
    #[must_use]
    pub const fn blank(mut self) -> Self {
        self.is_blank = true;
        self
    }

    /// Forms refuse an empty value although the column is nullable.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.is_blank = false;
        self
    }

    /// A nullable text whose empty value is stored as `''` by forms.
    #[must_use]
    pub const fn empty_text(mut self) -> Self {
        self.is_empty_text = true;
        self
    }

    /// An e-mail address of at most this many characters.
    #[must_use]
    pub const fn email(mut self, characters: usize) -> Self {
        self.max = characters;
        self.is_email = true;
        self
    }

    /// A column of the administration list.
    #[must_use]
    pub const fn list(mut self) -> Self {
        self.listed = true;
        self
    }

    /// Searched by the administration list.
    #[must_use]
    pub const fn search(mut self) -> Self {
        self.searched = true;
        self
    }

    /// No two rows share the value.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.is_unique = true;
        self
    }

    /// Never leaves the server and cannot be asked for.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.open = false;
        self
    }

    /// Name of the column, where it is not the one that follows from the name.
    #[must_use]
    pub const fn column_name(mut self, column: &'static str) -> Self {
        self.column = column;
        self
    }

    /// True if the field refers to the row of another entity.
    pub const fn is_reference(&self) -> bool {
        matches!(self.kind, Kind::Fk(_))
    }
}
