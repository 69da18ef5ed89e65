//! Saving an installation and getting it back.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::kiwi::{DOMAIN, Folder, Kiwi, PASSWORD, prepared, program, run};

const MULTI: [(&str, &str); 1] = [("KIWI_TENANTS_DOMAIN", DOMAIN)];

fn call(client: &reqwest::blocking::Client, url: &str, method: &str, params: &Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let answer = client.post(url).json(&body).send().expect("an answer");
    let answer: Value = answer.json().expect("JSON");
    assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
    answer["result"].clone()
}

/// A visitor of a tenant who may do everything.
struct Root<'a> {
    client: reqwest::blocking::Client,
    server: &'a Kiwi,
}

impl<'a> Root<'a> {
    fn new(server: &'a Kiwi) -> Self {
        let root = Self {
            client: server.client(),
            server,
        };
        root.call("alpha", "Auth.login", &json!(["root", PASSWORD]));
        root
    }

    fn call(&self, tenant: &str, method: &str, params: &Value) -> Value {
        let url = self
            .server
            .https(&format!("{tenant}.{DOMAIN}"), "/json-rpc/");
        call(&self.client, &url, method, params)
    }

    fn classifications(&self, tenant: &str) -> Vec<String> {
        let found = self.call(tenant, "Classification.filter", &json!([{}]));
        let rows = found.as_array().expect("a list");
        let mut names: Vec<String> = rows
            .iter()
            .map(|row| row["name"].as_str().expect("text").to_owned())
            .collect();
        names.sort();
        names
    }

    fn file(&self, url: &str) -> (u16, String) {
        let answer = self.client.get(url).send().expect("an answer");
        (answer.status().as_u16(), answer.text().expect("text"))
    }
}

fn backup(server: &Kiwi, out: &Path, more: &[&str]) -> PathBuf {
    let out = format!("--out={}", out.display());
    let mut arguments = vec!["backup", "--json", &out];
    arguments.extend(more);
    let told = server.kiwi(&arguments).expect(0).json();
    PathBuf::from(told["folder"].as_str().expect("a path"))
}

/// An installation with rows and a file in *alpha*; the file's address.
fn filled(root: &Root<'_>) -> String {
    let call = |method: &str, params: &Value| root.call("alpha", method, params);
    for name in ["Blue \"quoted\" \\ back", "Grün\nzwei\tZeilen"] {
        call("Classification.create", &json!([{ "name": name }]));
    }
    let id = call("Classification.filter", &json!([{}]))[0]["id"].clone();
    let product = call(
        "Product.create",
        &json!([{"name": "Boat", "classification": id}]),
    );
    let version = call(
        "Version.create",
        &json!([{"value": "1.0", "product": product["id"]}]),
    );
    let kind = call("PlanType.filter", &json!([{}]))[0]["id"].clone();
    let plan = call(
        "TestPlan.create",
        &json!([{
            "name": "Afloat",
            "text": "a\u{1F600}b",
            "type": kind,
            "product": product["id"],
            "product_version": version["id"],
            "is_active": true,
        }]),
    );
    let content = "aGVsbG8=";
    call(
        "TestPlan.add_attachment",
        &json!([plan["id"], "hello.txt", content]),
    );
    let found = call("TestPlan.list_attachments", &json!([plan["id"]]));
    found[0]["url"].as_str().expect("an address").to_owned()
}

