//! The commands of an operator.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::kiwi::{DOMAIN, Kiwi, PASSWORD, prepared, program, run};

#[test]
fn every_command_has_help_and_refuses_nonsense() {
    let folder = crate::kiwi::Folder::new();
    let kiwi = |arguments: &[&str]| run(program(folder.path()), arguments);
    for command in [
        "serve",
        "worker",
        "migrate",
        "showmigrations",
        "initial_setup",
        "createsuperuser",
        "createuser",
        "changepassword",
        "set_domain",
        "tenant",
        "config",
        "show-config",
        "diffsettings",
        "check",
        "import-settings",
        "certificate",
        "backup",
        "verify-backup",
        "restore",
        "schedule",
        "maintenance",
        "loglevel",
        "doctor",
        "support-bundle",
        "secret",
        "token",
    ] {
        let said = kiwi(&[command, "--help"]).expect(0);
        assert!(said.out().contains("Usage: kiwi"), "{command}");
        kiwi(&[command, "--no-such-option"]).expect(2);
    }
    assert!(
        kiwi(&["tenant", "create", "--help"])
            .expect(0)
            .out()
            .contains("Examples:")
    );
    kiwi(&["no-such-command"]).expect(2);
    kiwi(&["tenant", "member", "add"]).expect(2);
    assert!(kiwi(&["--version"]).expect(0).out().starts_with("kiwi "));
    let told = kiwi(&["show-config", "limits.body", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        told,
        json!([{"key": "limits.body", "value": 7_864_320, "source": "default"}])
    );
    kiwi(&["show-config", "no.such"]).expect(3);
    let mut command = program(folder.path());
    command.env("KIWI_DB_PASSWORD", "planted-secret");
    assert!(
        !run(command, &["show-config"])
            .expect(0)
            .out()
            .contains("planted-secret")
    );
}

#[test]
fn accounts_are_made_once() {
    let folder = prepared();
    let password = folder.write("new-password", "another-long-Word-88\nsecond line");
    let password = password.to_str().expect("a path");
    let server = Kiwi::start(folder.path(), &[]);
    let create = |more: &[&str]| {
        let mut arguments = vec![
            "createsuperuser",
            "--noinput",
            "--json",
            "--username=root",
            "--email=r@example.org",
            "--password-file",
            password,
        ];
        arguments.extend(more);
        server.kiwi(&arguments).expect(0).json()
    };
    let told = create(&[]);
    assert_eq!(
        (&told["created"], &told["password_reset"]),
        (&json!(false), &json!(false))
    );
    let told = create(&["--reset-password"]);
    assert_eq!(
        (&told["created"], &told["password_reset"]),
        (&json!(false), &json!(true))
    );

    let said = server.kiwi(&["createuser", "--username=bob"]).expect(2);
    assert!(said.err().contains("missing: --email"), "{}", said.err());
    server
        .kiwi(&[
            "createuser",
            "--username=bob",
            "--email=b@example.org",
            "--password-file=/nowhere",
        ])
        .expect(1);
    server
        .kiwi(&["createuser", "--username=bob", "--email=wrong", "--noinput"])
        .expect(1);
    server
        .kiwi(&[
            "createuser",
            "--username=bob",
            "--email=b@example.org",
            "--noinput",
            "--tenant=none",
        ])
        .expect(3);
    server
        .kiwi(&[
            "createuser",
            "--username=bob",
            "--email=b@example.org",
            "--noinput",
            "--group=Tester",
        ])
        .expect(0);
    server
        .kiwi(&["changepassword", "nobody", "--password-file", password])
        .expect(3);
    server
        .kiwi(&["changepassword", "bob", "--password-file", password])
        .expect(0);

    server.kiwi(&["deleteuser", "nobody", "--yes"]).expect(3);
    let said = server.kiwi(&["deleteuser", "bob"]).expect(2);
    assert!(said.err().contains("--yes"), "{}", said.err());
    let told = server.kiwi(&["deleteuser", "bob", "--yes", "--json"]);
    let told = told.expect(0).json();
    assert_eq!(told["tenants"]["public"], json!({"auth.User": 1}));
    server
        .kiwi(&["changepassword", "bob", "--password-file", password])
        .expect(3);
    let said = server.kiwi(&["deleteuser", "root", "--yes"]).expect(4);
    assert!(said.err().contains("last superuser"), "{}", said.err());

    let mut command = program(folder.path());
    command
        .env("DJANGO_SUPERUSER_USERNAME", "second")
        .env("DJANGO_SUPERUSER_EMAIL", "s@example.org")
        .env("DJANGO_SUPERUSER_PASSWORD", PASSWORD);
    let said = run(command, &["createsuperuser", "--noinput"]).expect(0);
    assert_eq!(said.out(), "Superuser created successfully.\n");
}

#[test]
fn answers_are_read_from_standard_input() {
    let folder = prepared();
    let ask = |answers: &str| {
        let mut command = program(folder.path());
        command
            .arg("createsuperuser")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut input = process.stdin.take().expect("its input");
        input.write_all(answers.as_bytes()).expect("written");
        drop(input);
        process.wait_with_output().expect("its end")
    };
    let done = ask("carol\nc@example.org\nthird-long-Word-99\nthird-long-Word-99\n");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&done.stdout),
        "Superuser created successfully.\n"
    );
    assert!(
        done.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let done = ask("dave\nd@example.org\nshort\nshort\n");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("This password is too short"));
    let done = ask("dave\nd@example.org\none-long-Word-99\nother-long-Word-99\n");
    assert!(String::from_utf8_lossy(&done.stderr).contains("Your passwords didn't match."));
    assert_eq!(ask("").status.code(), Some(2));
}

