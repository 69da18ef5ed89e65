//! Every permission there is, as one constant table.
//!
//! To add a kind of record: a line in [`KINDS`] (or [`TENANT_KINDS`]); names, display names and the
//! sets of the two default groups follow from it.

/// What can be done with a record of a kind.
pub const ACTIONS: [&str; 4] = ["add", "change", "delete", "view"];

/// A kind of record on which permissions are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Application, the part before the dot.
    pub app: &'static str,
    /// Model, lower case.
    pub model: &'static str,
    /// Words for people.
    pub name: &'static str,
}

const fn kind(app: &'static str, model: &'static str, name: &'static str) -> Kind {
    Kind { app, model, name }
}

/// The kinds of every installation, by application and model.
pub const KINDS: &[Kind] = &[
    kind("admin", "logentry", "log entry"),
    kind("attachments", "attachment", "attachment"),
    kind("auth", "group", "group"),
    kind("auth", "permission", "permission"),
    kind("auth", "user", "user"),
    kind("bugs", "bug", "bug"),
    kind("bugs", "bug_executions", "bug-testexecution relationship"),
    kind("bugs", "bug_tags", "bug-tag relationship"),
    kind("bugs", "severity", "severity"),
    kind("captcha", "captchastore", "captcha store"),
    kind("contenttypes", "contenttype", "content type"),
    kind("django_comments", "comment", "comment"),
    kind("django_comments", "commentflag", "comment flag"),
    kind(
        "guardian",
        "groupobjectpermission",
        "group object permission",
    ),
    kind("guardian", "userobjectpermission", "user object permission"),
    kind("kiwi_auth", "useractivationkey", "user activation key"),
    kind("linkreference", "linkreference", "link reference"),
    kind("management", "build", "Build"),
    kind("management", "classification", "Classification"),
    kind("management", "component", "Component"),
    kind("management", "historicalbuild", "historical Build"),
    kind("management", "historicalproduct", "historical Product"),
    kind("management", "historicalversion", "historical Version"),
    kind("management", "priority", "Priority"),
    kind("management", "product", "Product"),
    kind("management", "tag", "Tag"),
    kind("management", "version", "Version"),
    kind("sessions", "session", "session"),
    kind("sites", "site", "site"),
    kind("testcases", "bugsystem", "Bug tracker"),
    kind("testcases", "category", "category"),
    kind("testcases", "historicaltemplate", "historical Template"),
    kind("testcases", "historicaltestcase", "historical test case"),
    kind("testcases", "property", "property"),
    kind("testcases", "template", "Template"),
    kind("testcases", "testcase", "test case"),
    kind("testcases", "testcasecomponent", "test case component"),
    kind(
        "testcases",
        "testcaseemailsettings",
        "test case email settings",
    ),
    kind("testcases", "testcaseplan", "test case plan"),
    kind("testcases", "testcasestatus", "Test case status"),
    kind("testcases", "testcasetag", "test case tag"),
    kind("testplans", "historicaltestplan", "historical test plan"),
    kind("testplans", "plantype", "plan type"),
    kind("testplans", "testplan", "test plan"),
    kind(
        "testplans",
        "testplanemailsettings",
        "test plan email settings",
    ),
    kind("testplans", "testplantag", "test plan tag"),
    kind("testruns", "environment", "environment"),
    kind("testruns", "environmentproperty", "environment property"),
    kind(
        "testruns",
        "historicaltestexecution",
        "historical test execution",
    ),
    kind("testruns", "historicaltestrun", "historical test run"),
    kind("testruns", "property", "property"),
    kind("testruns", "testexecution", "test execution"),
    kind(
        "testruns",
        "testexecutionproperty",
        "test execution property",
    ),
    kind("testruns", "testexecutionstatus", "test execution status"),
    kind("testruns", "testexecutiontag", "test execution tag"),
    kind("testruns", "testrun", "test run"),
    kind("testruns", "testruncc", "test run cc"),
    kind("testruns", "testruntag", "test run tag"),
];

/// The kinds that exist only where there are several tenants.
pub const TENANT_KINDS: &[Kind] = &[
    kind("tcms_tenants", "domain", "domain"),
    kind("tcms_tenants", "tenant", "tenant"),
    kind("tcms_tenants", "tenant_authorized_users", "authorized user"),
    kind("tenant_groups", "group", "group"),
    kind("trackers_integration", "apitoken", "API token"),
];

/// Permissions beyond the four of each kind: full name and words for people.
pub const EXTRAS: &[(&str, &str)] = &[
    (DELETE_FOREIGN_ATTACHMENTS, "Can delete foreign attachments"),
    (CAN_MODERATE, "Can moderate comments"),
];

const CAN_MODERATE: &str = "django_comments.can_moderate";
const DELETE_FOREIGN_ATTACHMENTS: &str = "attachments.delete_foreign_attachments";

/// Applications whose permissions the group Tester has.
const TESTER_APPS: [&str; 8] = [
    "attachments",
    "bugs",
    "django_comments",
    "linkreference",
    "management",
    "testcases",
    "testplans",
    "testruns",
];

/// Applications whose permissions the groups of a tenant (other than the public one) can have, in
/// addition to those of Tester.
const TENANT_APPS: [&str; 2] = ["tenant_groups", "trackers_integration"];

