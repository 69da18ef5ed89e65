use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::Config;
use super::catalogue::{self, SETTINGS};
use super::layers::Source;
use tenancy::Database;

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("kiwi-config-{}-{name}", std::process::id()));
    fs::create_dir_all(path.join("etc")).expect("is accepted");
    path
}

fn load(dir: &str, variables: &[(&str, &str)], options: &[(&str, &str)]) -> Result<Config, String> {
    let mut options: Vec<_> = options
        .iter()
        .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
        .collect();
    options.push(("data_dir".to_owned(), dir.to_owned()));
    Config::load(&environment(variables), &options)
}

fn error(variables: &[(&str, &str)], options: &[(&str, &str)]) -> String {
    load("/nonexistent", variables, options).expect_err("is refused")
}

#[test]
fn every_setting_is_declared_properly() {
    for (index, setting) in SETTINGS.iter().enumerate() {
        if let Some(default) = setting.default {
            setting.kind.parse(default).expect("is accepted");
        }
        assert!(!setting.help.ends_with('.'), "{}", setting.key);
        for other in &SETTINGS[..index] {
            assert_ne!(setting.key, other.key);
        }
    }
}

#[test]
fn defaults_need_nothing() {
    let config = load("/nonexistent", &[], &[]).expect("is accepted");
    assert!(matches!(config.database, Database::Private));
    assert_eq!(config.http.to_string(), "0.0.0.0:8080");
    assert_eq!(config.https.to_string(), "0.0.0.0:8443");
    assert_eq!(config.internal.to_string(), "127.0.0.1:8081");
    assert!(config.enforce_https);
    assert_eq!(config.limits.body, 7_864_320);
    assert_eq!(config.tenants_domain, None);
    assert!(config.remarks.is_empty());
}

#[test]
fn later_layers_win() {
    let dir = directory("layers");
    fs::write(
        dir.join("etc/local_settings.toml"),
        "[server]\nhttp = \"127.0.0.1:1\"\nhttps = \"127.0.0.1:2\"\nmax_in_flight = 7\n",
    )
    .expect("is accepted");
    let dir = dir.display().to_string();
    let config = load(
        &dir,
        &[("KIWI_HTTPS", "127.0.0.1:3")],
        &[("server.max_in_flight", "9")],
    )
    .expect("is accepted");
    assert_eq!(config.http.to_string(), "127.0.0.1:1");
    assert_eq!(config.https.to_string(), "127.0.0.1:3");
    assert_eq!(config.max_in_flight, 9);
    assert_eq!(config.remarks.len(), 1, "{:?}", config.remarks);
    assert!(config.remarks[0].starts_with("the variable KIWI_HTTPS overrides `server.https`"));
    let (_, source) = config
        .values
        .get(&catalogue::MAX_IN_FLIGHT)
        .expect("is accepted");
    assert_eq!(*source, Source::CommandLine);
}

#[test]
fn https_can_be_left_unenforced() {
    for (word, enforced) in [
        ("true", false),
        ("1", false),
        ("Yes", false),
        ("ON", false),
        ("false", true),
        ("0", true),
        ("no", true),
        ("off", true),
        ("", true),
    ] {
        let config =
            load("/nonexistent", &[("KIWI_DONT_ENFORCE_HTTPS", word)], &[]).expect("is accepted");
        assert_eq!(config.enforce_https, enforced, "{word}");
    }
    assert_eq!(
        error(&[("KIWI_DONT_ENFORCE_HTTPS", "perhaps")], &[]),
        "KIWI_DONT_ENFORCE_HTTPS: expected true, 1, yes, on or false, 0, no, off, got `perhaps`"
    );
}

#[test]
fn any_word_but_no_disables_the_bug_tracker() {
    for (word, on) in [
        ("yes", false),
        ("whatever", false),
        ("1", false),
        ("0", true),
        ("", true),
    ] {
        let config =
            load("/nonexistent", &[("KIWI_DISABLE_BUGTRACKER", word)], &[]).expect("is accepted");
        assert_eq!(config.domain().bug_tracker, on, "{word}");
    }
}

