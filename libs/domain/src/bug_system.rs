//! Issue trackers that bugs are filed in.

use entity::{Entity, Id, Relations};
use url::Url;

/// Configuration of an issue tracker.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "bug_system",
    wire = "testcases.BugSystem",
    title = "bug tracker"
)]
pub struct BugSystem {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, unique, list, search)]
    pub name: String,
    /// Tracker type
    #[field(max = 128)]
    pub tracker_type: String,
    /// Base URL
    #[field(max = 1024)]
    pub base_url: Option<String>,
    /// API URL
    #[field(max = 1024)]
    pub api_url: Option<String>,
    /// API username
    #[field(max = 256)]
    pub api_username: Option<String>,
    /// API password
    #[field(max = 256, secret)]
    pub api_password: Option<String>,
}

impl Relations for BugSystem {}

/// True if a URL belongs to the tracker with this base URL: same scheme, host and port, and the
/// segments of its path begin with those of the base.
pub fn owns(base: &str, url: &str) -> bool {
    let (Ok(base), Ok(url)) = (Url::parse(base), Url::parse(url)) else {
        return false;
    };
    let segments = |url: &Url| -> Vec<String> {
        let parts = url.path().split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    base.scheme() == url.scheme()
        && base.host_str() == url.host_str()
        && base.port() == url.port()
        && segments(&url).starts_with(&segments(&base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_hosts_and_whole_segments() {
        assert!(owns("https://t.example/bugs", "https://t.example/bugs/7/"));
        assert!(owns("https://t.example", "https://t.example/x"));
        assert!(!owns(
            "https://t.example",
            "https://t.example.evil.example/x"
        ));
        assert!(!owns("https://t.example/bugs", "https://t.example/bugsy/7"));
        assert!(!owns("https://t.example", "http://t.example/x"));
    }
}
