//! The methods of the API, from the registry.

use std::fmt::Write as _;

use rpc::{Access, Registry};

pub(super) fn page() -> String {
    let mut text = super::heading("Methods");
    text.push_str(
        "Every method can be called over JSON-RPC and XML-RPC. Parameters in brackets may be left \
         out.\n",
    );
    let registry = Registry::standard();
    let mut methods: Vec<_> = registry.methods().collect();
    methods.sort_by_key(|method| method.name);
    let mut class = "";
    for method in methods {
        let own = method.name.split('.').next().unwrap_or_default();
        if own != class {
            class = own;
            let _ = write!(text, "\n## {class}\n");
        }
        let parameters: Vec<String> = method
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
        let needs = match method.access {
            Access::Public => "nothing".to_owned(),
            Access::LoggedIn => "a log-in".to_owned(),
            Access::Permission(permission) => format!("`{permission}`"),
        };
        let _ = write!(
            text,
            "\n### {}\n\n`{}({})` · needs {needs}\n\n{}\n",
            method.name,
            method.name,
            parameters.join(", "),
            method.doc.trim()
        );
    }
    text
}
