//! Filling a tenant from the files in its folder: a product, people, plans, cases, runs.
//!
//! The data are a beginning: a tenant that has the product already is left as it is, whatever
//! people have made of it. Everything is written in one transaction by the same functions that
//! people's work goes through, under the names of the people in the files.

mod cases;
mod files;
mod people;
mod runs;

use std::path::Path;
use std::sync::Arc;

use entity::{Entity, Fk, Id, Value, repository};
use tenancy::Tenant;

use crate::build::Build;
use crate::category::Category;
use crate::classification::Classification;
use crate::component::Component;
use crate::plan_type::PlanType;
use crate::product::{self, Product};
use crate::test_plan::{self, TestPlan};
use crate::version::{self, Version};
use crate::{Ctx, Domain, Error, Result};
use files::Files;
use people::People;

/// Fills the tenant from the files of the folder; false if it has the product already.
pub async fn fill(domain: &Domain, tenant: &Arc<Tenant>, folder: &Path) -> Result<bool> {
    let files = Files::read(folder)?;
    if has_product(domain, tenant, &files.product.name).await? {
        return Ok(false);
    }
    let people = People::ensure(domain, tenant, &files.people).await?;
    let mut ctx = people.begin(domain, tenant).await?;
    let product = fill_product(&mut ctx, &files, &people).await?;
    let plans = fill_plans(&mut ctx, &files, &people, product).await?;
    cases::fill(&mut ctx, &files, &people, product, &plans).await?;
    runs::fill(&mut ctx, &files, &people, &plans).await?;
    ctx.commit().await?;
    Ok(true)
}

async fn has_product(domain: &Domain, tenant: &Arc<Tenant>, name: &str) -> Result<bool> {
    let mut tx = domain.tenancy().begin_read(tenant).await?;
    let found: Vec<Product> = repository::find(tx.conn(), &[("name", name.into())]).await?;
    tx.commit().await?;
    Ok(!found.is_empty())
}

/// The one row with these values; an error that names what is missing.
async fn one<E: Entity>(ctx: &mut Ctx, conditions: &[(&str, Value)]) -> Result<E> {
    let found: Vec<E> = repository::find(ctx.conn(), conditions).await?;
    found.into_iter().next().ok_or_else(|| {
        let words: Vec<String> = conditions
            .iter()
            .map(|(column, value)| format!("{column} {value:?}"))
            .collect();
        Error::Refused(format!(
            "there is no {} with {}",
            E::META.title,
            words.join(", ")
        ))
    })
}

async fn fill_product(ctx: &mut Ctx, files: &Files, people: &People) -> Result<Id> {
    let word = &files.product.classification;
    let found: Vec<Classification> =
        repository::find(ctx.conn(), &[("name", word.as_str().into())]).await?;
    let classification = if let Some(found) = found.first() {
        found.id
    } else {
        let mut new = Classification {
            id: 0,
            name: word.clone(),
        };
        ctx.insert(&mut new).await?;
        new.id
    };
    let mut row = Product {
        id: 0,
        name: files.product.name.clone(),
        classification: Fk::new(classification),
        description: files.product.description.clone(),
    };
    product::create(ctx, &mut row).await?;
    let product = Fk::new(row.id);
    for file in &files.versions {
        let mut version = Version {
            id: 0,
            value: file.value.clone(),
            product,
        };
        version::create(ctx, &mut version).await?;
        for name in &file.builds {
            let version = Fk::new(version.id);
            ctx.insert(&mut Build {
                id: 0,
                name: name.clone(),
                version,
                is_active: true,
            })
            .await?;
        }
    }
    for file in &files.categories {
        let (name, description) = (file.name.clone(), file.description.clone());
        ctx.insert(&mut Category {
            id: 0,
            name,
            product,
            description,
        })
        .await?;
    }
    for file in &files.components {
        let mut component = Component {
            id: 0,
            name: file.name.clone(),
            product,
            initial_owner: Some(Fk::new(people.id(&file.owner)?)),
            description: file.description.clone(),
        };
        ctx.insert(&mut component).await?;
    }
    Ok(row.id)
}

/// The plans, in the order of the file; a parent stands before its children.
async fn fill_plans(
    ctx: &mut Ctx,
    files: &Files,
    people: &People,
    product: Id,
) -> Result<Vec<(String, TestPlan)>> {
    let mut plans: Vec<(String, TestPlan)> = Vec::new();
    for file in &files.plans {
        let parent = match &file.parent {
            Some(key) => Some(Fk::new(plan_with_key(&plans, key)?.id)),
            None => None,
        };
        let version: Version = one(
            ctx,
            &[
                ("product_id", product.into()),
                ("value", file.version.as_str().into()),
            ],
        )
        .await?;
        let plan_type: PlanType = one(ctx, &[("name", file.kind.as_str().into())]).await?;
        people.act_as(ctx, &file.author)?;
        let mut plan = TestPlan {
            id: 0,
            parent,
            name: file.name.clone(),
            text: file.text.clone(),
            create_date: ctx.now,
            is_active: true,
            extra_link: None,
            product_version: Fk::new(version.id),
            author: Fk::new(people.id(&file.author)?),
            product: Fk::new(product),
            r#type: Fk::new(plan_type.id),
        };
        ctx.insert(&mut plan).await?;
        for tag in &file.tags {
            test_plan::add_tag(ctx, plan.id, tag).await?;
        }
        plans.push((file.key.clone(), plan));
    }
    Ok(plans)
}

fn plan_with_key<'a>(plans: &'a [(String, TestPlan)], key: &str) -> Result<&'a TestPlan> {
    plans
        .iter()
        .find(|(own, _)| own == key)
        .map(|(_, plan)| plan)
        .ok_or_else(|| Error::Refused(format!("there is no plan with the key {key}")))
}
