//! Many rows in one call: checked together, written together, or not at all.
//!
//! The number of statements does not depend on the number of rows. What is wrong is said for every
//! row at once, by its place in the call.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use entity::{Entity, Id, Map, repository};

use crate::form::{self, Form};
use crate::{Ctx, Error, FieldErrors, Result};

/// Rows that one call may bring.
pub const MAX_ROWS: usize = 10_000;

/// Refuses more rows than one call may bring.
pub fn limit(rows: usize) -> Result<()> {
    if rows > MAX_ROWS {
        let text = format!("{rows} rows in one call, more than {MAX_ROWS}");
        return Err(Error::Refused(text));
    }
    Ok(())
}

/// What is wrong with which row and field, by the place of the row in the call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowErrors(BTreeMap<usize, FieldErrors>);

impl RowErrors {
    /// Adds a message to a field of a row.
    pub fn add(&mut self, row: usize, field: &str, message: impl Into<String>) {
        self.0.entry(row).or_default().add(field, message);
    }

    /// Adds what made a row fail. What is not the client's fault is returned.
    pub fn note(&mut self, row: usize, field: &str, error: Error) -> Result<()> {
        match error {
            Error::Invalid(errors) => {
                for (name, messages) in errors.0 {
                    for message in messages {
                        self.add(row, &name, message);
                    }
                }
                Ok(())
            }
            Error::NotFound { .. } | Error::Refused(_) | Error::Type(_) => {
                self.add(row, field, error.to_string());
                Ok(())
            }
            other => Err(other),
        }
    }

    /// True if nothing is wrong with this row.
    pub fn is_fine(&self, row: usize) -> bool {
        !self.0.contains_key(&row)
    }

    /// `Err` if anything is wrong.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Rows(self))
        }
    }
}

/// `[(3, [('status', ['…'])])]`: like the messages of a single row, with its place before it.
impl fmt::Display for RowErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<String> = self
            .0
            .iter()
            .map(|(row, errors)| format!("({row}, {errors})"))
            .collect();
        write!(f, "[{}]", rows.join(", "))
    }
}

/// New values for the fields of one row.
#[derive(Debug, Clone)]
pub struct Change {
    /// Id of the row.
    pub id: Id,
    /// The given fields.
    pub values: Map,
}

/// Rows that are about to be changed, locked until the end of the transaction.
pub(crate) struct Locked<E> {
    /// The rows as they are, in the order of the call.
    pub(crate) rows: Vec<E>,
    /// The values for each of them.
    pub(crate) values: Vec<Map>,
    /// Their places in the call.
    places: Vec<usize>,
    errors: RowErrors,
}

/// Locks the rows of a call. They are locked in the order of their ids, so that two calls about the
/// same rows wait for each other and do not block each other.
pub(crate) async fn lock<E: Entity>(ctx: &mut Ctx, changes: Vec<Change>) -> Result<Locked<E>> {
    limit(changes.len())?;
    let mut ids: Vec<Id> = changes.iter().map(|change| change.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<E> = repository::get_many_for_update(ctx.conn(), &ids).await?;
    let mut found: HashMap<Id, E> = rows.into_iter().map(|row| (row.id(), row)).collect();
    let mut seen = HashSet::new();
    let mut locked = Locked {
        rows: Vec::with_capacity(found.len()),
        values: Vec::with_capacity(found.len()),
        places: Vec::with_capacity(found.len()),
        errors: RowErrors::default(),
    };
    for (place, change) in changes.into_iter().enumerate() {
        if !seen.insert(change.id) {
            locked.errors.add(place, "id", "This row is changed twice.");
        } else if let Some(row) = found.remove(&change.id) {
            locked.rows.push(row);
            locked.values.push(change.values);
            locked.places.push(place);
        } else {
            let entity = E::META.name;
            let missing = Error::NotFound { entity };
            locked.errors.note(place, "id", missing)?;
        }
    }
    Ok(locked)
}

impl<E: Entity + Clone> Locked<E> {
    /// Checks all values and writes all rows, with a history record each; returns them as they are
    /// now.
    pub(crate) async fn change(
        self,
        ctx: &mut Ctx,
        form: for<'a> fn(&'a Map) -> Form<'a>,
    ) -> Result<Vec<E>> {
        let mut new = self.rows.clone();
        let forms = self.values.iter().map(form).collect();
        let mut errors = self.errors;
        for (index, error) in form::apply_many(ctx, forms, &mut new).await? {
            errors.note(self.places[index], "__all__", error)?;
        }
        errors.into_result()?;
        ctx.update_many(&self.rows, &new).await?;
        Ok(new)
    }
}

/// Checks all values and inserts all rows, with a history record each where the entity has a history.
pub(crate) async fn insert<E: Entity + Default>(
    ctx: &mut Ctx,
    forms: Vec<Form<'_>>,
) -> Result<Vec<E>> {
    limit(forms.len())?;
    let mut rows: Vec<E> = forms.iter().map(|_| E::default()).collect();
    let mut errors = RowErrors::default();
    for (place, error) in form::apply_many(ctx, forms, &mut rows).await? {
        errors.note(place, "__all__", error)?;
    }
    errors.into_result()?;
    ctx.insert_many(&mut rows).await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_row_and_field() {
        let mut errors = RowErrors::default();
        errors.add(7, "status", "wrong");
        let missing = Error::NotFound {
            entity: "TestExecution",
        };
        errors.note(2, "id", missing).expect("the client's fault");
        let invalid = Error::field("build", "also wrong");
        errors
            .note(7, "__all__", invalid)
            .expect("the client's fault");
        assert!(errors.is_fine(3) && !errors.is_fine(7));
        assert_eq!(
            errors.to_string(),
            "[(2, [('id', ['TestExecution matching query does not exist.'])]), \
             (7, [('status', ['wrong']), ('build', ['also wrong'])])]"
        );
        assert!(errors.note(0, "id", Error::Unavailable).is_err());
    }

    #[test]
    fn ten_thousand_rows_are_the_most() {
        assert!(limit(MAX_ROWS).is_ok());
        assert_eq!(
            limit(MAX_ROWS + 1).map_err(|error| error.to_string()),
            Err("10001 rows in one call, more than 10000".to_owned())
        );
    }
}
