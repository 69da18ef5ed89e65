//! The settings files as a JSON schema, for editors that complete and check them.

use serde_json::{Map, Value, json};

use super::catalogue::{DATA_DIR, SETTINGS};
use super::named;
use super::setting::{Kind, Setting};

/// The schema of a settings file.
pub(crate) fn schema() -> Value {
    let mut root = section();
    for setting in SETTINGS
        .iter()
        .filter(|setting| setting.key != DATA_DIR.key)
    {
        let mut names: Vec<&str> = setting.key.split('.').collect();
        let last = names.pop().unwrap_or_default();
        let mut at = &mut root;
        for name in names {
            at = enter(at, name);
        }
        let inside = properties(at);
        inside.insert(last.to_owned(), property(setting));
        if matches!(setting.kind, Kind::List) {
            for (ending, what) in [("append", "more items"), ("remove", "items to leave out")] {
                let mut change = of_kind(setting.kind);
                change["description"] = format!("{what} of `{}`", setting.key).into();
                inside.insert(format!("{last}_{ending}"), change);
            }
        }
    }
    let (patterns, single): (Vec<&Setting>, Vec<&Setting>) = SETTINGS
        .iter()
        .partition(|setting| named::is_pattern(setting));
    let single: Vec<&str> = single.iter().map(|setting| setting.key).collect();
    let mut keys = vec![json!({ "enum": single })];
    keys.extend(patterns.iter().map(|setting| {
        let pattern = setting
            .key
            .replace('.', r"\.")
            .replace(named::NAME, "[a-z0-9_-]+");
        json!({ "type": "string", "pattern": format!("^{pattern}$") })
    }));
    properties(&mut root).insert(
        "pinned".to_owned(),
        json!({
            "type": "array",
            "items": { "anyOf": keys },
            "description": "keys that variables and the command line may not change",
        }),
    );
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    root["title"] = "Settings of Kiwi".into();
    root
}

fn section() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

/// The section of this name inside another one; what stands for a name allows any.
fn enter<'a>(outer: &'a mut Value, name: &str) -> &'a mut Value {
    if name != named::NAME {
        return properties(outer).entry(name).or_insert_with(section);
    }
    let inner = &mut outer["additionalProperties"];
    if !inner.is_object() {
        *inner = section();
    }
    inner
}

/// The properties of a section, which every section has.
fn properties(section: &mut Value) -> &mut Map<String, Value> {
    if !section["properties"].is_object() {
        section["properties"] = json!({});
    }
    section["properties"]
        .as_object_mut()
        .expect("it has just been made one")
}

fn property(setting: &Setting) -> Value {
    let mut kinds = vec![of_kind(setting.kind)];
    if setting.secret {
        for form in ["file", "command"] {
            let kind = if form == "file" {
                Kind::Text
            } else {
                Kind::List
            };
            kinds.push(json!({
                "type": "object",
                "properties": { form: of_kind(kind) },
                "required": [form],
                "additionalProperties": false,
            }));
        }
    }
    kinds.push(json!({
        "type": "object",
        "properties": { "env": { "type": "string" }, "default": { "type": "string" } },
        "required": ["env"],
        "additionalProperties": false,
    }));
    let mut property = json!({ "anyOf": kinds, "description": setting.help });
    if let Some(default) = setting
        .default
        .and_then(|text| setting.kind.parse(text).ok())
    {
        property["default"] = default.json();
    }
    property
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text | Kind::Address => json!({ "type": "string" }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Number(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::List => json!({ "type": "array", "items": { "type": "string" } }),
    }
}

#[cfg(test)]
mod tests {
    use super::schema;

    #[test]
    fn ops_097_the_schema_has_every_key_of_files() {
        let schema = schema();
        let body = &schema["properties"]["limits"]["properties"]["body"];
        assert_eq!(body["default"], 7_864_320);
        assert_eq!(body["anyOf"][0]["minimum"], 1024);
        let mail = &schema["properties"]["mail"]["properties"];
        assert_eq!(mail["password"]["anyOf"][1]["required"][0], "file");
        assert!(mail["admins_append"].is_object());
        let storage = &schema["properties"]["storage"]["properties"];
        assert!(storage["s3"]["properties"]["bucket"].is_object());
        assert!(schema["properties"]["data_dir"].is_null());
    }
}
