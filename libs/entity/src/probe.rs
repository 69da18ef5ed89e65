//! Many small questions about rows in one statement: does it exist, is it taken, who is meant.

use std::fmt::Write as _;

use sqlx::postgres::PgArguments;
use sqlx::{PgConnection, Row as _};

use crate::repository::{add, built};
use crate::{Error, Id, Meta, Result, Value};

/// A question whose answer is the ids (at most two) of the rows that meet all conditions.
#[derive(Debug, Clone)]
pub struct Probe {
    meta: &'static Meta,
    conditions: String,
    binds: Vec<Value>,
}

impl Probe {
    /// Asks for rows of this entity.
    pub fn new(meta: &'static Meta) -> Self {
        Self {
            meta,
            conditions: String::new(),
            binds: vec![],
        }
    }

    /// The column must equal the value.
    #[must_use]
    pub fn equal(self, column: &str, value: Value) -> Self {
        let condition = format!("{column} = $");
        self.and(&condition, vec![value])
    }

    /// A further condition; each `$` in it stands for the next value.
    #[must_use]
    pub fn and(mut self, condition: &str, values: Vec<Value>) -> Self {
        if !self.conditions.is_empty() {
            self.conditions.push_str(" AND ");
        }
        self.conditions.push_str(condition);
        self.binds.extend(values);
        self
    }
}

/// Answers all questions with one statement, in their order.
pub async fn probe(conn: &mut PgConnection, probes: &[Probe]) -> Result<Vec<Vec<Id>>> {
    if probes.is_empty() {
        return Ok(vec![]);
    }
    let mut sql = String::from("SELECT ");
    let mut arguments = PgArguments::default();
    let mut count = 0;
    for (index, probe) in probes.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let _ = write!(
            sql,
            "{separator}ARRAY(SELECT id FROM {} WHERE ",
            probe.meta.table
        );
        for (part, text) in probe.conditions.split('$').enumerate() {
            if part > 0 {
                count += 1;
                let _ = write!(sql, "${count}");
            }
            sql.push_str(text);
        }
        sql.push_str(" ORDER BY id LIMIT 2)");
        for value in &probe.binds {
            match value {
                Value::Int(number) => add(&mut arguments, *number)?,
                Value::Bool(truth) => add(&mut arguments, *truth)?,
                Value::Text(text) => add(&mut arguments, text.as_str())?,
                other => return Err(Error::type_error(format!("cannot look for {other:?}"))),
            }
        }
    }
    let row = built(sql, arguments).fetch_one(conn).await?;
    (0..probes.len())
        .map(|index| Ok(row.try_get(index)?))
        .collect()
}