#[test]
fn opa_017_a_backup_brings_an_installation_back() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &MULTI);
    let root = Root::new(&server);
    let url = filled(&root);
    let before = root.classifications("alpha");
    let out = Folder::new();
    let saved = backup(&server, out.path(), &[]);
    server
        .kiwi(&["verify-backup", saved.to_str().expect("a path")])
        .expect(0);
    let manifest = fs::read_to_string(saved.join("manifest.json")).expect("a file");
    assert!(
        manifest.contains("\"account\"") && !manifest.contains("\"setting\""),
        "no keys"
    );
    let address = |server: &Kiwi| {
        let path = url.splitn(4, '/').nth(3).expect("a path").to_owned();
        server.https(&format!("alpha.{DOMAIN}"), &format!("/{path}"))
    };
    assert_eq!(root.file(&address(&server)), (200, "hello".to_owned()));

    let other = Folder::new();
    let empty = Kiwi::start(other.path(), &MULTI);
    let saved = saved.to_str().expect("a path");
    let told = empty.kiwi(&["restore", saved, "--json"]).expect(0).json();
    assert_eq!(told["tenants"], json!(["public", "alpha", "beta"]));
    let again = Root::new(&empty);
    assert_eq!(again.classifications("alpha"), before);
    assert_eq!(again.classifications("beta"), root.classifications("beta"));
    assert_eq!(again.file(&address(&empty)), (200, "hello".to_owned()));
    // ids go on where they were
    let next = |root: &Root<'_>| {
        let made = root.call("alpha", "Classification.create", &json!([{"name": "Next"}]));
        made["id"].as_i64().expect("a number")
    };
    assert_eq!(next(&again), next(&root));
    // a second backup of the restored installation says the same about what did not change
    let rows = |saved: &Path| {
        let text = fs::read_to_string(saved.join("manifest.json")).expect("a file");
        let manifest: Value = serde_json::from_str(&text).expect("JSON");
        let tenants = manifest["tenants"].as_array().expect("a list").clone();
        let beta = tenants.iter().find(|part| part["schema"] == "beta");
        let tables = beta.expect("beta")["part"]["tables"]
            .as_array()
            .expect("a list")
            .clone();
        let told = |table: &Value| (table["name"].clone(), table["sha256"].clone());
        tables.iter().map(told).collect::<Vec<_>>()
    };
    let second = backup(&empty, other.path(), &[]);
    assert_eq!(rows(&second), rows(Path::new(saved)));

    let said = empty.kiwi(&["restore", saved]).expect(4);
    assert!(said.err().contains("--replace"), "{}", said.err());
    empty.kiwi(&["restore", saved, "--replace"]).expect(0);
    assert_eq!(Root::new(&empty).classifications("alpha"), before);
}

#[test]
fn ops_133_one_tenant_is_restored_and_others_are_left_alone() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &MULTI);
    let root = Root::new(&server);
    filled(&root);
    let before = root.classifications("alpha");
    let out = Folder::new();
    let saved = backup(&server, out.path(), &["--tenant=alpha"]);
    let saved = saved.to_str().expect("a path");
    for tenant in ["alpha", "beta"] {
        root.call(tenant, "Classification.create", &json!([{"name": "Later"}]));
    }
    let kiwi = |arguments: &[&str]| server.kiwi(arguments);
    assert!(
        kiwi(&["restore", saved])
            .expect(4)
            .err()
            .contains("--tenant")
    );
    kiwi(&["restore", saved, "--tenant=beta"]).expect(3);
    let said = kiwi(&["restore", saved, "--tenant=alpha"]).expect(4);
    assert!(said.err().contains("--replace"), "{}", said.err());
    kiwi(&["restore", saved, "--tenant=alpha", "--replace"]).expect(0);
    assert_eq!(root.classifications("alpha"), before);
    assert!(root.classifications("beta").contains(&"Later".to_owned()));

    kiwi(&["tenant", "delete", "alpha", "--yes"]).expect(0);
    kiwi(&["restore", saved, "--tenant=alpha"]).expect(0);
    assert_eq!(Root::new(&server).classifications("alpha"), before);
    let members = kiwi(&["tenant", "member", "list", "alpha", "--json"])
        .expect(0)
        .json();
    let members = members.as_array().expect("a list").len();
    assert_eq!(members, 2, "root and ann");

    // another installation does not know this tenant
    let other = Folder::new();
    let empty = Kiwi::start(other.path(), &MULTI);
    let said = empty.kiwi(&["restore", saved, "--tenant=alpha"]).expect(4);
    assert!(
        said.err().contains("not a tenant of this installation"),
        "{}",
        said.err()
    );
}