#[test]
fn variables_without_effect_are_told() {
    let config = load("/nonexistent", &[("KIWI_USE_TZ", "true")], &[]).expect("is accepted");
    assert_eq!(
        config.remarks,
        ["the variable KIWI_USE_TZ has no effect in this version"]
    );
}

#[test]
fn unknown_names_are_told_with_the_nearest() {
    assert_eq!(
        error(&[], &[("server.htp", "x")]),
        "unknown setting `server.htp`; did you mean `server.http`?"
    );
    let dir = directory("unknown");
    let file = dir.join("etc/local_settings.toml");
    let dir = dir.display().to_string();
    fs::write(&file, "[db]\nhots = \"x\"\n").expect("is accepted");
    assert_eq!(
        load(&dir, &[], &[]).expect_err("is refused"),
        format!(
            "{}: unknown setting `db.hots`; did you mean `db.host`?",
            file.display()
        )
    );
    fs::write(&file, "[db\n").expect("is accepted");
    assert!(
        load(&dir, &[], &[])
            .expect_err("is refused")
            .contains("line 1")
    );
    fs::write(&file, "[server]\nmax_in_flight = \"many\"\n").expect("is accepted");
    assert!(
        load(&dir, &[], &[])
            .expect_err("is refused")
            .ends_with("expected number from 1 to 100000, got `many`")
    );
    let config = load("/nonexistent", &[("KIWI_TENANT_DOMAIN", "x")], &[]).expect("is accepted");
    assert_eq!(
        config.remarks,
        ["the variable KIWI_TENANT_DOMAIN is not known; did you mean `KIWI_TENANTS_DOMAIN`?"]
    );
}

#[test]
fn database_values_may_lie_in_files() {
    let dir = directory("secrets");
    let file = dir.join("password");
    fs::write(&file, "s3cret\n").expect("is accepted");
    let path = file.display().to_string();
    let config = load(
        "/nonexistent",
        &[
            ("KIWI_DB_HOST", "/no/such/socket"),
            ("KIWI_DB_PASSWORD", &path),
        ],
        &[],
    )
    .expect("is accepted");
    assert!(!format!("{config:?}").contains("s3cret"));
    let Database::Parts {
        host,
        port,
        name,
        user,
        password,
    } = config.database
    else {
        panic!("{:?}", config.database)
    };
    assert_eq!((host.as_str(), port), ("/no/such/socket", 5432));
    assert_eq!(
        (name.as_str(), user.as_str(), password.as_deref()),
        ("kiwi", "kiwi", Some("s3cret"))
    );
    fs::write(
        dir.join("etc/local_settings.toml"),
        format!("[db]\nurl = {{ file = \"{path}\" }}\n"),
    )
    .expect("is accepted");
    assert_eq!(
        load(&dir.display().to_string(), &[], &[]).expect_err("is refused"),
        "db.url: expected an address that begins with postgres://"
    );
}

#[test]
fn an_address_wins_over_parts() {
    let config = load(
        "/nonexistent",
        &[
            ("DATABASE_URL", "postgres://a:b@c/d"),
            ("KIWI_DB_HOST", "h"),
        ],
        &[],
    )
    .expect("is accepted");
    assert!(matches!(config.database, Database::Url(url) if url == "postgres://a:b@c/d"));
    assert_eq!(
        config.remarks,
        ["db.url is set, so the single database values are ignored"]
    );
}

