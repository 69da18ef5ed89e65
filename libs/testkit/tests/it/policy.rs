//! Who may call what: every method of the API by everybody, over both protocols, against the table in
//! `snapshots`. Every line of it that changes is a decision.

use std::fmt::Write as _;

use domain::accounts::{self, NewAccount};
use rpc::Registry;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, PASSWORD, ROOT, STRANGER, TESTER};

const VIEWER: &str = "viewer-user";
const ADMIN: &str = "admin-user";

/// The callers, in the order of the columns.
const CALLERS: [&str; 6] = [
    "anonymous",
    "no rights",
    "view only",
    "tester",
    "administrator",
    "superuser",
];

/// A log-in and a log-out change who asks.
const SESSIONS: [&str; 2] = ["Auth.login", "Auth.logout"];

/// Makes a member of the tenant with a group of its own choice.
async fn member(app: &App, root: &mut Client, username: &str, group: &Value) {
    let email = format!("{username}@example.com");
    let new = NewAccount {
        groups: vec![],
        ..NewAccount::user(app.domain(), username, &email, Some(PASSWORD))
    };
    let account = accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let tenant = app.tenant(ALPHA).await;
    domain::tenants::add_member(app.domain(), &tenant, account.id)
        .await
        .expect("a member");
    let mut tx = app
        .domain()
        .tenancy()
        .begin(&tenant)
        .await
        .expect("a transaction");
    sqlx::query("DELETE FROM group_member WHERE user_id = $1")
        .bind(account.id)
        .execute(tx.conn())
        .await
        .expect("no groups");
    tx.commit().await.expect("the end");
    let joined = root
        .call("TenantGroup.add_user", json!([group, account.id]))
        .await;
    joined.expect("in the group");
}

/// A group with every permission to look at something.
async fn viewers(root: &mut Client) -> Value {
    let made = root
        .call("TenantGroup.create", json!([{"name": "Viewers"}]))
        .await;
    let group = made.expect("a group")["id"].clone();
    let groups = root
        .call("Group.filter", json!([{"name": "Administrator"}]))
        .await;
    let administrator = groups.expect("groups")[0]["id"].clone();
    let all = root.call("Group.permissions", json!([administrator])).await;
    let all = all.expect("permissions");
    let views = all.as_array().expect("a list").iter().filter(|permission| {
        permission
            .as_str()
            .is_some_and(|name| name.contains(".view_"))
    });
    for permission in views {
        let given = json!([group, permission]);
        root.call("TenantGroup.add_permission", given)
            .await
            .expect("given");
    }
    group
}

/// Arguments that bind, and that nothing can be done with: what refuses them is not the policy.
fn harmless(method: &rpc::Method) -> Value {
    let argument = |param: &rpc::Param| match (param.kind, param.name) {
        ("id", _) => json!(0),
        ("query", _) | (_, "query") => json!({"pk": 0}),
        ("object", _) => json!({}),
        ("array of objects" | "array of ids", _) | (_, "email_addresses") => json!([]),
        (_, "notify_via_email") => json!(false),
        (_, "user_id") => json!(900_000),
        _ => json!("none"),
    };
    Value::Array(method.params.iter().map(argument).collect())
}

#[tokio::test]
async fn sec_028_sec_031_sec_034_sec_055_sec_063_prj_004_every_method_is_open_to_whom_the_table_says()
 {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let group = viewers(&mut root).await;
    member(&app, &mut root, VIEWER, &group).await;
    let groups = root
        .call("Group.filter", json!([{"name": "Administrator"}]))
        .await;
    let administrators = groups.expect("groups")[0]["id"].clone();
    member(&app, &mut root, ADMIN, &administrators).await;

    let mut clients = vec![app.client(ALPHA)];
    for username in [STRANGER, VIEWER, TESTER, ADMIN, ROOT] {
        clients.push(app.client(ALPHA).log_in(username).await);
    }
    let mut methods: Vec<_> = Registry::standard()
        .methods()
        .filter(|method| !SESSIONS.contains(&method.name))
        .collect();
    methods.sort_by_key(|method| method.name);
    let mut table = format!("{:<40} {}\n", "method", CALLERS.join(" | "));
    for method in methods {
        let mut cells = vec![];
        for (caller, client) in CALLERS.iter().zip(&mut clients) {
            let params = harmless(method);
            let over_json = client.call(method.name, params.clone()).await;
            let arguments = params.as_array().expect("a list");
            let over_xml = client.call_xml(method.name, arguments).await;
            let allowed = |answer: &Result<Value, testkit::Fault>| {
                !answer.as_ref().is_err_and(|fault| fault.code == -32098)
            };
            assert_eq!(
                allowed(&over_json),
                allowed(&over_xml),
                "{} as {caller}: the protocols differ",
                method.name
            );
            if !allowed(&over_json) {
                let message = format!("Authentication failed when calling \"{}\"", method.name);
                assert_eq!(over_json.expect_err("denied").message, message);
            }
            cells.push(if allowed(&over_xml) { "yes" } else { "-" });
        }
        let mut line = format!("{:<40}", method.name);
        for (caller, cell) in CALLERS.iter().zip(cells) {
            let _ = write!(line, " {cell:<width$}  ", width = caller.len());
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }

    for line in table.lines().skip(1) {
        let mut cells = line.split_whitespace();
        let method = cells.next().expect("a method");
        assert_eq!(cells.next(), Some("-"), "{method} is open to visitors");
        let superuser = cells.next_back();
        assert_eq!(superuser, Some("yes"), "{method} is closed to superusers");
    }
    insta::assert_snapshot!("policy", table);
}
