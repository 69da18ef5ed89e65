//! Copies of plans (spec 01 §4.4).

use entity::{Fk, Id, Map, sql};

use super::TestPlan;
use crate::form::{self, Form};
use crate::test_case::{self, TestCase};
use crate::{Ctx, Result, bulk};

/// What a copy of a plan begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copying {
    /// It gets copies of the cases; otherwise it shares them with its source.
    pub cases: bool,
    /// It hangs below its source in the tree; otherwise it has no parent.
    pub parent: bool,
}

/// Fields that a copy takes from its source, or that are its own.
const KEPT: &[&str] = &[
    "parent",
    "text",
    "create_date",
    "is_active",
    "extra_link",
    "author",
    "type",
];

/// The name that a copy is offered.
pub fn name_of_copy(source: &TestPlan) -> String {
    const LONGEST: usize = 255;
    let name = format!("Copy of {}", source.name);
    name.chars().take(LONGEST).collect()
}

/// Copies a plan in the name of the caller; the values are its `name`, `product` and
/// `product_version`, which must be one of the product.
///
/// Type, text, activity, reference link and tags are those of the source, and so are the places of
/// the cases; the plans below it, its runs, files and notification settings are not taken along.
/// Nobody is written to.
pub async fn copy(ctx: &mut Ctx, source: Id, values: &Map, copying: Copying) -> Result<TestPlan> {
    let source: TestPlan = ctx.get(source).await?;
    let mut plan = TestPlan {
        id: 0,
        parent: copying.parent.then(|| Fk::new(source.id)),
        create_date: ctx.now,
        author: Fk::new(ctx.user()?.id),
        ..source.clone()
    };
    let product = values.get("product").map(form::primary_key);
    let mut form = Form::create(values).skip(KEPT);
    if let Some(Ok(product)) = product {
        form = form.limit("product_version", "product_id = $", vec![product.into()]);
    }
    form.apply(ctx, &mut plan).await?;
    ctx.insert(&mut plan).await?;
    sql::query(
        "INSERT INTO test_plan_tag (plan_id, tag_id)
         SELECT $2, tag_id
         FROM test_plan_tag
         WHERE plan_id = $1
         ORDER BY id",
    )
    .bind(source.id)
    .bind(plan.id)
    .execute(ctx.conn())
    .await?;
    let (cases, places): (Vec<Id>, Vec<Option<i32>>) = places(ctx, source.id).await?;
    let cases = if copying.cases {
        bulk::limit(cases.len())?;
        let sources: Vec<TestCase> = ctx.get_all(&cases).await?;
        let copies = test_case::copy_into(ctx, &sources, &[plan.product.id()]).await?;
        copies.iter().map(|case| case.id).collect()
    } else {
        cases
    };
    sql::query(
        "INSERT INTO test_case_plan (plan_id, case_id, sortkey)
         SELECT $1, member.id, member.sortkey
         FROM unnest($2::int4[], $3::int4[]) AS member (id, sortkey)",
    )
    .bind(plan.id)
    .bind(cases)
    .bind(places)
    .execute(ctx.conn())
    .await?;
    Ok(plan)
}

/// The cases of a plan in their order, and their sort keys.
async fn places(ctx: &mut Ctx, plan: Id) -> Result<(Vec<Id>, Vec<Option<i32>>)> {
    let rows: Vec<(Id, Option<i32>)> = sql::query_as(
        "SELECT case_id, sortkey
         FROM test_case_plan
         WHERE plan_id = $1
         ORDER BY sortkey, id",
    )
    .bind(plan)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().unzip())
}
