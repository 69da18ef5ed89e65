//! Attaching files: to what, after which checks, and under which name.

use std::collections::HashMap;

use bytes::Bytes;
use entity::{Fk, Id, sql};

use super::{Attachment, Carrier, Upload, kind};
use crate::bug::Bug;
use crate::member::Member;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::TestRun;
use crate::{Ctx, Error, Result, files};

/// The field that messages about a file are for.
const FIELD: &str = "attachment_file";
/// Contents beyond this size are searched where other requests need not wait for it.
const LARGE: usize = 64 * 1024;
/// How often names that others take at the same time are tried.
const ATTEMPTS: usize = 5;

/// Attaches files to what an address names by application, model and id. Only what carries files is
/// known here, and the caller must be allowed to see it; people attach files to themselves only.
pub async fn add_for(
    ctx: &mut Ctx,
    (app, model): (&str, &str),
    object: Id,
    uploads: Vec<Upload>,
) -> Result<Vec<Attachment>> {
    const UNKNOWN: Error = Error::NotFound {
        entity: "ContentType",
    };
    ctx.require("attachments.add_attachment")?;
    match (app, model) {
        ("testplans", "testplan") => {
            ctx.require("testplans.view_testplan")?;
            add_many::<TestPlan>(ctx, object, uploads).await
        }
        ("testcases", "testcase") => {
            ctx.require("testcases.view_testcase")?;
            add_many::<TestCase>(ctx, object, uploads).await
        }
        ("testruns", "testrun") => {
            ctx.require("testruns.view_testrun")?;
            add_many::<TestRun>(ctx, object, uploads).await
        }
        ("testruns", "testexecution") => {
            ctx.require("testruns.view_testexecution")?;
            add_many::<TestExecution>(ctx, object, uploads).await
        }
        ("bugs", "bug") if ctx.domain().settings().bug_tracker => {
            ctx.require("bugs.view_bug")?;
            add_many::<Bug>(ctx, object, uploads).await
        }
        ("auth", "user") if ctx.caller().id() == Some(object) => {
            add_many::<Member>(ctx, object, uploads).await
        }
        _ => Err(UNKNOWN),
    }
}

/// Attaches a file to something that exists.
pub async fn add<E: Carrier>(ctx: &mut Ctx, object: Id, upload: Upload) -> Result<Attachment> {
    let mut added = add_many::<E>(ctx, object, vec![upload]).await?;
    added
        .pop()
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("an attached file is missing")))
}

/// Attaches files to something that exists: all of them, or none.
pub async fn add_many<E: Carrier>(
    ctx: &mut Ctx,
    object: Id,
    uploads: Vec<Upload>,
) -> Result<Vec<Attachment>> {
    let creator = ctx.user()?.id;
    ctx.get::<E>(object).await?;
    let mut waiting = check_all(uploads, ctx.domain().settings().uploads.max_bytes).await?;
    let kind = kind::<E>();
    let folder = format!("attachments/{}/{object}", kind.replace('.', "_"));
    let mut added = Vec::with_capacity(waiting.len());
    for attempt in 0..ATTEMPTS {
        let paths: Vec<String> = waiting
            .iter()
            .map(|(name, _)| files::fit(&folder, name, attempt > 0))
            .collect();
        let taken: Vec<(Id, String)> = sql::query_as(
            "INSERT INTO attachment
                 (kind, object_id, creator_id, attachment_file, created, modified)
             SELECT $1, $2, $3, path, $5, $5
             FROM unnest($4::text[]) WITH ORDINALITY AS given (path, position)
             ORDER BY position
             ON CONFLICT (attachment_file) DO NOTHING
             RETURNING id, attachment_file",
        )
        .bind(&kind)
        .bind(object)
        .bind(creator)
        .bind(&paths)
        .bind(ctx.now)
        .fetch_all(ctx.conn())
        .await?;
        let mut ids: HashMap<String, Id> = taken.into_iter().map(|(id, path)| (path, id)).collect();
        for ((name, content), path) in std::mem::take(&mut waiting).into_iter().zip(paths) {
            // of two files of one name the first one gets it
            let Some(id) = ids.remove(&path) else {
                waiting.push((name, content));
                continue;
            };
            ctx.store(id, content);
            added.push(Attachment {
                id,
                kind: kind.clone(),
                object_id: object,
                creator: Fk::new(creator),
                attachment_file: path,
                created: ctx.now,
                modified: ctx.now,
            });
        }
        if waiting.is_empty() {
            return Ok(added);
        }
    }
    let name = waiting.first().map_or("", |(name, _)| name.as_str());
    Err(Error::Conflict(format!(
        "no free name for the file {name} was found, please try again"
    )))
}

/// Checks every file and returns the names they are to be stored under. Of several, messages tell
/// which one they are about.
async fn check_all(uploads: Vec<Upload>, max_bytes: usize) -> Result<Vec<(String, Bytes)>> {
    let mut messages = Vec::new();
    let mut checked = Vec::with_capacity(uploads.len());
    let is_one = uploads.len() == 1;
    if uploads.is_empty() {
        messages.push("This field is required.".to_owned());
    }
    for upload in uploads {
        match check(&upload, max_bytes).await? {
            Ok(name) => checked.push((name, upload.content)),
            Err(message) if is_one => messages.push(message),
            Err(message) => messages.push(format!("{}: {message}", upload.name)),
        }
    }
    if messages.is_empty() {
        Ok(checked)
    } else {
        let errors = vec![(FIELD.to_owned(), messages)];
        Err(Error::Invalid(crate::FieldErrors(errors)))
    }
}

/// Checks a file: the name it is to be stored under, or the message about it.
async fn check(upload: &Upload, max_bytes: usize) -> Result<std::result::Result<String, String>> {
    let Some(name) = files::stored_name(&upload.name) else {
        return Ok(Err("This field is required.".to_owned()));
    };
    if upload.content.is_empty() {
        return Ok(Err("The submitted file is empty.".to_owned()));
    }
    if upload.content.len() > max_bytes {
        let size = human_size(max_bytes);
        return Ok(Err(format!("File exceeds maximum size of {size}")));
    }
    let Upload {
        name: given,
        content_type,
        content,
    } = upload.clone();
    let (stored, size) = (name.clone(), content.len());
    let search = move || {
        let declared = content_type.as_deref();
        // blanks and brackets vanish from the name, which may make another extension of it
        files::content::check(&given, declared, &content)?;
        files::content::check(&stored, declared, &[])
    };
    let found = if size > LARGE {
        let searched = tokio::task::spawn_blocking(search).await;
        searched.map_err(|error| Error::Internal(error.into()))?
    } else {
        search()
    };
    Ok(found.map(|()| name))
}

/// A number of bytes as people read it.
fn human_size(bytes: usize) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1024 {
        return format!("{bytes}\u{a0}bytes");
    }
    let (mut size, mut unit) = (bytes as f64 / 1024.0, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1}\u{a0}{}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_as_people_read_them() {
        assert_eq!(human_size(5_242_880), "5.0\u{a0}MB");
        assert_eq!(human_size(1023), "1023\u{a0}bytes");
        assert_eq!(human_size(1024 * 1536), "1.5\u{a0}MB");
        assert_eq!(human_size(10 << 30), "10.0\u{a0}GB");
        assert_eq!(human_size(4 << 40), "4096.0\u{a0}GB");
    }
}
