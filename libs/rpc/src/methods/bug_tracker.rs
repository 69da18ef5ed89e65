//! `BugTracker.*`

use domain::bug_system::BugSystem;
use domain::query::{self, Selection};
use domain::{Ctx, Result, tracker};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "name",
        "tracker_type",
        "base_url",
        "api_url",
        "api_username",
    ],
    distinct: true,
    order: &["id"],
};

/// Finds issue trackers and returns them in the order of their ids, without their passwords.
#[rpc("BugTracker.filter", needs = "testcases.view_bugsystem")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<BugSystem>(ctx, &query.0, &ROW).await
}

/// Adds an issue tracker. Its password is stored and never returned.
#[rpc("BugTracker.create", needs = "testcases.add_bugsystem")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    tracker::check_addresses(ctx.domain(), &values.0).await?;
    argument::create::<BugSystem>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
