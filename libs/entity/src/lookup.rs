//! Turns a query of the API into one SELECT, on the allow-list of the entities' tables.
//!
//! A query is an object; each of its entries is one condition, `path__look-up: value`, and all
//! must hold. [`path`] walks a path over fields and relations and asks [`joins`] for the joins,
//! which conditions, result columns and order share. [`condition`] writes the test; [`sort`] knows
//! which look-ups and transforms a column has, [`coerce`] and [`moment`] bring values into its
//! type. Texts of errors are part of the API. Names of the rows that a result refers to are not
//! joined to each of its rows: [`names`] reads each of them once.
//!
//! Identifiers come from constants only, values are always parameters, and two queries of the same
//! shape have the same text. To add a look-up: a variant of `Lookup` in `sort.rs` and its arm in
//! `condition.rs`.

mod bind;
mod coerce;
mod condition;
mod decode;
mod joins;
mod moment;
mod names;
mod path;
mod sort;
mod statement;

pub use bind::Bind;
pub use statement::Statement;

use crate::{Error, Key, Kind, Map, Meta, Result, Value};
use joins::{Joins, ROOT};
use names::{Named, Names};
use path::{Place, Resolver};
use statement::Source;

/// What a method returns: columns, whether equal rows are merged, and the order.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    /// Look-up paths, which are also the keys of the result; `path AS key` gives another key.
    pub columns: &'static [&'static str],
    /// True if equal rows are sent once.
    pub distinct: bool,
    /// Look-up paths; `-path` for descending order.
    pub order: &'static [&'static str],
}

/// A foreign entity that a condition looks into, and the field of it that is used.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// The entity.
    pub entity: &'static Meta,
    /// Its field or relation; the primary key if only the existence of the row matters.
    pub field: &'static str,
}

/// Most parameters of one statement.
const MOST_BINDS: usize = 1000;

/// A question about the rows of an entity.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    root: &'static Meta,
    conditions: Option<&'a Map>,
    own: Vec<(&'static str, Value)>,
    window: Option<(i64, i64)>,
}

impl<'a> Query<'a> {
    /// All rows.
    pub fn all(root: &'static Meta) -> Self {
        Self {
            root,
            conditions: None,
            own: vec![],
            window: None,
        }
    }

    /// The rows that meet the conditions of a client.
    pub fn new(root: &'static Meta, conditions: &'a Map) -> Self {
        Self {
            conditions: Some(conditions),
            ..Self::all(root)
        }
    }

    /// Adds a condition of the server's own, which may use secret fields.
    #[must_use]
    pub fn and(mut self, path: &'static str, value: impl Into<Value>) -> Self {
        self.own.push((path, value.into()));
        self
    }

    /// Only some of the rows, after sorting.
    #[must_use]
    pub fn page(mut self, limit: u32, offset: u32) -> Self {
        self.window = Some((limit.into(), offset.into()));
        self
    }

    /// The statement that returns these columns.
    pub fn select(&self, selection: &Selection) -> Result<Statement> {
        let mut compiler = Compiler::new(self.root, selection.columns);
        compiler.conditions(self)?;
        compiler.select(selection, self.window)
    }

    /// The statement that returns the ids of the rows, each once and ascending.
    pub fn ids(&self) -> Result<Statement> {
        const IDS: Selection = Selection {
            columns: &["pk"],
            distinct: true,
            order: &["pk"],
        };
        let mut compiler = Compiler::new(self.root, &[]);
        compiler.conditions(self)?;
        compiler.select(&IDS, self.window)
    }

    /// The statement that counts the rows, each once.
    pub fn count(&self) -> Result<Statement> {
        let mut compiler = Compiler::new(self.root, &[]);
        compiler.conditions(self)?;
        Ok(compiler.count())
    }
}

/// The rows of `root` that meet the conditions, as `SELECT <columns> … ORDER BY …`.
pub fn select(root: &'static Meta, conditions: &Map, selection: &Selection) -> Result<Statement> {
    Query::new(root, conditions).select(selection)
}

/// The ids of the rows that meet the conditions, each once.
pub fn ids(root: &'static Meta, conditions: &Map) -> Result<Statement> {
    Query::new(root, conditions).ids()
}

