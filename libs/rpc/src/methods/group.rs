//! `Group.*`

use domain::group::{self, Group};
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Table, Value};
use macros::rpc;

use super::argument::{Pk, Query};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name"],
    distinct: true,
    order: &["id"],
};

/// Finds groups of this tenant and returns them in the order of their ids.
#[rpc("Group.filter", needs = "auth.view_group")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Group>(ctx, &query.0, &ROW).await
}

/// The permissions of a group, `app.codename`.
#[rpc("Group.permissions", needs = "auth.view_group")]
async fn permissions(ctx: &mut Ctx, group_id: Pk) -> Result<Vec<String>> {
    group::permissions(ctx, group_id.0).await
}

/// The members of a group, by user name. Needs `auth.view_user` too.
#[rpc("Group.users", needs = "auth.view_group")]
async fn users(ctx: &mut Ctx, group_id: Pk) -> Result<Vec<Value>> {
    ctx.require("auth.view_user")?;
    let users = group::users(ctx, group_id.0).await?;
    let object = |(id, username): (entity::Id, String)| {
        Value::object([("id", id.into()), ("username", username.into())])
    };
    Ok(users.into_iter().map(object).collect())
}

pub(super) const METHODS: &[Method] = &[FILTER, PERMISSIONS, USERS];
