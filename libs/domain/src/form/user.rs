//! A person given as id, user name or address (spec 01 §4.13).

use entity::{Entity, Id, Probe, Value, probe, python};

use crate::member::Member;
use crate::{Ctx, Error, FieldErrors, Result};

pub(super) const REQUIRED: &str = "A user name or user ID is required.";

/// Who was meant.
pub(super) enum Meant {
    Nobody,
    /// A text of blanks, which is refused even where nobody is allowed.
    Blank,
    Id(i64, String),
    Text(String),
}

/// Reads a value; only text and whole numbers can mean somebody.
pub(super) fn read(value: &Value) -> Result<Meant> {
    Ok(match value {
        Value::Null => Meant::Nobody,
        Value::Int(id) => Meant::Id(*id, id.to_string()),
        Value::Bool(truth) => Meant::Id(i64::from(*truth), python::text(value)),
        Value::Text(text) if text.is_empty() => Meant::Nobody,
        Value::Text(text) => match text.trim() {
            "" => Meant::Blank,
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Meant::Id(digits.parse().unwrap_or(i64::MAX), digits.to_owned())
            }
            text => Meant::Text(text.to_owned()),
        },
        other => {
            let kind = python::type_name(other);
            return Err(Error::refused(format!(
                "'{kind}' object has no attribute 'strip'"
            )));
        }
    })
}

/// The question that finds the person among those who may enter the tenant.
pub(super) fn probe_for(meant: &Meant) -> Probe {
    let probe = Probe::new(Member::META).and("is_authorised", vec![]);
    match meant {
        Meant::Nobody | Meant::Blank => probe.and("FALSE", vec![]),
        Meant::Id(id, _) => probe.equal("id", Value::Int(*id)),
        Meant::Text(text) => probe.and(
            "(username = $ OR email = $)",
            vec![text.clone().into(), text.clone().into()],
        ),
    }
}

/// The id of the person, or the message for the field.
pub(super) fn answer(meant: &Meant, found: &[Id]) -> Result<std::result::Result<Id, String>> {
    Ok(match (meant, found) {
        (_, [_, _, ..]) => {
            let text = format!(
                "get() returned more than one User -- it returned {}!",
                found.len()
            );
            return Err(Error::refused(text));
        }
        (_, [id]) => Ok(*id),
        (Meant::Id(_, text), []) => Err(format!("Unknown user_id: \"{text}\"")),
        (Meant::Text(text), []) => Err(format!("Unknown user: \"{text}\"")),
        (Meant::Nobody | Meant::Blank, []) => Err(REQUIRED.to_owned()),
    })
}

/// The id of the person that a value of the field `user` means.
pub async fn find(ctx: &mut Ctx, value: &Value) -> Result<Id> {
    let meant = read(value)?;
    let found = match meant {
        Meant::Nobody | Meant::Blank => vec![],
        _ => probe(ctx.conn(), &[probe_for(&meant)])
            .await?
            .pop()
            .unwrap_or_default(),
    };
    answer(&meant, &found)?.map_err(|message| {
        let mut errors = FieldErrors::default();
        errors.add("user", message);
        Error::Invalid(errors)
    })
}