#[test]
fn the_domain_is_shown_and_set() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    assert_eq!(
        server
            .kiwi(&["set_domain", "public.tenant.example.org"])
            .expect(0)
            .out(),
        "Domain updated successfully.\n"
    );
    assert_eq!(
        server.kiwi(&["set_domain"]).expect(0).out(),
        "public.tenant.example.org\n"
    );
    server.kiwi(&["set_domain", "https://x"]).expect(2);
    server.kiwi(&["set_domain", "x", "--tenant=none"]).expect(3);
    server.kiwi(&["set_domain", "10.0.0.7:8443"]).expect(0);
}

#[test]
fn the_first_set_up_can_be_repeated() {
    let folder = crate::kiwi::Folder::new();
    let password = folder.write("password", PASSWORD);
    let arguments = [
        "initial_setup",
        "--noinput",
        "--username=admin",
        "--email=a@example.org",
        "--domain=kiwi.example.org",
        "--password-file",
        password.to_str().expect("a path"),
    ];
    let said = run(program(folder.path()), &arguments).expect(0);
    for line in [
        "1. Applying migrations:",
        "2. Creating superuser:",
        "  Superuser created successfully.",
        "3. Setting the domain name:",
        "Initial setup finished.",
    ] {
        assert!(said.out().contains(line), "{}", said.out());
    }
    let again = run(program(folder.path()), &arguments).expect(0);
    assert!(
        again.out().contains("  No migrations to apply."),
        "{}",
        again.out()
    );
    assert!(
        again.out().contains("The account admin exists already"),
        "{}",
        again.out()
    );
    // OPS-031: somebody has decided about the domain
    let mut arguments = arguments;
    arguments[4] = "--domain=other.example.org";
    let said = run(program(folder.path()), &arguments).expect(0);
    let text = "  The domain is kiwi.example.org already; nothing was changed.";
    assert!(said.out().contains(text), "{}", said.out());
    let domain = run(program(folder.path()), &["set_domain"]).expect(0);
    assert_eq!(domain.out(), "kiwi.example.org\n");
}

