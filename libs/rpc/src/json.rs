//! JSON-RPC 2.0: the envelope, and answers to single calls and batches.

mod reader;
mod writer;

use entity::{Value, python};

pub use reader::MAX_DEPTH;
pub use writer::{write_fault, write_result, write_value};

use crate::{Fault, Params};

/// The id of a call; the answer carries the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Id {
    /// `null`, an ordinary id.
    Null,
    /// A whole number.
    Int(i64),
    /// A whole number that only fits without its sign.
    Large(u64),
    /// A fractional number.
    Float(f64),
    /// Text.
    Text(String),
}

/// A call that passed the checks of the envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `None` for a notification, which gets no answer.
    pub id: Option<Id>,
    /// Name of the method. Not yet known to be text.
    pub method: Value,
    /// Parameters.
    pub params: Params,
}

/// What a body holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// One call.
    Single(Call),
    /// An array of calls.
    Batch(Vec<Call>),
}

/// Reads a body of at most this many calls. Any fault refuses all of it.
pub fn read(text: &str, max_calls: usize) -> Result<Document, Fault> {
    if text.starts_with('\u{feff}') {
        return Err(Fault::parse(
            "Unexpected UTF-8 BOM (decode using utf-8-sig)",
        ));
    }
    reader::document(text, max_calls)
}

/// What stands in the place of a call is something else. The original looks for the method name in
/// a text and finds none.
fn no_call(kind: &str) -> Fault {
    if kind == "str" {
        Fault::request("Unable to find method name")
    } else {
        Fault::request(format!("a call must be an object, found {kind}"))
    }
}

