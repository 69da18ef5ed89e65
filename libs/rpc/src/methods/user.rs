//! `User.*`

use domain::accounts::Account;
use domain::member::Member;
use domain::profile::{self, Edit};
use domain::query::{self, Selection};
use domain::{Ctx, Result, form, group};
use entity::{Id, Map, Table, Value, python};
use macros::rpc;

use super::argument::{Query, Values, is_empty};
use super::attachment::{self, Content};
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "email",
        "first_name",
        "id",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_name",
        "username",
    ],
    distinct: true,
    order: &["id"],
};

fn full(account: Account) -> Value {
    Value::object([
        ("id", account.id.into()),
        ("is_superuser", account.is_superuser.into()),
        ("username", account.username.into()),
        ("first_name", account.first_name.into()),
        ("last_name", account.last_name.into()),
        ("email", account.email.into()),
        ("is_staff", account.is_staff.into()),
        ("is_active", account.is_active.into()),
    ])
}

/// What limits the accounts that a query finds to those that may enter this tenant.
fn of_tenant(ctx: &Ctx) -> (&'static str, Value) {
    if ctx.tenant().is_public() {
        ("id__gt", 0.into())
    } else {
        ("is_authorised", true.into())
    }
}

/// Finds accounts that may enter this tenant. An empty query means the caller alone.
#[rpc("User.filter", needs = "auth.view_user", context)]
async fn filter(ctx: &mut Ctx, query: Option<Value>) -> Result<Table> {
    let conditions = if is_empty(query.as_ref()) {
        Map::from_iter([("id".into(), ctx.user()?.id.into())])
    } else {
        query::conditions(query)?
    };
    let own = of_tenant(ctx);
    query::select_where::<Member>(ctx, &conditions, own, &ROW).await
}

/// Changes names, address or password of an account: one's own, or with `auth.change_user`
/// somebody else's. Empty values are skipped.
#[rpc("User.update", login, context)]
async fn update(ctx: &mut Ctx, user_id: Value, values: Values) -> Result<Value> {
    let id = if is_empty(Some(&user_id)) {
        ctx.user()?.id
    } else {
        Id::try_from(form::primary_key(&user_id)?).unwrap_or_default()
    };
    let text = |name: &str| {
        let value = values.0.get(name).filter(|value| !is_empty(Some(value)));
        value.map(python::text)
    };
    let edit = Edit {
        first_name: text("first_name"),
        last_name: text("last_name"),
        email: text("email"),
        password: text("password"),
        old_password: text("old_password"),
    };
    profile::edit(ctx, id, edit).await.map(full)
}

/// Switches off the accounts that meet the conditions.
#[rpc("User.deactivate", needs = "auth.change_user", context)]
async fn deactivate(ctx: &mut Ctx, query: Query) -> Result<Vec<Value>> {
    let own = of_tenant(ctx);
    let ids = query::ids_where::<Member>(ctx, &query.0, own).await?;
    Ok(profile::deactivate(ctx, &ids)
        .await?
        .into_iter()
        .map(full)
        .collect())
}

/// Adds an account to a group of this tenant.
#[rpc("User.join_group", needs = "auth.change_user", context)]
async fn join_group(ctx: &mut Ctx, username: String, groupname: String) -> Result<()> {
    group::join_by_name(ctx, &username, &groupname).await
}

/// Stores a file for the texts that the caller writes. Answers its path on this host, and the
/// name under which it was stored.
#[rpc("User.add_attachment", needs = "attachments.add_attachment", context)]
async fn add_attachment(ctx: &mut Ctx, filename: Value, b64content: Content) -> Result<Map> {
    let me = ctx.user()?.id;
    let added = attachment::add::<Member>(ctx, me, &filename, b64content).await?;
    let url = domain::attachment::url(ctx, &added.attachment_file);
    Ok(Map::from_iter([
        ("url".into(), url.into()),
        ("filename".into(), added.name().into()),
    ]))
}

pub(super) const METHODS: &[Method] = &[FILTER, UPDATE, DEACTIVATE, JOIN_GROUP, ADD_ATTACHMENT];
