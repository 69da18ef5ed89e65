//! Settings of certificates that an authority issues by ACME.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static ENABLED: Setting = Setting {
    key: "tls.acme.enabled",
    variables: &[Plain("KIWI_ACME")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether certificates are fetched from an authority that speaks ACME, such as Let's \
           Encrypt, and renewed in time",
};

pub(crate) static DIRECTORY: Setting = Setting {
    key: "tls.acme.directory",
    variables: &[Plain("KIWI_ACME_DIRECTORY")],
    kind: Kind::Text,
    default: Some("https://acme-v02.api.letsencrypt.org/directory"),
    secret: false,
    reloadable: false,
    help: "address of the directory of that authority",
};

pub(crate) static EMAIL: Setting = Setting {
    key: "tls.acme.email",
    variables: &[Plain("KIWI_ACME_EMAIL")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "address that the authority writes to, if it should know one",
};

pub(crate) static AGREE_TOS: Setting = Setting {
    key: "tls.acme.agree_tos",
    variables: &[Plain("KIWI_ACME_AGREE_TOS")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether you agree to the terms of service of the authority; nothing is fetched without",
};

pub(crate) static CHALLENGE: Setting = Setting {
    key: "tls.acme.challenge",
    variables: &[Plain("KIWI_ACME_CHALLENGE")],
    kind: Kind::Choice(&["http-01", "tls-alpn-01", "dns-01"]),
    default: Some("http-01"),
    secret: false,
    reloadable: false,
    help: "how it is shown that a name is ours: by an answer on port 80, by a handshake on port 443, \
           or by a record in the domain name system, which alone allows names that begin with `*.`",
};

pub(crate) static NAMES: Setting = Setting {
    key: "tls.acme.names",
    variables: &[Plain("KIWI_ACME_NAMES")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "host names that get a certificate each. Without any: the domain of links; where \
           `tenancy.domain` is set, the host names of all tenants, or by `dns-01` that domain and \
           everything directly below it",
};

pub(crate) static DNS_COMMAND: Setting = Setting {
    key: "tls.acme.dns_command",
    variables: &[Plain("KIWI_ACME_DNS_COMMAND")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "program that is run as `<program> add <record> <value>` and `<program> remove <record> \
           <value>` for `dns-01`, and returns when the TXT record can be seen, or is gone",
};

pub(crate) static EAB_ID: Setting = Setting {
    key: "tls.acme.eab_id",
    variables: &[Plain("KIWI_ACME_EAB_ID")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "name of the key that binds to an account with the authority, where it asks for one",
};

pub(crate) static EAB_KEY: Setting = Setting {
    key: "tls.acme.eab_key",
    variables: &[Plain("KIWI_ACME_EAB_KEY")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "that key, in base64url as the authority shows it",
};

pub(crate) static CA_FILE: Setting = Setting {
    key: "tls.acme.ca_file",
    variables: &[Plain("KIWI_ACME_CA_FILE")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "file with the certificate, in PEM, that the directory is trusted by; the usual ones of the \
           system when not given",
};
