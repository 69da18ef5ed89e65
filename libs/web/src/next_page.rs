//! Where to go after a log-in: only to a path of the same host.

use std::fmt::Write as _;

/// The path to go to, or `/` when the wish leads elsewhere.
pub(crate) fn safe(next: &str) -> &str {
    let leads_elsewhere = !next.starts_with('/')
        || next.starts_with("//")
        || next.len() > 2048
        // browsers treat backslashes as slashes, and drop tabs and line breaks
        || next.contains(|c: char| c == '\\' || c.is_control());
    if leads_elsewhere { "/" } else { next }
}

/// The log-in page that leads to this path and query afterwards.
pub(crate) fn login(path_and_query: &str) -> String {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let mut address = format!("/accounts/login/?next={}", encode(path));
    if !query.is_empty() {
        let _ = write!(address, "%3F{}", encode(query));
    }
    address
}

/// Percent-encodes everything that would end or change a query value; slashes stay.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{login, safe};

    #[test]
    fn only_paths_of_this_host_are_safe() {
        for next in [
            "/",
            "/plan/1/",
            "/runs/1/?status_id=4&status_id=5",
            "/%2f/evil",
        ] {
            assert_eq!(safe(next), next);
        }
        for next in [
            "",
            "plan/1/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            &"/x".repeat(2000),
        ] {
            assert_eq!(safe(next), "/", "{next}");
        }
    }

    #[test]
    fn the_query_is_encoded() {
        assert_eq!(login("/"), "/accounts/login/?next=/");
        assert_eq!(
            login("/runs/1/?status_id=4&status_id=5"),
            "/accounts/login/?next=/runs/1/%3Fstatus_id%3D4%26status_id%3D5"
        );
    }
}
