//! Settings of rate limits.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static ACCOUNTS: Setting = Setting {
    key: "ratelimit.accounts",
    variables: &[Plain("KIWI_RATELIMIT_ACCOUNTS")],
    kind: Kind::Text,
    default: Some("10/s"),
    secret: false,
    reloadable: false,
    help: "log-in, registration and passwords (`/accounts/…`), for each address; log-ins by the API count here too, after the first five of a minute, failed ones five times",
};

pub(crate) static ACCOUNTS_BURST: Setting = Setting {
    key: "ratelimit.accounts_burst",
    variables: &[Plain("KIWI_RATELIMIT_ACCOUNTS_BURST")],
    kind: Kind::Number(0, 1_000_000),
    default: None,
    secret: false,
    reloadable: false,
    help: "how many requests of `ratelimit.accounts` may come at once beyond the rate; 20, or 2 with several tenants when not given",
};

pub(crate) static PAGES: Setting = Setting {
    key: "ratelimit.pages",
    variables: &[
        Plain("NGX_AUTHENTICATED_RATE"),
        Plain("KIWI_RATELIMIT_PAGES"),
    ],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "pages and calls of the API for each address; when not given, `300/s` with several tenants and `off` with one",
};

pub(crate) static PAGES_BURST: Setting = Setting {
    key: "ratelimit.pages_burst",
    variables: &[
        Plain("NGX_AUTHENTICATED_BURST"),
        Plain("KIWI_RATELIMIT_PAGES_BURST"),
    ],
    kind: Kind::Number(0, 1_000_000),
    default: None,
    secret: false,
    reloadable: false,
    help: "how many requests of `ratelimit.pages` may come at once beyond the rate; 100 when not given",
};

pub(crate) static STATIC: Setting = Setting {
    key: "ratelimit.static",
    variables: &[Plain("NGX_STATIC_RATE"), Plain("KIWI_RATELIMIT_STATIC")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "files of the pages (`/static/…`) for each address; when not given, `300/s` with several tenants and `off` with one",
};

pub(crate) static STATIC_BURST: Setting = Setting {
    key: "ratelimit.static_burst",
    variables: &[
        Plain("NGX_STATIC_BURST"),
        Plain("KIWI_RATELIMIT_STATIC_BURST"),
    ],
    kind: Kind::Number(0, 1_000_000),
    default: None,
    secret: false,
    reloadable: false,
    help: "how many requests of `ratelimit.static` may come at once beyond the rate; 100 when not given",
};

pub(crate) static UPLOADS: Setting = Setting {
    key: "ratelimit.uploads",
    variables: &[Plain("NGX_UPLOADS_RATE"), Plain("KIWI_RATELIMIT_UPLOADS")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "uploaded files for each address; when not given, `10/s` with several tenants and `off` with one",
};

pub(crate) static UPLOADS_BURST: Setting = Setting {
    key: "ratelimit.uploads_burst",
    variables: &[
        Plain("NGX_UPLOADS_BURST"),
        Plain("KIWI_RATELIMIT_UPLOADS_BURST"),
    ],
    kind: Kind::Number(0, 1_000_000),
    default: None,
    secret: false,
    reloadable: false,
    help: "how many requests of `ratelimit.uploads` may come at once beyond the rate; 10 when not given",
};

pub(crate) static ERRORS: Setting = Setting {
    key: "ratelimit.errors",
    variables: &[Plain("NGX_ERRORS_RATE"), Plain("KIWI_RATELIMIT_ERRORS")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "answers of errors for each address; whoever causes more is refused for a while. A number alone is per minute. When not given, `60/min` with several tenants and `off` with one",
};

pub(crate) static ERRORS_BURST: Setting = Setting {
    key: "ratelimit.errors_burst",
    variables: &[
        Plain("NGX_ERRORS_BURST"),
        Plain("KIWI_RATELIMIT_ERRORS_BURST"),
    ],
    kind: Kind::Number(0, 1_000_000),
    default: None,
    secret: false,
    reloadable: false,
    help: "how many requests of `ratelimit.errors` may come at once beyond the rate; 30 when not given",
};

pub(crate) static ERRORS_SCOPE: Setting = Setting {
    key: "ratelimit.errors_scope",
    variables: &[Plain("KIWI_RATELIMIT_ERRORS_SCOPE")],
    kind: Kind::Choice(&["anonymous", "all"]),
    default: Some("anonymous"),
    secret: false,
    reloadable: false,
    help: "whose errors `ratelimit.errors` counts",
};

pub(crate) static DENY: Setting = Setting {
    key: "ratelimit.deny",
    variables: &[Plain("KIWI_RATELIMIT_DENY")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: true,
    help: "addresses and networks of clients that are answered 403 and nothing else",
};

pub(crate) static ALLOW: Setting = Setting {
    key: "ratelimit.allow",
    variables: &[Plain("KIWI_RATELIMIT_ALLOW")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: true,
    help: "addresses and networks of clients that are neither denied nor limited",
};

pub(crate) static DENY_FILE: Setting = Setting {
    key: "ratelimit.deny_file",
    variables: &[Plain("NGX_DENY_INCLUDE"), Plain("KIWI_RATELIMIT_DENY_FILE")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: true,
    help: "file with lines `deny 192.0.2.0/24;` and `allow 192.0.2.7;`, read again every minute",
};
