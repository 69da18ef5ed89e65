//! The review conversation of a case.

use domain::comment::Subject;
use domain::test_case::TestCase;
use domain::{Ctx, Result};
use entity::{Map, Value};
use macros::rpc;

use super::super::argument::Pk;
use super::super::comment;

/// Posts a comment. Superusers may name another author and another time.
#[rpc("TestCase.add_comment", needs = "django_comments.add_comment", context)]
pub(super) async fn add_comment(
    ctx: &mut Ctx,
    case_id: Pk,
    comment: Value,
    user_id: Option<Value>,
    submit_date: Option<Value>,
) -> Result<Map> {
    let subject = Subject::TestCase;
    comment::add::<TestCase>(ctx, subject, case_id.0, &comment, user_id, submit_date).await
}

/// Deletes one comment of a case, or all of them.
#[rpc("TestCase.remove_comment", needs = "django_comments.delete_comment")]
pub(super) async fn remove_comment(
    ctx: &mut Ctx,
    case_id: Pk,
    comment_id: Option<Value>,
) -> Result<()> {
    comment::remove::<TestCase>(ctx, Subject::TestCase, case_id.0, comment_id).await
}

/// The comments of a case, oldest first.
#[rpc("TestCase.comments", needs = "django_comments.view_comment")]
pub(super) async fn comments(ctx: &mut Ctx, case_id: Pk) -> Result<Vec<Map>> {
    comment::list::<TestCase>(ctx, Subject::TestCase, case_id.0).await
}