/// The checks of an envelope, in the order in which clients see them.
fn check(envelope: reader::Envelope) -> Result<Call, Fault> {
    let reader::Envelope {
        method,
        version,
        id,
        params,
    } = envelope;
    let method = method.ok_or_else(|| Fault::request("Unable to find method name"))?;
    let version = version.ok_or_else(|| Fault::request("jsonrpc required"))?;
    if version.as_text() != Some("2.0") {
        return Err(Fault::request(format!(
            "Parameter \"jsonrpc\" has an unsupported value \"{}\". It must be set to \"2.0\"",
            python::text(&version)
        )));
    }
    let id = id.transpose().map_err(|kind| {
        Fault::request(format!(
            "Parameter \"id\" has an unsupported value. According to JSON-RPC 2.0 standard, it \
             must be a String, a Number or a Null value. Found: <class '{kind}'>"
        ))
    })?;
    Ok(Call { id, method, params })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Document, Fault> {
        super::read(text, 3)
    }

    fn fault(text: &str) -> String {
        let fault = read(text).expect_err("is refused");
        format!("{} {}", fault.code, fault.message)
    }

    fn call(text: &str) -> Call {
        match read(text) {
            Ok(Document::Single(call)) => call,
            other => panic!("no single call: {other:?}"),
        }
    }

    #[test]
    fn unreadable_bodies() {
        let reasons = [
            "",
            "abc",
            "{",
            "{'a':1}",
            "[1,2",
            "{} x",
            "{\"a\":1,}",
            "nul",
            "\u{feff}{}",
        ]
        .map(fault);
        insta::assert_snapshot!(reasons.join("\n"), @r"
        -32700 Parse error, unable to read the request: Expecting value: line 1 column 1
        -32700 Parse error, unable to read the request: Expecting value: line 1 column 1
        -32700 Parse error, unable to read the request: Expecting property name enclosed in double quotes: line 1 column 1
        -32700 Parse error, unable to read the request: Expecting property name enclosed in double quotes: line 1 column 2
        -32700 Parse error, unable to read the request: Expecting ',' delimiter: line 1 column 4
        -32700 Parse error, unable to read the request: Extra data: line 1 column 4
        -32700 Parse error, unable to read the request: Illegal trailing comma: line 1 column 8
        -32700 Parse error, unable to read the request: Expecting value: line 1 column 3
        -32700 Parse error, unable to read the request: Unexpected UTF-8 BOM (decode using utf-8-sig)
        ");
    }

    #[test]
    fn checks_of_the_envelope_come_in_order() {
        let faults = [
            "{}",
            r#"{"jsonrpc":"1.0","id":[]}"#,
            r#"{"method":"x","id":[]}"#,
            r#"{"method":"x","jsonrpc":"1.0","id":[]}"#,
            r#"{"method":"x","jsonrpc":2.0}"#,
            r#"{"method":"x","jsonrpc":null}"#,
            r#"{"method":"x","jsonrpc":20}"#,
            r#"{"method":"x","jsonrpc":"2.0","id":true}"#,
            r#"{"method":"x","jsonrpc":"2.0","id":[1]}"#,
            r#"{"method":"x","jsonrpc":"2.0","id":{}}"#,
            r#""just a text""#,
            "7",
            "3.5",
            "true",
            "null",
            "[1]",
            "[[]]",
            r#"["x"]"#,
            r#"[{"method":"x","jsonrpc":"2.0"},{"jsonrpc":"2.0"}]"#,
        ]
        .map(fault);
        insta::assert_snapshot!(faults.join("\n"), @r#"
        -32600 Invalid request: Unable to find method name
        -32600 Invalid request: Unable to find method name
        -32600 Invalid request: jsonrpc required
        -32600 Invalid request: Parameter "jsonrpc" has an unsupported value "1.0". It must be set to "2.0"
        -32600 Invalid request: Parameter "jsonrpc" has an unsupported value "2.0". It must be set to "2.0"
        -32600 Invalid request: Parameter "jsonrpc" has an unsupported value "None". It must be set to "2.0"
        -32600 Invalid request: Parameter "jsonrpc" has an unsupported value "20". It must be set to "2.0"
        -32600 Invalid request: Parameter "id" has an unsupported value. According to JSON-RPC 2.0 standard, it must be a String, a Number or a Null value. Found: <class 'bool'>
        -32600 Invalid request: Parameter "id" has an unsupported value. According to JSON-RPC 2.0 standard, it must be a String, a Number or a Null value. Found: <class 'list'>
        -32600 Invalid request: Parameter "id" has an unsupported value. According to JSON-RPC 2.0 standard, it must be a String, a Number or a Null value. Found: <class 'dict'>
        -32600 Invalid request: Unable to find method name
        -32600 Invalid request: a call must be an object, found int
        -32600 Invalid request: a call must be an object, found float
        -32600 Invalid request: a call must be an object, found bool
        -32600 Invalid request: a call must be an object, found NoneType
        -32600 Invalid request: a call must be an object, found int
        -32600 Invalid request: a call must be an object, found list
        -32600 Invalid request: Unable to find method name
        -32600 Invalid request: Unable to find method name
        "#);
    }

    #[test]
    fn ids_of_every_kind() {
        let id = |text: &str| call(&format!(r#"{{"jsonrpc":"2.0","method":"x","id":{text}}}"#)).id;
        assert_eq!(id("null"), Some(Id::Null));
        assert_eq!(id("-5"), Some(Id::Int(-5)));
        assert_eq!(id("18446744073709551615"), Some(Id::Large(u64::MAX)));
        assert_eq!(id("1.5"), Some(Id::Float(1.5)));
        assert_eq!(id("\"\""), Some(Id::Text(String::new())));
        assert_eq!(call(r#"{"jsonrpc":"2.0","method":"x"}"#).id, None);
    }

    #[test]
    fn parameters_of_every_kind() {
        let params = |text: &str| {
            call(&format!(
                r#"{{"jsonrpc":"2.0","method":"x","params":{text}}}"#
            ))
            .params
        };
        let none = Params::Positional(vec![]);
        for text in ["null", "5", "true", "\"text\"", "1.5", "[]"] {
            assert_eq!(params(text), none);
        }
        assert_eq!(call(r#"{"jsonrpc":"2.0","method":"x"}"#).params, none);
        assert_eq!(
            params("[1,[]]"),
            Params::Positional(vec![1.into(), Value::List(vec![])])
        );
        let named = [("a".into(), Value::Null)].into_iter().collect();
        assert_eq!(params(r#"{"a":null}"#), Params::Named(named));
        assert_eq!(
            params("[9223372036854775807,9223372036854775808,1e30]"),
            Params::Positional(vec![
                i64::MAX.into(),
                9_223_372_036_854_775_808_f64.into(),
                1e30.into()
            ])
        );
    }

    #[test]
    fn the_last_of_equal_keys_wins_and_others_are_ignored() {
        let call = call(
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"x","method":"y","auth":{"a":[]},
                "params":[{"a":1,"a":2}]}"#,
        );
        assert_eq!((call.id, call.method), (Some(Id::Int(2)), "y".into()));
        assert_eq!(
            call.params,
            Params::Positional(vec![Value::object([("a", 2.into())])])
        );
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"jsonrpc":"2.0","method":"x","params":{open}{close}}}"#)
        };
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        let reason = fault(&nested(MAX_DEPTH + 1));
        assert!(reason.contains("nesting deeper than 64 levels"), "{reason}");
        assert!(fault(&nested(100_000)).contains("nesting deeper than 64 levels"));
        assert!(fault(&"[".repeat(100_000)).contains("nesting deeper than 64 levels"));
        let ignored = format!("{{\"other\":{}", "[".repeat(100_000));
        assert!(fault(&ignored).contains("nesting deeper than 64 levels"));
    }

    #[test]
    fn numbers_of_calls_and_values_are_limited() {
        let call = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let batch = |count: usize| format!("[{}]", vec![call; count].join(","));
        assert!(read(&batch(3)).is_ok());
        assert_eq!(
            fault(&batch(4)),
            "-32600 Invalid request: more than 3 calls in one request"
        );
        // what follows a refused call must still be readable
        assert!(fault(&format!("[7,{call},")).starts_with("-32700"));
        let values = |count: usize| {
            let values = vec!["1"; count].join(",");
            format!(r#"{{"jsonrpc":"2.0","method":"x","params":[{values}]}}"#)
        };
        // the method, the version and the list itself count as well
        assert!(read(&values(crate::MAX_VALUES - 3)).is_ok());
        assert!(fault(&values(crate::MAX_VALUES - 2)).contains("too many values"));
        let others = format!("[[{}]]", vec!["[]"; crate::MAX_VALUES + 1].join(","));
        assert!(fault(&others).contains("too many values"));
    }
}