#[test]
fn tenants_are_looked_after() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let kiwi = |arguments: &[&str]| server.kiwi(arguments);
    let told = kiwi(&["tenant", "show", "alpha", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["url"], "https://alpha.kiwi.test/");
    assert_eq!(
        (&told["owner"], &told["members"]),
        (&json!("root"), &json!(2))
    );
    kiwi(&["tenant", "show", "none"]).expect(3);

    kiwi(&["tenant", "create", "gamma", "--owner=nobody"]).expect(3);
    let said = kiwi(&["tenant", "create", "Bad_name", "--owner=root"]).expect(4);
    assert!(said.err().contains("Invalid string"), "{}", said.err());
    kiwi(&["tenant", "create", "www", "--owner=root"]).expect(4);
    let created = kiwi(&[
        "tenant",
        "create",
        "gamma",
        "--owner=root",
        "--title=Gamma",
        "--domain=g.example.org",
        "--domain=h.example.org",
        "--json",
    ]);
    assert_eq!(
        created.expect(0).json()["domains"],
        json!(["g.example.org", "h.example.org"])
    );
    kiwi(&["tenant", "create", "gamma", "--owner=root"]).expect(4);

    kiwi(&["tenant", "domain", "add", "gamma", "g.example.org"]).expect(0);
    kiwi(&["tenant", "domain", "add", "beta", "g.example.org"]).expect(4);
    kiwi(&["tenant", "domain", "primary", "gamma", "h.example.org"]).expect(0);
    kiwi(&["tenant", "domain", "primary", "gamma", "i.example.org"]).expect(3);
    let told = kiwi(&[
        "tenant",
        "domain",
        "remove",
        "gamma",
        "g.example.org",
        "--json",
    ])
    .expect(0)
    .json();
    assert_eq!(
        told["domains"],
        json!([{"domain": "h.example.org", "primary": true}])
    );
    kiwi(&["tenant", "domain", "add", "gamma", "https://x/"]).expect(2);

    kiwi(&[
        "tenant",
        "member",
        "add",
        "gamma",
        "ann",
        "--group=Administrator",
    ])
    .expect(0);
    let members = kiwi(&["tenant", "member", "list", "gamma", "--json"])
        .expect(0)
        .json();
    assert_eq!(members[0]["username"], "ann");
    assert_eq!(members[0]["groups"], json!(["Administrator", "Tester"]));
    kiwi(&["tenant", "member", "remove", "gamma", "ann"]).expect(0);
    kiwi(&["tenant", "member", "remove", "gamma", "ann"]).expect(3);
    kiwi(&["tenant", "member", "remove", "gamma", "root"]).expect(4);

    kiwi(&["tenant", "suspend", "gamma", "--reason=tests"]).expect(0);
    assert_eq!(
        kiwi(&["tenant", "suspend", "gamma", "--json"])
            .expect(0)
            .json()["changed"],
        false
    );
    assert_eq!(
        kiwi(&["tenant", "show", "gamma", "--json"])
            .expect(0)
            .json()["state"],
        "suspended"
    );
    kiwi(&["tenant", "resume", "gamma"]).expect(0);
    kiwi(&["tenant", "clone", "gamma", "delta"]).expect(0);
    kiwi(&["tenant", "delete", "gamma"]).expect(2);
    kiwi(&["tenant", "delete", "public", "--yes"]).expect(4);
    kiwi(&["tenant", "delete", "gamma", "--yes"]).expect(0);
    kiwi(&["tenant", "show", "gamma"]).expect(3);
    kiwi(&["tenant", "migrate", "status"]).expect(0);
    kiwi(&["tenant", "migrate", "alpha"]).expect(0);
    kiwi(&["tenant", "migrate", "none"]).expect(3);
}

