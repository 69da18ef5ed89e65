//! Files on a case.

use domain::test_case::TestCase;
use domain::{Ctx, Result};
use entity::{Map, Value};
use macros::rpc;

use super::super::argument::Pk;
use super::super::attachment::{self, Content};

/// Attaches a file to a case.
#[rpc(
    "TestCase.add_attachment",
    needs = "attachments.add_attachment",
    context
)]
pub(super) async fn add_attachment(
    ctx: &mut Ctx,
    case_id: Pk,
    filename: Value,
    b64content: Content,
) -> Result<()> {
    attachment::add::<TestCase>(ctx, case_id.0, &filename, b64content).await?;
    Ok(())
}

/// The files of a case, newest first.
#[rpc(
    "TestCase.list_attachments",
    needs = "attachments.view_attachment",
    context
)]
pub(super) async fn list_attachments(ctx: &mut Ctx, case_id: Pk) -> Result<Vec<Map>> {
    attachment::list::<TestCase>(ctx, case_id.0).await
}
