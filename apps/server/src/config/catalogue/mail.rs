//! Settings of mail.

use crate::config::setting::Variable::{Choosing, Plain};
use crate::config::setting::{Kind, Setting};

pub(crate) static BACKEND: Setting = Setting {
    key: "mail.backend",
    variables: &[Plain("KIWI_MAIL_BACKEND")],
    kind: Kind::Choice(&["smtp", "file", "console"]),
    default: Some("smtp"),
    secret: false,
    reloadable: true,
    help: "who takes the mail: a server, a folder where each mail becomes a file, or standard output",
};

pub(crate) static HOST: Setting = Setting {
    key: "mail.host",
    variables: &[Plain("EMAIL_HOST"), Plain("KIWI_MAIL_HOST")],
    kind: Kind::Text,
    default: Some("localhost"),
    secret: false,
    reloadable: true,
    help: "host of the mail server",
};

pub(crate) static PORT: Setting = Setting {
    key: "mail.port",
    variables: &[Plain("EMAIL_PORT"), Plain("KIWI_MAIL_PORT")],
    kind: Kind::Number(1, 65_535),
    default: Some("25"),
    secret: false,
    reloadable: true,
    help: "port of the mail server; 587 is usual with `starttls`, 465 with `tls`",
};

pub(crate) static SECURITY: Setting = Setting {
    key: "mail.security",
    variables: &[
        Choosing("EMAIL_USE_TLS", "starttls"),
        Choosing("EMAIL_USE_SSL", "tls"),
        Plain("KIWI_MAIL_SECURITY"),
    ],
    kind: Kind::Choice(&["none", "starttls", "tls"]),
    default: Some("none"),
    secret: false,
    reloadable: true,
    help: "how the connection to the mail server is protected: not, by a command, or from the first \
           byte",
};

pub(crate) static USER: Setting = Setting {
    key: "mail.user",
    variables: &[Plain("EMAIL_HOST_USER"), Plain("KIWI_MAIL_USER")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: true,
    help: "user of the mail server, if it asks for one",
};

pub(crate) static PASSWORD: Setting = Setting {
    key: "mail.password",
    variables: &[Plain("EMAIL_HOST_PASSWORD"), Plain("KIWI_MAIL_PASSWORD")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: true,
    help: "password of that user",
};

pub(crate) static TIMEOUT: Setting = Setting {
    key: "mail.timeout",
    variables: &[Plain("EMAIL_TIMEOUT"), Plain("KIWI_MAIL_TIMEOUT")],
    kind: Kind::Number(1, 120),
    default: Some("20"),
    secret: false,
    reloadable: true,
    help: "seconds that handing one mail over may take",
};

pub(crate) static HELO: Setting = Setting {
    key: "mail.helo",
    variables: &[Plain("KIWI_MAIL_HELO")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: true,
    help: "name that the mail server is greeted with; the name of the machine when not given",
};

pub(crate) static CA_FILE: Setting = Setting {
    key: "mail.ca_file",
    variables: &[Plain("KIWI_MAIL_CA_FILE")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: true,
    help: "file with certificates, in PEM, that the mail server is trusted by besides the usual ones",
};

pub(crate) static FROM: Setting = Setting {
    key: "mail.from",
    variables: &[Plain("DEFAULT_FROM_EMAIL"), Plain("KIWI_MAIL_FROM")],
    kind: Kind::Text,
    default: Some("kiwi@example.com"),
    secret: false,
    reloadable: true,
    help: "sender of all mail, an address with or without a name; while it is the default, mail waits \
           in the outbox",
};

pub(crate) static SUBJECT_PREFIX: Setting = Setting {
    key: "mail.subject_prefix",
    variables: &[
        Plain("EMAIL_SUBJECT_PREFIX"),
        Plain("KIWI_MAIL_SUBJECT_PREFIX"),
    ],
    kind: Kind::Text,
    default: Some("[Kiwi-TCMS] "),
    secret: false,
    reloadable: true,
    help: "what every subject begins with",
};

pub(crate) static FILE_DIR: Setting = Setting {
    key: "mail.file_dir",
    variables: &[Plain("EMAIL_FILE_PATH"), Plain("KIWI_MAIL_FILE_DIR")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: true,
    help: "folder of the mails with `mail.backend = \"file\"`",
};

pub(crate) static ADMINS: Setting = Setting {
    key: "mail.admins",
    variables: &[Plain("KIWI_MAIL_ADMINS")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "addresses of the people who run the server: they are told about internal errors, and \
           `kiwi sendtestemail --admins` writes to them",
};

pub(crate) static TENANT_RATE: Setting = Setting {
    key: "mail.tenant_rate",
    variables: &[Plain("KIWI_MAIL_TENANT_RATE")],
    kind: Kind::Number(0, 100_000),
    default: Some("300"),
    secret: false,
    reloadable: true,
    help: "mails that each tenant may send in a minute, so that one cannot use up what the mail server \
           allows; more wait; 0 is no limit",
};

pub(crate) static MEMBERS_ONLY: Setting = Setting {
    key: "mail.members_only",
    variables: &[Plain("KIWI_MAIL_MEMBERS_ONLY")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether notifications go to members of the tenant only, whoever is on a CC list",
};
