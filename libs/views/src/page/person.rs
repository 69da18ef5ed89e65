//! People and other records of which a page shows only the name.

use serde::Serialize;

use crate::UserMenu;

/// Somebody mentioned on a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Id of the account.
    pub id: i32,
    /// The name used to log in.
    pub username: String,
    /// First and last name, else the user name.
    pub name: String,
    /// One or two letters for the round mark.
    pub initials: String,
}

impl Person {
    /// Makes the mention of an account; `full_name` may be empty.
    pub fn new(id: i32, username: impl Into<String>, full_name: &str) -> Self {
        let UserMenu {
            id,
            username,
            name,
            initials,
            ..
        } = UserMenu::new(id, username, full_name);
        Self {
            id,
            username,
            name,
            initials,
        }
    }
}

/// A record of which only id and name matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
}

impl Named {
    /// Makes the mention of a record.
    pub fn new(id: i32, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
        }
    }
}