#[test]
fn ops_133_ops_137_a_restore_tells_which_files_are_missing() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &MULTI);
    let root = Root::new(&server);
    filled(&root);
    let out = Folder::new();
    let uploads = |server: &Kiwi, saved: &Path, more: &[&str]| {
        let mut arguments = vec!["restore", saved.to_str().expect("a path"), "--json"];
        arguments.extend(more);
        let told = server.kiwi(&arguments).expect(0).json();
        let problems = told["problems"].as_array().expect("a list").clone();
        let about = problems.into_iter();
        about
            .filter(|problem| problem["setting"] == "uploads")
            .map(|problem| problem["problem"].as_str().expect("a text").to_owned())
            .collect::<Vec<_>>()
    };
    let without = backup(&server, out.path(), &["--no-uploads"]);
    // its own files are still there
    assert_eq!(uploads(&server, &without, &["--replace"]), [""; 0]);
    let other = Folder::new();
    let empty = Kiwi::start(other.path(), &MULTI);
    let missing = "tenant alpha: 1 attachments have lost their files: ";
    let [problem] = &uploads(&empty, &without, &[])[..] else {
        panic!("one problem");
    };
    assert!(problem.starts_with(missing), "{problem}");
    let without = without.to_str().expect("a path");
    let said = empty.kiwi(&["restore", without, "--replace"]).expect(0);
    assert!(
        said.out().contains(&format!("\nerror: uploads: {missing}")),
        "{}",
        said.out()
    );
}

#[test]
fn ops_134_a_damaged_backup_is_refused_before_anything_is_touched() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &MULTI);
    let root = Root::new(&server);
    filled(&root);
    let out = Folder::new();
    let saved = backup(&server, out.path(), &[]);
    let path = saved.to_str().expect("a path");
    let refused = |expected: &str| {
        for command in [
            &["verify-backup", path][..],
            &["restore", path, "--replace"],
        ] {
            let said = server.kiwi(command).expect(4);
            assert!(said.err().contains(expected), "{expected}: {}", said.err());
        }
        assert!(!root.classifications("alpha").is_empty());
    };
    let file = saved.join("tenants/alpha/product.ndjson.gz");
    let good = fs::read(&file).expect("a file");
    fs::write(&file, &good[..good.len() - 9]).expect("a file");
    refused("product.ndjson.gz");
    fs::write(&file, [&good[..], b"more"].concat()).expect("a file");
    refused("product.ndjson.gz");
    fs::write(&file, &good).expect("a file");
    let first = fs::read_dir(saved.join("uploads"))
        .expect("a folder")
        .next();
    let inner = fs::read_dir(first.expect("one").expect("readable").path()).expect("a folder");
    let upload = inner.flatten().next().expect("a file").path();
    fs::write(&upload, "other").expect("a file");
    refused("it was changed after the backup");
    fs::write(&upload, "hello").expect("a file");
    server.kiwi(&["verify-backup", path]).expect(0);
    lib_005_entries_that_lie_elsewhere_are_refused(&saved, &refused);
    server.kiwi(&["verify-backup", path]).expect(0);
    let manifest = saved.join("manifest.json");
    let text = fs::read_to_string(&manifest).expect("a file");
    fs::write(&manifest, text.replace("\"root\"", "\"evil\"") + " ").expect("a file");
    refused("manifest.json: it was changed after the backup");
    fs::remove_file(&manifest).expect("a file");
    let said = server.kiwi(&["verify-backup", path]).expect(3);
    assert!(
        said.err().contains("is no complete backup"),
        "{}",
        said.err()
    );
    run(program(folder.path()), &["backup"]).expect(2);
}

