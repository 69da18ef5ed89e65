//! The constant tables that describe an entity.

use sqlx::postgres::PgRow;

use crate::{Field, Kind, Map, Result, Value};

/// A way from one entity to rows of another that is not a column of it.
#[derive(Clone, Copy)]
pub enum Relation {
    /// Many to many through a link table: `through.near = this.id`, `through.far = other.id`.
    Many {
        /// Name in look-ups.
        name: &'static str,
        /// The other entity.
        to: fn() -> &'static Meta,
        /// Link table.
        through: &'static str,
        /// Column of the link table that holds our id.
        near: &'static str,
        /// Column of the link table that holds the other id.
        far: &'static str,
    },
    /// One to many: the rows of `from` whose column `column` holds our id.
    Back {
        /// Name in look-ups.
        name: &'static str,
        /// The entity that refers to us.
        from: fn() -> &'static Meta,
        /// Its column.
        column: &'static str,
    },
    /// One to one, stored in our own row: the other entity reads the same table by the same id.
    Same {
        /// Name in look-ups.
        name: &'static str,
        /// The entity that reads the same table.
        to: fn() -> &'static Meta,
    },
}

impl Relation {
    /// Name in look-ups.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Many { name, .. } | Self::Back { name, .. } | Self::Same { name, .. } => name,
        }
    }

    /// The entity that it leads to.
    pub fn target(&self) -> &'static Meta {
        match self {
            Self::Many { to, .. } | Self::Same { to, .. } => to(),
            Self::Back { from, .. } => from(),
        }
    }
}

impl std::fmt::Debug for Relation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A value computed by the database from columns reached by look-up paths.
#[derive(Debug, Clone, Copy)]
pub struct Computed {
    /// Name in results, and in queries when `queried`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Look-up paths whose columns stand for `{0}`, `{1}` … in `sql`; `{t}` is the row's table.
    pub paths: &'static [&'static str],
    /// SQL expression.
    pub sql: &'static str,
    /// Queries may use it, in methods that also return it.
    pub queried: bool,
}

/// A pair (or more) of fields that no two rows share.
#[derive(Debug, Clone, Copy)]
pub struct Unique {
    /// Name of the database constraint.
    pub constraint: &'static str,
    /// Names of the fields, in the order of the message.
    pub fields: &'static [&'static str],
}

/// Everything that is known about an entity at compile time.
#[derive(Debug)]
pub struct Meta {
    /// Last part of the wire label, as in `TestCase matching query does not exist.`
    pub name: &'static str,
    /// Table, unqualified; or a query in parentheses, for entities that are only read.
    pub table: &'static str,
    /// Label on the wire, `app.Model`.
    pub wire: &'static str,
    /// Words for people, as in `Test case with this … already exists.`
    pub title: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// True if every change leaves a record in the table `history`.
    pub history: bool,
    /// A column outside `fields` that holds the time of the newest row in `history`.
    pub stamp: Option<&'static str>,
    /// Columns; the first is the primary key.
    pub fields: &'static [Field],
    /// Ways to other entities.
    pub relations: &'static [Relation],
    /// Values computed by the database.
    pub computed: &'static [Computed],
    /// Constraints over several fields.
    pub unique: &'static [Unique],
}

impl Meta {
    /// The primary key.
    pub fn key(&self) -> &'static Field {
        &self.fields[0]
    }

    /// Position of a field by its API name.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// `app` of the wire label.
    pub fn app(&self) -> &'static str {
        self.wire.split('.').next().unwrap_or_default()
    }

    /// `model` of the wire label, lower case, as in permissions and content kinds.
    pub fn model(&self) -> String {
        self.wire
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    }
}

/// The relations of an entity; the derive takes them from here.
pub trait Relations {
    /// Ways to other entities.
    const RELATIONS: &'static [Relation] = &[];
    /// Values computed by the database.
    const COMPUTED: &'static [Computed] = &[];
    /// Constraints over several fields.
    const UNIQUE: &'static [Unique] = &[];
}

/// A struct that is a row.
pub trait Entity: Sized + Relations + Send + Sync + 'static {
    /// The constant table.
    const META: &'static Meta;
    /// Reads a row whose columns are those of `META.fields`, in that order.
    fn from_row(row: &PgRow) -> Result<Self>;
    /// The value of a field, by its position.
    fn value(&self, field: usize) -> Value;
    /// Sets a field, by its position, from a value of its kind.
    fn set(&mut self, field: usize, value: Value) -> Result<()>;

    /// The open fields as an object.
    fn to_map(&self) -> Map {
        let open = Self::META
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.open);
        open.map(|(index, field)| (field.name.into(), self.value(index)))
            .collect()
    }

    /// The id of the row.
    fn id(&self) -> crate::Id {
        self.value(0).as_int().unwrap_or_default() as crate::Id
    }
}
