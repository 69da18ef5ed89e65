//! `{{url "run" id}}`: every address a template may link to, in one table.

use super::{Definition, define, misuse, text};

/// Name, and address before and after the id.
const ADDRESSES: [(&str, &str, &str); 26] = [
    ("dashboard", "/", ""),
    ("login", "/accounts/login/", ""),
    ("logout", "/accounts/logout/", ""),
    ("recovery", "/accounts/recovery/", ""),
    ("register", "/accounts/register/", ""),
    ("password-reset", "/accounts/passwordreset/", ""),
    ("password-change", "/admin/password_change/", ""),
    ("profile", "/accounts/", "/profile/"),
    ("email-change", "/accounts/", "/reset-user-email/"),
    ("reference", "/rpc/", ""),
    ("openrpc", "/json-rpc/openrpc.json", ""),
    ("setup", "/init-db/", ""),
    ("setup-administrator", "/init-db/administrator/", ""),
    ("sites", "/admin/sites/site/", ""),
    ("site", "/admin/sites/site/1/", ""),
    (
        "tracker-tokens",
        "/admin/trackers_integration/apitoken/",
        "",
    ),
    (
        "tracker-token-add",
        "/admin/trackers_integration/apitoken/add/",
        "",
    ),
    (
        "tracker-token",
        "/admin/trackers_integration/apitoken/",
        "/change/",
    ),
    (
        "tracker-token-delete",
        "/admin/trackers_integration/apitoken/",
        "/delete/",
    ),
    ("system", "/admin/system/", ""),
    ("plan", "/plan/", "/"),
    ("run", "/runs/", "/"),
    ("run-results", "/ui/runs/", "/results/"),
    ("execution-panel", "/ui/executions/", "/panel/"),
    ("attachment-delete", "/attachments/delete/", "/"),
    ("execution-result", "/ui/executions/", "/result/"),
];

/// The address of a page or of an action.
pub(super) fn url() -> Definition {
    define(|helper, _, out| {
        let name = text(helper, 0);
        let (_, before, after) = ADDRESSES
            .iter()
            .find(|(known, ..)| Some(*known) == name)
            .ok_or_else(|| misuse("url", "the first parameter is the name of an address"))?;
        let id = helper.param(1).and_then(|id| id.value().as_i64());
        match (id, after.is_empty()) {
            (None, true) => out.write(before)?,
            (Some(id), false) => write!(out, "{before}{id}{after}")?,
            _ => return Err(misuse("url", "an id is missing or too much").into()),
        }
        Ok(())
    })
}
