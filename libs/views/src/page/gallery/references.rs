//! A sample of the reference of the API.

use serde_json::json;

use crate::SafeHtml;
use crate::page::{MethodClass, MethodEntry, MethodMember, MethodParameter, ReferencePage};

fn member(name: &str, kind: &str, label: &str) -> MethodMember {
    MethodMember {
        name: name.to_owned(),
        kind: kind.to_owned(),
        label: label.to_owned(),
        nullable: name == "default_tester",
        required: name == "summary",
    }
}

fn method(name: &str, text: &str, params: Vec<MethodParameter>) -> MethodEntry {
    let answer = json!([{"id": 26, "summary": "Voucher <b>lowers</b> the total once",
        "is_automated": true, "default_tester": null, "testing_duration": 240.0}]);
    MethodEntry {
        name: name.to_owned(),
        verb: name.split('.').nth(1).unwrap_or_default().to_owned(),
        text: SafeHtml::from_markdown(text),
        permission: (name != "Auth.login").then(|| "testcases.view_testcase".to_owned()),
        public: name == "Auth.login",
        words: "summary default_tester".to_owned(),
        params,
        result: "array of objects".to_owned(),
        members: vec![
            member("id", "integer", ""),
            member("default_tester", "integer", ""),
        ],
        request: SafeHtml::from_json(&json!({"jsonrpc": "2.0", "id": 1, "method": name,
            "params": [{"plan": 2, "summary__icontains": "voucher"}]})),
        answer: SafeHtml::from_json(&json!({"jsonrpc": "2.0", "id": 1, "result": answer})),
    }
}

pub(super) fn reference() -> ReferencePage {
    let query = MethodParameter {
        name: "query".to_owned(),
        kind: "query".to_owned(),
        query: true,
        optional: true,
        members: Vec::new(),
    };
    let values = MethodParameter {
        name: "values".to_owned(),
        kind: "object".to_owned(),
        query: false,
        optional: false,
        members: vec![
            member("summary", "string", "Summary"),
            member("default_tester", "integer", "Default tester"),
        ],
    };
    let class = |name: &str, methods| MethodClass {
        name: name.to_owned(),
        methods,
    };
    ReferencePage {
        total: 3,
        classes: vec![
            class(
                "Auth",
                vec![method(
                    "Auth.login",
                    "Logs in with `sessionid`.",
                    Vec::new(),
                )],
            ),
            class(
                "TestCase",
                vec![
                    method("TestCase.create", "Adds a case.", vec![values]),
                    method("TestCase.filter", "Finds cases.", vec![query]),
                ],
            ),
        ],
    }
}
