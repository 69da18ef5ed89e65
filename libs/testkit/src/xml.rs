//! XML-RPC as a client that shares nothing with the server's codec would write and read it.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use crate::Fault;

/// A call. Texts that begin with `dateTime:` become dates.
pub(crate) fn call(method: &str, params: &[Value]) -> String {
    let mut list = String::new();
    for value in params {
        list.push_str("<param>");
        list.push_str(&encoded(value));
        list.push_str("</param>");
    }
    let method = escape(method);
    format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>{method}</methodName>\
         <params>{list}</params></methodCall>"
    )
}

fn encoded(value: &Value) -> String {
    let inner = match value {
        Value::Null => "<nil/>".to_owned(),
        Value::Bool(value) => format!("<boolean>{}</boolean>", u8::from(*value)),
        Value::Number(number) if number.is_f64() => format!("<double>{number}</double>"),
        Value::Number(number) => format!("<int>{number}</int>"),
        Value::String(text) => match text.strip_prefix("dateTime:") {
            Some(date) => format!("<dateTime.iso8601>{date}</dateTime.iso8601>"),
            None => format!("<string>{}</string>", escape(text)),
        },
        Value::Array(items) => {
            let items: String = items.iter().map(encoded).collect();
            format!("<array><data>{items}</data></array>")
        }
        Value::Object(fields) => {
            let mut members = String::new();
            for (name, value) in fields {
                members.push_str("<member><name>");
                members.push_str(&escape(name));
                members.push_str("</name>");
                members.push_str(&encoded(value));
                members.push_str("</member>");
            }
            format!("<struct>{members}</struct>")
        }
    };
    format!("<value>{inner}</value>")
}

/// An element with its text and children.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The result of an answer, or its fault.
pub(crate) fn answer(text: &str) -> Result<Value, Fault> {
    let root = parse(text);
    let response = root.child("methodResponse").expect("a methodResponse");
    if let Some(fault) = response.child("fault") {
        let value = decoded(fault.child("value").expect("a value"));
        return Err(Fault {
            code: value["faultCode"].as_i64().unwrap_or_default(),
            message: value["faultString"].as_str().unwrap_or_default().to_owned(),
        });
    }
    let value = response
        .child("params")
        .and_then(|params| params.child("param"))
        .and_then(|param| param.child("value"));
    Ok(decoded(value.expect("one value")))
}

fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error} in {text:?}"))
        {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                stack.push(Element {
                    name,
                    ..Element::default()
                });
            }
            Event::Empty(start) => {
                let name = start.name().as_ref().to_owned();
                let parent = stack.last_mut().expect("a root");
                parent.children.push(Element {
                    name,
                    ..Element::default()
                });
            }
            Event::Text(content) => {
                stack.last_mut().expect("a root").text += content.as_ref();
            }
            Event::GeneralRef(entity) => {
                let resolved = match entity.as_ref() {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    "apos" => '\'',
                    _ => entity
                        .resolve_char_ref()
                        .ok()
                        .flatten()
                        .expect("a known entity"),
                };
                stack.last_mut().expect("a root").text.push(resolved);
            }
            Event::End(_) => {
                let element = stack.pop().expect("an element");
                stack.last_mut().expect("a root").children.push(element);
            }
            Event::Eof => return stack.pop().expect("a root"),
            _ => {}
        }
    }
}

fn decoded(value: &Element) -> Value {
    let Some(inner) = value.children.first() else {
        return value.text.clone().into();
    };
    let text = inner.text.trim();
    match inner.name.as_str() {
        "nil" => Value::Null,
        "boolean" => (text == "1").into(),
        "int" | "i4" | "i8" => text.parse::<i64>().expect("a number").into(),
        "double" => text.parse::<f64>().expect("a number").into(),
        "string" => inner.text.clone().into(),
        "dateTime.iso8601" => format!("dateTime:{text}").into(),
        "base64" => format!("base64:{text}").into(),
        "array" => {
            let data = inner.child("data").expect("data");
            data.children.iter().map(decoded).collect()
        }
        "struct" => {
            let member = |member: &Element| {
                let name = member.child("name").expect("a name").text.clone();
                (name, decoded(member.child("value").expect("a value")))
            };
            Value::Object(inner.children.iter().map(member).collect::<Map<_, _>>())
        }
        other => panic!("an unknown type: {other}"),
    }
}
