//! Files on an execution.

use domain::test_execution::TestExecution;
use domain::{Ctx, Result};
use entity::{Map, Value};
use macros::rpc;

use super::super::argument::Pk;
use super::super::attachment::{self, Content};

/// Attaches a file to an execution.
#[rpc(
    "TestExecution.add_attachment",
    needs = "attachments.add_attachment",
    context
)]
pub(super) async fn add_attachment(
    ctx: &mut Ctx,
    execution_id: Pk,
    filename: Value,
    b64content: Content,
) -> Result<()> {
    attachment::add::<TestExecution>(ctx, execution_id.0, &filename, b64content).await?;
    Ok(())
}

/// The files of an execution, newest first.
#[rpc(
    "TestExecution.list_attachments",
    needs = "attachments.view_attachment",
    context
)]
pub(super) async fn list_attachments(ctx: &mut Ctx, execution_id: Pk) -> Result<Vec<Map>> {
    attachment::list::<TestExecution>(ctx, execution_id.0).await
}
