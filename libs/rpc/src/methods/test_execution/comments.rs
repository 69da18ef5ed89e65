//! What testers say about an execution.

use domain::comment::Subject;
use domain::test_execution::TestExecution;
use domain::{Ctx, Result};
use entity::{Map, Value};
use macros::rpc;

use super::super::argument::Pk;
use super::super::comment;

/// Posts a comment. Superusers may name another author and another time.
#[rpc(
    "TestExecution.add_comment",
    needs = "django_comments.add_comment",
    context
)]
pub(super) async fn add_comment(
    ctx: &mut Ctx,
    execution_id: Pk,
    comment: Value,
    user_id: Option<Value>,
    submit_date: Option<Value>,
) -> Result<Map> {
    let subject = Subject::TestExecution;
    comment::add::<TestExecution>(ctx, subject, execution_id.0, &comment, user_id, submit_date)
        .await
}

/// Deletes one comment of an execution, or all of them.
#[rpc(
    "TestExecution.remove_comment",
    needs = "django_comments.delete_comment"
)]
pub(super) async fn remove_comment(
    ctx: &mut Ctx,
    execution_id: Pk,
    comment_id: Option<Value>,
) -> Result<()> {
    comment::remove::<TestExecution>(ctx, Subject::TestExecution, execution_id.0, comment_id).await
}

/// The comments of an execution, oldest first.
#[rpc("TestExecution.get_comments", needs = "django_comments.view_comment")]
pub(super) async fn get_comments(ctx: &mut Ctx, execution_id: Pk) -> Result<Vec<Map>> {
    comment::list::<TestExecution>(ctx, Subject::TestExecution, execution_id.0).await
}
