//! Settings of backups that are taken by themselves.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static SCHEDULE: Setting = Setting {
    key: "backup.schedule",
    variables: &[Plain("KIWI_BACKUP_SCHEDULE")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "times of day, in UTC, at which a backup is taken, such as `02:30` or, once a week, \
           `Sun 02:30`; none without it",
};

pub(crate) static TARGET: Setting = Setting {
    key: "backup.target",
    variables: &[Plain("KIWI_BACKUP_TARGET")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "folder of the backups that are taken by themselves, or `s3://bucket/prefix`; old ones \
           in it are removed",
};

pub(crate) static VERIFY: Setting = Setting {
    key: "backup.verify",
    variables: &[Plain("KIWI_BACKUP_VERIFY")],
    kind: Kind::List,
    default: Some(""),
    secret: false,
    reloadable: false,
    help: "times of day, in UTC, at which the newest backup is tried out, such as `Sun 04:30` for \
           once a week; never by itself without it",
};

pub(crate) static TOOL: Setting = Setting {
    key: "backup.tool",
    variables: &[Plain("KIWI_BACKUP_TOOL")],
    kind: Kind::Choice(&["builtin", "external"]),
    default: Some("builtin"),
    secret: false,
    reloadable: false,
    help: "who takes backups; with `external` nobody is warned that `kiwi backup` takes none",
};

pub(crate) static AGE_FILE: Setting = Setting {
    key: "backup.age_file",
    variables: &[Plain("KIWI_BACKUP_AGE_FILE")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "file that another tool writes after a backup that went well; its age is watched when \
           `backup.tool` is `external`",
};

pub(crate) static KEEP: Setting = Setting {
    key: "backup.keep",
    variables: &[Plain("KIWI_BACKUP_KEEP")],
    kind: Kind::List,
    default: Some("7d,4w,6m"),
    secret: false,
    reloadable: false,
    help: "which backups stay in that folder: the last one of so many days, weeks and months",
};
