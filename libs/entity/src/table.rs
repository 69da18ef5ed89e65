//! Rows of a result as they wait to be sent: small cells, and one text that holds all texts.
//!
//! A result of thousands of rows has tens of thousands of cells. As values of their own they would
//! need an allocation for each text; here a cell has 16 bytes, and equal names of the rows that many
//! rows refer to are held once.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{Interval, Key, Map, Value};

/// Rows that share their column names.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Column names, in the order of the cells.
    pub columns: Arc<[Key]>,
    /// Row by row.
    cells: Vec<Packed>,
    texts: String,
}

/// A cell of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text, not escaped.
    Text(&'a str),
    /// A point in time, with microseconds.
    Time(DateTime<Utc>),
    /// A length of time.
    Span(Interval),
}

/// A row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    cells: &'a [Packed],
    texts: &'a str,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Packed {
    Null,
    Bool(bool),
    Int(i64),
    /// A part of the texts; the database has none of more than 1 GiB.
    Text {
        length: u32,
        start: usize,
    },
    /// Microseconds since 1970.
    Time(i64),
    Span(Interval),
}

impl Table {
    /// A table without rows.
    pub fn new(columns: Arc<[Key]>) -> Self {
        Self {
            columns,
            ..Self::default()
        }
    }

    /// Appends the next cell of the last row, or the first of a new one.
    pub fn push(&mut self, cell: Cell<'_>) {
        let packed = match cell {
            Cell::Null => Packed::Null,
            Cell::Bool(value) => Packed::Bool(value),
            Cell::Int(value) => Packed::Int(value),
            Cell::Text(text) => self.keep(text),
            Cell::Time(time) => Packed::Time(time.timestamp_micros()),
            Cell::Span(span) => Packed::Span(span),
        };
        self.cells.push(packed);
    }

    /// Takes a text in, for [`Self::cells_mut`].
    pub(crate) fn keep(&mut self, text: &str) -> Packed {
        let start = self.texts.len();
        self.texts.push_str(text);
        Packed::Text {
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
            start,
        }
    }

    pub(crate) fn push_packed(&mut self, cell: Packed) {
        self.cells.push(cell);
    }

    /// The cells, row by row.
    pub(crate) fn cells_mut(&mut self) -> &mut [Packed] {
        &mut self.cells
    }

    /// The rows, each as long as `columns`.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        let texts = &self.texts;
        self.cells
            .chunks_exact(self.columns.len().max(1))
            .map(move |cells| Row { cells, texts })
    }

    /// All cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.cells.iter().map(|cell| cell.seen(&self.texts))
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The same rows as a list of objects.
    pub fn to_maps(&self) -> Vec<Map> {
        let object = |row: Row<'_>| {
            let values = row.cells().map(Value::from);
            self.columns.iter().cloned().zip(values).collect()
        };
        self.rows().map(object).collect()
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns && self.cells().eq(other.cells())
    }
}

impl<'a> Row<'a> {
    /// The cell of a column; nothing beyond the last one.
    pub fn get(self, index: usize) -> Cell<'a> {
        self.cells
            .get(index)
            .map_or(Cell::Null, |cell| cell.seen(self.texts))
    }

    /// The cells in the order of the columns.
    pub fn cells(self) -> impl Iterator<Item = Cell<'a>> {
        self.cells.iter().map(move |cell| cell.seen(self.texts))
    }
}

impl Packed {
    fn seen(self, texts: &str) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Bool(value) => Cell::Bool(value),
            Self::Int(value) => Cell::Int(value),
            Self::Text { length, start } => {
                let text = texts.get(start..start + length as usize);
                Cell::Text(text.unwrap_or_default())
            }
            Self::Time(micros) => {
                Cell::Time(DateTime::from_timestamp_micros(micros).unwrap_or_default())
            }
            Self::Span(span) => Cell::Span(span),
        }
    }
}

impl<'a> Cell<'a> {
    /// The whole number, if it is one.
    pub fn as_int(self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(number)
        } else {
            None
        }
    }

    /// The text, if it is one.
    pub fn as_text(self) -> Option<&'a str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Bool(value) => Self::Bool(value),
            Cell::Int(value) => Self::Int(value),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Time(time) => Self::Time(time),
            Cell::Span(span) => Self::Span(span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were_put_in() {
        assert_eq!(size_of::<Packed>(), 16);
        let time = DateTime::from_timestamp_micros(-62_135_596_800_000_000).expect("is a time");
        let cells = [
            Cell::Null,
            Cell::Text("ä"),
            Cell::Bool(true),
            Cell::Int(i64::MIN),
            Cell::Text(""),
            Cell::Time(time),
            Cell::Span(Interval(-1)),
            Cell::Text("b"),
        ];
        let mut table = Table::new(Arc::from(["a".into(), "b".into()]));
        for cell in cells {
            table.push(cell);
        }
        assert_eq!(table.len(), 4);
        assert_eq!(table.cells().collect::<Vec<_>>(), cells);
        let last = table.rows().last().expect("has rows");
        assert_eq!((last.get(0), last.get(1)), (cells[6], cells[7]));
        assert_eq!(last.get(2), Cell::Null);
        let kept = table.keep("c");
        table.cells_mut()[0] = kept;
        let first = &table.to_maps()[0];
        assert_eq!(first["a"], Value::from("c"));
        assert_eq!(first["b"], Value::from("ä"));
    }
}
