//! The methods of the API, from the registry.

use std::fmt::Write as _;

use anyhow::Context as _;
use rpc::reference::{self, Class, Entry};
use rpc::{Member, Registry, openrpc};
use serde_json::json;

/// The methods, class by class.
pub(super) fn classes() -> anyhow::Result<Vec<Class>> {
    reference::classes(&Registry::standard()).context("an example cannot be read")
}

/// The `OpenRPC` document, as a server at an example address answers it.
pub(super) fn openrpc(classes: &[Class]) -> anyhow::Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let document = openrpc::document(classes, version, "https://kiwi.example/json-rpc/");
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// The page of the book.
pub(super) fn page(classes: &[Class]) -> anyhow::Result<String> {
    let mut text = super::heading("Methods");
    text.push_str(
        "Every method can be called over JSON-RPC and XML-RPC. Parameters in brackets may be left \
         out. A running server shows the same page, with search, at `/rpc/`, and answers an OpenRPC \
         document at `/json-rpc/openrpc.json` ([copy](openrpc.json)).\n",
    );
    for class in classes {
        let _ = write!(text, "\n## {}\n", class.name);
        for entry in &class.methods {
            method(&mut text, entry)?;
        }
    }
    Ok(text)
}

fn method(text: &mut String, entry: &Entry) -> anyhow::Result<()> {
    let name = entry.method.name;
    let parameters: Vec<String> = entry
        .params
        .iter()
        .map(|param| {
            let shown = format!("{}: {}", param.name, param.kind);
            if param.optional {
                format!("[{shown}]")
            } else {
                shown
            }
        })
        .collect();
    let needs = match entry.permission() {
        Some(permission) => format!("`{permission}`"),
        None if entry.is_public() => "nothing".to_owned(),
        None => "a log-in".to_owned(),
    };
    let _ = write!(
        text,
        "\n### {name}\n\n`{name}({})` → {} · needs {needs}\n\n{}\n",
        parameters.join(", "),
        entry.result.words(),
        entry.method.doc.trim()
    );
    for param in &entry.params {
        fields(
            text,
            &format!("`{}`", param.name),
            param.shape.members(),
            true,
        );
    }
    fields(text, "Result", entry.result.members(), false);
    let request = json!({"method": name, "params": entry.example.params});
    let _ = write!(
        text,
        "\n```json\n{request}\n```\n\n```json\n{}\n```\n",
        serde_json::to_string_pretty(&entry.example.result)?
    );
    Ok(())
}

fn fields(text: &mut String, title: &str, members: &[Member], sent: bool) {
    if members.is_empty() {
        return;
    }
    let field = |member: &Member| {
        let null = if member.nullable { " or null" } else { "" };
        let required = if sent && member.required {
            ", required"
        } else {
            ""
        };
        format!("`{}` {}{null}{required}", member.name, member.shape.words())
    };
    let fields: Vec<String> = members.iter().map(field).collect();
    let _ = write!(text, "\n{title}: {}.\n", fields.join(" · "));
}
