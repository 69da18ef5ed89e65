//! One condition: the rest of a path is transforms and a look-up, the value decides the test.

use std::borrow::Cow;

use super::bind::{self, Bind};
use super::coerce::{self, Round};
use super::joins::ROOT;
use super::path::{Place, Resolver};
use super::sort::{Lookup, Sort};
use super::{Compiler, MOST_BINDS};
use crate::{Error, Result, Value, python};

/// Longest regular expression; the database needs much memory for long ones.
const LONGEST_PATTERN: usize = 1000;

/// An expression and what it holds.
struct Operand {
    text: String,
    sort: Sort,
    /// Name of the field in messages.
    name: &'static str,
}

impl Compiler {
    /// Adds one condition. `trusted` ones come from the server and may name secret fields.
    pub(super) fn condition(&mut self, path: &str, value: &Value, trusted: bool) -> Result<()> {
        if path.is_empty() {
            return Err(Error::invalid("Cannot parse keyword query ''"));
        }
        if self.binds.len() >= MOST_BINDS {
            return Err(Error::invalid(format!(
                "more than {MOST_BINDS} values in a query"
            )));
        }
        let place = Resolver {
            root: self.root,
            joins: &mut self.joins,
            columns: self.columns,
            reached: (!trusted).then_some(&mut self.reached),
            trusted,
        }
        .condition(path)?;
        let (node, is_column) = (place.node, place.column.is_some());
        let is_key = node == ROOT && place.column == Some(self.root.key().column);
        let (operand, lookup) = operand(place)?;
        let finds_missing = self.test(&operand, lookup, value)?;
        self.single |= is_key && lookup == Lookup::Exact;
        if is_column && !finds_missing {
            self.joins.need(node);
        }
        Ok(())
    }

    /// Writes the test; true if rows without a related row may pass it.
    fn test(&mut self, operand: &Operand, lookup: Lookup, value: &Value) -> Result<bool> {
        use Lookup::{
            Contains, EndsWith, Exact, Gt, Gte, IContains, IEndsWith, IExact, IRegex, IStartsWith,
            In, IsNull, Lt, Lte, Range, Regex, StartsWith,
        };
        match lookup {
            IsNull => return self.is_null(operand, value),
            Exact | IExact if value.is_null() => return self.is_null(operand, &Value::Bool(true)),
            In => return self.any(operand, value),
            Range => return self.between(operand, value),
            _ if value.is_null() => {
                return Err(Error::invalid("Cannot use None as a query value"));
            }
            Exact => self.compare(operand, " = ", value, Round::Down)?,
            Gt => self.compare(operand, " > ", value, Round::Down)?,
            Gte => self.compare(operand, " >= ", value, Round::Up)?,
            Lt => self.compare(operand, " < ", value, Round::Up)?,
            Lte => self.compare(operand, " <= ", value, Round::Down)?,
            Contains => self.like(operand, false, &coerce::pattern("%", value, "%")),
            IContains => self.like(operand, true, &coerce::pattern("%", value, "%")),
            StartsWith => self.like(operand, false, &coerce::pattern("", value, "%")),
            IStartsWith => self.like(operand, true, &coerce::pattern("", value, "%")),
            EndsWith => self.like(operand, false, &coerce::pattern("%", value, "")),
            IEndsWith => self.like(operand, true, &coerce::pattern("%", value, "")),
            IExact => match value {
                Value::Text(text) => {
                    let text_ = operand.sort.as_text(&operand.text);
                    self.write(
                        &["UPPER(", &text_, ") = UPPER("],
                        Bind::Text(text.clone()),
                        ")",
                    );
                }
                other => self.fail(refused_type(other, |kind| {
                    format!("function upper({kind}) does not exist")
                })),
            },
            Regex | IRegex => {
                let operator = if lookup == Regex { " ~ " } else { " ~* " };
                match value {
                    Value::Text(text) if text.len() > LONGEST_PATTERN => {
                        self.fail(Error::invalid(format!(
                            "the pattern is longer than {LONGEST_PATTERN} bytes"
                        )));
                    }
                    Value::Text(text) => {
                        let text_ = operand.sort.as_text(&operand.text);
                        self.write(&[&text_, operator], Bind::Text(text.clone()), "");
                    }
                    other => self.fail(refused_type(other, |kind| {
                        format!("operator does not exist: text{operator}{kind}")
                    })),
                }
            }
        }
        Ok(false)
    }

