//! What a new tenant starts with: `tenants/new/seed.toml` as SQL, one statement per table.

use std::fmt::Write as _;
use std::sync::LazyLock;

use toml::{Table, Value};

const FILE: &str = include_str!("../../../tenants/new/seed.toml");

/// The statements, for the end of the script that makes the tables.
pub(crate) fn sql() -> &'static str {
    static SQL: LazyLock<String> =
        LazyLock::new(|| translate(FILE).expect("a test has translated the same file"));
    &SQL
}

fn translate(text: &str) -> Result<String, String> {
    let tables: Table = text.parse().map_err(|error| format!("{error}"))?;
    let mut sql = String::new();
    for (table, rows) in &tables {
        let rows = rows
            .as_array()
            .ok_or_else(|| format!("{table}: not a list of rows"))?;
        let rows: Option<Vec<&Table>> = rows.iter().map(Value::as_table).collect();
        let rows = rows.ok_or_else(|| format!("{table}: a row is not a table"))?;
        let columns: Vec<&str> = rows
            .first()
            .into_iter()
            .flat_map(|row| row.keys())
            .map(String::as_str)
            .collect();
        let mut lines = Vec::new();
        for row in rows {
            if !row.keys().map(String::as_str).eq(columns.iter().copied()) {
                return Err(format!("{table}: rows with different columns"));
            }
            let values: Result<Vec<String>, String> = row.values().map(literal).collect();
            lines.push(format!("({})", values?.join(", ")));
        }
        for name in std::iter::once(&table.as_str()).chain(&columns) {
            if !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
                return Err(format!("{table}: {name} is not a name"));
            }
        }
        let (columns, lines) = (columns.join(", "), lines.join(",\n    "));
        let _ = writeln!(sql, "INSERT INTO {table} ({columns}) VALUES\n    {lines};");
    }
    Ok(sql)
}

fn literal(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(quote(text)),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(value) => Ok(value.to_string()),
        other => Err(format!("{other} has a type that no column has")),
    }
}

/// A text as a constant of SQL.
pub(crate) fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_becomes_one_statement_per_table() {
        let sql = translate(FILE).unwrap();
        assert_eq!(
            sql.matches("INSERT INTO test_execution_status (").count(),
            1
        );
        assert!(
            sql.contains("('#72767b', 'fa fa-question-circle-o', 'IDLE', 0)"),
            "{sql}"
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(translate("a = 1").unwrap_err(), "a: not a list of rows");
        assert_eq!(
            translate("[[a]]\nx = 1\n[[a]]\ny = 1").unwrap_err(),
            "a: rows with different columns"
        );
        assert_eq!(
            translate("[[a]]\nx = 1.5").unwrap_err(),
            "1.5 has a type that no column has"
        );
        assert_eq!(
            translate("[[a]]\n\"x;\" = 1").unwrap_err(),
            "a: x; is not a name"
        );
        assert_eq!(
            translate("[[a]]\nx = \"it's\"").unwrap(),
            "INSERT INTO a (x) VALUES\n    ('it''s');\n"
        );
    }
}
