//! Where the database is and how it is used.

use super::super::setting::Variable::Plain;
use super::super::setting::{Kind, Setting};

pub(crate) static URL: Setting = Setting {
    key: "db.url",
    variables: &[Plain("DATABASE_URL")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: true,
    help: "address of the PostgreSQL database, `postgres://user:password@host:port/name`; wins \
           over the single values. Without any of them the program runs a private PostgreSQL",
};

pub(crate) static HOST: Setting = Setting {
    key: "db.host",
    variables: &[Plain("KIWI_DB_HOST")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "host of the database, or the directory of its Unix socket",
};

pub(crate) static PORT: Setting = Setting {
    key: "db.port",
    variables: &[Plain("KIWI_DB_PORT")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "port of the database, 5432 when not given",
};

pub(crate) static NAME: Setting = Setting {
    key: "db.name",
    variables: &[Plain("KIWI_DB_NAME")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "name of the database, `kiwi` when not given",
};

pub(crate) static USER: Setting = Setting {
    key: "db.user",
    variables: &[Plain("KIWI_DB_USER")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: true,
    help: "user of the database, `kiwi` when not given",
};

pub(crate) static PASSWORD: Setting = Setting {
    key: "db.password",
    variables: &[Plain("KIWI_DB_PASSWORD")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: true,
    help: "password of the database user",
};

pub(crate) static DIRECT_HOST: Setting = Setting {
    key: "db.direct_host",
    variables: &[Plain("KIWI_DB_DIRECT_HOST")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "host of the same database past a pooler, or the directory of its Unix socket, for \
           events, migrations, backups and whatever else takes long; name, user and password are \
           those of the pooler. Needed behind a pooler that gives out connections for single \
           transactions",
};

pub(crate) static DIRECT_PORT: Setting = Setting {
    key: "db.direct_port",
    variables: &[Plain("KIWI_DB_DIRECT_PORT")],
    kind: Kind::Number(1, 65_535),
    default: Some("5432"),
    secret: false,
    reloadable: false,
    help: "port of the database past a pooler",
};

pub(crate) static MAX_CONNECTIONS: Setting = Setting {
    key: "db.max_connections",
    variables: &[Plain("KIWI_DB_MAX_CONNECTIONS")],
    kind: Kind::Number(2, 1000),
    default: Some("20"),
    secret: false,
    reloadable: false,
    help: "connections to the database; about four for each of its processors is plenty",
};

pub(crate) static PREPARED: Setting = Setting {
    key: "db.prepared",
    variables: &[Plain("KIWI_DB_PREPARED")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether statements are kept prepared; switch it off behind PgBouncer older than 1.21",
};

pub(crate) static PG_BIN: Setting = Setting {
    key: "db.pg_bin",
    variables: &[Plain("KIWI_PG_BIN")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "directory of the PostgreSQL programs for the private database",
};