#[test]
fn a_way_past_a_pooler_needs_a_pooler() {
    let given = [
        ("KIWI_DB_DIRECT_HOST", "db"),
        ("KIWI_DB_HOST", "pooler"),
        ("KIWI_DB_DIRECT_PORT", "5433"),
    ];
    assert!(error(&given[..1], &[]).contains("set db.host"));
    let way = |given: &[(&str, &str)]| {
        let config = load("/nonexistent", given, &[]).expect("is accepted");
        config.direct.map(|direct| (direct.host, direct.port))
    };
    assert_eq!(way(&given[1..2]), None);
    assert_eq!(way(&given[..2]), Some(("db".to_owned(), 5432)));
    assert_eq!(way(&given), Some(("db".to_owned(), 5433)));
    let refused = error(&[given[0], given[1], ("KIWI_DB_DIRECT_PORT", "x")], &[]);
    assert!(refused.starts_with("KIWI_DB_DIRECT_PORT:"), "{refused}");
}

#[test]
fn tenants_are_not_migrated_at_the_start() {
    let given = [
        ("KIWI_AUTO_MIGRATE", "true"),
        ("KIWI_TENANTS_DOMAIN", "tests.example.com"),
        ("KIWI_DB_HOST", "db"),
    ];
    assert!(error(&given, &[]).contains("`kiwi migrate`"));
    load("/nonexistent", &given[..2], &[]).expect("a private database has its one server");
    load("/nonexistent", &[given[0], given[2]], &[]).expect("one tenant");
}

#[test]
fn a_mariadb_configuration_is_refused() {
    let why = error(
        &[
            ("KIWI_DB_ENGINE", "django.db.backends.mysql"),
            ("KIWI_DB_HOST", "db"),
            ("KIWI_DB_PORT", "3306"),
        ],
        &[],
    );
    assert!(why.ends_with("only PostgreSQL is supported"), "{why}");
}

#[test]
fn tenants_domain_is_a_host_name() {
    let domain = |text| load("/nonexistent", &[("KIWI_TENANTS_DOMAIN", text)], &[]);
    assert_eq!(
        domain("Kiwi.LocalHost.")
            .expect("is accepted")
            .tenants_domain
            .as_deref(),
        Some("kiwi.localhost")
    );
    assert!(
        domain("https://kiwi.localhost")
            .expect_err("is refused")
            .starts_with("tenancy.domain: expected a host name")
    );
    assert!(domain("a b").is_err());
}

#[test]
fn the_secret_key_is_made_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = directory("key");
    let config = load(&dir.display().to_string(), &[], &[]).expect("is accepted");
    let key = config.secret_key().expect("is accepted");
    assert_eq!(key.len(), 64);
    assert_eq!(config.secret_key().expect("is accepted"), key);
    let mode = fs::metadata(dir.join("secret_key"))
        .expect("is accepted")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let short = load("/nonexistent", &[("SECRET_KEY", "short")], &[]).expect("is accepted");
    assert!(short.secret_key().is_err());
}

#[tokio::test]
async fn mail_is_set_by_the_names_of_the_original() {
    let config = load(
        "/nonexistent",
        &[
            ("EMAIL_HOST", "smtp.example.org"),
            ("EMAIL_PORT", "587"),
            ("EMAIL_HOST_USER", "kiwi"),
            ("EMAIL_HOST_PASSWORD", "planted-secret"),
            ("EMAIL_USE_TLS", "True"),
            ("EMAIL_USE_SSL", "False"),
            ("DEFAULT_FROM_EMAIL", "Kiwi <kiwi@example.org>"),
            ("EMAIL_SUBJECT_PREFIX", "[QA] "),
        ],
        &[],
    )
    .expect("is accepted");
    assert!(config.remarks.is_empty(), "{:?}", config.remarks);
    let settings = config.mail().expect("is accepted");
    assert_eq!(settings.sender.address(), "kiwi@example.org");
    assert_eq!(settings.subject_prefix, "[QA] ");
    let jobs::Backend::Smtp(server) = settings.backend else {
        panic!("a mail server")
    };
    assert_eq!(
        (server.host.as_str(), server.port),
        ("smtp.example.org", 587)
    );
    assert_eq!(server.security, jobs::Security::StartTls);
    let credentials = Some(("kiwi".to_owned(), "planted-secret".to_owned()));
    assert_eq!(server.credentials, credentials);
    assert!(config.mailer().expect("is accepted").is_ok());
}

