//! `Attachment.*`, and the files of everything that can carry some.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use domain::attachment::{self, Attachment, Carrier, Upload};
use domain::{Ctx, Error, Result};
use entity::{Id, Map, Value, python};
use macros::rpc;

use super::argument::Pk;
use crate::{FromArgument, Method};

/// The content of a file, sent as base64.
#[derive(Debug, Clone)]
pub(super) struct Content(Bytes);

impl FromArgument for Content {
    const KIND: &'static str = "base64";

    fn from_value(value: Value) -> Result<Self> {
        let Value::Text(text) = &value else {
            let kind = python::type_name(&value);
            return Err(Error::Type(format!(
                "argument should be a bytes-like object or ASCII string, not '{kind}'"
            )));
        };
        let decoded = decode(text);
        decoded
            .map(|content| Self(content.into()))
            .ok_or_else(|| Error::refused("Could not decode base64 data."))
    }
}

/// Decodes leniently: characters outside of the alphabet are skipped, and what follows the
/// padding is ignored. `None` when digits or padding are missing.
fn decode(text: &str) -> Option<Vec<u8>> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::RequireNone),
    );
    let mut digits = Vec::with_capacity(text.len());
    let mut padding = 0;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') {
            digits.push(byte);
            padding = 0;
        } else if byte == b'=' && digits.len() % 4 >= 2 {
            padding += 1;
            if digits.len() % 4 + padding == 4 {
                break;
            }
        }
    }
    let is_whole = (digits.len() + padding).is_multiple_of(4);
    is_whole.then(|| ENGINE.decode(&digits).ok()).flatten()
}

/// The file that a call sends. A name that is not a text is taken in its text form.
pub(super) fn upload(filename: &Value, content: Content) -> Upload {
    Upload {
        name: python::text(filename),
        content_type: None,
        content: content.0,
    }
}

/// Attaches a file to something that exists.
pub(super) async fn add<E: Carrier>(
    ctx: &mut Ctx,
    object: Id,
    filename: &Value,
    content: Content,
) -> Result<Attachment> {
    let added = attachment::add::<E>(ctx, object, upload(filename, content)).await;
    added.map_err(told)
}

/// The files of something that exists, newest first.
pub(super) async fn list<E: Carrier>(ctx: &mut Ctx, object: Id) -> Result<Vec<Map>> {
    let listed = attachment::list::<E>(ctx, object).await?;
    let scheme = if ctx.request.secure { "https" } else { "http" };
    let origin = format!("{scheme}://{}", ctx.request.host);
    let row = |file: attachment::Listed| {
        let url = attachment::url(ctx, &file.attachment_file);
        Map::from_iter([
            ("pk".into(), file.id.into()),
            ("url".into(), format!("{origin}{url}").into()),
            ("owner_pk".into(), file.creator_id.into()),
            ("owner_username".into(), file.creator_username.into()),
            ("date".into(), date(&file.created).into()),
        ])
    };
    Ok(listed.into_iter().map(row).collect())
}

/// All microseconds, or no fraction.
fn date(time: &chrono::DateTime<chrono::Utc>) -> String {
    let format = if time.timestamp_subsec_micros() == 0 {
        "%Y-%m-%dT%H:%M:%S"
    } else {
        "%Y-%m-%dT%H:%M:%S%.6f"
    };
    time.format(format).to_string()
}

/// The error in the words of these methods: fields as a dictionary, and what is missing by name.
pub(super) fn told(error: Error) -> Error {
    match error {
        Error::Invalid(errors) => {
            let fields = errors.0.into_iter().map(|(name, messages)| {
                let messages = messages.into_iter().map(Value::from).collect();
                (name.into(), Value::List(messages))
            });
            Error::Refused(python::repr(&Value::Map(fields.collect())))
        }
        Error::NotFound { entity } => {
            Error::Refused(format!("No {entity} matches the given query."))
        }
        other => other,
    }
}

/// Deletes a file that the caller attached, or with `attachments.delete_foreign_attachments` any
/// file. Somebody else's file stays without an error.
#[rpc(
    "Attachment.remove_attachment",
    needs = "attachments.delete_attachment",
    context
)]
async fn remove_attachment(ctx: &mut Ctx, attachment_id: Pk) -> Result<()> {
    attachment::remove(ctx, attachment_id.0)
        .await
        .map_err(told)?;
    Ok(())
}

pub(super) const METHODS: &[Method] = &[REMOVE_ATTACHMENT];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_leniently() {
        for (text, content) in [
            ("aGVsbG8=", Some("hello")),
            ("aGVs\nbG8=", Some("hello")),
            (" a%G:V s b-G8_=", Some("hello")),
            ("aGVsbG8=aGVsbG8=", Some("hello")),
            ("aGk=", Some("hi")),
            ("aA==", Some("h")),
            ("aA=\n=", Some("h")),
            ("", Some("")),
            ("%%%", Some("")),
            ("_-_-", Some("")),
            ("====", Some("")),
            ("aGVsbG8", None),
            ("aA=", None),
            ("a", None),
            ("a===", None),
        ] {
            let expected = content.map(|content| content.as_bytes().to_vec());
            assert_eq!(decode(text), expected, "{text:?}");
        }
    }

    #[test]
    fn dates_have_all_microseconds_or_no_fraction() {
        let time = |micros| chrono::DateTime::from_timestamp_micros(micros).expect("a time");
        assert_eq!(
            date(&time(1_767_619_800_828_834)),
            "2026-01-05T13:30:00.828834"
        );
        assert_eq!(
            date(&time(1_767_619_800_000_400)),
            "2026-01-05T13:30:00.000400"
        );
        assert_eq!(date(&time(1_767_619_800_000_000)), "2026-01-05T13:30:00");
    }

    #[test]
    fn fields_are_told_as_a_dictionary() {
        let error = told(Error::field("attachment_file", "not over 5.0\u{a0}MB, `x`"));
        assert_eq!(
            error.to_string(),
            "{'attachment_file': ['not over 5.0\\xa0MB, `x`']}"
        );
    }
}
