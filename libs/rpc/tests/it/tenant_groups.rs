//! Groups of a tenant, and inviting people into it.

use serde_json::{Value, json};
use testkit::{ALPHA, App, BETA, Client, DOMAIN, PUBLIC, ROOT, STRANGER, TESTER};

async fn message(client: &mut Client, method: &str, params: Value) -> String {
    let refused = client.call(method, params).await;
    refused.expect_err("refused").message
}

async fn id_of(root: &mut Client, username: &str) -> Value {
    let found = root
        .call("User.filter", json!([{"username": username}]))
        .await;
    found.expect("people")[0]["id"].clone()
}

#[tokio::test]
async fn groups_get_permissions_and_people() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let stock = root
        .call("TenantGroup.filter", json!([{}]))
        .await
        .expect("groups");
    let names = |groups: &Value| -> Vec<String> {
        let groups = groups.as_array().expect("a list").iter();
        groups
            .map(|group| group["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(names(&stock), ["Administrator", "Tester"]);

    let made = root
        .call("TenantGroup.create", json!([{"name": "Readers"}]))
        .await;
    let made = made.expect("a group");
    let group = made["id"].clone();
    assert_eq!(
        made,
        json!({"id": group, "name": "Readers", "permissions": [], "user_set": []})
    );
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let filter = ("TestCase.filter", json!([{"pk": 0}]));
    message(&mut stranger, filter.0, filter.1.clone()).await;
    let stranger_id = id_of(&mut root, STRANGER).await;
    for _ in 0..2 {
        let given = json!([group, "testcases.view_testcase"]);
        assert_eq!(
            root.call("TenantGroup.add_permission", given).await,
            Ok(Value::Null)
        );
        let joined = json!([group, stranger_id]);
        assert_eq!(
            root.call("TenantGroup.add_user", joined).await,
            Ok(Value::Null)
        );
    }
    assert_eq!(
        stranger.call(filter.0, filter.1.clone()).await,
        Ok(json!([]))
    );
    // rights count where they were given
    let mut elsewhere = app.client(BETA).log_in(STRANGER).await;
    message(&mut elsewhere, filter.0, filter.1).await;
}

#[tokio::test]
async fn wrong_groups_permissions_and_people_are_named() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let group = root
        .call("TenantGroup.create", json!([{"name": "G"}]))
        .await
        .expect("a group");
    let group = group["id"].clone();
    for (method, params, text) in [
        (
            "TenantGroup.create",
            json!([{}]),
            "[('name', ['This field is required.'])]",
        ),
        (
            "TenantGroup.create",
            json!([{"name": "G"}]),
            "[('name', ['Group with this Name already exists.'])]",
        ),
        (
            "TenantGroup.create",
            json!([{"name": "x".repeat(151)}]),
            "[('name', ['Ensure this value has at most 150 characters (it has 151).'])]",
        ),
        (
            "TenantGroup.add_permission",
            json!([0, "bad"]),
            "Group matching query does not exist.",
        ),
        (
            "TenantGroup.add_permission",
            json!([group, "bad"]),
            "\"bad\" should be: app_label.perm_codename",
        ),
        (
            "TenantGroup.add_permission",
            json!([group, "a.b.c"]),
            "\"a.b.c\" should be: app_label.perm_codename",
        ),
        (
            "TenantGroup.add_permission",
            json!([group, "a."]),
            "Invalid app_label or codename",
        ),
        (
            "TenantGroup.add_permission",
            json!([group, "testcases.no_such"]),
            "Permission matching query does not exist.",
        ),
        // of the installation, not of the tenant
        (
            "TenantGroup.add_permission",
            json!([group, "auth.change_user"]),
            "Permission matching query does not exist.",
        ),
        (
            "TenantGroup.add_user",
            json!([0, 1]),
            "Group matching query does not exist.",
        ),
        (
            "TenantGroup.add_user",
            json!([group, 0]),
            "User matching query does not exist.",
        ),
    ] {
        let answer = message(&mut root, method, params.clone()).await;
        assert_eq!(
            answer,
            format!("Internal error: {text}"),
            "{method} {params}"
        );
    }
}

#[tokio::test]
async fn ten_014_only_people_of_the_tenant_join_its_groups() {
    let app = App::start().await;
    let domain = app.domain();
    let outsider = domain::accounts::NewAccount::user(domain, "outsider", "o@x.example", None);
    let outsider = domain::accounts::create(domain, outsider)
        .await
        .expect("an account");
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let groups = root
        .call("TenantGroup.filter", json!([{}]))
        .await
        .expect("groups");
    let params = json!([groups[0]["id"], outsider.id]);
    assert_eq!(
        message(&mut root, "TenantGroup.add_user", params).await,
        "Internal error: User matching query does not exist."
    );
}

#[tokio::test]
async fn the_public_tenant_has_no_groups_of_its_own() {
    let app = App::start().await;
    let mut root = app.visitor(DOMAIN).log_in(ROOT).await;
    assert_eq!(
        root.call("TenantGroup.filter", json!([{}])).await,
        Ok(json!([]))
    );
    assert_eq!(
        message(&mut root, "TenantGroup.create", json!([{"name": "x"}])).await,
        "Internal error: the public tenant has no groups of its own"
    );
}

#[tokio::test]
async fn a_single_installation_has_none_of_these_methods() {
    let app = App::start_single().await;
    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    for absent in ["TenantGroup.filter", "Tenant.invite"] {
        let text = message(&mut root, absent, json!([{}])).await;
        assert_eq!(text, format!("Method not found: \"{absent}\""));
    }
}

#[tokio::test]
async fn ten_007_an_address_is_one_account_whatever_its_case() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let addresses = json!([
        "New.Person@x.example",
        "bad",
        "new.person@X.EXAMPLE",
        "",
        null,
        "@x"
    ]);
    let answer = tester
        .call("Tenant.invite", json!([addresses, false]))
        .await;
    assert_eq!(
        answer,
        Ok(json!({
            "success": ["New.Person@x.example", "new.person@X.EXAMPLE", "", null],
            "errored": ["bad", "@x"],
        }))
    );
    // somebody with the same name at another host gets a number
    let answer = tester
        .call("Tenant.invite", json!([["new.person@y.example"], true]))
        .await;
    assert_eq!(
        answer,
        Ok(json!({"success": ["new.person@y.example"], "errored": []}))
    );
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let people = root
        .call(
            "User.filter",
            json!([{"username__startswith": "new.person"}]),
        )
        .await
        .expect("people");
    let shown: Vec<_> = people
        .as_array()
        .expect("a list")
        .iter()
        .map(|person| {
            (
                person["username"].clone(),
                person["email"].clone(),
                person["is_active"].clone(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                json!("new.person"),
                json!("new.person@x.example"),
                json!(true)
            ),
            (
                json!("new.person.1"),
                json!("new.person@y.example"),
                json!(true)
            ),
        ]
    );
    let testers = root
        .call("Group.filter", json!([{"user__username": "new.person"}]))
        .await;
    assert_eq!(testers.expect("groups")[0]["name"], "Tester");
    let mut elsewhere = app.client(BETA).log_in(ROOT).await;
    let found = elsewhere
        .call("User.filter", json!([{"username": "new.person"}]))
        .await;
    assert_eq!(found, Ok(json!([])));
}

#[tokio::test]
async fn ten_008_only_people_of_a_private_tenant_invite() {
    let app = App::start().await;
    let params = json!([["visitor@x.example"], false]);
    let refused = "Authentication failed when calling \"Tenant.invite\"";
    let mut visitor = app.client(ALPHA);
    assert_eq!(
        message(&mut visitor, "Tenant.invite", params.clone()).await,
        refused
    );
    let mut public = app.visitor(DOMAIN).log_in(ROOT).await;
    assert_eq!(
        message(&mut public, "Tenant.invite", params.clone()).await,
        refused
    );
    let found = public
        .call("User.filter", json!([{"email": "visitor@x.example"}]))
        .await;
    assert_eq!(found, Ok(json!([])));
    let mut member = app.client(ALPHA).log_in(STRANGER).await;
    assert_eq!(
        member.call("Tenant.invite", params).await,
        Ok(json!({"success": ["visitor@x.example"], "errored": []}))
    );
}

#[tokio::test]
async fn groups_are_found_by_their_permissions() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let query = json!([{"permissions__codename": "add_apitoken"}]);
    let found = root.call("Group.filter", query).await.expect("groups");
    assert_eq!(found, json!([{"id": 1, "name": "Administrator"}]));
    let refused = message(&mut root, "Group.filter", json!([{"permissions__nope": 1}])).await;
    assert!(
        refused.contains("Unsupported lookup 'nope' for ForeignKey"),
        "{refused}"
    );
}