#[tokio::test]
async fn mail_waits_while_the_sender_is_an_example() {
    let why = |variables| {
        let config = load("/nonexistent", variables, &[]).expect("is accepted");
        config
            .mailer()
            .expect("is accepted")
            .err()
            .unwrap_or_default()
    };
    assert!(why(&[]).starts_with("mail.from is still kiwi@example.com"));
    assert_eq!(why(&[("KIWI_MAIL_BACKEND", "console")]), "");
}

#[test]
fn certificates_are_fetched_only_when_the_terms_were_agreed_to() {
    let on = ("KIWI_ACME", "true");
    assert!(error(&[on], &[]).starts_with("tls.acme.agree_tos: read the terms"));
    let agreed = ("KIWI_ACME_AGREE_TOS", "yes");
    for (variable, expected) in [
        (
            ("KIWI_ACME_DIRECTORY", "http://ca.example"),
            "tls.acme.directory: expected",
        ),
        (
            ("KIWI_ACME_NAMES", "10.0.0.7"),
            "tls.acme.names: expected a host name",
        ),
        (
            ("KIWI_ACME_NAMES", "*.example.org"),
            "tls.acme.names: `*.example.org` needs",
        ),
        (
            ("KIWI_ACME_CHALLENGE", "dns-01"),
            "tls.acme.dns_command: a program is needed",
        ),
        (("KIWI_ACME_EAB_ID", "me"), "tls.acme.eab_key: needed"),
        (("KIWI_ACME_EAB_KEY", "a2V5"), "tls.acme.eab_id: needed"),
    ] {
        let why = error(&[on, agreed, variable], &[]);
        assert!(why.contains(expected), "{why}");
    }
    let plan = |variables: &[(&str, &str)]| {
        let config = load("/nonexistent", variables, &[]).expect("is accepted");
        config.acme_plan
    };
    assert!(plan(&[on, agreed]).is_some() && plan(&[agreed]).is_none());
    assert!(
        plan(&[on, agreed, ("KIWI_STAGING", "true")]).is_none(),
        "a trial fetches nothing"
    );
}

#[test]
fn mail_settings_that_contradict_each_other_are_refused() {
    for (variables, expected) in [
        (
            &[("EMAIL_USE_TLS", "1"), ("EMAIL_USE_SSL", "1")][..],
            "EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other: unset one",
        ),
        (
            &[("EMAIL_USE_TLS", "maybe")],
            "EMAIL_USE_TLS: expected true, 1, yes, on or false, 0, no, off, got `maybe`",
        ),
        (
            &[("EMAIL_HOST_USER", "kiwi")],
            "mail.password: a password is needed, because mail.user is set",
        ),
        (
            &[("EMAIL_HOST_PASSWORD", "planted-secret")],
            "mail.user: a user is needed, because mail.password is set",
        ),
        (
            &[("KIWI_MAIL_BACKEND", "file")],
            "mail.file_dir: a folder is needed, because mail.backend is file",
        ),
        (
            &[("KIWI_MAIL_CA_FILE", "/x.pem")],
            "mail.ca_file: certificates mean nothing while mail.security is none",
        ),
        (
            &[("DEFAULT_FROM_EMAIL", "nobody")],
            "mail.from: expected an address such as `Kiwi <kiwi@example.org>`, got `nobody`",
        ),
        (
            &[("EMAIL_PORT", "many")],
            "EMAIL_PORT: expected number from 1 to 65535, got `many`",
        ),
    ] {
        assert_eq!(error(variables, &[]), expected);
    }
}

