//! Paths that are not answered at all: probes for other products.

/// Ends a connection, or one stream of HTTP/2, without an answer.
#[derive(Debug)]
pub(super) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the path is not answered")
    }
}

impl std::error::Error for Dropped {}

/// Whether a path, however it is written, begins like one of these.
pub(super) fn is_below(beginnings: &[String], path: &str) -> bool {
    if beginnings.is_empty() {
        return false;
    }
    let path = normalised(path);
    beginnings.iter().any(|begin| path.starts_with(begin))
}

/// The path without encoding, doubled slashes and dots.
fn normalised(path: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let mut steps: Vec<&str> = vec![];
    for step in decoded.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let end = if decoded.ends_with('/') { "/" } else { "" };
    format!("/{}{end}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn opa_038_paths_are_compared_without_encoding_and_dots() {
        let beginnings = ["/servlet/".to_owned()];
        let drops = |path| is_below(&beginnings, path);
        for path in [
            "/servlet/FileReceiveServlet",
            "/servlet/~baseapp/x",
            "/servlet/",
            "//servlet/x",
            "/%73ervlet/x",
            "/a/../servlet/./x",
        ] {
            assert!(drops(path), "{path}");
        }
        for path in ["/servlet", "/plan/1/servlet/", "/", "/servlets/"] {
            assert!(!drops(path), "{path}");
        }
        assert!(!is_below(&[], "/servlet/x"));
    }
}
