//! The cases of the files, in their plans.

use std::collections::HashMap;

use chrono::Duration;
use entity::{Fk, Id, Interval, repository};

use super::files::{Case, Files};
use super::people::People;
use super::{one, plan_with_key};
use crate::category::Category;
use crate::component::Component;
use crate::priority::Priority;
use crate::tag;
use crate::test_case::{TestCase, TestCaseComponent, TestCasePlan, TestCaseTag};
use crate::test_case_status::TestCaseStatus;
use crate::test_plan::TestPlan;
use crate::{Ctx, Result};

/// The cases were written this long before the first run.
const WRITTEN: Duration = Duration::days(60);

pub(super) async fn fill(
    ctx: &mut Ctx,
    files: &Files,
    people: &People,
    product: Id,
    plans: &[(String, TestPlan)],
) -> Result<()> {
    let now = ctx.now;
    ctx.now = now - WRITTEN;
    let components: HashMap<String, Id> =
        repository::find::<Component>(ctx.conn(), &[("product_id", product.into())])
            .await?
            .into_iter()
            .map(|component| (component.name, component.id))
            .collect();
    let mut sortkeys: HashMap<Id, i32> = HashMap::new();
    for file in &files.cases {
        people.act_as(ctx, &file.author)?;
        let category: Category = one(
            ctx,
            &[
                ("product_id", product.into()),
                ("name", file.category.as_str().into()),
            ],
        )
        .await?;
        let mut rows = Vec::new();
        for case in &file.case {
            let author = people.id(&file.author)?;
            rows.push(row(ctx, case, category.id, author, people.id(&file.tester)?).await?);
        }
        for case in &mut rows {
            ctx.insert(case).await?;
        }
        let mut places = Vec::new();
        let mut tags = Vec::new();
        let mut parts = Vec::new();
        for (case, row) in file.case.iter().zip(&rows) {
            let own = Fk::new(row.id);
            for key in &file.plans {
                let plan = plan_with_key(plans, key)?.id;
                let sortkey = sortkeys.entry(plan).or_insert(0);
                places.push(TestCasePlan {
                    id: 0,
                    plan: Fk::new(plan),
                    case: own,
                    sortkey: Some(*sortkey),
                });
                *sortkey += 10;
            }
            for name in &case.tags {
                let tag = tag::find_or_create(ctx, name).await?;
                tags.push(TestCaseTag {
                    id: 0,
                    tag: Fk::new(tag.id),
                    case: own,
                });
            }
            for name in &case.components {
                let component = match components.get(name) {
                    Some(id) => *id,
                    None => {
                        one::<Component>(ctx, &[("name", name.as_str().into())])
                            .await?
                            .id
                    }
                };
                let component = Fk::new(component);
                parts.push(TestCaseComponent {
                    id: 0,
                    case: own,
                    component,
                });
            }
        }
        repository::insert_many(ctx.conn(), &mut places).await?;
        repository::insert_many(ctx.conn(), &mut tags).await?;
        repository::insert_many(ctx.conn(), &mut parts).await?;
    }
    ctx.now = now;
    Ok(())
}

async fn row(ctx: &mut Ctx, case: &Case, category: Id, author: Id, tester: Id) -> Result<TestCase> {
    let status: TestCaseStatus = one(ctx, &[("name", case.status.as_str().into())]).await?;
    let priority: Priority = one(ctx, &[("value", case.priority.as_str().into())]).await?;
    Ok(TestCase {
        id: 0,
        create_date: ctx.now,
        is_automated: case.automated,
        script: Some(case.script.clone().unwrap_or_default()),
        arguments: Some(String::new()),
        extra_link: None,
        summary: case.summary.clone(),
        requirement: case.requirement.clone(),
        notes: Some(String::new()),
        text: case.text.clone(),
        setup_duration: None,
        testing_duration: Some(Interval::from_seconds(f64::from(case.minutes) * 60.0)),
        case_status: Fk::new(status.id),
        category: Fk::new(category),
        priority: Fk::new(priority.id),
        author: Fk::new(author),
        default_tester: Some(Fk::new(tester)),
        reviewer: None,
    })
}
