//! `User.*`

use domain::member::Member;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table, Value};
use macros::rpc;

use super::argument::is_empty;
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

/// Finds accounts that may enter this tenant. An empty query means the caller alone.
#[rpc("User.filter", needs = "auth.view_user", context)]
async fn filter(ctx: &mut Ctx, query: Option<Value>) -> Result<Table> {
    let conditions = if is_empty(query.as_ref()) {
        Map::from_iter([("id".into(), ctx.user()?.id.into())])
    } else {
        let mut conditions = query::conditions(query)?;
        if !ctx.tenant().is_public() {
            conditions.insert("is_authorised".into(), true.into());
        }
        conditions
    };
    query::select::<Member>(ctx, &conditions, &ROW).await
}

pub(super) const METHODS: &[Method] = &[FILTER];
