//! The settings of uploads, put together.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::files::Settings;
use domain::files::blobs::{BlobStore, S3};

use super::catalogue::{self, uploads as declared};
use super::layers::Values;
use super::whole;

/// Room in a request for what is not the file.
const ENVELOPE: usize = 512 * 1024;

/// What the rules need to know about uploads.
pub(super) fn settings(values: &Values, data_dir: &Path) -> Result<Settings, String> {
    Ok(Settings {
        store: store(values, data_dir)?,
        max_bytes: whole(values, &declared::MAX_FILE_BYTES)?,
        delete: values.switch(&declared::DELETE),
        delete_after: Duration::from_secs(whole(values, &declared::DELETE_AFTER)?),
        require_login: values
            .get(&declared::REQUIRE_LOGIN)
            .map(|_| values.switch(&declared::REQUIRE_LOGIN)),
    })
}

/// The limit of request bodies; never so low that a file of the accepted size, which calls of the
/// API send as base64, could not be sent.
pub(super) fn body_limit(values: &Values) -> Result<usize, String> {
    let given: usize = whole(values, &catalogue::BODY_LIMIT)?;
    let file: usize = whole(values, &declared::MAX_FILE_BYTES)?;
    Ok(given.max(file.div_ceil(3) * 4 + ENVELOPE))
}

/// Where files lie; none when that is no disk.
pub(super) fn folder(values: &Values, data_dir: &Path) -> Option<std::io::Result<PathBuf>> {
    if values.text(&declared::BACKEND).as_deref() == Some("s3") {
        return None;
    }
    Some(match values.text(&declared::FOLDER) {
        Some(folder) => std::path::absolute(PathBuf::from(folder)),
        None => Ok(data_dir.join("uploads")),
    })
}

/// How buckets are reached; which one, and what in it, is for the caller to say.
pub(crate) fn bucket(values: &Values) -> Result<S3, String> {
    let (access_key, secret_key) = (&declared::S3_ACCESS_KEY, &declared::S3_SECRET_KEY);
    if values.text(access_key).is_some() != values.text(secret_key).is_some() {
        let (one, other) = (access_key.key, secret_key.key);
        return Err(format!("{one} and {other}: give both or neither"));
    }
    Ok(S3 {
        bucket: String::new(),
        region: values.text(&declared::S3_REGION),
        endpoint: values.text(&declared::S3_ENDPOINT),
        prefix: None,
        path_style: values.switch(&declared::S3_PATH_STYLE),
        access_key: values.text(access_key),
        secret_key: values.text(secret_key),
    })
}

fn store(values: &Values, data_dir: &Path) -> Result<BlobStore, String> {
    let Some(folder) = folder(values, data_dir) else {
        let bucket = values.text(&declared::S3_BUCKET).ok_or_else(|| {
            let (backend, bucket) = (declared::BACKEND.key, declared::S3_BUCKET.key);
            format!("{bucket}: needed because {backend} is s3")
        })?;
        return BlobStore::s3(S3 {
            bucket,
            prefix: values.text(&declared::S3_PREFIX),
            ..self::bucket(values)?
        })
        .map_err(|error| format!("{}: {error}", declared::BACKEND.key));
    };
    let key = declared::FOLDER.key;
    let folder = folder.map_err(|error| format!("{key}: {error}"))?;
    BlobStore::disk(&folder).map_err(|error| format!("{key}: {error}"))
}