#[test]
fn mail_settings_that_look_wrong_are_remarked() {
    for (variables, expected) in [
        (
            &[
                ("EMAIL_HOST", "smtp.example.org"),
                ("EMAIL_HOST_USER", "kiwi"),
                ("EMAIL_HOST_PASSWORD", "planted-secret"),
            ][..],
            "mail.security is none: the password of the mail server can be read on the way to \
             smtp.example.org",
        ),
        (
            &[("EMAIL_PORT", "465"), ("EMAIL_USE_TLS", "1")],
            "port 465 of a mail server usually wants mail.security = tls",
        ),
        (
            &[("EMAIL_PORT", "587"), ("EMAIL_USE_SSL", "1")],
            "port 587 of a mail server usually wants mail.security = starttls",
        ),
    ] {
        let config = load("/nonexistent", variables, &[]).expect("is accepted");
        assert_eq!(config.remarks, [expected]);
    }
}

#[test]
fn gap_012_no_secret_comes_with_the_program() {
    for setting in SETTINGS.iter().filter(|setting| setting.secret) {
        assert_eq!(setting.default.unwrap_or_default(), "", "{}", setting.key);
    }
    let key = |name: &str| {
        let folder = directory(name);
        let folder = folder.to_str().expect("a path");
        let config = load(folder, &[], &[]).expect("is accepted");
        let key = config.secret_key().expect("a key");
        assert_eq!(key, config.secret_key().expect("the same key"));
        key
    };
    let (one, other) = (key("key-one"), key("key-other"));
    assert!(one.len() >= 32);
    assert_ne!(one, other);
    let short = load("/nonexistent", &[("SECRET_KEY", "short")], &[]);
    let short = short.map(|config| config.secret_key().expect_err("is refused"));
    assert_eq!(
        short.expect("is accepted"),
        "secret_key: at least 32 characters are needed"
    );
}

#[test]
fn opa_041_opa_042_ops_080_several_tenants_are_limited_more() {
    let shown = |rate: Option<web::Rate>| {
        rate.map(|rate| (rate.requests.get(), rate.time.as_secs(), rate.burst))
    };
    let rates = |variables: &[(&str, &str)]| {
        let rates = load("/nonexistent", variables, &[])
            .expect("is accepted")
            .rates;
        [
            rates.accounts,
            rates.pages,
            rates.files,
            rates.uploads,
            rates.errors,
        ]
        .map(shown)
    };
    assert_eq!(rates(&[]), [Some((10, 1, 20)), None, None, None, None]);
    let several = ("KIWI_TENANTS_DOMAIN", "kiwi.example");
    assert_eq!(
        rates(&[several]),
        [
            Some((10, 1, 2)),
            Some((300, 1, 100)),
            Some((300, 1, 100)),
            Some((10, 1, 10)),
            Some((60, 60, 30)),
        ]
    );
    let names_of_old = [
        several,
        ("NGX_AUTHENTICATED_RATE", "200"),
        ("NGX_AUTHENTICATED_BURST", "50"),
        ("NGX_STATIC_RATE", "off"),
        ("NGX_UPLOADS_RATE", "55"),
        ("NGX_UPLOADS_BURST", "20"),
        ("NGX_ERRORS_RATE", "1"),
        ("NGX_ERRORS_BURST", "1"),
        ("KIWI_RATELIMIT_ACCOUNTS", "off"),
    ];
    assert_eq!(
        rates(&names_of_old),
        [
            None,
            Some((200, 1, 50)),
            None,
            Some((55, 1, 20)),
            Some((1, 60, 1)),
        ]
    );
    assert_eq!(
        error(&[("KIWI_RATELIMIT_PAGES", "fast")], &[]),
        "ratelimit.pages: expected `off` or a rate such as `10/s` or `60/min`, got `fast`"
    );
    assert_eq!(
        error(&[("KIWI_RATELIMIT_DENY", "10.0.0.0/8,guests")], &[]),
        "ratelimit.deny: expected an address or a network such as 10.0.0.0/8, got `guests`"
    );
}

