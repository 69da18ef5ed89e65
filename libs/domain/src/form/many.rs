//! The values of many rows, checked together.

use std::collections::HashMap;

use entity::{Entity, Id, Probe, probe};

use super::Form;
use crate::{Ctx, Error, Result};

/// Checks the values of many rows with one statement, or few if they ask about very many different
/// things, and puts them into the rows. Returns what is wrong, with the places of the rows.
///
/// Rows are compared with those in the database and not with each other, which is enough for
/// entities without uniqueness rules.
pub(crate) async fn apply_many<E: Entity>(
    ctx: &mut Ctx,
    forms: Vec<Form<'_>>,
    rows: &mut [E],
) -> Result<Vec<(usize, Error)>> {
    /// A statement has at most 1664 result columns.
    const MOST_QUESTIONS: usize = 1000;
    let mut wrong = vec![];
    let mut drafts = vec![];
    let mut asked: HashMap<String, usize> = HashMap::new();
    let mut probes: Vec<Probe> = vec![];
    for (place, (form, row)) in forms.into_iter().zip(rows.iter_mut()).enumerate() {
        match form.read(ctx, row) {
            Ok(mut draft) => {
                let number = |probe: Probe| {
                    *asked.entry(format!("{probe:?}")).or_insert_with(|| {
                        probes.push(probe);
                        probes.len() - 1
                    })
                };
                let numbers: Vec<usize> = draft.probes.drain(..).map(number).collect();
                drafts.push((place, draft, numbers));
            }
            Err(error) => wrong.push((place, error)),
        }
    }
    let mut answers = Vec::with_capacity(probes.len());
    for some in probes.chunks(MOST_QUESTIONS) {
        answers.extend(probe(ctx.conn(), some).await?);
    }
    for (place, draft, numbers) in drafts {
        let own: Vec<Vec<Id>> = numbers
            .iter()
            .map(|number| answers[*number].clone())
            .collect();
        if let Err(error) = draft.finish(&mut rows[place], &own) {
            wrong.push((place, error));
        }
    }
    Ok(wrong)
}
