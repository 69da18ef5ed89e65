//! Copies of cases (spec 01 §4.2).

use std::collections::HashMap;

use entity::{Fk, Id, sql};

use super::TestCase;
use crate::test_plan::{self, TestPlan};
use crate::{Ctx, Error, Result, bulk};

/// Copies cases in the name of the caller and puts the copies at the end of plans, in this order.
///
/// A copy begins again in an unconfirmed status, with the caller as its author. It takes its tags
/// along, but not what people have attached, noted or subscribed to. In a plan it moves to the product
/// of the plan: category and components are those of the same names there, made where they are
/// missing; of several plans the last one says which category it is. Without a plan it keeps its
/// category and has no components. Nobody is written to.
pub async fn copy(ctx: &mut Ctx, cases: &[Id], plans: &[Id]) -> Result<Vec<TestCase>> {
    if cases.is_empty() {
        return Err(Error::refused("At least one TestCase is required"));
    }
    bulk::limit(cases.len().saturating_mul(plans.len().max(1)))?;
    let sources: Vec<TestCase> = ctx.get_all(cases).await?;
    let targets: Vec<TestPlan> = ctx.get_all(plans).await?;
    let products: Vec<Id> = targets.iter().map(|plan| plan.product.id()).collect();
    let copies = copy_into(ctx, &sources, &products).await?;
    let ids: Vec<Id> = copies.iter().map(|case| case.id).collect();
    let plans: Vec<Id> = targets.iter().map(|plan| plan.id).collect();
    test_plan::append(ctx, &plans, &ids).await?;
    Ok(copies)
}

/// Copies cases, in their order, for plans of these products; puts them into none.
pub(crate) async fn copy_into(
    ctx: &mut Ctx,
    sources: &[TestCase],
    products: &[Id],
) -> Result<Vec<TestCase>> {
    let author = Fk::new(ctx.user()?.id);
    let status: Option<Id> =
        sql::query_scalar("SELECT min(id) FROM test_case_status WHERE NOT is_confirmed")
            .fetch_one(ctx.conn())
            .await?;
    let status = status.ok_or_else(|| {
        Error::Conflict("there is no unconfirmed test case status; add one first".to_owned())
    })?;
    let categories = categories_in(ctx, sources, products).await?;
    let now = ctx.now;
    let begin = |source: &TestCase| TestCase {
        id: 0,
        create_date: now,
        author,
        case_status: Fk::new(status),
        category: categories
            .get(&source.category.id())
            .map_or(source.category, |category| Fk::new(*category)),
        ..source.clone()
    };
    let mut copies: Vec<TestCase> = sources.iter().map(begin).collect();
    if copies.is_empty() {
        return Ok(copies);
    }
    ctx.insert_many(&mut copies).await?;
    let from: Vec<Id> = sources.iter().map(|case| case.id).collect();
    let to: Vec<Id> = copies.iter().map(|case| case.id).collect();
    sql::query(
        "INSERT INTO test_case_tag (case_id, tag_id)
         SELECT pair.target, l.tag_id
         FROM unnest($1::int4[], $2::int4[]) AS pair (source, target)
         JOIN test_case_tag l ON l.case_id = pair.source
         ORDER BY pair.target, l.id",
    )
    .bind(&from)
    .bind(&to)
    .execute(ctx.conn())
    .await?;
    copy_components(ctx, &from, &to, products).await?;
    Ok(copies)
}

/// By the category of a source, the one of the same name in the last of the products. It is made in
/// each of them.
async fn categories_in(
    ctx: &mut Ctx,
    sources: &[TestCase],
    products: &[Id],
) -> Result<HashMap<Id, Id>> {
    let Some(last) = products.last() else {
        return Ok(HashMap::new());
    };
    let own: Vec<Id> = sources.iter().map(|case| case.category.id()).collect();
    sql::query(
        "INSERT INTO category (name, product_id, description)
         SELECT c.name, p.id, c.description
         FROM category c
         CROSS JOIN unnest($2::int4[]) AS p (id)
         WHERE c.id = ANY($1)
         ORDER BY p.id, c.name, c.id
         ON CONFLICT (product_id, name) DO NOTHING",
    )
    .bind(&own)
    .bind(products)
    .execute(ctx.conn())
    .await?;
    let pairs: Vec<(Id, Id)> = sql::query_as(
        "SELECT c.id, target.id
         FROM category c
         JOIN category target ON target.name = c.name AND target.product_id = $2
         WHERE c.id = ANY($1)",
    )
    .bind(&own)
    .bind(last)
    .fetch_all(ctx.conn())
    .await?;
    Ok(pairs.into_iter().collect())
}

/// Gives the copies the components of the same names in each of the products; missing ones are made,
/// and begin with the caller as their owner.
async fn copy_components(ctx: &mut Ctx, from: &[Id], to: &[Id], products: &[Id]) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let owner = ctx.user()?.id;
    sql::query(
        "INSERT INTO component (name, product_id, initial_owner_id, description)
         SELECT c.name, p.id, $3, c.description
         FROM component c
         CROSS JOIN unnest($2::int4[]) AS p (id)
         WHERE c.id IN (SELECT component_id FROM test_case_component WHERE case_id = ANY($1))
         ORDER BY p.id, c.name, c.id
         ON CONFLICT (product_id, name) DO NOTHING",
    )
    .bind(from)
    .bind(products)
    .bind(owner)
    .execute(ctx.conn())
    .await?;
    sql::query(
        "INSERT INTO test_case_component (case_id, component_id)
         SELECT DISTINCT pair.target, target.id
         FROM unnest($1::int4[], $2::int4[]) AS pair (source, target)
         JOIN test_case_component l ON l.case_id = pair.source
         JOIN component c ON c.id = l.component_id
         JOIN component target ON target.name = c.name AND target.product_id = ANY($3)",
    )
    .bind(from)
    .bind(to)
    .bind(products)
    .execute(ctx.conn())
    .await?;
    Ok(())
}