#[test]
fn folders_of_tenants_are_applied_once() {
    let folder = prepared();
    let tenants = crate::kiwi::Folder::new();
    tenants.write(
        "public/tenant.toml",
        "name = \"Main\"\ndomains = [\"main.example.org\"]\n",
    );
    tenants.write("acme/tenant.toml", "name = \"Acme\"\nowner = \"root\"\ndomains = [\"acme.example.org\"]\nmembers = [{ username = \"ann\", groups = [\"Tester\"] }]\n");
    tenants.write("new/tenant.toml", "nonsense");
    let path = tenants.path().to_str().expect("a path");
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let apply = || server.kiwi(&["tenant", "apply", path, "--json"]);
    let told = apply().expect(0).json();
    assert_eq!(
        told[0]["changed"],
        json!(["record", "domain main.example.org"])
    );
    assert_eq!(
        (&told[1]["tenant"], &told[1]["created"]),
        (&json!("acme"), &json!(true))
    );
    let told = apply().expect(0).json();
    for tenant in told.as_array().expect("a list") {
        assert_eq!(
            (&tenant["created"], &tenant["changed"]),
            (&json!(false), &json!([])),
            "{tenant}"
        );
    }
    tenants.write("broken/tenant.toml", "owner = \"nobody\"\n");
    let said = apply().expect(5);
    assert!(
        said.out().contains("account nobody does not exist"),
        "{}",
        said.out()
    );
    tenants.write("broken/tenant.toml", "nmae = \"x\"\n");
    let said = apply().expect(1);
    assert!(
        said.err().contains("broken/tenant.toml") && said.err().contains("nmae"),
        "{}",
        said.err()
    );
    server.kiwi(&["tenant", "apply", "/nowhere"]).expect(3);
}

#[test]
fn ops_041_upgrade_does_everything_in_order() {
    let folder = prepared();
    let out = crate::kiwi::Folder::new();
    let out = format!("--backup={}", out.path().display());
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let said = server.kiwi(&["upgrade", "--noinput", &out]).expect(0).out();
    let mut from = 0;
    for line in [
        "migrate, refresh_permissions, delete_stale_attachments, delete_stale_comments",
        "0. Saving everything:",
        "1. Applying migrations:",
        "2. Refreshing permissions:",
        "3. Deleting stale attachments:",
        "4. Deleting stale comments:",
        "Done.",
    ] {
        let at = said[from..].find(line);
        from += at.unwrap_or_else(|| panic!("{line} is missing or too early: {said}"));
    }
    let told = server
        .kiwi(&["upgrade", "--keep-stale", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        told,
        json!({"backup": null, "migrated": false, "permissions": 0, "removed_files": null})
    );
    let told = server
        .kiwi(&["refresh_permissions", "--json"])
        .expect(0)
        .json();
    assert_eq!(told[0], json!({"tenant": "public", "permissions": []}));
    server.kiwi(&["clearsessions"]).expect(0);
}

#[test]
fn opa_009_ops_050_names_of_the_original_are_answered() {
    let folder = crate::kiwi::Folder::new();
    folder.write(
        "etc/local_settings.toml",
        "[db]\npassword = \"planted-secret\"\n[limits]\nrequest_time = 31\n",
    );
    let kiwi = |arguments: &[&str]| run(program(folder.path()), arguments);
    let version = kiwi(&["show_version"]).expect(0).out();
    assert_eq!(version.trim(), env!("CARGO_PKG_VERSION"));
    kiwi(&["makemigrations", "--check", "--dry-run"]).expect(0);
    kiwi(&["makemigrations", "--check"]).expect(0);
    for command in ["show-config", "diffsettings"] {
        let shown = kiwi(&[command]).expect(0).out();
        assert!(shown.contains("limits.request_time = 31 "), "{shown}");
        assert!(shown.contains("db.password = ***"), "{shown}");
        assert!(!shown.contains("planted-secret"), "{shown}");
    }
    kiwi(&["collectstatic", "--noinput"]).expect(0);
    let said = kiwi(&["dumpdata", "--all"]).expect(4);
    assert!(said.err().contains("kiwi backup"), "{}", said.err());
    assert!(
        !folder.path().join("postgres").exists(),
        "nothing was started"
    );
}
