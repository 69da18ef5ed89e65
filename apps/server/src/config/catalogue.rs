//! All settings of the program, each declared once.

pub(crate) mod acme;
pub(crate) mod backup;
pub(crate) mod billing;
pub(crate) mod database;
pub(crate) mod mail;
pub(crate) mod providers;
pub(crate) mod ratelimit;
pub(crate) mod security;
pub(crate) mod uploads;

use super::setting::Variable::{Disabling, Inverted, Plain};
use super::setting::{Kind, Setting};

pub(crate) static DATA_DIR: Setting = Setting {
    key: "data_dir",
    variables: &[Plain("KIWI_DATA_DIR")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "directory for uploads, certificates, the secret key and the private database; \
           `/Kiwi` when that exists, else `./var`. Not read from files",
};

pub(crate) static ALLOW_COMMANDS: Setting = Setting {
    key: "allow_commands",
    variables: &[Plain("KIWI_ALLOW_COMMANDS")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether settings files may name commands that print a secret, as in \
           `password = { command = [\"…\"] }`",
};

pub(crate) static STAGING: Setting = Setting {
    key: "staging",
    variables: &[Plain("KIWI_STAGING")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether this is a trial with a copy of the data: mail is written to files, into \
           `mail.file_dir` or the folder `mail` of the data directory, no backup is taken and no \
           certificate fetched by itself, and every page says so",
};

pub(crate) static HTTP: Setting = Setting {
    key: "server.http",
    variables: &[Plain("KIWI_HTTP")],
    kind: Kind::Address,
    default: Some("0.0.0.0:8080"),
    secret: false,
    reloadable: false,
    help: "address of plain HTTP; port 0 takes a free one",
};

pub(crate) static HTTPS: Setting = Setting {
    key: "server.https",
    variables: &[Plain("KIWI_HTTPS")],
    kind: Kind::Address,
    default: Some("0.0.0.0:8443"),
    secret: false,
    reloadable: false,
    help: "address of HTTPS; port 0 takes a free one",
};

pub(crate) static INTERNAL: Setting = Setting {
    key: "server.internal",
    variables: &[Plain("KIWI_INTERNAL")],
    kind: Kind::Address,
    default: Some("127.0.0.1:8081"),
    secret: false,
    reloadable: false,
    help: "address of the operator's listener with `/metrics`, `/livez` and `/readyz`",
};

pub(crate) static DEBUG: Setting = Setting {
    key: "debug",
    variables: &[Plain("DEBUG"), Plain("KIWI_DEBUG")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether pages of errors tell what happened inside: causes, request, statements, \
           settings; never for a server in use. With several tenants only superusers and \
           `debug_allow` are told",
};

pub(crate) static DEBUG_ALLOW: Setting = Setting {
    key: "debug_allow",
    variables: &[Plain("KIWI_DEBUG_ALLOW")],
    kind: Kind::List,
    default: None,
    secret: false,
    reloadable: false,
    help: "addresses and networks whose visitors are told that too, with several tenants",
};

pub(crate) static THREADS: Setting = Setting {
    key: "server.threads",
    variables: &[Plain("KIWI_THREADS")],
    kind: Kind::Number(0, 256),
    default: Some("0"),
    secret: false,
    reloadable: false,
    help: "worker threads; 0 takes one for each processor",
};

pub(crate) static MAX_IN_FLIGHT: Setting = Setting {
    key: "server.max_in_flight",
    variables: &[Plain("KIWI_MAX_IN_FLIGHT")],
    kind: Kind::Number(1, 100_000),
    default: Some("512"),
    secret: false,
    reloadable: false,
    help: "requests worked on at the same time; more are answered 503",
};

pub(crate) static ENFORCE_HTTPS: Setting = Setting {
    key: "http.enforce_https",
    variables: &[Inverted("KIWI_DONT_ENFORCE_HTTPS")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether plain HTTP only redirects to HTTPS; switch it off for trials or behind a \
           proxy on the same machine",
};

pub(crate) static PUBLIC_PORT: Setting = Setting {
    key: "http.public_port",
    variables: &[Plain("KIWI_PUBLIC_PORT")],
    kind: Kind::Number(1, 65_535),
    default: None,
    secret: false,
    reloadable: false,
    help: "port of HTTPS as clients see it, for redirects and links; 443 when not given, except \
           for redirects from the very port that the program listens on",
};

pub(crate) static TRUSTED_PROXIES: Setting = Setting {
    key: "http.trusted_proxies",
    variables: &[Plain("KIWI_TRUSTED_PROXIES")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "addresses and networks, such as `10.0.0.0/8`, of reverse proxies that are believed \
           which address and scheme a request had: `Forwarded`, else `X-Forwarded-For`, \
           `X-Forwarded-Proto` and `X-Real-IP`",
};

pub(crate) static CERTIFICATE_NAMES: Setting = Setting {
    key: "tls.self_signed.names",
    variables: &[Plain("KIWI_CERTIFICATE_NAMES")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "further host names and addresses for the generated certificate",
};

pub(crate) static CERTIFICATE_DAYS: Setting = Setting {
    key: "tls.self_signed.days",
    variables: &[Plain("KIWI_CERTIFICATE_DAYS")],
    kind: Kind::Number(1, 3650),
    default: Some("3650"),
    secret: false,
    reloadable: false,
    help: "life of the generated certificate",
};

pub(crate) static BODY_LIMIT: Setting = Setting {
    key: "limits.body",
    variables: &[Plain("KIWI_LIMITS_BODY")],
    kind: Kind::Number(1024, 1 << 31),
    default: Some("7864320"),
    secret: false,
    reloadable: false,
    help: "largest accepted request body in bytes",
};

pub(crate) static REQUEST_TIME: Setting = Setting {
    key: "limits.request_time",
    variables: &[Plain("KIWI_LIMITS_REQUEST_TIME")],
    kind: Kind::Number(1, 3600),
    default: Some("30"),
    secret: false,
    reloadable: false,
    help: "seconds a request may take before it is answered 503",
};

pub(crate) static HEADER_TIME: Setting = Setting {
    key: "limits.header_time",
    variables: &[Plain("KIWI_LIMITS_HEADER_TIME")],
    kind: Kind::Number(1, 3600),
    default: Some("10"),
    secret: false,
    reloadable: false,
    help: "seconds a client may take to send the head of a request",
};

pub(crate) static BODY_TIME: Setting = Setting {
    key: "limits.body_time",
    variables: &[Plain("KIWI_LIMITS_BODY_TIME")],
    kind: Kind::Number(1, 3600),
    default: Some("30"),
    secret: false,
    reloadable: false,
    help: "seconds a client may pause while it sends a body",
};

pub(crate) static KEEP_ALIVE: Setting = Setting {
    key: "limits.keep_alive",
    variables: &[Plain("KIWI_LIMITS_KEEP_ALIVE")],
    kind: Kind::Number(1, 3600),
    default: Some("65"),
    secret: false,
    reloadable: false,
    help: "seconds an idle connection is kept open",
};

pub(crate) static CONNECTIONS_PER_IP: Setting = Setting {
    key: "limits.connections_per_ip",
    variables: &[Plain("KIWI_LIMITS_CONNECTIONS_PER_IP")],
    kind: Kind::Number(0, 1_000_000),
    default: Some("256"),
    secret: false,
    reloadable: false,
    help: "connections of one address to one listener at the same time; more are closed at once. \
           Trusted proxies have no limit; 0 means none for anybody",
};

pub(crate) static AUTO_MIGRATE: Setting = Setting {
    key: "migrate.auto",
    variables: &[Plain("KIWI_AUTO_MIGRATE")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether `kiwi serve` migrates the database before it becomes ready, which is for one \
           tenant only; the private database always migrates itself",
};

pub(crate) static SETUP_WEB: Setting = Setting {
    key: "setup.web",
    variables: &[Plain("KIWI_SETUP_WEB")],
    kind: Kind::Choice(&["open", "token", "off"]),
    default: None,
    secret: false,
    reloadable: false,
    help: "who may create the tables of an empty database at `/init-db/`: `open`, anybody; \
           `token`, whoever knows the token in the log; `off`, nobody. `open` for one tenant, \
           `token` where `tenancy.domain` is set",
};

pub(crate) static TENANTS_DOMAIN: Setting = Setting {
    key: "tenancy.domain",
    variables: &[Plain("KIWI_TENANTS_DOMAIN")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "parent domain of the tenants; when set, every tenant has its own host name, otherwise \
           every host is the public tenant",
};

pub(crate) static INTERNAL_TRACKERS: Setting = Setting {
    key: "trackers.allow_internal",
    variables: &[Plain("KIWI_TRACKERS_ALLOW_INTERNAL")],
    kind: Kind::Switch,
    default: None,
    secret: false,
    reloadable: false,
    help: "whether trackers may have addresses in the server's own network; when not given, those of \
           several tenants may not",
};

pub(crate) static LOGIN_ATTEMPTS: Setting = Setting {
    key: "auth.login_attempts",
    variables: &[Plain("KIWI_LOGIN_ATTEMPTS")],
    kind: Kind::Number(1, 1_000_000),
    default: Some("10"),
    secret: false,
    reloadable: false,
    help: "failed log-ins of one account, or from one address, that pass without delay",
};

pub(crate) static LOGIN_WINDOW: Setting = Setting {
    key: "auth.login_window",
    variables: &[Plain("KIWI_LOGIN_WINDOW")],
    kind: Kind::Number(1, 86_400),
    default: Some("900"),
    secret: false,
    reloadable: false,
    help: "seconds in which failed log-ins are counted",
};

pub(crate) static LIMITS_ROWS: Setting = Setting {
    key: "limits.rows",
    variables: &[Plain("KIWI_LIMITS_ROWS")],
    kind: Kind::Number(0, 10_000_000),
    default: Some("0"),
    secret: false,
    reloadable: false,
    help: "rows the answer to one query of the API may have; 0 means no limit",
};

pub(crate) static BUG_TRACKER: Setting = Setting {
    key: "features.bug_tracker",
    variables: &[Disabling("KIWI_DISABLE_BUGTRACKER")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether the built-in bug tracker is there",
};

pub(crate) static DEFAULT_GROUPS: Setting = Setting {
    key: "auth.default_groups",
    variables: &[Plain("KIWI_DEFAULT_GROUPS")],
    kind: Kind::List,
    default: Some("Tester"),
    secret: false,
    reloadable: false,
    help: "groups a new member of a tenant joins",
};

pub(crate) static REGISTRATION: Setting = Setting {
    key: "auth.registration",
    variables: &[Plain("KIWI_REGISTRATION_ENABLED")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether people may make accounts for themselves at `/accounts/register/`",
};

pub(crate) static PASSWORD_LOGIN: Setting = Setting {
    key: "auth.password_login",
    variables: &[
        Plain("PASSWORD_LOGIN_ENABLED"),
        Plain("KIWI_PASSWORD_LOGIN"),
    ],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether people log in with a password, by pages and by `Auth.login`; tokens work without",
};

pub(crate) static AUTO_APPROVE: Setting = Setting {
    key: "auth.auto_approve",
    variables: &[Plain("AUTO_APPROVE_NEW_USERS"), Plain("KIWI_AUTO_APPROVE")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether a registered account may log in once its owner has opened the link in a mail; \
           otherwise an administrator activates it",
};

pub(crate) static NOTIFY_ADMINISTRATORS: Setting = Setting {
    key: "auth.notify_administrators",
    variables: &[Plain("KIWI_NOTIFY_ADMINISTRATORS")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether superusers and `mail.admins` get a mail about each registration",
};

pub(crate) static CAPTCHA: Setting = Setting {
    key: "auth.captcha",
    variables: &[Plain("USE_CAPTCHA"), Plain("KIWI_CAPTCHA")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether whoever registers or forgot a password types the letters of a picture",
};

pub(crate) static FIRST_SUPERUSER: Setting = Setting {
    key: "auth.first_superuser",
    variables: &[Plain("KIWI_AUTH_FIRST_SUPERUSER")],
    kind: Kind::Choice(&["token", "open", "off"]),
    default: Some("token"),
    secret: false,
    reloadable: false,
    help: "whether the first account that registers becomes a superuser: with the token that the \
           log shows while there is none, without one, or never",
};

pub(crate) static SESSION_AGE: Setting = Setting {
    key: "session.age",
    variables: &[Plain("KIWI_SESSION_AGE")],
    kind: Kind::Number(60, 31_536_000),
    default: Some("86400"),
    secret: false,
    reloadable: false,
    help: "seconds from log-in to the end of a session",
};

pub(crate) static SECRET_KEY: Setting = Setting {
    key: "secret_key",
    variables: &[Plain("SECRET_KEY"), Plain("KIWI_SECRET_KEY")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "key that signs tokens, at least 32 characters; generated into the file `secret_key` \
           of the data directory when not given",
};

pub(crate) static LOG_FILTER: Setting = Setting {
    key: "log.filter",
    variables: &[Plain("KIWI_LOG")],
    kind: Kind::Text,
    default: Some("info,sqlx=warn"),
    secret: false,
    reloadable: true,
    help: "what is logged: a level or a tracing filter such as `info,sqlx=debug`",
};

pub(crate) static LOG_FORMAT: Setting = Setting {
    key: "log.format",
    variables: &[Plain("KIWI_LOG_FORMAT")],
    kind: Kind::Choice(&["auto", "text", "json"]),
    default: Some("auto"),
    secret: false,
    reloadable: false,
    help: "form of the log; `auto` writes text to a terminal and JSON lines elsewhere",
};

pub(crate) static OTLP_ENDPOINT: Setting = Setting {
    key: "telemetry.otlp_endpoint",
    variables: &[Plain("OTEL_EXPORTER_OTLP_ENDPOINT")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "base address of an OpenTelemetry collector (OTLP over HTTP); traces are exported when \
           it is set",
};

pub(crate) static TRACE_RATIO: Setting = Setting {
    key: "telemetry.trace_percent",
    variables: &[Plain("KIWI_TRACE_PERCENT")],
    kind: Kind::Number(0, 100),
    default: Some("10"),
    secret: false,
    reloadable: false,
    help: "share of requests that are traced, in percent",
};

/// Every setting, in the order of the reference. A key with `<id>` stands for one of each name; see
/// [`super::named`].
pub(crate) static SETTINGS: &[&Setting] = &[
    &DATA_DIR,
    &ALLOW_COMMANDS,
    &STAGING,
    &HTTP,
    &HTTPS,
    &INTERNAL,
    &DEBUG,
    &DEBUG_ALLOW,
    &THREADS,
    &MAX_IN_FLIGHT,
    &ENFORCE_HTTPS,
    &PUBLIC_PORT,
    &TRUSTED_PROXIES,
    &security::DROP_PATHS,
    &security::CSP_SCRIPT_SRC,
    &security::CSP_IMG_SRC,
    &security::CSP_CONNECT_SRC,
    &security::CSP_MODE,
    &security::CSP_REPORT_ONLY,
    &security::CSP_REPORT_URI,
    &security::CONTACT,
    &security::HSTS_MAX_AGE,
    &security::HSTS_SUBDOMAINS,
    &security::HSTS_PRELOAD,
    &CERTIFICATE_NAMES,
    &CERTIFICATE_DAYS,
    &acme::ENABLED,
    &acme::DIRECTORY,
    &acme::EMAIL,
    &acme::AGREE_TOS,
    &acme::CHALLENGE,
    &acme::NAMES,
    &acme::DNS_COMMAND,
    &acme::EAB_ID,
    &acme::EAB_KEY,
    &acme::CA_FILE,
    &BODY_LIMIT,
    &REQUEST_TIME,
    &HEADER_TIME,
    &BODY_TIME,
    &KEEP_ALIVE,
    &CONNECTIONS_PER_IP,
    &ratelimit::ACCOUNTS,
    &ratelimit::ACCOUNTS_BURST,
    &ratelimit::PAGES,
    &ratelimit::PAGES_BURST,
    &ratelimit::STATIC,
    &ratelimit::STATIC_BURST,
    &ratelimit::UPLOADS,
    &ratelimit::UPLOADS_BURST,
    &ratelimit::ERRORS,
    &ratelimit::ERRORS_BURST,
    &ratelimit::ERRORS_SCOPE,
    &ratelimit::DENY,
    &ratelimit::ALLOW,
    &ratelimit::DENY_FILE,
    &database::URL,
    &database::HOST,
    &database::PORT,
    &database::NAME,
    &database::USER,
    &database::PASSWORD,
    &database::DIRECT_HOST,
    &database::DIRECT_PORT,
    &database::MAX_CONNECTIONS,
    &database::PREPARED,
    &database::PG_BIN,
    &AUTO_MIGRATE,
    &SETUP_WEB,
    &TENANTS_DOMAIN,
    &INTERNAL_TRACKERS,
    &billing::ENFORCE,
    &billing::NULL_MEANS_UNLIMITED,
    &billing::WARN_DAYS,
    &LOGIN_ATTEMPTS,
    &LOGIN_WINDOW,
    &LIMITS_ROWS,
    &BUG_TRACKER,
    &DEFAULT_GROUPS,
    &PASSWORD_LOGIN,
    &REGISTRATION,
    &AUTO_APPROVE,
    &NOTIFY_ADMINISTRATORS,
    &CAPTCHA,
    &FIRST_SUPERUSER,
    &providers::ENABLED,
    &providers::KIND,
    &providers::NAME,
    &providers::ISSUER,
    &providers::CLIENT_ID,
    &providers::CLIENT_SECRET,
    &providers::SCOPES,
    &providers::AUDIENCES,
    &providers::USERNAME_CLAIM,
    &providers::EMAIL_CLAIM,
    &providers::CREATE,
    &providers::EMAIL_DOMAINS,
    &providers::LINK,
    &providers::GROUPS_CLAIM,
    &providers::GROUPS,
    &SESSION_AGE,
    &uploads::MAX_FILE_BYTES,
    &uploads::DELETE,
    &uploads::DELETE_AFTER,
    &uploads::REQUIRE_LOGIN,
    &uploads::BACKEND,
    &uploads::FOLDER,
    &uploads::S3_BUCKET,
    &uploads::S3_REGION,
    &uploads::S3_ENDPOINT,
    &uploads::S3_PREFIX,
    &uploads::S3_PATH_STYLE,
    &uploads::S3_ACCESS_KEY,
    &uploads::S3_SECRET_KEY,
    &SECRET_KEY,
    &mail::BACKEND,
    &mail::HOST,
    &mail::PORT,
    &mail::SECURITY,
    &mail::USER,
    &mail::PASSWORD,
    &mail::TIMEOUT,
    &mail::HELO,
    &mail::CA_FILE,
    &mail::FROM,
    &mail::SUBJECT_PREFIX,
    &mail::FILE_DIR,
    &mail::ADMINS,
    &mail::TENANT_RATE,
    &mail::MEMBERS_ONLY,
    &backup::SCHEDULE,
    &backup::TARGET,
    &backup::KEEP,
    &backup::VERIFY,
    &backup::TOOL,
    &backup::AGE_FILE,
    &LOG_FILTER,
    &LOG_FORMAT,
    &OTLP_ENDPOINT,
    &TRACE_RATIO,
];

/// Variables with the program's prefix that are read elsewhere.
pub(crate) static OTHER_VARIABLES: &[&str] =
    &["KIWI_DB_ENGINE", "KIWI_DOMAIN", "KIWI_LEGACY_SETTINGS"];

/// Variables of the original that mean nothing here yet.
pub(crate) static WITHOUT_EFFECT: &[&str] = &["KIWI_TIME_ZONE", "KIWI_USE_TZ"];
