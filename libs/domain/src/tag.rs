//! Free labels, shared by everything in a tenant.

use entity::{Entity, Id, Relation, Relations, repository};

use crate::bug::Bug;
use crate::test_case::{TestCase, TestCaseTag};
use crate::test_execution::{TestExecution, TestExecutionTag};
use crate::test_plan::{TestPlan, TestPlanTag};
use crate::test_run::{TestRun, TestRunTag};
use crate::{Ctx, Error, Result};

/// A free label.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "tag", wire = "management.Tag", title = "tag")]
pub struct Tag {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, unique, list, search)]
    pub name: String,
}

impl Relations for Tag {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "case",
            to: || TestCase::META,
            through: "test_case_tag",
            near: "tag_id",
            far: "case_id",
        },
        Relation::Back {
            name: "testcasetag",
            from: || TestCaseTag::META,
            column: "tag_id",
        },
        Relation::Many {
            name: "plan",
            to: || TestPlan::META,
            through: "test_plan_tag",
            near: "tag_id",
            far: "plan_id",
        },
        Relation::Back {
            name: "testplantag",
            from: || TestPlanTag::META,
            column: "tag_id",
        },
        Relation::Many {
            name: "run",
            to: || TestRun::META,
            through: "test_run_tag",
            near: "tag_id",
            far: "run_id",
        },
        Relation::Many {
            name: "execution",
            to: || TestExecution::META,
            through: "test_execution_tag",
            near: "tag_id",
            far: "execution_id",
        },
        Relation::Back {
            name: "testruntag",
            from: || TestRunTag::META,
            column: "tag_id",
        },
        Relation::Back {
            name: "testexecutiontag",
            from: || TestExecutionTag::META,
            column: "tag_id",
        },
        Relation::Many {
            name: "bugs",
            to: || Bug::META,
            through: "bug_tag",
            near: "tag_id",
            far: "bug_id",
        },
    ];
}

/// The tag of this name, exactly as written.
pub async fn find(ctx: &mut Ctx, name: &str) -> Result<Tag> {
    let found: Vec<Tag> = repository::find(ctx.conn(), &[("name", name.into())]).await?;
    found.into_iter().next().ok_or(Error::NotFound {
        entity: Tag::META.name,
    })
}

/// The tag of this name; made when missing and the caller may make tags.
pub async fn find_or_create(ctx: &mut Ctx, name: &str) -> Result<Tag> {
    match find(ctx, name).await {
        Err(Error::NotFound { .. }) if ctx.may("management.add_tag") => {
            let mut tag = Tag {
                id: 0,
                name: name.to_owned(),
            };
            ctx.insert(&mut tag).await?;
            Ok(tag)
        }
        found => found,
    }
}
