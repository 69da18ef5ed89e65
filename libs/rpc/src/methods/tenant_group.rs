//! `TenantGroup.*`

use domain::form::Form;
use domain::group::{self, Group};
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Entity, Map, Table, Value, python};
use macros::rpc;

use super::argument::{Pk, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name"],
    distinct: true,
    order: &["id"],
};

/// Finds groups of this tenant and returns them in the order of their ids; on the public tenant there
/// are none.
#[rpc("TenantGroup.filter", needs = "tenant_groups.view_group", tenants)]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    let none = ctx.tenant().is_public();
    let own = if none { ("id__lt", 0) } else { ("id__gt", 0) };
    query::select_where::<Group>(ctx, &query.0, (own.0, own.1.into()), &ROW).await
}

/// Adds a group without permissions and members to this tenant.
#[rpc("TenantGroup.create", needs = "tenant_groups.add_group", tenants)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    group::refuse_public(ctx)?;
    let mut group = Group::default();
    Form::create(&values.0).apply(ctx, &mut group).await?;
    ctx.insert(&mut group).await?;
    let mut answer = group.to_map();
    answer.insert("permissions".into(), Value::List(vec![]));
    answer.insert("user_set".into(), Value::List(vec![]));
    Ok(answer)
}

/// Gives a permission, `app.codename`, to a group of this tenant.
#[rpc(
    "TenantGroup.add_permission",
    needs = "tenant_groups.change_group",
    tenants
)]
async fn add_permission(ctx: &mut Ctx, group_id: Pk, perm: Value) -> Result<()> {
    group::refuse_public(ctx)?;
    // what is not text is no permission either, but the group must exist first
    group::add_permission(ctx, group_id.0, &python::text(&perm)).await
}

/// Puts somebody who may enter this tenant into one of its groups.
#[rpc(
    "TenantGroup.add_user",
    needs = "tenant_groups.change_group",
    tenants,
    context
)]
async fn add_user(ctx: &mut Ctx, group_id: Pk, user_id: Pk) -> Result<()> {
    group::refuse_public(ctx)?;
    group::add_user(ctx, group_id.0, user_id.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE, ADD_PERMISSION, ADD_USER];
