//! A call of a method and its answer, as they are shown to people.

use serde::Deserialize;
use serde_json::Value;

/// What `methods/examples/<name>.json` holds. Ids are those of the demonstration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Calls that come first, each a name and parameters; they are not shown.
    #[serde(default)]
    pub before: Vec<(String, Vec<Value>)>,
    /// Parameters by position.
    pub params: Vec<Value>,
    /// The answer.
    pub result: Value,
}
