//! Attaching files by a form, deleting them, and showing them on the page of what carries them.

use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use domain::attachment::{self, Carrier};
use domain::{Ctx, FieldErrors};
use entity::Id;
use http::{HeaderName, StatusCode, header};
use views::page::{AttachPage, AttachedFile, Attachments, Person};

use super::id;
use crate::error::{Error, Result};
use crate::failures::see;
use crate::flash::{self, Notice};
use crate::form::Form;
use crate::next_page;
use crate::visitor::Visitor;

/// The field of the form that holds the files.
const FIELD: &str = "attachment_file";
/// A script that sends it wants errors as JSON.
static RETURN_ERRORS: HeaderName = HeaderName::from_static("x-return-form-errors");

/// `POST /attachments/add-for/<app>/<model>/<id>/`: attaches all files, or none.
pub(crate) async fn add(
    visitor: Visitor,
    Path((app, model, object)): Path<(String, String, String)>,
    request: Request,
) -> Result {
    visitor.user()?;
    let object = id(&object)?;
    let wants_errors = request.headers().contains_key(&RETURN_ERRORS);
    let (form, files) = Form::read_with_files(&visitor, request).await?;
    let next = next_page::safe(form.get("next").unwrap_or_default());
    let uploads = files
        .into_iter()
        .filter(|(field, _)| field == FIELD)
        .map(|(_, upload)| upload);
    let mut ctx = visitor.request.begin().await?;
    let kind = (app.as_str(), model.as_str());
    match attachment::add_for(&mut ctx, kind, object, uploads.collect()).await {
        Ok(_) => {
            ctx.commit().await?;
            let notice = Notice::new("flash-attachment-uploaded");
            Ok(flash::leave(
                &visitor,
                see(StatusCode::FOUND, next),
                &notice,
            ))
        }
        Err(domain::Error::Invalid(errors)) if wants_errors => Ok(as_json(&errors)),
        Err(domain::Error::Invalid(errors)) => {
            ctx.release().await?;
            visitor.page(&AttachPage {
                add: visitor.path.clone(),
                back: next.to_owned(),
                errors: errors.0.into_iter().flat_map(|(_, texts)| texts).collect(),
            })
        }
        Err(error) => Err(error.into()),
    }
}

fn as_json(errors: &FieldErrors) -> Response {
    let errors: serde_json::Map<String, serde_json::Value> = errors
        .0
        .iter()
        .map(|(field, messages)| (field.clone(), messages.clone().into()))
        .collect();
    let body = serde_json::Value::Object(errors).to_string();
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::BAD_REQUEST, kind, body).into_response()
}

/// `POST /attachments/delete/<id>/`
pub(crate) async fn delete(
    visitor: Visitor,
    Path(attachment): Path<String>,
    request: Request,
) -> Result {
    visitor.user()?;
    let attachment = id(&attachment)?;
    let form = Form::read(&visitor, request).await?;
    let next = next_page::safe(form.get("next").unwrap_or_default());
    let mut ctx = visitor.request.begin().await?;
    if !attachment::remove(&mut ctx, attachment).await? {
        return Err(Error::Forbidden("attachments.delete_foreign_attachments"));
    }
    ctx.commit().await?;
    Ok(see(StatusCode::FOUND, next))
}

/// The files of something on its page; `None` for visitors who may not see files.
pub(super) async fn shown<E: Carrier>(
    visitor: &Visitor,
    ctx: &mut Ctx,
    object: Id,
) -> Result<Option<Attachments>> {
    let Some(files) = attachment::shown::<E>(ctx, object).await? else {
        return Ok(None);
    };
    let files = files.into_iter().map(|file| AttachedFile {
        id: file.id,
        name: file.name().to_owned(),
        url: attachment::url(ctx, &file.attachment_file),
        can_delete: attachment::may_remove(ctx, file.creator_id),
        owner: Person::new(file.creator_id, file.creator_username, ""),
        created: file.created,
    });
    Ok(Some(Attachments {
        files: files.collect(),
        add: visitor
            .request
            .caller
            .may("attachments.add_attachment")
            .then(|| {
                format!(
                    "/attachments/add-for/{}/{object}/",
                    attachment::place::<E>()
                )
            }),
        back: next_page::safe(&visitor.path).to_owned(),
    }))
}
