//! Which names a tenant may have (spec 04 §4); the messages are part of the API.

/// Names that would clash with the platform, with its hosts, or with what people expect of them.
const RESERVED: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "dashboard",
    "dev",
    "docs",
    "empty",
    "files",
    "ftp",
    "git",
    "health",
    "help",
    "imap",
    "information_schema",
    "internal",
    "login",
    "mail",
    "metrics",
    "monitor",
    "ns",
    "ns1",
    "ns2",
    "platform",
    "pop",
    "public",
    "root",
    "sandbox",
    "secure",
    "security",
    "shared",
    "signup",
    "smtp",
    "sso",
    "staging",
    "static",
    "status",
    "support",
    "system",
    "template",
    "tenant",
    "tenants",
    "test",
    "uploads",
    "webmail",
    "wpad",
    "www",
];

/// The message for a name that somebody has, had or must not have.
pub(crate) const IN_USE: &str = "Schema name already in use";

/// All rules that the name breaks by itself; an empty list if it may be asked for.
pub(crate) fn check(name: &str, reserved: &[String]) -> Vec<String> {
    if name.is_empty() {
        return vec!["This field is required.".to_owned()];
    }
    let mut messages = Vec::new();
    let length = name.chars().count();
    let starts_reserved = name
        .get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("pg_"));
    if length > 63 || starts_reserved {
        messages.push("Invalid string used for the schema name.".to_owned());
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if length > 63 || !name.bytes().all(plain) {
        messages.push("Invalid string".to_owned());
    }
    if is_reserved(name, reserved) {
        messages.push(IN_USE.to_owned());
    }
    if length > 63 {
        messages.push(format!(
            "Ensure this value has at most 63 characters (it has {length})."
        ));
    }
    messages
}

/// The rules of older versions: anything that the database takes for a name.
pub(crate) fn check_legacy(name: &str) -> Vec<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.is_empty() {
        return vec!["This field is required.".to_owned()];
    }
    let mut messages = Vec::new();
    if name.len() > 63 || name.to_lowercase().starts_with("pg_") || !name.bytes().all(plain) {
        messages.push("Invalid string used for the schema name.".to_owned());
    }
    if is_reserved(name, &[]) {
        messages.push(IN_USE.to_owned());
    }
    messages
}

fn is_reserved(name: &str, reserved: &[String]) -> bool {
    let name = name.to_lowercase();
    name.starts_with("pg")
        || RESERVED.contains(&name.as_str())
        || reserved
            .iter()
            .any(|other| other.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_messages() {
        let reserved = ["acme".to_owned()];
        let cases: &[(&str, &[&str])] = &[
            ("a", &[]),
            ("7", &[]),
            ("team42", &[]),
            ("", &["This field is required."]),
            ("Team", &["Invalid string"]),
            ("a-b", &["Invalid string"]),
            ("a_b", &["Invalid string"]),
            ("\u{e4}", &["Invalid string"]),
            ("public", &[IN_USE]),
            ("WWW", &["Invalid string", IN_USE]),
            ("pgadmin", &[IN_USE]),
            (
                "PG_x",
                &[
                    "Invalid string used for the schema name.",
                    "Invalid string",
                    IN_USE,
                ],
            ),
            ("acme", &[IN_USE]),
        ];
        for (name, expected) in cases {
            assert_eq!(check(name, &reserved), *expected, "{name:?}");
        }
        assert_eq!(
            check(&"a".repeat(70), &[]),
            [
                "Invalid string used for the schema name.",
                "Invalid string",
                "Ensure this value has at most 63 characters (it has 70)."
            ]
        );
        assert!(check(&"a".repeat(63), &[]).is_empty());
    }
}
