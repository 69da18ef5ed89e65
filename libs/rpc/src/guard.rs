//! Names that nobody may query by, so that secrets cannot be guessed letter by letter.

use entity::Value;

use crate::{Fault, Params};

const GUARDED: [&str; 6] = [
    "password",
    "token",
    "secret",
    "activation_key",
    "api_key",
    "apikey",
];

/// Methods whose arguments are not inspected: a log-in names its password, and the calls inside a
/// multicall are inspected one by one.
const EXEMPT: [&str; 2] = ["Auth.login", "system.multicall"];

/// Refuses a call that names something guarded anywhere in its arguments. Comes before everything
/// else, so that it also holds for unknown methods and callers.
pub(crate) fn inspect(method: &str, params: &Params) -> Result<(), Fault> {
    let free =
        method.ends_with(".create") || method.ends_with(".update") || EXEMPT.contains(&method);
    let guarded = !free
        && match params {
            Params::Positional(values) => values.iter().any(names_secret),
            Params::Named(named) => named
                .iter()
                .any(|(name, value)| is_guarded(name) || names_secret(value)),
        };
    if guarded {
        Err(Fault::request("Unsupported field"))
    } else {
        Ok(())
    }
}

/// True if an object somewhere inside the value has a guarded key.
fn names_secret(value: &Value) -> bool {
    match value {
        Value::Map(map) => map
            .iter()
            .any(|(name, value)| is_guarded(name) || names_secret(value)),
        Value::List(values) => values.iter().any(names_secret),
        _ => false,
    }
}

fn is_guarded(name: &str) -> bool {
    let name = name.to_lowercase();
    GUARDED.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &'static str) -> Value {
        Value::object([(name, 1.into())])
    }

    fn refused(method: &str, params: &Params) -> bool {
        inspect(method, params).is_err_and(|fault| {
            (fault.code, fault.message.as_str()) == (-32600, "Invalid request: Unsupported field")
        })
    }

    #[test]
    fn guarded_names() {
        let names = [
            "password__startswith",
            "PassWord",
            "useractivationkey__activation_key",
            "author__password__regex",
            "summary__tokenize",
            "secretary",
            "x_api_key",
            "APIKEY",
            "to\u{212a}en",
        ];
        for name in names {
            let params = Params::Positional(vec![1.into(), query(name)]);
            assert!(refused("TestCase.filter", &params), "{name}");
            assert!(refused("No.such", &params), "{name}");
            assert!(!refused("BugTracker.create", &params), "{name}");
            assert!(!refused("User.update", &params), "{name}");
        }
        assert!(!refused(
            "Tag.filter",
            &Params::Positional(vec![query("name")])
        ));
        let text = Value::object([("name", "password token".into())]);
        assert!(!refused("Tag.filter", &Params::Positional(vec![text])));
    }

    #[test]
    fn every_depth_is_inspected() {
        let named = |name: &'static str, value: Value| {
            Params::Named([(name.into(), value)].into_iter().collect())
        };
        assert!(refused("Product.filter", &named("password", 1.into())));
        assert!(refused("User.filter", &named("query", query("password"))));
        assert!(refused(
            "User.filter",
            &named("query", Value::List(vec![query("token")]))
        ));
        let nested = Value::object([("a", query("secret"))]);
        assert!(refused("User.filter", &Params::Positional(vec![nested])));
        assert!(!refused("Auth.login", &named("password", "x".into())));
        let calls = Value::List(vec![Value::object([("params", query("password"))])]);
        assert!(!refused(
            "system.multicall",
            &Params::Positional(vec![calls])
        ));
    }
}