#[test]
fn ops_091_providers_are_tables_with_names() {
    const ISSUER: &str = "https://login.example.org/realms/kiwi";
    let folder = directory("providers");
    let write = |name: &str, text: &str| {
        let file = folder.join("etc/tcms_settings_dir").join(name);
        std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    };
    let at = folder.to_str().expect("a path").to_owned();
    let read = |variables: &[(&str, &str)], options: &[(&str, &str)]| {
        let config = load(&at, variables, options)?;
        Ok::<_, String>(config.providers)
    };
    let given = format!(
        "[auth.providers.keycloak]\nissuer = \"{ISSUER}\"\nclient_id = \"kiwi\"\n\
         groups = [\"qa = Tester\"]\nemail_domains_append = [\"example.org\"]\n"
    );
    write("a.toml", &given);
    let found = read(&[], &[]).expect("is accepted");
    let [(provider, policy)] = found.as_slice() else {
        panic!("one provider: {found:?}");
    };
    assert_eq!((&*provider.id, &*provider.name), ("keycloak", "Keycloak"));
    assert_eq!(
        (&*provider.issuer, &provider.client_secret),
        (ISSUER, &None)
    );
    assert_eq!(provider.scopes, ["profile", "email"]);
    assert_eq!(provider.groups_claim, "groups");
    assert!(policy.creates && !policy.trusts_email);
    assert_eq!(policy.email_domains, ["example.org"]);
    assert_eq!(policy.groups["qa"], "Tester");

    // layers of one table are put together, name by name
    write(
        "b.toml",
        "[auth.providers.keycloak]\nname = \"Staff\"\nlink = \"verified-email\"\n",
    );
    let variables = [("KIWI__AUTH__PROVIDERS__KEYCLOAK__CLIENT_SECRET", "word")];
    let options = [("auth.providers.keycloak.create_accounts", "no")];
    let found = read(&variables, &options).expect("is accepted");
    let (provider, policy) = &found[0];
    assert_eq!(provider.name, "Staff");
    assert_eq!(provider.client_secret.as_deref(), Some("word"));
    assert!(!policy.creates && policy.trusts_email);
    let config = load(&at, &variables, &options).expect("is accepted");
    assert!(config.secrets().contains(&"word".to_owned()));
    let gone = read(&[], &[("auth.providers.keycloak.enabled", "false")]);
    assert_eq!(gone.expect("is accepted"), []);

    for (key, text, expected) in [
        (
            "keycloak.issuer",
            "http://login.example.org",
            "auth.providers.keycloak.issuer: expected an",
        ),
        (
            "keycloak.issuer",
            "ftp://x",
            "auth.providers.keycloak.issuer: expected an address",
        ),
        (
            "keycloak.groups",
            "qa",
            "auth.providers.keycloak.groups: expected `group there=group here`",
        ),
        ("keycloak.kind", "saml", "expected one of oidc, got `saml`"),
        (
            "other.name",
            "Other",
            "auth.providers.other.issuer: needed for a provider",
        ),
        ("Other.name", "Other", "1 to 32 lower-case letters"),
        (
            "keycloak.isuer",
            "x",
            "unknown setting `auth.providers.keycloak.isuer`; did you mean",
        ),
    ] {
        let why = read(&[], &[(&format!("auth.providers.{key}"), text)]).expect_err(text);
        assert!(why.contains(expected), "{why}");
    }
    let why = read(&[("KIWI__AUTH__PROVIDERS__KEYCLOAK__ISUER", "x")], &[]).expect_err("unknown");
    assert!(why.contains("unknown variable"), "{why}");
    for near in [
        "http://127.0.0.1:5556",
        "http://localhost:5556/dex",
        "http://[::1]:1",
    ] {
        read(&[], &[("auth.providers.keycloak.issuer", near)]).expect(near);
    }
}

#[test]
fn ops_097_the_schema_has_tables_with_names() {
    let schema = super::schema::schema();
    let table = &schema["properties"]["auth"]["properties"]["providers"]["additionalProperties"];
    assert_eq!(table["additionalProperties"], false);
    let fields = &table["properties"];
    assert_eq!(fields["client_secret"]["anyOf"][1]["required"][0], "file");
    assert!(fields["scopes_append"].is_object());
    let text = schema.to_string();
    assert!(!text.contains("\"<id>\""), "{text}");
}
