//! Comments, as the methods of cases and executions take and return them.

use domain::comment::{self, Comment, Subject};
use domain::member::Member;
use domain::{Ctx, Result, form};
use entity::{Entity, Id, Map, Value};

use super::argument::{is_empty, text};

/// Refuses an author that does not exist, before anything else is looked at.
pub(super) async fn known_author(ctx: &mut Ctx, user: Option<&Value>) -> Result<()> {
    if let Some(user) = user.filter(|_| ctx.caller().user().is_some_and(|me| me.is_superuser)) {
        let id = Id::try_from(form::primary_key(user)?).unwrap_or_default();
        ctx.get::<Member>(id).await?;
    }
    Ok(())
}

/// Posts a comment and returns it with the keys of a new one.
pub(super) async fn add<E: Entity>(
    ctx: &mut Ctx,
    subject: Subject,
    object: Id,
    comment: &Value,
    user: Option<Value>,
    date: Option<Value>,
) -> Result<Map> {
    ctx.get::<E>(object).await?;
    let comment = text(comment, "comment")?;
    let superuser = ctx.user()?.is_superuser;
    let (user, date) = if superuser {
        (user, date)
    } else {
        (None, None)
    };
    let author = match &user {
        Some(value) => Some(Id::try_from(form::primary_key(value)?).unwrap_or_default()),
        None => None,
    };
    let at = date.as_ref().map(entity::lookup::date_time).transpose()?;
    let row = comment::add(ctx, subject, object, comment, author, at).await?;
    let submit_date = date.unwrap_or_else(|| row.submit_date.into());
    Ok(Map::from_iter([
        ("id".into(), row.id.into()),
        ("content_type".into(), subject.content_type().into()),
        ("object_pk".into(), object.into()),
        ("site".into(), 1.into()),
        ("user".into(), row.user.map(entity::Fk::id).into()),
        ("user_name".into(), row.user_name.into()),
        ("user_email".into(), row.user_email.into()),
        ("user_url".into(), row.user_url.into()),
        ("comment".into(), row.comment.into()),
        ("submit_date".into(), submit_date),
        ("ip_address".into(), Value::Null),
        ("is_public".into(), row.is_public.into()),
        ("is_removed".into(), row.is_removed.into()),
    ]))
}

/// The comments on something, with the keys of a list.
pub(super) async fn list<E: Entity>(
    ctx: &mut Ctx,
    subject: Subject,
    object: Id,
) -> Result<Vec<Map>> {
    ctx.get::<E>(object).await?;
    let rows = comment::list(ctx, subject, object).await?;
    Ok(rows.into_iter().map(|row| listed(subject, row)).collect())
}

fn listed(subject: Subject, row: Comment) -> Map {
    Map::from_iter([
        ("id".into(), row.id.into()),
        ("content_type_id".into(), subject.content_type().into()),
        ("object_pk".into(), row.object_id.to_string().into()),
        ("site_id".into(), 1.into()),
        ("user_id".into(), row.user.map(entity::Fk::id).into()),
        ("user_name".into(), row.user_name.into()),
        ("user_email".into(), row.user_email.into()),
        ("user_url".into(), row.user_url.into()),
        ("comment".into(), row.comment.into()),
        ("submit_date".into(), row.submit_date.into()),
        ("ip_address".into(), Value::Null),
        ("is_public".into(), row.is_public.into()),
        ("is_removed".into(), row.is_removed.into()),
    ])
}

/// Deletes one comment on something, or all of them.
pub(super) async fn remove<E: Entity>(
    ctx: &mut Ctx,
    subject: Subject,
    object: Id,
    comment: Option<Value>,
) -> Result<()> {
    ctx.get::<E>(object).await?;
    let comment = match comment.filter(|value| !is_empty(Some(value))) {
        Some(value) => Some(Id::try_from(form::primary_key(&value)?).unwrap_or_default()),
        None => None,
    };
    comment::remove(ctx, subject, object, comment).await
}