/// A manifest that is whole, but names what no backup may hold; and links in the place of files.
fn lib_005_entries_that_lie_elsewhere_are_refused(saved: &Path, refused: &dyn Fn(&str)) {
    let manifest = saved.join("manifest.json");
    let digest = saved.join("manifest.json.sha256");
    let good = fs::read_to_string(&manifest).expect("a file");
    let name = "tenants/alpha/product.ndjson.gz";
    let copy = saved.with_file_name("elsewhere");
    fs::copy(saved.join(name), &copy).expect("a copy");
    let sign = |text: &str| {
        fs::write(&manifest, text).expect("a file");
        let sum = Sha256::digest(text);
        let digits: Vec<String> = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(&digest, digits.concat()).expect("a file");
    };
    for entry in ["../elsewhere", copy.to_str().expect("a path"), "/dev/zero"] {
        sign(&good.replace(name, entry));
        refused("does not lie in the folder of the backup");
    }
    let upload = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert!(good.contains(upload), "the digest of hello");
    sign(&good.replace(upload, "../../../../../../etc/passwd"));
    refused("it is no SHA-256 digest");
    sign(&good);
    let file = saved.join(name);
    fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink(&copy, &file).expect("a link");
    refused("links are not followed");
    fs::remove_file(&file).expect("removed");
    fs::rename(&copy, &file).expect("a file");
}

#[test]
fn ops_135_backups_are_taken_by_schedule_and_old_ones_removed() {
    let folder = prepared();
    let target = folder.path().join("backups");
    let old = ["kiwi-2020-01-01T02-30-00Z", "kiwi-2020-01-31T02-30-00Z"];
    for name in old {
        folder.write(&format!("backups/{name}/manifest.json"), "{}");
    }
    folder.write("backups/notes.txt", "of somebody");
    let target_name = target.to_str().expect("a path");
    let plan = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_BACKUP_SCHEDULE", "02:30,14:30"),
        ("KIWI_BACKUP_TARGET", target_name),
        ("KIWI_BACKUP_KEEP", "1d,2m"),
    ];
    let server = Kiwi::start(folder.path(), &plan);
    let task = |lines: &serde_json::Value| {
        let lines = lines.as_array().expect("a list").iter();
        let mut found = lines.filter(|line| line["task"] == "backup");
        found.next().expect("the task").clone()
    };
    let told = server
        .kiwi(&["schedule", "run", "backup", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["rhythm"], "daily 02:30 14:30");
    let detail = told["detail"].as_str().expect("a text");
    assert!(detail.ends_with("1 old backups removed"), "{detail}");
    let listed = task(
        &server
            .kiwi(&["schedule", "list", "--json"])
            .expect(0)
            .json(),
    );
    assert_eq!(
        (&listed["state"], &listed["detail"]),
        (&told["state"], &told["detail"])
    );
    let next = listed["next_at"].as_str().expect("a time");
    assert!(
        next.ends_with("02:30:00Z") || next.ends_with("14:30:00Z"),
        "{next}"
    );
    let mut names: Vec<String> = std::fs::read_dir(&target)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(
        (names[0].as_str(), names[2].as_str()),
        (old[1], "notes.txt")
    );
    let newest = target.join(&names[1]);
    server
        .kiwi(&["verify-backup", newest.to_str().expect("a path")])
        .expect(0);

    let mut command = program(folder.path());
    command.env("KIWI_BACKUP_SCHEDULE", "02:30");
    let said = run(command, &["show-config"]).expect(1);
    assert!(
        said.err().contains("backup.target: needed"),
        "{}",
        said.err()
    );
    let mut command = program(folder.path());
    command.envs([
        ("KIWI_BACKUP_SCHEDULE", "half past two"),
        ("KIWI_BACKUP_TARGET", target_name),
    ]);
    let said = run(command, &["show-config"]).expect(1);
    assert!(
        said.err().contains("a time of day such as 02:30"),
        "{}",
        said.err()
    );
}
