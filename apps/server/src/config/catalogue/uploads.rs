//! Settings of uploads and of the place where they lie.

use crate::config::setting::Variable::Plain;
use crate::config::setting::{Kind, Setting};

pub(crate) static MAX_FILE_BYTES: Setting = Setting {
    key: "uploads.max_file_bytes",
    variables: &[Plain("KIWI_UPLOADS_MAX_FILE_BYTES")],
    kind: Kind::Number(1, 1 << 30),
    default: Some("5242880"),
    secret: false,
    reloadable: false,
    help: "largest accepted file in bytes; `limits.body` grows with it",
};

pub(crate) static DELETE: Setting = Setting {
    key: "uploads.delete_from_disk",
    variables: &[Plain("KIWI_UPLOADS_DELETE_FROM_DISK")],
    kind: Kind::Switch,
    default: Some("true"),
    secret: false,
    reloadable: false,
    help: "whether a file is removed when its attachment is deleted",
};

pub(crate) static DELETE_AFTER: Setting = Setting {
    key: "uploads.delete_after",
    variables: &[Plain("KIWI_UPLOADS_DELETE_AFTER")],
    kind: Kind::Number(0, 2_592_000),
    default: Some("0"),
    secret: false,
    reloadable: false,
    help: "seconds a file stays after its attachment is deleted; give it a day when \
           back-ups of the database are completed by copies of the files made later",
};

pub(crate) static REQUIRE_LOGIN: Setting = Setting {
    key: "uploads.require_login",
    variables: &[Plain("KIWI_UPLOADS_REQUIRE_LOGIN")],
    kind: Kind::Switch,
    default: None,
    secret: false,
    reloadable: false,
    help: "whether files are shown to members only; when not given, files of several \
           tenants are, and those of a single one can be read by everybody who knows the address",
};

pub(crate) static BACKEND: Setting = Setting {
    key: "storage.backend",
    variables: &[Plain("KIWI_STORAGE_BACKEND")],
    kind: Kind::Choice(&["fs", "s3"]),
    default: Some("fs"),
    secret: false,
    reloadable: false,
    help: "where uploaded files lie: a folder, or a bucket of an S3-compatible service",
};

pub(crate) static FOLDER: Setting = Setting {
    key: "storage.fs.root",
    variables: &[Plain("KIWI_STORAGE_FS_ROOT")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "folder of uploaded files; `uploads` in the data directory when not given",
};

pub(crate) static S3_BUCKET: Setting = Setting {
    key: "storage.s3.bucket",
    variables: &[Plain("KIWI_STORAGE_S3_BUCKET")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "name of the bucket",
};

pub(crate) static S3_REGION: Setting = Setting {
    key: "storage.s3.region",
    variables: &[Plain("KIWI_STORAGE_S3_REGION")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "region of the bucket",
};

pub(crate) static S3_ENDPOINT: Setting = Setting {
    key: "storage.s3.endpoint",
    variables: &[Plain("KIWI_STORAGE_S3_ENDPOINT")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "address of the service when it is not that of AWS",
};

pub(crate) static S3_PREFIX: Setting = Setting {
    key: "storage.s3.prefix",
    variables: &[Plain("KIWI_STORAGE_S3_PREFIX")],
    kind: Kind::Text,
    default: None,
    secret: false,
    reloadable: false,
    help: "what stands before every key; installations that share a bucket need different ones",
};

pub(crate) static S3_PATH_STYLE: Setting = Setting {
    key: "storage.s3.path_style",
    variables: &[Plain("KIWI_STORAGE_S3_PATH_STYLE")],
    kind: Kind::Switch,
    default: Some("false"),
    secret: false,
    reloadable: false,
    help: "whether the bucket is part of the path instead of the host name",
};

pub(crate) static S3_ACCESS_KEY: Setting = Setting {
    key: "storage.s3.access_key",
    variables: &[Plain("KIWI_STORAGE_S3_ACCESS_KEY")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "access key; without it the variables, roles and tokens of AWS are used",
};

pub(crate) static S3_SECRET_KEY: Setting = Setting {
    key: "storage.s3.secret_key",
    variables: &[Plain("KIWI_STORAGE_S3_SECRET_KEY")],
    kind: Kind::Text,
    default: None,
    secret: true,
    reloadable: false,
    help: "secret of the access key",
};
