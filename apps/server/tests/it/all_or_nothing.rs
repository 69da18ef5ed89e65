//! Commands that cannot do what they were asked leave everything as it was.

use serde_json::json;

use crate::kiwi::{DOMAIN, Folder, Kiwi, prepared};

const MULTI: &[(&str, &str)] = &[("KIWI_TENANTS_DOMAIN", DOMAIN)];

#[test]
fn a_folder_with_an_unknown_member_or_group_changes_no_tenant() {
    let folder = prepared();
    let tenants = Folder::new();
    let path = tenants.path().to_str().expect("a path");
    let server = Kiwi::start(folder.path(), MULTI);
    let shown = || {
        server
            .kiwi(&["tenant", "show", "alpha", "--json"])
            .expect(0)
            .json()
    };
    let before = shown();
    for member in [
        "{ username = \"nobody\" }",
        "{ username = \"ann\", groups = [\"Nope\"] }",
    ] {
        tenants.write(
            "alpha/tenant.toml",
            &format!(
                "publicly_readable = true\ndomains = [\"a.example.org\"]\nmembers = [{member}]\n"
            ),
        );
        let said = server.kiwi(&["tenant", "apply", path]).expect(1);
        assert!(
            said.err().contains("no tenant was applied"),
            "{}",
            said.err()
        );
        assert_eq!(shown(), before, "{member}");
    }
    // what can only be found later is told with what was done before
    tenants.write(
        "alpha/tenant.toml",
        "publicly_readable = true\ndata = \"absent\"\n",
    );
    let said = server.kiwi(&["tenant", "apply", path]).expect(5);
    let text = "alpha: changed record, then failed: ";
    assert!(said.out().contains(text), "{}", said.out());
}

#[test]
fn accounts_and_members_of_unknown_groups_are_not_made() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let create = |group: &str| {
        server.kiwi(&[
            "createuser",
            "--noinput",
            "--username=carol",
            "--email=c@example.org",
            group,
        ])
    };
    create("--group=Nope").expect(4);
    server.kiwi(&["deleteuser", "carol", "--yes"]).expect(3);
    create("--group=Tester").expect(0);

    let add = |group: &str| {
        let arguments = ["tenant", "member", "add", "alpha", "carol", group, "--json"];
        server.kiwi(&arguments)
    };
    add("--group=Nope").expect(4);
    server
        .kiwi(&["tenant", "member", "remove", "alpha", "carol"])
        .expect(3);
    for (group, changed) in [
        ("--group=Tester", true),
        ("--group=Tester", false),
        ("--group=Administrator", true),
        ("--group=Administrator", false),
    ] {
        assert_eq!(add(group).expect(0).json()["changed"], changed, "{group}");
    }
}

#[test]
fn no_token_is_revoked_when_one_of_them_does_not_exist() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let made = server.kiwi(&["token", "create", "ann", "--name=robot", "--json"]);
    let id = made.expect(0).json()["id"].to_string();
    let count = || {
        let told = server.kiwi(&["token", "list", "--json"]).expect(0).json();
        told.as_array().expect("a list").len()
    };
    server.kiwi(&["token", "revoke", &id, "99"]).expect(3);
    assert_eq!(count(), 1);
    server.kiwi(&["token", "revoke", &id]).expect(0);
    assert_eq!(count(), 0);
}

#[test]
fn nobody_logs_in_as_everybody() {
    let folder = prepared();
    let password = folder.write("new-password", "another-long-Word-88");
    let password = password.to_str().expect("a path");
    let server = Kiwi::start(folder.path(), MULTI);
    for command in [
        &[
            "changepassword",
            "AnonymousUser",
            "--password-file",
            password,
        ][..],
        &["token", "create", "AnonymousUser", "--name=robot"],
        &[
            "createsuperuser",
            "--username=AnonymousUser",
            "--recovery",
            "--noinput",
        ],
    ] {
        let said = server.kiwi(command).expect(4);
        assert!(
            said.err().contains("nobody can log in as it"),
            "{}",
            said.err()
        );
    }
}

#[test]
fn a_copy_of_the_public_tenant_lets_its_owner_in_and_lacks_no_permission() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let copy = |more: &[&str]| {
        let mut arguments = vec!["tenant", "clone", "public", "copied", "--owner=root"];
        arguments.extend(more);
        server.kiwi(&arguments)
    };
    let refused = copy(&["--with-members"]).expect(4);
    assert!(
        refused.err().contains("everybody may enter"),
        "{}",
        refused.err()
    );
    server.kiwi(&["tenant", "show", "copied"]).expect(3);
    copy(&[]).expect(0);
    let members = server
        .kiwi(&["tenant", "member", "list", "copied", "--json"])
        .expect(0)
        .json();
    let names: Vec<_> = members.as_array().expect("a list").iter().collect();
    assert_eq!(names.len(), 1, "{members}");
    assert_eq!(names[0]["username"], "root");
    let lacking = server
        .kiwi(&["refresh_permissions", "--json"])
        .expect(0)
        .json();
    let mut lacking = lacking.as_array().expect("a list").iter();
    let lacking = lacking.find(|one| one["tenant"] == "copied").expect("it");
    assert_eq!(lacking["permissions"], json!([]));
}
