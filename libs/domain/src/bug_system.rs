//! Issue trackers that bugs are filed in.

use entity::{Entity, Id, Relations};

/// Configuration of an issue tracker.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "bug_system", wire = "testcases.BugSystem", title = "bug tracker")]
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
