//! XML-RPC with another implementation at the other end.

use chrono::{Datelike as _, Timelike as _};
use entity::Value;
use proptest::prelude::*;
use rpc::{Fault, xml};

use crate::values::{text, travelled, unescaped, value, xml_text};

/// The same value in the types of the other implementation, which keeps members by name.
fn theirs(value: &Value) -> dxr::Value {
    match value {
        Value::Null => dxr::Value::Nil,
        Value::Bool(truth) => dxr::Value::Boolean(*truth),
        Value::Int(number) => {
            i32::try_from(*number).map_or(dxr::Value::Long(*number), dxr::Value::Integer)
        }
        Value::Float(number) => dxr::Value::Double(*number),
        Value::Text(text) => dxr::Value::String(text.clone()),
        Value::Bytes(bytes) => dxr::Value::Base64(bytes.clone()),
        Value::Time(time) => {
            let text = time.format("%Y%m%dT%H:%M:%S").to_string();
            dxr::Value::DateTime(text.parse().expect("is a time"))
        }
        Value::List(values) => dxr::Value::Array(values.iter().map(theirs).collect()),
        Value::Map(map) => {
            let members = map
                .iter()
                .map(|(name, value)| (name.to_string(), theirs(value)));
            dxr::Value::Struct(members.collect())
        }
        Value::Zoned(_) | Value::Span(_) | Value::Table(_) => unreachable!("these never arrive"),
    }
}

fn scalar(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(xml_text(text)),
        other => other.clone(),
    }
}

/// Names of members that the other side reads, which are never empty.
fn name(text: &str) -> String {
    format!("n{}", xml_text(text))
}

/// Values that both sides can hold: years with four digits and numbers that are some.
fn common() -> impl Strategy<Value = Value> {
    value()
        .prop_map(|value| travelled(&value, scalar, name))
        .prop_map(|value| plain(&value))
}

fn plain(value: &Value) -> Value {
    match value {
        Value::Time(time) => {
            let year = time.year().clamp(1000, 9999);
            let time = time.with_nanosecond(0).and_then(|time| time.with_day(1));
            time.and_then(|time| time.with_year(year))
                .map_or(Value::Null, Value::Time)
        }
        Value::List(values) => Value::List(values.iter().map(plain).collect()),
        Value::Map(map) => Value::Map(
            map.iter()
                .map(|(name, value)| (name.clone(), plain(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

/// Members in the order of their names, as the other side sends them.
fn sorted(value: Value) -> Value {
    match value {
        Value::List(values) => Value::List(values.into_iter().map(sorted).collect()),
        Value::Map(mut map) => {
            map.sort_keys();
            Value::Map(
                map.into_iter()
                    .map(|(name, value)| (name, sorted(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn their_calls_are_read(value in common()) {
        let call = dxr::MethodCall { name: "Test.echo".into(), params: vec![theirs(&value)] };
        let document = call.to_xml().expect("writes");
        let ours = xml::read(&document).unwrap_or_else(|fault| panic!("{fault:?}: {document}"));
        prop_assert_eq!(ours.name, "Test.echo");
        prop_assert_eq!(ours.params, vec![sorted(value)]);
    }

    #[test]
    fn our_answers_are_read(value in common()) {
        let mut document = String::new();
        xml::write_result(&mut document, &value);
        let response = dxr::MethodResponse::from_xml(&document).expect("reads");
        let escaped = response.value.to_xml().expect("writes");
        let back = format!(
            "<methodCall><methodName>x</methodName><params><param>{escaped}</param></params></methodCall>"
        );
        let mut call = xml::read(&back).expect("reads");
        prop_assert_eq!(unescaped(call.params.remove(0)), sorted(value));
    }

    #[test]
    fn our_faults_are_read(message in text()) {
        let fault = Fault::internal(&message);
        let mut document = String::new();
        xml::write_fault(&mut document, &fault);
        let theirs = dxr::FaultResponse::from_xml(&document).expect("reads").fault;
        prop_assert_eq!(theirs.code(), fault.code);
        prop_assert_eq!(theirs.string(), xml_text(&fault.message));
    }
}