/// The number of rows that meet the conditions.
pub fn count(root: &'static Meta, conditions: &Map) -> Result<Statement> {
    Query::new(root, conditions).count()
}

/// A point in time the way conditions read it; the texts of errors are those of a query.
pub fn date_time(value: &Value) -> Result<chrono::DateTime<chrono::Utc>> {
    moment::time(value)
}

/// A point in time the way conditions read it, and the zone that the text names; a day alone means
/// its beginning, a time without zone is in UTC.
pub fn zoned_date_time(
    text: &str,
) -> Option<(chrono::DateTime<chrono::Utc>, Option<chrono::FixedOffset>)> {
    moment::zoned(text)
}

/// A column of the result before it is known which tables are joined anyway.
enum Shown {
    Place(String, Kind),
    Named(&'static str, Named, Place<'static>),
}

/// A cell that holds what its column holds.
fn own(index: usize, kind: Kind) -> Source {
    Source {
        index,
        kind,
        name: None,
    }
}

/// What stands between `SELECT` and `FROM`.
#[derive(Default)]
struct List(Vec<String>);

impl List {
    /// Appends a column and returns its place.
    fn add(&mut self, text: &str) -> usize {
        self.0.push(text.to_owned());
        self.0.len() - 1
    }

    fn find_or_add(&mut self, text: &str) -> usize {
        let found = self.0.iter().position(|column| column == text);
        found.unwrap_or_else(|| self.add(text))
    }
}

/// A statement in the making.
struct Compiler {
    root: &'static Meta,
    joins: Joins,
    /// Computed columns of the result, which conditions may name.
    columns: &'static [&'static str],
    filter: String,
    binds: Vec<Bind>,
    reached: Vec<Reached>,
    /// An error that counts only if there is no other.
    late: Option<Error>,
    /// A condition gives the key: there is one row at most.
    single: bool,
}

