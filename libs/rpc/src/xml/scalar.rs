//! The contents of elements for single values.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chrono::NaiveDateTime;
use entity::Value;

use crate::Fault;

/// Numbers beyond 64 bits become fractional ones.
pub(super) fn whole(text: &str) -> Result<Value, Fault> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Ok(Value::Int(number));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(number) if is_number => Ok(Value::Float(number)),
        _ => Err(Fault::request(format!("bad int value '{text}'"))),
    }
}

/// Also `nan` and `inf`, as some clients write them.
pub(super) fn fractional(text: &str) -> Result<Value, Fault> {
    let text = text.trim();
    let bad = |_| Fault::request(format!("bad double value '{text}'"));
    text.parse().map(Value::Float).map_err(bad)
}

/// Also as a word, as some clients write it.
pub(super) fn truth(text: &str) -> Result<Value, Fault> {
    match text.trim() {
        "1" | "true" => Ok(Value::Bool(true)),
        "0" | "false" => Ok(Value::Bool(false)),
        _ => Err(Fault::request("bad boolean value")),
    }
}

/// `YYYYMMDDTHH:MM:SS`, also with dashes, a fraction or the letter of UTC.
pub(super) fn time(text: &str) -> Result<Value, Fault> {
    let text = text.trim();
    let plain = text.strip_suffix('Z').unwrap_or(text);
    ["%Y%m%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(plain, format).ok())
        .map(|time| Value::Time(time.and_utc()))
        .ok_or_else(|| Fault::request(format!("bad dateTime.iso8601 value '{text}'")))
}

/// White space and missing padding are forgiven.
pub(super) fn bytes(text: &str) -> Result<Value, Fault> {
    const TOLERANT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let compact: String = text.split_ascii_whitespace().collect();
    let bad = |_| Fault::request("bad base64 value");
    TOLERANT.decode(compact).map(Value::Bytes).map_err(bad)
}
