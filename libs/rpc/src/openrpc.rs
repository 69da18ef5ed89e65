//! The API as an `OpenRPC` document, for programs that make clients from it.

use serde_json::{Map, Value, json};

use crate::reference::{Class, Entry, Parameter};
use crate::{Member, Shape};

/// The document for these classes; `version` is that of the server, `address` its endpoint.
pub fn document(classes: &[Class], version: &str, address: &str) -> Value {
    let methods = classes.iter().flat_map(|class| {
        let entries = class.methods.iter();
        entries.map(|entry| method(class, entry))
    });
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "Kiwi",
            "description": "Test plans, cases, runs and their results. Every method can be called \
                            over XML-RPC too.",
            "version": version,
            "license": {"name": "AGPL-3.0-or-later"},
        },
        "servers": [{"name": "this server", "url": address}],
        "methods": methods.collect::<Vec<_>>(),
    })
}

fn method(class: &Class, entry: &Entry) -> Value {
    let doc = entry.doc();
    let summary = doc.split_inclusive(". ").next().unwrap_or_default().trim();
    let names = entry.params.iter().map(|param| param.name);
    let given = names
        .zip(&entry.example.params)
        .map(|(name, value)| json!({"name": name, "value": value}));
    let mut told = json!({
        "name": entry.method.name,
        "summary": summary,
        "description": doc,
        "tags": [{"name": class.name}],
        "paramStructure": "either",
        "params": entry.params.iter().map(parameter).collect::<Vec<_>>(),
        "result": {"name": "result", "schema": schema(&entry.result)},
        "examples": [{
            "name": "example",
            "params": given.collect::<Vec<_>>(),
            "result": {"name": "result", "value": entry.example.result},
        }],
    });
    let needs = match entry.permission() {
        Some(permission) => permission.into(),
        None if entry.is_public() => Value::Null,
        None => "login".into(),
    };
    told["x-needs"] = needs;
    told
}

fn parameter(param: &Parameter) -> Value {
    let mut schema = schema(&param.shape);
    if param.optional {
        schema = or_null(schema);
    }
    json!({"name": param.name, "required": !param.optional, "schema": schema})
}

/// A JSON Schema.
fn schema(shape: &Shape) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Null => json!({"type": "null"}),
        Shape::Boolean => json!({"type": "boolean"}),
        Shape::Integer => json!({"type": "integer"}),
        Shape::Number => json!({"type": "number"}),
        // times carry no zone, so they are not of the format date-time
        Shape::Text | Shape::Time => json!({"type": "string"}),
        Shape::List(item) => json!({"type": "array", "items": schema(item)}),
        Shape::Map(item) => json!({"type": "object", "additionalProperties": schema(item)}),
        Shape::Object(members) => {
            let required = members.iter().filter(|member| member.required);
            let required: Vec<&str> = required.map(|member| member.name.as_str()).collect();
            let properties: Map<String, Value> = members
                .iter()
                .map(|member| (member.name.clone(), property(member)))
                .collect();
            json!({"type": "object", "properties": properties, "required": required})
        }
    }
}

fn property(member: &Member) -> Value {
    let mut schema = schema(&member.shape);
    if member.nullable {
        schema = or_null(schema);
    }
    if !member.label.is_empty() {
        schema["title"] = member.label.into();
    }
    schema
}

fn or_null(mut schema: Value) -> Value {
    if let Some(Value::String(kind)) = schema.get("type").cloned()
        && kind != "null"
    {
        schema["type"] = json!([kind, "null"]);
    }
    schema
}