impl Compiler {
    fn new(root: &'static Meta, columns: &'static [&'static str]) -> Self {
        Self {
            root,
            joins: Joins::new(root),
            columns,
            filter: String::with_capacity(128),
            binds: Vec::with_capacity(4),
            reached: vec![],
            late: None,
            single: false,
        }
    }

    /// Conditions are taken in the order of their names, so that the order in which a client
    /// sends them makes no other statement and no other error.
    fn conditions(&mut self, query: &Query<'_>) -> Result<()> {
        for (path, value) in &query.own {
            self.condition(path, value, true)?;
        }
        if let Some(conditions) = query.conditions {
            refuse_control_names(conditions)?;
            let mut sorted: Vec<(&str, &Value)> = Vec::with_capacity(conditions.len());
            sorted.extend(
                conditions
                    .iter()
                    .map(|(name, value)| (name.as_ref(), value)),
            );
            sorted.sort_unstable_by_key(|(name, _)| *name);
            for (path, value) in sorted {
                self.condition(path, value, false)?;
            }
        }
        self.late.take().map_or(Ok(()), Err)
    }

    fn select(mut self, selection: &Selection, window: Option<(i64, i64)>) -> Result<Statement> {
        let filtered_many = self.joins.many();
        let mut columns: Vec<Key> = Vec::with_capacity(selection.columns.len());
        let mut shown: Vec<Shown> = Vec::with_capacity(selection.columns.len());
        let (mut has_key, mut shows_many) = (false, false);
        for column in selection.columns {
            let (path, key) = column.split_once(" AS ").unwrap_or((column, column));
            columns.push(Key::Borrowed(key));
            if let Some(name) = Named::by(self.root, path) {
                let reference = self.column(name.reference)?;
                shown.push(Shown::Named(path, name, reference));
                continue;
            }
            let place = self.column(path)?;
            has_key |= place.node == ROOT && place.column == Some(self.root.key().column);
            shows_many |= self.joins.crosses_many(place.node);
            shown.push(Shown::Place(place.text, place.kind));
        }
        let mut order: Vec<(String, bool)> = Vec::with_capacity(selection.order.len() + 1);
        for path in selection.order {
            let (path, descending) = path
                .strip_prefix('-')
                .map_or((*path, false), |path| (path, true));
            order.push((self.column(path)?.text, descending));
        }

        let many = self.joins.many();
        let once = selection.distinct && filtered_many && has_key && !shows_many;
        let distinct = selection.distinct && !once && (many || !has_key);
        let mut list = List::default();
        let mut names = Names::default();
        let mut cells: Vec<Source> = Vec::with_capacity(columns.len());
        for column in shown {
            cells.push(match column {
                Shown::Place(text, kind) => own(list.add(&text), kind),
                Shown::Named(_, name, from)
                    if !distinct
                        && !self.single
                        && !self.joins.has(from.node, from.column, name.to.table) =>
                {
                    names.add(&name, list.find_or_add(&from.text))
                }
                Shown::Named(path, ..) => {
                    let place = self.column(path)?;
                    own(list.add(&place.text), place.kind)
                }
            });
        }
        let list = list.0.join(", ");
        let mut sql = String::with_capacity(list.len() + self.filter.len() + 256);
        sql.push_str("SELECT ");
        if once {
            // The key decides all other columns: rows are told apart by order and key alone.
            let key = format!("t.{}", self.root.key().column);
            if !order.iter().any(|(column, _)| *column == key) {
                order.push((key, false));
            }
            sql.push_str("DISTINCT ON (");
            push_order(&mut sql, &order, false);
            sql.push_str(") ");
        } else if distinct {
            sql.push_str("DISTINCT ");
        }
        sql.push_str(&list);
        if distinct {
            for (column, _) in &order {
                if !list.split(", ").any(|shown| shown == column) {
                    sql.push_str(", ");
                    sql.push_str(column);
                }
            }
        }
        self.push_rest(&mut sql);
        if !order.is_empty() {
            sql.push_str("\nORDER BY ");
            push_order(&mut sql, &order, true);
        }
        if let Some((limit, offset)) = window {
            sql.push_str("\nLIMIT ");
            bind::push(&mut sql, &mut self.binds, Bind::Int(limit));
            sql.push_str("\nOFFSET ");
            bind::push(&mut sql, &mut self.binds, Bind::Int(offset));
        }
        Ok(self.statement(sql, columns, cells, names))
    }

    fn count(mut self) -> Statement {
        let mut sql = String::with_capacity(self.filter.len() + 128);
        if self.joins.many() {
            sql.push_str("SELECT count(DISTINCT t.");
            sql.push_str(self.root.key().column);
            sql.push(')');
        } else {
            sql.push_str("SELECT count(*)");
        }
        self.push_rest(&mut sql);
        let columns = vec![Key::Borrowed("count")];
        self.statement(sql, columns, vec![own(0, Kind::Int)], Names::default())
    }

    /// `FROM … JOIN … WHERE …`
    fn push_rest(&mut self, sql: &mut String) {
        self.joins.push(sql);
        sql.push_str(&self.filter);
    }

    fn statement(
        self,
        sql: String,
        columns: Vec<Key>,
        cells: Vec<Source>,
        names: Names,
    ) -> Statement {
        let Self { binds, reached, .. } = self;
        Statement {
            sql,
            binds,
            columns: columns.into(),
            cells,
            names,
            reached,
        }
    }

    /// A column of the result or of the order: a field, or a computed one of any entity on the way.
    fn column(&mut self, path: &'static str) -> Result<Place<'static>> {
        let (root, columns) = (self.root, self.columns);
        let place = Resolver {
            root,
            joins: &mut self.joins,
            columns,
            reached: None,
            trusted: true,
        }
        .column(path)?;
        match place.rest {
            None => Ok(place),
            Some(_) => Err(Error::type_error(format!(
                "{} has no column {path}",
                self.root.name
            ))),
        }
    }
}

fn push_order(sql: &mut String, order: &[(String, bool)], directions: bool) {
    for (index, (column, descending)) in order.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        sql.push_str(column);
        if *descending && directions {
            sql.push_str(" DESC");
        }
    }
}

/// Names that steer the original's query builder instead of naming a field.
fn refuse_control_names(conditions: &Map) -> Result<()> {
    if conditions.contains_key("self") {
        let text = "QuerySet.filter() got multiple values for argument 'self'";
        return Err(Error::type_error(text));
    }
    let found: Vec<_> = ["_connector", "_negated"]
        .into_iter()
        .filter(|name| conditions.contains_key(*name))
        .map(|name| format!("'{name}'"))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let text = format!("The following kwargs are invalid: {}", found.join(", "));
    Err(Error::type_error(text))
}