/// One permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Full name, `app.codename`.
    pub name: String,
    /// Words for people, as in `Can add test case`.
    pub title: String,
}

impl Permission {
    /// Application, the part before the dot.
    pub fn app(&self) -> &str {
        app_of(&self.name)
    }
}

/// Application of a full name.
pub fn app_of(name: &str) -> &str {
    name.split_once('.').map_or("", |(app, _)| app)
}

/// Application, model and code name: permissions in this order stand by what they are about.
pub fn by_kind(name: &str) -> (&str, &str, &str) {
    let (app, codename) = name.split_once('.').unwrap_or(("", name));
    let model = match name {
        DELETE_FOREIGN_ATTACHMENTS => "attachment",
        CAN_MODERATE => "comment",
        _ => codename.split_once('_').map_or("", |(_, model)| model),
    };
    (app, model, codename)
}

/// True for a permission that lets somebody look at something, other than at accounts.
pub fn is_public_view(name: &str) -> bool {
    name.split_once('.')
        .is_some_and(|(app, codename)| app != "auth" && codename.starts_with("view_"))
}

fn of_kinds(kinds: &'static [Kind]) -> impl Iterator<Item = Permission> {
    kinds.iter().flat_map(|kind| {
        ACTIONS.iter().map(move |action| Permission {
            name: format!("{}.{action}_{}", kind.app, kind.model),
            title: format!("Can {action} {}", kind.name),
        })
    })
}

/// The 234 permissions of every installation, by application and code name.
pub fn all() -> Vec<Permission> {
    let extras = EXTRAS.iter().map(|(name, title)| Permission {
        name: (*name).to_owned(),
        title: (*title).to_owned(),
    });
    let mut permissions: Vec<_> = of_kinds(KINDS).chain(extras).collect();
    permissions.sort_by(|a, b| a.name.cmp(&b.name));
    permissions
}

/// The permissions that groups and accounts can be given in a tenant, by name.
pub fn grantable(public: bool) -> Vec<Permission> {
    let mut permissions = all();
    if !public {
        permissions.extend(of_kinds(TENANT_KINDS));
        permissions.retain(|permission| {
            TESTER_APPS.contains(&permission.app()) || TENANT_APPS.contains(&permission.app())
        });
        permissions.sort_by(|a, b| a.name.cmp(&b.name));
    }
    permissions
}

/// True if this is the full name of a permission of any kind.
pub fn exists(name: &str) -> bool {
    let extra = EXTRAS.iter().any(|(extra, _)| *extra == name);
    let of_kind = || {
        let (app, codename) = name.split_once('.')?;
        let (action, model) = codename.split_once('_')?;
        let known = |kind: &Kind| kind.app == app && kind.model == model;
        let found = KINDS.iter().chain(TENANT_KINDS).any(known);
        Some(ACTIONS.contains(&action) && found)
    };
    extra || of_kind().unwrap_or(false)
}

/// What the group Administrator has: everything that can be granted in its tenant.
pub fn administrator(public: bool) -> Vec<String> {
    grantable(public)
        .into_iter()
        .map(|permission| permission.name)
        .collect()
}

/// What the group Tester has, in every tenant.
pub fn tester() -> Vec<String> {
    let has =
        |name: &String| TESTER_APPS.contains(&app_of(name)) && name != DELETE_FOREIGN_ATTACHMENTS;
    all()
        .into_iter()
        .map(|permission| permission.name)
        .filter(has)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        assert_eq!(KINDS.len(), 58);
        assert_eq!(all().len(), 234);
        assert_eq!(administrator(true).len(), 234);
        assert_eq!(tester().len(), 189);
        assert_eq!(administrator(false).len(), 189 + 1 + 4 + 4);
    }

    #[test]
    fn kinds_are_sorted_and_unique() {
        let keys: Vec<_> = KINDS.iter().map(|kind| (kind.app, kind.model)).collect();
        assert!(keys.is_sorted());
        let names: std::collections::HashSet<_> = all().into_iter().map(|p| p.name).collect();
        assert_eq!(names.len(), 234);
    }

    #[test]
    fn who_has_what() {
        let tester = tester();
        let has = |name: &str| tester.iter().any(|known| known == name);
        assert!(has("testcases.add_testcase"));
        assert!(has("django_comments.can_moderate"));
        assert!(has("bugs.delete_bug_executions"));
        assert!(!has("attachments.delete_foreign_attachments"));
        assert!(!has("auth.view_user"));
        assert!(administrator(true).contains(&"auth.view_user".to_owned()));
        assert!(!administrator(false).contains(&"auth.view_user".to_owned()));
        assert!(administrator(false).contains(&"tenant_groups.add_group".to_owned()));
    }

    #[test]
    fn names_are_known() {
        for permission in all().iter().chain(&grantable(false)) {
            assert!(exists(&permission.name), "{}", permission.name);
        }
        for name in [
            "",
            "auth",
            "auth.",
            "auth.view_nothing",
            "auth.see_user",
            "x.view_user",
        ] {
            assert!(!exists(name), "{name}");
        }
        assert!(exists("tcms_tenants.add_tenant"));
        assert_eq!(all()[0].title, "Can add log entry");
    }

    #[test]
    fn reading_for_everybody() {
        assert!(is_public_view("testcases.view_testcase"));
        assert!(!is_public_view("auth.view_user"));
        assert!(!is_public_view("testcases.add_testcase"));
    }
}
