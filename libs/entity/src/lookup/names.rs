//! Names of the rows that the rows of a result refer to: `status__name`, `author__username`.
//!
//! Hundreds of rows refer to a handful of others. Joining them costs about a microsecond a row and
//! reference; reading each of them once, by one statement for all, costs next to nothing.

use std::fmt::Write as _;

use sqlx::postgres::PgArguments;
use sqlx::{PgConnection, Row as _};

use super::statement::{Source, each_row};
use crate::table::Packed;
use crate::{Field, Id, Kind, Meta, Result, Table, repository};

/// A text of a row that is reached by references only.
pub(super) struct Named {
    /// Path of the last reference.
    pub(super) reference: &'static str,
    pub(super) to: &'static Meta,
    column: &'static str,
}

impl Named {
    /// A path of references that ends with a text.
    pub(super) fn by(root: &'static Meta, path: &'static str) -> Option<Self> {
        let (reference, last) = path.rsplit_once("__")?;
        let field = |meta: &'static Meta, name: &str| -> Option<&'static Field> {
            meta.field(name).map(|index| &meta.fields[index])
        };
        let to =
            reference
                .split("__")
                .try_fold(root, |meta, step| match field(meta, step)?.kind {
                    Kind::Fk(to) => Some(to()),
                    _ => None,
                })?;
        let text = field(to, last).filter(|field| matches!(field.kind, Kind::Text))?;
        Some(Self {
            reference,
            to,
            column: text.column,
        })
    }
}

/// The names that belong to a statement.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    parts: Vec<Part>,
}

/// Rows of one entity.
#[derive(Debug, Clone)]
struct Part {
    table: &'static str,
    key: &'static str,
    columns: Vec<&'static str>,
}

impl Names {
    /// Adds a name; `index` is the column of the statement with the id.
    pub(super) fn add(&mut self, named: &Named, index: usize) -> Source {
        let table = named.to.table;
        let position = self.parts.iter().position(|part| part.table == table);
        let number = position.unwrap_or(self.parts.len());
        if position.is_none() {
            self.parts.push(Part {
                table,
                key: named.to.key().column,
                columns: vec![],
            });
        }
        let columns = &mut self.parts[number].columns;
        let position = columns.iter().position(|name| *name == named.column);
        let column = position.unwrap_or(columns.len());
        if position.is_none() {
            columns.push(named.column);
        }
        Source {
            index,
            kind: Kind::Id,
            name: Some((number, column)),
        }
    }

    /// True if there is anything to read.
    pub(super) fn is_needed(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The statement that reads them: of each part the rows with the ids of one parameter.
    pub(super) fn sql(&self) -> String {
        let width = self.parts.iter().map(|part| part.columns.len()).max();
        let mut sql = String::with_capacity(self.parts.len() * 80);
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                sql.push_str("\nUNION ALL\n");
            }
            let _ = write!(sql, "SELECT {index}, n.{}", part.key);
            for column in 0..width.unwrap_or_default() {
                match part.columns.get(column) {
                    Some(column) => {
                        let _ = write!(sql, ", n.{column}::text");
                    }
                    None => sql.push_str(", NULL"),
                }
            }
            let (table, key) = (part.table, part.key);
            let _ = write!(sql, "\nFROM {table} n\nWHERE n.{key} = ANY(${})", index + 1);
        }
        sql
    }

    /// Puts the names in the place of the ids.
    pub(super) async fn fill(
        self,
        conn: &mut PgConnection,
        cells: &[Source],
        table: &mut Table,
    ) -> Result<()> {
        if !self.is_needed() || table.is_empty() {
            return Ok(());
        }
        let mut arguments = PgArguments::default();
        for ids in self.ids(cells, table) {
            repository::add(&mut arguments, ids)?;
        }
        let mut found: Vec<Vec<(i64, Texts)>> = self.parts.iter().map(|_| vec![]).collect();
        let mut keep = |text: Option<&str>| text.map_or(Packed::Null, |text| table.keep(text));
        let named = repository::built(self.sql(), arguments);
        each_row(named, conn, |row| {
            let part = row.try_get::<i32, _>(0)? as usize;
            let id: Id = row.try_get(1)?;
            let texts = 0..self.parts[part].columns.len();
            let texts = texts.map(|column| Ok(keep(row.try_get(column + 2)?)));
            found[part].push((id.into(), texts.collect::<Result<_>>()?));
            Ok(())
        })
        .await?;
        for rows in &mut found {
            rows.sort_unstable_by_key(|(id, _)| *id);
        }
        for row in table.cells_mut().chunks_exact_mut(cells.len()) {
            for (cell, packed) in cells.iter().zip(row) {
                if let (Some((part, column)), Packed::Int(id)) = (cell.name, &*packed) {
                    let rows = &found[part];
                    let position = rows.binary_search_by_key(id, |(id, _)| *id);
                    *packed = position.map_or(Packed::Null, |row| rows[row].1[column]);
                }
            }
        }
        Ok(())
    }

    /// The ids that occur, each once, by part.
    fn ids(&self, cells: &[Source], table: &Table) -> Vec<Vec<Id>> {
        let mut ids: Vec<Vec<Id>> = self.parts.iter().map(|_| vec![]).collect();
        for row in table.rows() {
            for (index, cell) in cells.iter().enumerate() {
                let Some((part, _)) = cell.name else { continue };
                if let Some(id) = row.get(index).as_int() {
                    ids[part].push(id as Id);
                }
            }
        }
        for ids in &mut ids {
            ids.sort_unstable();
            ids.dedup();
        }
        ids
    }
}

/// The texts of a row.
type Texts = Vec<Packed>;
