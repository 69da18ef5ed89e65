//! Parameters of a call are bound to those of the method by the rules, and with the texts, that
//! clients of the original know: positional or named, missing, too many, unexpected.

use entity::{Map, Value};

use crate::{Args, Fault, Param};

/// Parameters as the client sent them.
#[derive(Debug, Clone, PartialEq)]
pub enum Params {
    /// In the order of the declaration.
    Positional(Vec<Value>),
    /// By name; JSON-RPC only.
    Named(Map),
}

impl Default for Params {
    fn default() -> Self {
        Self::Positional(Vec::new())
    }
}

/// Puts parameters into the order of `declared`. `hidden` is the name of a trailing parameter that
/// the server fills itself.
pub(crate) fn bind(
    function: &str,
    hidden: Option<&str>,
    declared: &[Param],
    params: Params,
) -> Result<Args, Fault> {
    let refuse = |reason: String| Err(Fault::params(format!("{function}() {reason}")));
    let mut slots: Vec<Option<Value>>;
    match params {
        Params::Positional(values) => {
            if values.len() > declared.len() {
                return refuse(match hidden {
                    Some(name) => format!("got multiple values for argument '{name}'"),
                    None => too_many(declared, values.len()),
                });
            }
            slots = values.into_iter().map(Some).collect();
            slots.resize(declared.len(), None);
        }
        Params::Named(mut named) => {
            let known = |name: &str| {
                hidden == Some(name) || declared.iter().any(|param| param.name == name)
            };
            if let Some(name) = named.keys().find(|name| !known(name)) {
                return refuse(format!("got an unexpected keyword argument '{name}'"));
            }
            slots = declared
                .iter()
                .map(|param| named.swap_remove(param.name))
                .collect();
        }
    }
    let required = declared.iter().zip(&slots);
    let missing: Vec<&str> = required
        .filter(|(param, slot)| !param.optional && slot.is_none())
        .map(|(param, _)| param.name)
        .collect();
    if missing.is_empty() {
        Ok(Args::new(slots))
    } else {
        refuse(missing_text(&missing))
    }
}

fn too_many(declared: &[Param], given: usize) -> String {
    let most = declared.len();
    let least = declared.iter().filter(|param| !param.optional).count();
    let (takes, plural) = if least < most {
        (format!("from {least} to {most}"), true)
    } else {
        (most.to_string(), most != 1)
    };
    let arguments = if plural { "arguments" } else { "argument" };
    let were = if given == 1 { "was" } else { "were" };
    format!("takes {takes} positional {arguments} but {given} {were} given")
}

fn missing_text(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.as_slice() {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let arguments = if names.len() == 1 {
        "argument"
    } else {
        "arguments"
    };
    format!(
        "missing {} required positional {arguments}: {list}",
        names.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn param(name: &'static str, optional: bool) -> Param {
        Param {
            name,
            kind: "any",
            optional,
        }
    }

    const NONE: &[Param] = &[];
    const QUERY: &[Param] = &[param("query", false)];
    const OPTIONAL: &[Param] = &[param("query", true)];
    const HISTORY: &[Param] = &[param("case_id", false), param("query", true)];
    const LOGIN: &[Param] = &[param("username", false), param("password", false)];
    const ATTACHMENT: &[Param] = &[
        param("case_id", false),
        param("filename", false),
        param("b64content", false),
    ];

    fn positional(function: &str, hidden: Option<&str>, params: &[Param], given: i64) -> String {
        let values = (0..given).map(Value::Int).collect();
        outcome(bind(function, hidden, params, Params::Positional(values)))
    }

    fn named(function: &str, hidden: Option<&str>, params: &[Param], names: &[&str]) -> String {
        let given = names
            .iter()
            .map(|name| ((*name).to_owned().into(), Value::Int(1)));
        outcome(bind(
            function,
            hidden,
            params,
            Params::Named(given.collect()),
        ))
    }

    fn outcome(bound: Result<Args, Fault>) -> String {
        bound.map_or_else(|fault| fault.message, |_| "bound".to_owned())
    }

    #[test]
    fn missing_parameters() {
        let texts = [
            positional("create", None, QUERY, 0),
            positional("login", Some("rpc_context"), LOGIN, 0),
            positional("login", Some("rpc_context"), LOGIN, 1),
            positional("add_attachment", None, ATTACHMENT, 0),
            positional("history", None, HISTORY, 0),
            named("update", None, LOGIN, &["password"]),
        ];
        assert_eq!(
            texts,
            [
                "Invalid parameters: create() missing 1 required positional argument: 'query'",
                "Invalid parameters: login() missing 2 required positional arguments: 'username' and 'password'",
                "Invalid parameters: login() missing 1 required positional argument: 'password'",
                "Invalid parameters: add_attachment() missing 3 required positional arguments: 'case_id', 'filename', and 'b64content'",
                "Invalid parameters: history() missing 1 required positional argument: 'case_id'",
                "Invalid parameters: update() missing 1 required positional argument: 'username'",
            ]
        );
    }

    #[test]
    fn too_many_parameters() {
        let texts = [
            positional("version", None, NONE, 1),
            positional("version", None, NONE, 2),
            positional("filter", None, QUERY, 2),
            positional("login", None, LOGIN, 3),
            positional("filter", None, OPTIONAL, 2),
            positional("history", None, HISTORY, 3),
            positional("login", Some("rpc_context"), LOGIN, 3),
            positional("login", Some("rpc_context"), LOGIN, 4),
            positional("__system_list_methods", Some("_ctx"), NONE, 1),
        ];
        assert_eq!(
            texts,
            [
                "Invalid parameters: version() takes 0 positional arguments but 1 was given",
                "Invalid parameters: version() takes 0 positional arguments but 2 were given",
                "Invalid parameters: filter() takes 1 positional argument but 2 were given",
                "Invalid parameters: login() takes 2 positional arguments but 3 were given",
                "Invalid parameters: filter() takes from 0 to 1 positional arguments but 2 were given",
                "Invalid parameters: history() takes from 1 to 2 positional arguments but 3 were given",
                "Invalid parameters: login() got multiple values for argument 'rpc_context'",
                "Invalid parameters: login() got multiple values for argument 'rpc_context'",
                "Invalid parameters: __system_list_methods() got multiple values for argument '_ctx'",
            ]
        );
    }

    #[test]
    fn named_parameters() {
        let texts = [
            named("filter", None, QUERY, &["query"]),
            named("filter", None, QUERY, &["query", "x"]),
            named("filter", None, QUERY, &["self"]),
            named("filter", None, QUERY, &["query", "rpc_context"]),
            named(
                "filter",
                Some("rpc_context"),
                QUERY,
                &["query", "rpc_context"],
            ),
            named("filter", Some("rpc_context"), OPTIONAL, &[]),
        ];
        assert_eq!(
            texts,
            [
                "bound",
                "Invalid parameters: filter() got an unexpected keyword argument 'x'",
                "Invalid parameters: filter() got an unexpected keyword argument 'self'",
                "Invalid parameters: filter() got an unexpected keyword argument 'rpc_context'",
                "bound",
                "bound",
            ]
        );
    }

    #[test]
    fn named_parameters_come_in_the_order_of_the_declaration() {
        let named = Map::from_iter([
            ("password".into(), Value::from("p")),
            ("username".into(), Value::from("u")),
        ]);
        let mut args = bind("login", None, LOGIN, Params::Named(named)).expect("binds");
        assert_eq!(args.next_value(), Some("u".into()));
        assert_eq!(args.next_value(), Some("p".into()));
        assert_eq!(args.next_value(), None);
    }
}
