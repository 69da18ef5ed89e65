//! What is written can be read, and nothing that can be sent breaks a reader.

use base64::Engine as _;
use chrono::{SubsecRound as _, Timelike as _};
use entity::Value;
use proptest::prelude::*;
use rpc::{Params, json, xml};

use crate::values::{text, travelled, unescaped, value, xml_text};

fn read_xml(written: &str) -> Value {
    let document = format!(
        "<methodCall><methodName>x</methodName><params><param>{written}</param></params></methodCall>"
    );
    let mut call = xml::read(&document).unwrap_or_else(|fault| panic!("{fault:?}: {document}"));
    call.params.remove(0)
}

fn read_json(written: &str) -> Value {
    let document = format!(r#"{{"jsonrpc":"2.0","method":"x","params":[{written}]}}"#);
    match json::read(&document, 1000) {
        Ok(json::Document::Single(json::Call {
            params: Params::Positional(mut values),
            ..
        })) => values.remove(0),
        other => panic!("{other:?}: {document}"),
    }
}

fn xml_scalar(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(xml_text(text)),
        Value::Time(time) => Value::Time(time.trunc_subsecs(0)),
        other => other.clone(),
    }
}

fn json_scalar(value: &Value) -> Value {
    match value {
        Value::Bytes(bytes) => Value::Text(base64::engine::general_purpose::STANDARD.encode(bytes)),
        Value::Time(time) if time.nanosecond() == 0 => {
            Value::Text(time.format("%Y-%m-%dT%H:%M:%S").to_string())
        }
        Value::Time(time) => Value::Text(time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn xml_reads_what_it_writes(value in value()) {
        let mut written = String::new();
        xml::write_value(&mut written, &value);
        let expected = travelled(&value, xml_scalar, xml_text);
        prop_assert_eq!(unescaped(read_xml(&written)), expected);
    }

    #[test]
    fn json_reads_what_it_writes(value in value()) {
        let mut written = String::new();
        json::write_value(&mut written, &value);
        let expected = travelled(&value, json_scalar, str::to_owned);
        prop_assert_eq!(unescaped(read_json(&written)), expected);
    }

    #[test]
    fn json_answers_are_json(value in value(), id in text()) {
        let mut written = String::new();
        json::write_result(&mut written, &json::Id::Text(id.clone()), &value);
        let parsed: serde_json::Value = serde_json::from_str(&written).expect("is JSON");
        prop_assert_eq!(parsed["id"].as_str(), Some(id.as_str()));
        written.clear();
        json::write_fault(&mut written, &json::Id::Null, &rpc::Fault::internal(&id));
        let parsed: serde_json::Value = serde_json::from_str(&written).expect("is JSON");
        let message = format!("Internal error: {id}");
        prop_assert_eq!(parsed["error"]["message"].as_str(), Some(message.as_str()));
    }

    #[test]
    fn any_text_is_read_or_refused(text in text()) {
        let _ = (xml::read(&text), json::read(&text, 1000));
        let _ = xml::read(&format!("<methodCall><methodName>{text}</methodName></methodCall>"));
        let _ = json::read(&format!("{{\"jsonrpc\":\"2.0\",\"method\":{text}}}"), 1000);
    }

    /// A good document with some bytes changed.
    #[test]
    fn damaged_documents_are_read_or_refused(
        value in value(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut documents = [
            String::from("<methodCall><methodName>x</methodName><params><param>"),
            String::from(r#"{"jsonrpc":"2.0","id":1,"method":"x","params":["#),
        ];
        xml::write_value(&mut documents[0], &value);
        documents[0].push_str("</param></params></methodCall>");
        json::write_value(&mut documents[1], &value);
        documents[1].push_str("]}");
        for document in documents {
            let mut bytes = document.into_bytes();
            for (index, byte) in &changes {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            let text = String::from_utf8_lossy(&bytes);
            let _ = (xml::read(&text), json::read(&text, 1000));
        }
    }
}
