//! The page *System status*, and what is noted for it.

use serde_json::json;

use crate::kiwi::{DOMAIN, Kiwi, PASSWORD, prepared};

const MULTI: &[(&str, &str)] = &[("KIWI_TENANTS_DOMAIN", DOMAIN)];

/// A browser in which somebody is logged in.
pub(crate) fn logged_in(server: &Kiwi, username: &str) -> reqwest::blocking::Client {
    let client = server.client();
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "Auth.login",
        "params": [username, PASSWORD]});
    let answer = client
        .post(server.https(DOMAIN, "/json-rpc/"))
        .json(&call)
        .send()
        .expect("an answer");
    let answer: serde_json::Value =
        serde_json::from_str(&answer.text().expect("a text")).expect("JSON");
    assert!(answer["result"].is_string(), "{answer}");
    client
}

fn page(server: &Kiwi, client: &reqwest::blocking::Client) -> String {
    let answer = client.get(server.https(DOMAIN, "/admin/system/")).send();
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.text().expect("a text")
}

#[test]
fn ops_054_ops_134_the_status_page_shows_what_the_doctor_finds_and_what_was_done() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let root = logged_in(&server, "root");
    let before = page(&server, &root);
    for wanted in [
        "no backup of everything was taken so far",
        "the private database is for trials",
        "delete expired sessions",
        "PostgreSQL",
        "3 active",
    ] {
        assert!(before.contains(wanted), "{wanted}: {before}");
    }
    // the same words as on the command line
    let problems = server.kiwi(&["doctor", "--json"]).json();
    for problem in problems.as_array().expect("a list") {
        // a server does not ask itself whether it is there
        if problem["setting"] == "server" {
            continue;
        }
        let what = problem["problem"].as_str().expect("a text");
        let shown = what.replace('\'', "&#x27;").replace('"', "&quot;");
        assert!(before.contains(&shown), "{what}: {before}");
    }

    let out = folder.path().join("backups");
    let out = out.to_str().expect("a path");
    let saved = server.kiwi(&["backup", "--out", out, "--json"]).expect(0);
    let saved = saved.json()["folder"].as_str().expect("a path").to_owned();
    server.kiwi(&["verify-backup", &saved]).expect(0);
    let after = page(&server, &root);
    assert!(!after.contains("no backup of everything"), "{after}");
    assert!(after.contains(&saved), "{after}");
    assert!(after.contains("can be restored"), "{after}");
    assert!(
        after.contains(" files, ") && after.contains(" KiB"),
        "{after}"
    );
    // a backup of one tenant is none of everything
    server
        .kiwi(&["backup", "--out", out, "--tenant=alpha"])
        .expect(0);
    assert!(page(&server, &root).contains(&saved));
    // what fails is told, and the backup before stays what it is
    server.kiwi(&["backup", "--out", "/proc/nowhere"]).expect(1);
    let failed = page(&server, &root);
    assert!(failed.contains("failed: /proc/nowhere"), "{failed}");
    assert!(!failed.contains("no backup of everything"), "{failed}");

    let ann = logged_in(&server, "ann");
    let answer = ann.get(server.https(DOMAIN, "/admin/system/")).send();
    assert_eq!(answer.expect("an answer").status(), 403);
}

#[test]
fn ops_135_nobody_is_warned_of_missing_backups_that_something_else_takes() {
    let folder = prepared();
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_BACKUP_TOOL", "external"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let problems = server.kiwi(&["doctor", "--json"]).out();
    assert!(!problems.contains("backup of everything"), "{problems}");
}

#[test]
fn ops_148_ops_149_seed_092_seed_093_debug_tells_the_chain_of_causes_and_nobody_forgets_it() {
    let folder = prepared();
    let secret = "planted-key-planted-key-planted-key-1";
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("DEBUG", "True"),
        ("SECRET_KEY", secret),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let root = logged_in(&server, "root");
    let get = |client: &reqwest::blocking::Client, path: &str| {
        let answer = client.get(server.https(DOMAIN, path)).send();
        let answer = answer.expect("an answer");
        (answer.status().as_u16(), answer.text().expect("a text"))
    };
    let (status, page) = get(&root, "/debug/fail");
    assert_eq!(status, 500);
    for told in [
        "this page fails on purpose: somebody asked for an error",
        "libs/web/src/",
        "security.hsts_max_age",
        "secret_key",
        "*** (",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains(secret), "{page}");
    let (status, page) = get(&root, "/runs/999999/");
    assert_eq!(status, 404);
    assert!(page.contains("FROM test_run"), "{page}");
    // strangers see what they always see
    let stranger = server.client();
    assert_eq!(get(&stranger, "/debug/fail").0, 404);
    let problems = server
        .kiwi(&["check", "--deploy", "--json"])
        .expect(1)
        .json();
    let problems = problems.as_array().expect("a list");
    let found = problems
        .iter()
        .find(|problem| problem["setting"] == "debug");
    assert_eq!(found.expect("a problem")["severity"], "error");
    let metrics = stranger.get(server.internal("/metrics")).send();
    let metrics = metrics.expect("an answer").text().expect("a text");
    assert!(metrics.contains("kiwi_debug_enabled 1"), "{metrics}");
}