    fn is_null(&mut self, operand: &Operand, value: &Value) -> Result<bool> {
        match value {
            Value::Null => Err(Error::invalid("Cannot use None as a query value")),
            Value::Bool(is_null) => {
                self.open();
                self.filter.push_str(&operand.text);
                self.filter
                    .push_str(if *is_null { " IS NULL" } else { " IS NOT NULL" });
                Ok(*is_null)
            }
            _ => {
                self.fail(Error::invalid(
                    "The QuerySet value for an isnull lookup must be True or False.",
                ));
                Ok(false)
            }
        }
    }

    fn compare(
        &mut self,
        operand: &Operand,
        operator: &str,
        value: &Value,
        round: Round,
    ) -> Result<()> {
        if operand.sort == Sort::Span {
            self.compare_span(operand, operator, value);
            return Ok(());
        }
        let bind = coerce::one(operand.sort, operand.name, value, round)?;
        if let (Sort::Year, Bind::Int(year)) = (operand.sort, &bind)
            && !(1..=9999).contains(year)
        {
            self.fail(Error::invalid(format!("year {year} is out of range")));
            return Ok(());
        }
        self.write(&[&operand.text, operator], bind, "");
        Ok(())
    }

    /// The server reads intervals, so that all its notations are understood.
    fn compare_span(&mut self, operand: &Operand, operator: &str, value: &Value) {
        match value {
            Value::Text(text) => {
                self.write(
                    &[&operand.text, operator],
                    Bind::Text(text.clone()),
                    "::interval",
                );
            }
            other => self.fail(refused_type(other, |kind| {
                format!("operator does not exist: interval{operator}{kind}")
            })),
        }
    }

    fn any(&mut self, operand: &Operand, value: &Value) -> Result<bool> {
        let mut values = coerce::elements(value)?;
        values.retain(|value| !value.is_null());
        if operand.sort == Sort::Span {
            let (texts, others): (Vec<_>, Vec<_>) =
                values.iter().partition(|value| value.as_text().is_some());
            if let Some(other) = others.first() {
                self.fail(refused_type(other, |kind| {
                    format!("operator does not exist: interval = {kind}")
                }));
                return Ok(false);
            }
            let texts = texts.iter().map(|value| python::text(value)).collect();
            self.write(
                &[&operand.text, " = ANY("],
                Bind::Texts(texts),
                "::interval[])",
            );
        } else {
            let bind = coerce::all(operand.sort, operand.name, &values)?;
            self.write(&[&operand.text, " = ANY("], bind, ")");
        }
        Ok(false)
    }

    fn between(&mut self, operand: &Operand, value: &Value) -> Result<bool> {
        let values = coerce::elements(value)?;
        let mut ends = vec![];
        for value in &values {
            ends.push(match value.as_ref() {
                Value::Null => None,
                Value::Text(text) if operand.sort == Sort::Span => Some(Bind::Text(text.clone())),
                other if operand.sort == Sort::Span => {
                    self.fail(refused_type(other, |kind| {
                        format!("operator does not exist: interval >= {kind}")
                    }));
                    return Ok(false);
                }
                other => Some(coerce::one(operand.sort, operand.name, other, Round::Down)?),
            });
        }
        let cast = if operand.sort == Sort::Span {
            "::interval"
        } else {
            ""
        };
        let given = ends.len();
        match <[_; 2]>::try_from(ends) {
            Ok([Some(low), Some(high)]) => {
                self.write(&[&operand.text, " BETWEEN "], low, cast);
                self.check_zero(&high);
                self.filter.push_str(" AND ");
                bind::push(&mut self.filter, &mut self.binds, high);
                self.filter.push_str(cast);
            }
            Ok(_) => {
                self.open();
                self.filter.push_str("FALSE");
            }
            Err(_) if given < 2 => self.fail(Error::invalid("tuple index out of range")),
            Err(_) => self.fail(Error::invalid(format!(
                "the query has 2 placeholders but {given} parameters were passed"
            ))),
        }
        Ok(false)
    }

