//! One file for each area: a handler reads with a function of `domain`, gives the data to a page
//! of `views`, and commits when the page is there.

pub(crate) mod account;
pub(crate) mod attachment;
pub(crate) mod dashboard;
pub(crate) mod reference;
pub(crate) mod setup;
pub(crate) mod site;
pub(crate) mod system;
pub(crate) mod test_execution;
pub(crate) mod test_plan;
pub(crate) mod test_run;
pub(crate) mod tracker_token;

use domain::Ctx;
use domain::test_execution_status;
use domain::test_run::page::StatusCount;
use entity::Id;
use views::{Statuses, StoredStatus};

use crate::error::{Error, Result};
use crate::visitor::Visitor;

/// Reads an id from a path: digits only.
fn id(text: &str) -> Result<Id> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        text.parse().map_err(|_| Error::NotFound)
    } else {
        Err(Error::NotFound)
    }
}

/// Reads the ids of a repeated query key; what is not an id is ignored.
fn ids(query: Option<&str>, name: &str) -> Vec<Id> {
    let mut found: Vec<Id> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(key, _)| key == name)
        .filter_map(|(_, value)| id(&value).ok())
        .collect();
    found.dedup();
    found
}

/// The execution statuses of the tenant with their looks.
async fn statuses(ctx: &mut Ctx, visitor: &Visitor) -> Result<Statuses> {
    let stored = test_execution_status::all(ctx).await?;
    let stored = stored.into_iter().map(|status| StoredStatus {
        id: status.id,
        name: status.name,
        weight: status.weight,
        icon: status.icon,
        color: status.color,
    });
    Ok(visitor
        .app
        .views()
        .statuses(stored.collect(), &visitor.language))
}

/// Numbers by status in the form in which pages take them.
fn pairs(counts: &[StatusCount]) -> Vec<(Id, i64)> {
    counts
        .iter()
        .map(|count| (count.status, count.count))
        .collect()
}

/// Somebody of whom id, user name and full name are known.
fn person(
    id: Option<Id>,
    username: Option<String>,
    name: Option<&str>,
) -> Option<views::page::Person> {
    Some(views::page::Person::new(
        id?,
        username?,
        name.unwrap_or_default(),
    ))
}

/// An address that may become a link.
fn link(address: String) -> Option<String> {
    let scheme = address
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_safe =
        scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "ftp" | "ftps"));
    is_safe.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_digits() {
        assert_eq!(id("17").expect("digits"), 17);
        for text in ["", "-1", "+1", "1.0", "x", " 1", "99999999999"] {
            assert!(id(text).is_err(), "{text}");
        }
        assert_eq!(
            ids(Some("status_id=4&x=1&status_id=5&status_id=y"), "status_id"),
            [4, 5]
        );
        assert!(ids(None, "status_id").is_empty());
    }

    #[test]
    fn only_web_addresses_become_links() {
        assert!(link("https://example.org/".to_owned()).is_some());
        assert!(link("FTP://example.org/".to_owned()).is_some());
        assert!(link("javascript:alert(1)".to_owned()).is_none());
        assert!(link("javascript://x".to_owned()).is_none());
        assert!(link("/plan/1/".to_owned()).is_none());
    }
}