#[test]
fn ops_137_doctor_all_compares_attachments_and_files_of_every_tenant() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let root = logged_in(&server, "root");
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "User.add_attachment",
        "params": ["kept.txt", "a2VwdA=="]});
    let answer = root
        .post(server.https(DOMAIN, "/json-rpc/"))
        .json(&call)
        .send()
        .expect("an answer");
    assert!(answer.text().expect("a text").contains("/uploads/"));
    let about_uploads = || {
        let problems = server.kiwi(&["doctor", "--all", "--json"]).json();
        let problems = problems.as_array().expect("a list").clone();
        let uploads = problems.into_iter();
        uploads
            .filter(|problem| problem["setting"] == "uploads")
            .map(|problem| problem["problem"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    assert!(about_uploads().is_empty());
    let plan = server
        .kiwi(&["upgrade", "--plan", "--json"])
        .expect(0)
        .json();
    let nothing = json!({"release": env!("CARGO_PKG_VERSION"), "migrations": [], "tenants": [],
        "stale_files": 0});
    assert_eq!(plan, nothing);

    let files = files_below(&folder.path().join("uploads"));
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    // one that is lost, and one that nobody knows, from long ago
    let stray = file.with_file_name("900000");
    std::fs::rename(file, &stray).expect("moved");
    let long_ago =
        std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let opened = std::fs::File::options().write(true).open(&stray);
    opened
        .expect("a file")
        .set_modified(long_ago)
        .expect("a time");
    let problems = about_uploads();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("tenant public: 1 attachments have lost their files: "));
    assert!(problems[0].contains("kept"), "{problems:?}");
    assert_eq!(
        problems[1],
        "tenant public: 1 files belong to no attachment"
    );
    let plan = server.kiwi(&["upgrade", "--plan"]).expect(0).out();
    assert!(plan.contains("\n  1 files without a record"), "{plan}");
    assert!(stray.exists(), "a plan changes nothing");
    // without it only what is quick
    let quick = server.kiwi(&["doctor", "--json"]).out();
    assert!(!quick.contains("attachments have lost"), "{quick}");
}

pub(crate) fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    entries
        .flat_map(|entry| {
            if entry.path().is_dir() {
                files_below(&entry.path())
            } else {
                vec![entry.path()]
            }
        })
        .collect()
}

#[test]
fn ops_103_a_link_of_the_command_line_lets_a_superuser_in_once() {
    let folder = prepared();
    // not even where passwords let nobody in
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI__AUTH__PASSWORD_LOGIN", "false"),
        ("KIWI_RATELIMIT_ACCOUNTS", "off"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let made = server.kiwi(&[
        "createsuperuser",
        "--noinput",
        "--username=root",
        "--recovery",
        "--json",
    ]);
    let made = made.expect(0).json();
    assert_eq!(made["created"], false);
    let url = made["url"].as_str().expect("an address");
    let (_, path) = url.split_once("/accounts/").expect("a path");
    let key = url.rsplit_once("key=").expect("a key").1;
    let client = server.client();
    // looking at it does not use it up
    for _ in 0..2 {
        let answer = client
            .get(server.https(DOMAIN, &format!("/accounts/{path}")))
            .send();
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        let token = answer.text().expect("a text");
        assert!(token.contains(key), "{token}");
    }
    let enter = |client: &reqwest::blocking::Client, key: &str| {
        let page = client
            .get(server.https(DOMAIN, &format!("/accounts/{path}")))
            .send();
        let page = page.expect("an answer").text().expect("a text");
        let marker = "name=\"csrfmiddlewaretoken\" value=\"";
        let token = page.split_once(marker).expect("a form").1;
        let token = token.split_once('"').expect("an end").0;
        let sent = client
            .post(server.https(DOMAIN, "/accounts/recovery/"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("referer", server.https(DOMAIN, "/accounts/recovery/"))
            .body(format!("csrfmiddlewaretoken={token}&key={key}"))
            .send();
        sent.expect("an answer").status().as_u16()
    };
    assert_eq!(enter(&client, "wrong"), 403);
    assert_eq!(enter(&client, key), 302);
    assert!(page(&server, &client).contains("System status"));
    assert_eq!(enter(&server.client(), key), 403, "a second time");
    // a newer link takes the place of an older one, and others than superusers get none
    let other = [
        "createsuperuser",
        "--noinput",
        "--username=ann",
        "--recovery",
    ];
    let refused = server.kiwi(&other).expect(4);
    assert!(
        refused.err().contains("not an active superuser"),
        "{}",
        refused.err()
    );
}
