//! The methods of the API, for people and for programs.

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::header;
use rpc::reference::{self, Class, Entry, Parameter};
use rpc::{Member, Registry, openrpc};
use serde_json::json;
use views::SafeHtml;
use views::page::{MethodClass, MethodEntry, MethodMember, MethodParameter, ReferencePage};

use crate::error::Result;
use crate::visitor::Visitor;

static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    reference::classes(&Registry::standard()).expect("a test reads every example")
});

static PAGE: LazyLock<ReferencePage> = LazyLock::new(|| ReferencePage {
    classes: CLASSES.iter().map(class).collect(),
    total: CLASSES.iter().map(|class| class.methods.len()).sum(),
});

/// `GET /rpc/`
pub(crate) async fn show(visitor: Visitor) -> Result {
    visitor.page(&*PAGE)
}

/// `GET /json-rpc/openrpc.json`
pub(crate) async fn document(visitor: Visitor) -> Response {
    let request = &visitor.request;
    let scheme = if request.secure { "https" } else { "http" };
    let address = format!("{scheme}://{}/json-rpc/", request.host);
    let version = &request.domain.settings().version;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (
        kind,
        openrpc::document(&CLASSES, version, &address).to_string(),
    )
        .into_response()
}

fn class(class: &Class) -> MethodClass {
    MethodClass {
        name: class.name.to_owned(),
        methods: class.methods.iter().map(method).collect(),
    }
}

fn method(entry: &Entry) -> MethodEntry {
    let name = entry.method.name;
    let params: Vec<MethodParameter> = entry.params.iter().map(parameter).collect();
    let members = members(entry.result.members(), false);
    let fields = params
        .iter()
        .flat_map(|param| &param.members)
        .chain(&members);
    let mut words: Vec<&str> = fields.map(|member| member.name.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    let sent = &entry.example.params;
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": name, "params": sent});
    let answer = json!({"jsonrpc": "2.0", "id": 1, "result": entry.example.result});
    MethodEntry {
        name: name.to_owned(),
        verb: name.rsplit('.').next().unwrap_or_default().to_owned(),
        text: SafeHtml::from_markdown(&entry.doc()),
        permission: entry.permission().map(str::to_owned),
        public: entry.is_public(),
        words: words.join(" "),
        params,
        result: entry.result.words(),
        members,
        request: SafeHtml::from_json(&request),
        answer: SafeHtml::from_json(&answer),
    }
}

fn parameter(param: &Parameter) -> MethodParameter {
    MethodParameter {
        name: param.name.to_owned(),
        query: param.kind == "query",
        kind: param.kind.clone(),
        optional: param.optional,
        members: members(param.shape.members(), true),
    }
}

fn members(members: &[Member], sent: bool) -> Vec<MethodMember> {
    let shown = members.iter().map(|member| MethodMember {
        name: member.name.clone(),
        kind: member.shape.words(),
        label: member.label.to_owned(),
        nullable: member.nullable,
        required: sent && member.required,
    });
    shown.collect()
}
