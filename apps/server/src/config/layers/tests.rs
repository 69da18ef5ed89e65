use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::{Places, Source, Values};
use crate::config::catalogue;
use crate::config::setting::{Setting, Value};

/// Files and variables of one case.
struct Case {
    root: tempfile::TempDir,
    environment: BTreeMap<String, String>,
    options: Vec<(String, String)>,
}

impl Case {
    fn new(files: &[(&str, &str)]) -> Self {
        let case = Self {
            root: tempfile::tempdir().expect("a folder"),
            environment: BTreeMap::new(),
            options: Vec::new(),
        };
        for (name, text) in files {
            case.write(name, text);
        }
        case
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    fn variable(mut self, name: &str, text: &str) -> Self {
        self.environment.insert(name.to_owned(), text.to_owned());
        self
    }

    fn option(mut self, key: &str, text: &str) -> Self {
        self.options.push((key.to_owned(), text.to_owned()));
        self
    }

    fn places(&self) -> Places {
        Places {
            vendor: self.root.path().join("vendor"),
            ..Places::of(self.root.path())
        }
    }

    fn collect(&self) -> Result<(Values, Vec<String>), String> {
        Values::collect(
            self.root.path(),
            &self.places(),
            &self.environment,
            &self.options,
        )
    }

    fn value(&self, setting: &Setting) -> (String, Source) {
        let (values, _) = self.collect().expect("it is accepted");
        let (value, source) = values.get(setting).expect("a value");
        (value.to_string(), source.clone())
    }

    fn refusal(&self) -> String {
        let why = self.collect().expect_err("it is refused");
        why.replace(&format!("{}/", self.root.path().display()), "")
    }
}

#[test]
fn opa_070_a_later_layer_wins() {
    let setting = &catalogue::MAX_IN_FLIGHT;
    let layer = |number: u32| format!("[server]\nmax_in_flight = {number}\n");
    let case = Case::new(&[("vendor/a.toml", &layer(1))]);
    assert_eq!(case.value(setting).0, "1");
    case.write("etc/local_settings.toml", &layer(2));
    assert_eq!(case.value(setting).0, "2");
    case.write("etc/tcms_settings_dir/b.toml", &layer(3));
    assert_eq!(case.value(setting).0, "3");
    let case = case.variable("KIWI_MAX_IN_FLIGHT", "4");
    assert_eq!(case.value(setting).0, "4");
    let case = case.variable("KIWI__SERVER__MAX_IN_FLIGHT", "5");
    assert_eq!(
        case.value(setting),
        (
            "5".to_owned(),
            Source::Variable("KIWI__SERVER__MAX_IN_FLIGHT".to_owned())
        )
    );
    let case = case.option("server.max_in_flight", "6");
    assert_eq!(case.value(setting), ("6".to_owned(), Source::CommandLine));
}

#[test]
fn seed_060_every_setting_has_a_file_key_and_a_variable() {
    for setting in catalogue::SETTINGS {
        let setting = if crate::config::named::is_pattern(setting) {
            crate::config::named::of(setting, "sample")
        } else {
            setting
        };
        let text = match setting.kind {
            _ if setting.key == catalogue::DATA_DIR.key => continue,
            crate::config::setting::Kind::Text => "some text".to_owned(),
            crate::config::setting::Kind::Switch => "true".to_owned(),
            crate::config::setting::Kind::Number(low, _) => low.to_string(),
            crate::config::setting::Kind::Address => "127.0.0.1:1".to_owned(),
            crate::config::setting::Kind::Choice(words) => words[0].to_owned(),
            crate::config::setting::Kind::List => "one,two".to_owned(),
        };
        let written = match setting.kind.parse(&text).expect("it is accepted") {
            Value::Text(text) => format!("\"{text}\""),
            Value::List(_) => "[\"one\", \"two\"]".to_owned(),
            other => other.to_string(),
        };
        let file = "etc/tcms_settings_dir/a.toml";
        let case = Case::new(&[(file, &format!("{} = {written}\n", setting.key))]);
        let path = case.root.path().join(file);
        assert_eq!(
            case.value(setting),
            (text.clone(), Source::File(path)),
            "{}",
            setting.key
        );
        let name = super::derived(setting);
        let case = Case::new(&[]).variable(&name, &text);
        assert_eq!(
            case.value(setting),
            (text, Source::Variable(name)),
            "{}",
            setting.key
        );
    }
}

#[test]
fn seed_067_files_are_read_in_the_order_of_their_bytes() {
    let case = Case::new(&[
        ("etc/tcms_settings_dir/a.toml", ""),
        ("etc/tcms_settings_dir/_c.toml", ""),
        ("etc/tcms_settings_dir/B.toml", ""),
        ("etc/tcms_settings_dir/__init__.py", "nonsense"),
        ("etc/tcms_settings_dir/sub/x.toml", "nonsense"),
        ("etc/local_settings.toml", ""),
    ]);
    let (values, _) = case.collect().expect("it is accepted");
    let names: Vec<_> = values
        .files
        .iter()
        .map(|path| {
            path.file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(
        names,
        ["local_settings.toml", "B.toml", "_c.toml", "a.toml"]
    );
}

#[test]
fn ops_091_lists_can_be_changed() {
    let groups = &catalogue::DEFAULT_GROUPS;
    let case = Case::new(&[(
        "etc/local_settings.toml",
        "[auth]\ndefault_groups_append = [\"Reviewers\", \"Tester\"]\n",
    )]);
    assert_eq!(case.value(groups).0, "Tester,Reviewers");
    case.write(
        "etc/tcms_settings_dir/a.toml",
        "[auth]\ndefault_groups_remove = [\"Tester\"]\n",
    );
    assert_eq!(case.value(groups).0, "Reviewers");
    case.write(
        "etc/tcms_settings_dir/b.toml",
        "auth.default_groups = [\"Only\"]\n",
    );
    assert_eq!(case.value(groups).0, "Only");
    let why = |text| Case::new(&[("etc/local_settings.toml", text)]).refusal();
    assert_eq!(
        why("mail.port_append = 1"),
        "etc/local_settings.toml: `mail.port_append`: `mail.port` is not a list"
    );
    assert_eq!(
        why("auth.default_group_append = []"),
        "etc/local_settings.toml: unknown setting `auth.default_group_append`; did you mean \
         `auth.default_groups_append`?"
    );
}

#[test]
fn ops_092_a_file_replaces_the_vendors_of_the_same_name() {
    let case = Case::new(&[
        (
            "vendor/a.toml",
            "server.max_in_flight = 1\nserver.threads = 2\n",
        ),
        ("etc/tcms_settings_dir/a.toml", "server.threads = 3\n"),
    ]);
    assert_eq!(case.value(&catalogue::MAX_IN_FLIGHT).1, Source::Default);
    assert_eq!(case.value(&catalogue::THREADS).0, "3");
}

#[test]
fn ops_090_pinned_keys_belong_to_files() {
    let pinned = "pinned = [\"http.enforce_https\"]\nhttp.enforce_https = true\n";
    let case = Case::new(&[("vendor/a.toml", pinned)]);
    case.collect().expect("the file may set it");
    let case = case.variable("KIWI_DONT_ENFORCE_HTTPS", "true");
    let expected = "KIWI_DONT_ENFORCE_HTTPS: `http.enforce_https` is pinned by vendor/a.toml; \
                    change it there";
    assert_eq!(case.refusal(), expected);
    let case = Case::new(&[("vendor/a.toml", pinned)]).option("http.enforce_https", "false");
    assert!(case.refusal().contains("is pinned by vendor/a.toml"));
}

#[test]
fn ops_093_everything_wrong_is_told_at_once() {
    let case = Case::new(&[
        (
            "etc/local_settings.toml",
            "[db]\nhots = \"x\"\n[server]\nthreads = \"many\"\n",
        ),
        ("etc/tcms_settings_dir/10-mail.toml", ""),
        ("etc/tcms_settings_dir/broken.toml", "[db\n"),
    ])
    .variable("KIWI__SERVER__THREAD", "1");
    let told = case.refusal();
    for expected in [
        "unknown setting `db.hots`; did you mean `db.host`?",
        "etc/local_settings.toml: `server.threads`: expected number from 0 to 256, got `many`",
        "10-mail.toml: the name of a settings file begins with a letter or `_`",
        "rename it, for example to _10_mail.toml",
        "etc/tcms_settings_dir/broken.toml: TOML parse error at line 1",
        "unknown variable KIWI__SERVER__THREAD; did you mean `KIWI__SERVER__THREADS`?",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn opa_072_secrets_may_lie_elsewhere() {
    let password = &catalogue::database::PASSWORD;
    let private = |case: &Case, text: &str| {
        let path = case.write("secret", text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its owner may");
        path.display().to_string()
    };
    let case = Case::new(&[]);
    let path = private(&case, "pässword-1\n");
    let case = case.variable("KIWI_DB_PASSWORD_FILE", &path);
    let (value, source) = case.value(password);
    assert_eq!(
        (value.as_str(), source.to_string().as_str()),
        ("pässword-1", "KIWI_DB_PASSWORD_FILE")
    );
    let case = case.variable("KIWI_DB_PASSWORD", "x");
    assert_eq!(
        case.refusal(),
        "KIWI_DB_PASSWORD and KIWI_DB_PASSWORD_FILE exclude each other: unset one"
    );
    let told = Case::new(&[])
        .variable("KIWI_DB_PASSWORD_FILE", "/no/such/file")
        .refusal();
    assert!(
        told.starts_with("KIWI_DB_PASSWORD_FILE: cannot read the file /no/such/file: "),
        "{told}"
    );
    let case = Case::new(&[]);
    let path = private(&case, "from-path");
    let case = case.variable("KIWI__DB__PASSWORD_FILE", &path);
    assert_eq!(case.value(password).0, "from-path");
    // a path without a file is the secret itself
    let case = Case::new(&[]).variable("KIWI_DB_PASSWORD", "/no/such/file");
    assert_eq!(case.value(password).0, "/no/such/file");
    let file = |text: &str| Case::new(&[("etc/local_settings.toml", text)]);
    let case = file("db.password = { env = \"OTHER\" }").variable("OTHER", "from-variable");
    assert_eq!(case.value(password).0, "from-variable");
    assert_eq!(
        file("db.password = { env = \"OTHER\" }").refusal(),
        "etc/local_settings.toml: `db.password`: the variable OTHER is not set"
    );
    assert_eq!(
        file("mail.host = { env = \"X\", default = \"mx\" }")
            .value(&catalogue::mail::HOST)
            .0,
        "mx"
    );
    let command = "db.password = { command = [\"echo\", \"from-command\"] }";
    assert!(
        file(command)
            .refusal()
            .contains("commands are not run; set `allow_commands = true`")
    );
    assert_eq!(
        file(&format!("allow_commands = true\n{command}"))
            .value(password)
            .0,
        "from-command"
    );
    assert!(
        file("db.password = { fiel = \"x\" }")
            .refusal()
            .contains("expected text, { file")
    );
}

#[test]
fn ops_093_two_files_with_one_secret_are_refused() {
    let case = Case::new(&[
        ("etc/local_settings.toml", "mail.password = \"planted-one\""),
        (
            "etc/tcms_settings_dir/a.toml",
            "mail.password = \"planted-two\"",
        ),
    ]);
    let told = case.refusal();
    assert!(told.contains("`mail.password` is a secret and given in etc/local_settings.toml too"));
    assert!(!told.contains("planted"));
}

#[test]
fn ops_096_secrets_that_everybody_reads_are_told() {
    let case = Case::new(&[]);
    let path = case.write("secret", "word");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("its owner may");
    let case = case.variable("KIWI_DB_PASSWORD_FILE", &path.display().to_string());
    let (_, remarks) = case.collect().expect("a single installation goes on");
    assert!(
        remarks[0].starts_with("everybody on the machine can read"),
        "{remarks:?}"
    );
    let case = case.variable("KIWI_TENANTS_DOMAIN", "kiwi.example");
    assert!(case.refusal().contains("run `chmod o-r secret`"));
}
