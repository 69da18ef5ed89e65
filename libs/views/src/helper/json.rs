//! `{{json value}}`: data for `<script type="application/json">`.

use handlebars::RenderErrorReason;
use serde_json::Value;

use super::{Definition, define, misuse};

/// A value as JSON that cannot end the element it stands in.
pub(super) fn json() -> Definition {
    define(|helper, _, out| {
        let value = helper
            .param(0)
            .map(handlebars::PathAndJson::value)
            .ok_or_else(|| misuse("json", "the parameter is a value"))?;
        let text = harmless(value).map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        out.write(&text)?;
        Ok(())
    })
}

fn harmless(value: &Value) -> serde_json::Result<String> {
    Ok(serde_json::to_string(value)?
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::harmless;

    #[test]
    fn sec_051_markup_cannot_end_the_element() {
        let text = harmless(&json!({"a": "</script><!-- & \u{2028}"})).expect("serialises");
        assert_eq!(
            text,
            r#"{"a":"\u003c/script\u003e\u003c!-- \u0026 \u2028"}"#
        );
    }
}
