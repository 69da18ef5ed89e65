//! Which rows go when others do.

use entity::{Entity, Id, sql};

use crate::bug::Bug;
use crate::build::Build;
use crate::category::Category;
use crate::classification::Classification;
use crate::component::Component;
use crate::environment::Environment;
use crate::member::Member;
use crate::plan_type::PlanType;
use crate::priority::Priority;
use crate::product::Product;
use crate::severity::Severity;
use crate::tag::Tag;
use crate::template::Template;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::TestRun;
use crate::version::Version;
use crate::{Ctx, Result};

/// The ids of rows that go together, ascending. What only connects two rows, or belongs to one, is
/// left to the database.
#[derive(Debug, Default)]
pub struct Doomed {
    pub(super) members: Vec<Id>,
    pub(super) classifications: Vec<Id>,
    pub(super) products: Vec<Id>,
    pub(super) versions: Vec<Id>,
    pub(super) builds: Vec<Id>,
    pub(super) categories: Vec<Id>,
    pub(super) components: Vec<Id>,
    pub(super) plan_types: Vec<Id>,
    pub(super) priorities: Vec<Id>,
    pub(super) severities: Vec<Id>,
    pub(super) tags: Vec<Id>,
    pub(super) environments: Vec<Id>,
    pub(super) templates: Vec<Id>,
    pub(super) plans: Vec<Id>,
    pub(super) cases: Vec<Id>,
    pub(super) runs: Vec<Id>,
    pub(super) executions: Vec<Id>,
    pub(super) bugs: Vec<Id>,
}

/// What can be deleted with everything that hangs on it. Statuses are not among them: one that is in
/// use stays (see [`crate::status`]).
pub trait Deletable: Entity {
    /// The place of its ids.
    fn ids(doomed: &mut Doomed) -> &mut Vec<Id>;
}

macro_rules! deletable {
    ($($entity:ty => $field:ident,)*) => {
        $(impl Deletable for $entity {
            fn ids(doomed: &mut Doomed) -> &mut Vec<Id> {
                &mut doomed.$field
            }
        })*
    };
}

deletable! {
    Member => members,
    Classification => classifications,
    Product => products,
    Version => versions,
    Build => builds,
    Category => categories,
    Component => components,
    PlanType => plan_types,
    Priority => priorities,
    Severity => severities,
    Tag => tags,
    Environment => environments,
    Template => templates,
    TestPlan => plans,
    TestCase => cases,
    TestRun => runs,
    TestExecution => executions,
    Bug => bugs,
}

impl Doomed {
    /// These rows and all that go with them.
    pub(super) async fn with<E: Deletable>(ctx: &mut Ctx, rows: &[E]) -> Result<Self> {
        let mut doomed = Self::default();
        *E::ids(&mut doomed) = rows.iter().map(Entity::id).collect();
        doomed.follow(ctx).await?;
        Ok(doomed)
    }

    /// What can carry comments and files, with the name of its kind.
    pub(super) fn carriers(&self) -> [(&'static str, &[Id]); 5] {
        [
            ("bugs.bug", &self.bugs),
            ("testruns.testexecution", &self.executions),
            ("testruns.testrun", &self.runs),
            ("testcases.testcase", &self.cases),
            ("testplans.testplan", &self.plans),
        ]
    }

    /// Adds what hangs on the rows, from the top to the bottom.
    async fn follow(&mut self, ctx: &mut Ctx) -> Result<()> {
        add(
            ctx,
            &mut self.products,
            "SELECT id FROM product WHERE classification_id = ANY($1)",
            &[&self.classifications],
        )
        .await?;
        add(
            ctx,
            &mut self.versions,
            "SELECT id FROM version WHERE product_id = ANY($1)",
            &[&self.products],
        )
        .await?;
        add(
            ctx,
            &mut self.builds,
            "SELECT id FROM build WHERE version_id = ANY($1)",
            &[&self.versions],
        )
        .await?;
        add(
            ctx,
            &mut self.categories,
            "SELECT id FROM category WHERE product_id = ANY($1)",
            &[&self.products],
        )
        .await?;
        add(
            ctx,
            &mut self.components,
            "SELECT id FROM component WHERE product_id = ANY($1) OR initial_owner_id = ANY($2)",
            &[&self.products, &self.members],
        )
        .await?;
        let given = self.plans.clone();
        add(
            ctx,
            &mut self.plans,
            "WITH RECURSIVE tree AS (
                 SELECT id
                 FROM test_plan
                 WHERE id = ANY($1)
                    OR product_id = ANY($2)
                    OR product_version_id = ANY($3)
                    OR type_id = ANY($4)
                    OR author_id = ANY($5)
                 UNION
                 SELECT p.id FROM test_plan p JOIN tree t ON p.parent_id = t.id
             )
             SELECT id FROM tree",
            &[
                &given,
                &self.products,
                &self.versions,
                &self.plan_types,
                &self.members,
            ],
        )
        .await?;
        add(
            ctx,
            &mut self.cases,
            "SELECT id
             FROM test_case
             WHERE category_id = ANY($1)
                OR priority_id = ANY($2)
                OR author_id = ANY($3)
                OR default_tester_id = ANY($3)
                OR reviewer_id = ANY($3)",
            &[&self.categories, &self.priorities, &self.members],
        )
        .await?;
        add(
            ctx,
            &mut self.runs,
            "SELECT id
             FROM test_run
             WHERE plan_id = ANY($1)
                OR build_id = ANY($2)
                OR manager_id = ANY($3)
                OR default_tester_id = ANY($3)",
            &[&self.plans, &self.builds, &self.members],
        )
        .await?;
        add(
            ctx,
            &mut self.executions,
            "SELECT id
             FROM test_execution
             WHERE run_id = ANY($1)
                OR case_id = ANY($2)
                OR build_id = ANY($3)
                OR assignee_id = ANY($4)
                OR tested_by_id = ANY($4)",
            &[&self.runs, &self.cases, &self.builds, &self.members],
        )
        .await?;
        add(
            ctx,
            &mut self.bugs,
            "SELECT id
             FROM bug
             WHERE product_id = ANY($1)
                OR version_id = ANY($2)
                OR build_id = ANY($3)
                OR severity_id = ANY($4)
                OR reporter_id = ANY($5)
                OR assignee_id = ANY($5)",
            &[
                &self.products,
                &self.versions,
                &self.builds,
                &self.severities,
                &self.members,
            ],
        )
        .await
    }
}

/// Adds the rows that a statement finds for the owners; without owners there are none.
async fn add(
    ctx: &mut Ctx,
    ids: &mut Vec<Id>,
    sql: &'static str,
    owners: &[&Vec<Id>],
) -> Result<()> {
    if owners.iter().all(|owners| owners.is_empty()) {
        return Ok(());
    }
    let mut query = sql::query_scalar::<Id>(sql);
    for owners in owners {
        query = query.bind(owners.as_slice());
    }
    ids.extend(query.fetch_all(ctx.conn()).await?);
    ids.sort_unstable();
    ids.dedup();
    Ok(())
}
