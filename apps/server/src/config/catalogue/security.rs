//! Settings of what the server says to browsers.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static CSP_SCRIPT_SRC: Setting = Setting {
    key: "security.csp_script_src",
    variables: &[
        Plain("NGX_CSP_SCRIPT_SRC"),
        Plain("KIWI_SECURITY_CSP_SCRIPT_SRC"),
    ],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "further sources of scripts that pages may load, separated by blanks",
};

pub(crate) static CSP_IMG_SRC: Setting = Setting {
    key: "security.csp_img_src",
    variables: &[Plain("KIWI_SECURITY_CSP_IMG_SRC")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "further sources of pictures beside the server itself and HTTPS",
};

pub(crate) static CSP_CONNECT_SRC: Setting = Setting {
    key: "security.csp_connect_src",
    variables: &[Plain("KIWI_SECURITY_CSP_CONNECT_SRC")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "further addresses that scripts of pages may talk to",
};

pub(crate) static CSP_MODE: Setting = Setting {
    key: "security.csp_mode",
    variables: &[Plain("KIWI_SECURITY_CSP_MODE")],
    kind: Kind::Choice(&["strict", "upstream"]),
    default: Some("strict"),
    secret: false,
    reloadable: false,
    help: "`upstream` sends the policy of Kiwi TCMS instead of the stricter one, for scripts of \
           one's own that depend on it; of the further sources only those of scripts count then",
};

pub(crate) static CSP_REPORT_ONLY: Setting = Setting {
    key: "security.csp_report_only",
    variables: &[Plain("KIWI_SECURITY_CSP_REPORT_ONLY")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether browsers only tell what the policy of pages would stop, for trying new sources; \
           uploaded files keep theirs",
};

pub(crate) static CSP_REPORT_URI: Setting = Setting {
    key: "security.csp_report_uri",
    variables: &[Plain("KIWI_SECURITY_CSP_REPORT_URI")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "address to which browsers send what the policy stops (`report-uri`)",
};

pub(crate) static CONTACT: Setting = Setting {
    key: "security.contact",
    variables: &[Plain("KIWI_SECURITY_CONTACT")],
    kind: Kind::List,
    default: None,
    secret: false,
    reloadable: false,
    help: "where people report weaknesses, as `mailto:`, `https:` or `tel:`; \
           `/.well-known/security.txt` says so",
};

pub(crate) static HSTS_MAX_AGE: Setting = Setting {
    key: "security.hsts_max_age",
    variables: &[Plain("KIWI_SECURITY_HSTS_MAX_AGE")],
    kind: Kind::Number(0, 315_360_000),
    default: Some("0"),
    secret: false,
    reloadable: false,
    help: "seconds in which browsers use only HTTPS for this host (`Strict-Transport-Security`); 0 \
           sends no such header. A proxy in front must not send its own then",
};

pub(crate) static HSTS_SUBDOMAINS: Setting = Setting {
    key: "security.hsts_include_subdomains",
    variables: &[Plain("KIWI_SECURITY_HSTS_INCLUDE_SUBDOMAINS")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether that counts for all hosts below this one",
};

pub(crate) static HSTS_PRELOAD: Setting = Setting {
    key: "security.hsts_preload",
    variables: &[Plain("KIWI_SECURITY_HSTS_PRELOAD")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether makers of browsers may list the host as one that uses only HTTPS",
};

pub(crate) static DROP_PATHS: Setting = Setting {
    key: "http.drop_paths",
    variables: &[Plain("KIWI_DROP_PATHS")],
    kind: Kind::List,
    default: None,
    secret: false,
    reloadable: false,
    help: "beginnings of paths whose connections are closed without an answer; `/servlet/` with \
           several tenants and nothing with one when not given",
};
