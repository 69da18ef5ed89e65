//! Settings as an operator meets them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::kiwi::{Folder, Kiwi, prepared, program, run};

#[test]
fn ops_097_show_config_names_the_layer_of_each_value() {
    let folder = Folder::new();
    folder.write("etc/local_settings.toml", "[server]\nthreads = 2\n");
    let file = folder.write(
        "etc/tcms_settings_dir/email_config.toml",
        "mail.port = 2525\n",
    );
    let kiwi = |arguments: &[&str]| {
        let mut command = program(folder.path());
        command.env("KIWI_DB_PASSWORD", "planted-secret");
        run(command, arguments)
    };
    let told = kiwi(&["show-config", "mail.port", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        told,
        json!([{"key": "mail.port", "value": 2525, "source": file}])
    );
    let diff = kiwi(&["diffsettings"]).expect(0).out();
    assert!(diff.contains("server.threads = 2  # "), "{diff}");
    assert!(
        diff.contains("db.password = *** (") && !diff.contains("planted-secret"),
        "{diff}"
    );
    assert!(!diff.contains("limits.body"), "{diff}");
    let files = kiwi(&["show-config", "--files"]).expect(0).out();
    let names: Vec<&str> = files
        .lines()
        .filter_map(|line| line.rsplit('/').next())
        .collect();
    assert_eq!(names, ["local_settings.toml", "email_config.toml"]);
    let schema = kiwi(&["config", "schema"]).expect(0).json();
    assert_eq!(schema["title"], "Settings of Kiwi");
}

#[test]
fn ops_097_check_names_settings_and_fixes() {
    let folder = Folder::new();
    folder.write("etc/local_settings.toml", "[db]\nhots = \"x\"\n");
    let said = run(program(folder.path()), &["check", "--json"]).expect(1);
    let told = said.json();
    assert_eq!(told[0]["severity"], "error");
    let problem = told[0]["problem"].as_str().expect("text");
    assert!(
        problem.ends_with("unknown setting `db.hots`; did you mean `db.host`?"),
        "{problem}"
    );

    let folder = prepared();
    let mut command = program(folder.path());
    command.env("SECRET_KEY", "short");
    let told = run(command, &["check"]).expect(1).out();
    let line = "error: secret_key: at least 32 characters are needed";
    assert!(told.contains(line), "{told}");
    let server = Kiwi::start(folder.path(), &[]);
    let settings = |deploy: &[&str]| {
        let mut arguments = vec!["check", "--json"];
        arguments.extend(deploy);
        let said = server.kiwi(&arguments);
        let told = said.json();
        let problems = told.as_array().expect("a list").clone();
        let found: Vec<String> = problems
            .iter()
            .map(|problem| problem["setting"].as_str().expect("text").to_owned())
            .collect();
        (said.code(), found)
    };
    server.kiwi(&["set_domain", "127.0.0.1:8000"]).expect(0);
    let (code, found) = settings(&[]);
    assert_eq!(code, 1, "the domain is still the default: {found:?}");
    assert!(found.contains(&"site domain".to_owned()), "{found:?}");
    server.kiwi(&["set_domain", "kiwi.example.org"]).expect(0);
    let (code, found) = settings(&[]);
    assert_eq!(
        (code, found.contains(&"site domain".to_owned())),
        (0, false),
        "{found:?}"
    );
    let (_, found) = settings(&["--deploy"]);
    for setting in ["db.url", "secret_key", "tls", "mail.from"] {
        assert!(found.contains(&setting.to_owned()), "{setting}: {found:?}");
    }
}

#[test]
fn opa_071_settings_in_python_are_translated() {
    let folder = Folder::new();
    let python = folder.write(
        "old/local_settings.py",
        "import os\nEMAIL_HOST = 'smtp.example.org'\nEMAIL_PORT = 587\nEMAIL_USE_TLS = True\n\
         EMAIL_HOST_PASSWORD = 'planted-secret'\nEMAIL_HOST_USER = 'kiwi'\n\
         DEFAULT_FROM_EMAIL = os.environ.get('SENDER', 'kiwi@example.org')\n\
         DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}\n\
         DATABASES['default']['HOST'] = 'db.example.org'\n\
         ADMINS = [('Ann', 'ann@example.org')]\nTIME_ZONE = 'UTC'\n\
         FILE_UPLOAD_MAX_SIZE = 10 * 1024 * 1024\n",
    );
    let other = folder.write(
        "old/tcms_settings_dir/groups.py",
        "DEFAULT_GROUPS += ['Reviewers']\nif True:\n    DEBUG = True\nEMAIL_PORT = 'many'\n",
    );
    let [python, other] = [&python, &other].map(|path| path.to_str().expect("a path"));
    let import = |files: &[&str]| {
        let mut arguments = vec!["import-settings", "--json"];
        arguments.extend(files);
        run(program(folder.path()), &arguments)
    };
    let said = import(&[python, other]).expect(5);
    let told = said.json();
    assert_eq!(told["without_counterpart"][0]["what"], "TIME_ZONE");
    let lines: Vec<_> = told["not_translated"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|place| {
            (
                place["line"].as_i64(),
                place["what"].as_str().expect("text").to_owned(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            (Some(2), "a condition".to_owned()),
            (
                Some(4),
                "EMAIL_PORT: expected number from 1 to 65535, got `many`".to_owned()
            ),
        ]
    );
    assert!(!said.out().contains("planted-secret"));
    let written = folder.path().join("etc/local_settings.toml");
    let mode = fs::metadata(&written).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    import(&[python]).expect(4);
    let module = folder.write("old/tcms_settings_dir/10-x.py", "EMAIL_PORT = 587\n");
    let told = import(&[module.to_str().expect("a path")]).expect(0).json();
    let to = told["written"][0]["to"].as_str().expect("a path");
    assert!(to.ends_with("/tcms_settings_dir/_10_x.toml"), "{to}");

    let shown = run(program(folder.path()), &["show-config", "--json"])
        .expect(0)
        .json();
    let value = |key: &str| {
        let all = shown.as_array().expect("a list");
        let found = all.iter().find(|setting| setting["key"] == key);
        found.expect("a setting")["value"].clone()
    };
    assert_eq!(value("mail.host"), "smtp.example.org");
    assert_eq!(value("mail.port"), 587);
    assert_eq!(value("mail.security"), "starttls");
    assert_eq!(value("mail.from"), "kiwi@example.org");
    assert_eq!(value("mail.admins"), json!(["ann@example.org"]));
    assert_eq!(value("uploads.max_file_bytes"), 10_485_760);
    assert_eq!(value("auth.default_groups"), json!(["Tester", "Reviewers"]));
}

#[test]
fn ops_098_a_hangup_reads_the_settings_again() {
    let folder = prepared();
    let file = folder.write("etc/local_settings.toml", "[log]\nfilter = \"info\"\n");
    let server = Kiwi::start(folder.path(), &[]);
    fs::write(
        &file,
        "[log]\nfilter = \"debug\"\n[server]\nmax_in_flight = 7\n",
    )
    .expect("a file");
    server.signal("HUP");
    assert_eq!(
        server.wait_for("restart_needed")["setting"],
        "server.max_in_flight"
    );
    assert_eq!(
        server.wait_for("configuration_reloaded")["changed"],
        "log.filter"
    );
    fs::write(&file, "[log]\nfitler = \"debug\"\n").expect("a file");
    server.signal("HUP");
    server.wait_for("configuration_refused");
    let answer = server
        .client()
        .get(server.internal("/livez"))
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 200);
}
