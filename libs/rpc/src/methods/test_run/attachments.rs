//! Files on a run.

use domain::test_run::TestRun;
use domain::{Ctx, Result};
use entity::{Map, Value};
use macros::rpc;

use super::super::argument::Pk;
use super::super::attachment::{self, Content};

/// Attaches a file to a run.
#[rpc(
    "TestRun.add_attachment",
    needs = "attachments.add_attachment",
    context
)]
pub(super) async fn add_attachment(
    ctx: &mut Ctx,
    run_id: Pk,
    filename: Value,
    b64content: Content,
) -> Result<()> {
    attachment::add::<TestRun>(ctx, run_id.0, &filename, b64content).await?;
    Ok(())
}

/// The files of a run, newest first.
#[rpc(
    "TestRun.list_attachments",
    needs = "attachments.view_attachment",
    context
)]
pub(super) async fn list_attachments(ctx: &mut Ctx, run_id: Pk) -> Result<Vec<Map>> {
    attachment::list::<TestRun>(ctx, run_id.0).await
}