    fn like(&mut self, operand: &Operand, any_case: bool, pattern: &str) {
        let (text, bind) = (
            operand.sort.as_text(&operand.text),
            Bind::Text(pattern.to_owned()),
        );
        if any_case {
            self.write(&["UPPER(", &text, ") LIKE UPPER("], bind, ")");
        } else {
            self.write(&[&text, " LIKE "], bind, "");
        }
    }

    /// Appends a test: what stands before the parameter, the parameter, what stands behind.
    fn write(&mut self, before: &[&str], bind: Bind, after: &str) {
        self.check_zero(&bind);
        self.open();
        for part in before {
            self.filter.push_str(part);
        }
        bind::push(&mut self.filter, &mut self.binds, bind);
        self.filter.push_str(after);
    }

    fn open(&mut self) {
        self.filter.push_str(if self.filter.is_empty() {
            "\nWHERE "
        } else {
            "\n  AND "
        });
    }

    fn check_zero(&mut self, bind: &Bind) {
        if bind.has_zero() {
            self.fail(Error::invalid(
                "PostgreSQL text fields cannot contain NUL (0x00) bytes",
            ));
        }
    }

    /// An error that the original finds only when it runs the query.
    fn fail(&mut self, error: Error) {
        self.late.get_or_insert(error);
    }
}

/// Applies the transforms at the end of a path and names its look-up.
fn operand(place: Place<'_>) -> Result<(Operand, Lookup)> {
    let Place {
        text,
        sort,
        name,
        rest,
        ..
    } = place;
    let mut operand = Operand { text, sort, name };
    let Some(rest) = rest else {
        return Ok((operand, Lookup::Exact));
    };
    let segments: Vec<&str> = rest.split("__").collect();
    for (index, segment) in segments.iter().enumerate() {
        let is_last = index + 1 == segments.len();
        let lookup = Lookup::named(segment).filter(|lookup| operand.sort.allows(*lookup));
        if let (true, Some(lookup)) = (is_last, lookup) {
            return Ok((operand, lookup));
        }
        let Some((sort, text)) = operand.sort.transform(segment, &operand.text) else {
            let first = segments
                .iter()
                .position(|other| other == segment)
                .unwrap_or(index);
            let named = if is_last {
                Cow::from(*segment)
            } else {
                segments[first..].join("__").into()
            };
            return Err(Error::invalid(format!(
                "Unsupported lookup '{named}' for {} or join on the field not permitted.",
                operand.sort.class()
            )));
        };
        operand = Operand {
            text,
            sort,
            name: "None",
        };
    }
    Ok((operand, Lookup::Exact))
}

/// The message of the database for a parameter of a wrong type.
fn refused_type(value: &Value, message: impl Fn(&str) -> String) -> Error {
    let kind = match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "integer",
        Value::Float(_) => "double precision",
        Value::Bytes(_) => "bytea",
        Value::Time(_) | Value::Zoned(_) => "timestamp without time zone",
        Value::Span(_) => "interval",
        Value::List(_) | Value::Table(_) => "text[]",
        Value::Null | Value::Text(_) => "text",
        Value::Map(_) => return Error::invalid("cannot adapt type 'dict'"),
    };
    Error::invalid(message(kind))
}
