//! How many rows of which kind go.

use entity::Entity as _;
use entity::sql;

use super::Doomed;
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

/// Rows by wire label; labels without rows are absent.
pub type Counts = Vec<(&'static str, i64)>;

/// What belongs to rows, in the order of [`BELONGINGS`].
const LABELS: [&str; 14] = [
    "testplans.TestPlanTag",
    "testcases.TestCasePlan",
    "testcases.TestCaseComponent",
    "testcases.TestCaseTag",
    "testcases.Property",
    "testruns.TestRunTag",
    "testruns.TestRunCC",
    "testruns.Property",
    "linkreference.LinkReference",
    "testruns.TestExecutionProperty",
    "testruns.TestExecutionTag",
    "bugs.Bug_executions",
    "bugs.Bug_tags",
    "testruns.EnvironmentProperty",
];

/// Plans, cases, runs, executions, bugs, tags, components, environments, members.
const BELONGINGS: &str = "SELECT ARRAY[
     (SELECT count(*) FROM test_plan_tag WHERE plan_id = ANY($1) OR tag_id = ANY($6)),
     (SELECT count(*) FROM test_case_plan WHERE plan_id = ANY($1) OR case_id = ANY($2)),
     (SELECT count(*) FROM test_case_component WHERE case_id = ANY($2) OR component_id = ANY($7)),
     (SELECT count(*) FROM test_case_tag WHERE case_id = ANY($2) OR tag_id = ANY($6)),
     (SELECT count(*) FROM test_case_property WHERE case_id = ANY($2)),
     (SELECT count(*) FROM test_run_tag WHERE run_id = ANY($3) OR tag_id = ANY($6)),
     (SELECT count(*) FROM test_run_cc WHERE run_id = ANY($3) OR user_id = ANY($9)),
     (SELECT count(*) FROM test_run_property WHERE run_id = ANY($3)),
     (SELECT count(*) FROM link_reference WHERE execution_id = ANY($4)),
     (SELECT count(*) FROM test_execution_property WHERE execution_id = ANY($4)),
     (SELECT count(*) FROM test_execution_tag WHERE execution_id = ANY($4) OR tag_id = ANY($6)),
     (SELECT count(*) FROM bug_execution WHERE bug_id = ANY($5) OR execution_id = ANY($4)),
     (SELECT count(*) FROM bug_tag WHERE bug_id = ANY($5) OR tag_id = ANY($6)),
     (SELECT count(*) FROM environment_property WHERE environment_id = ANY($8))
 ]";

/// The rows and what belongs to them, without comments, files and history.
pub(super) async fn of(ctx: &mut Ctx, doomed: &Doomed) -> Result<Counts> {
    let rows = [
        (Member::META.wire, doomed.members.len()),
        (Classification::META.wire, doomed.classifications.len()),
        (Product::META.wire, doomed.products.len()),
        (Version::META.wire, doomed.versions.len()),
        (Build::META.wire, doomed.builds.len()),
        (Category::META.wire, doomed.categories.len()),
        (Component::META.wire, doomed.components.len()),
        (PlanType::META.wire, doomed.plan_types.len()),
        (Priority::META.wire, doomed.priorities.len()),
        (Severity::META.wire, doomed.severities.len()),
        (Tag::META.wire, doomed.tags.len()),
        (Environment::META.wire, doomed.environments.len()),
        (Template::META.wire, doomed.templates.len()),
        (TestPlan::META.wire, doomed.plans.len()),
        (TestCase::META.wire, doomed.cases.len()),
        ("testcases.TestCaseEmailSettings", doomed.cases.len()),
        (TestRun::META.wire, doomed.runs.len()),
        (TestExecution::META.wire, doomed.executions.len()),
        (Bug::META.wire, doomed.bugs.len()),
    ]
    .map(|(label, count)| (label, i64::try_from(count).unwrap_or(i64::MAX)));
    let belongings: Vec<i64> = sql::query_scalar(BELONGINGS)
        .bind(&doomed.plans)
        .bind(&doomed.cases)
        .bind(&doomed.runs)
        .bind(&doomed.executions)
        .bind(&doomed.bugs)
        .bind(&doomed.tags)
        .bind(&doomed.components)
        .bind(&doomed.environments)
        .bind(&doomed.members)
        .fetch_one(ctx.conn())
        .await?;
    let belongings = LABELS.into_iter().zip(belongings);
    Ok(present(rows.into_iter().chain(belongings)))
}

/// The comments and files of the rows, and the files of the members.
pub(super) async fn of_records(ctx: &mut Ctx, doomed: &Doomed) -> Result<Counts> {
    let (mut kinds, mut objects) = (vec![], vec![]);
    for (kind, ids) in doomed.carriers() {
        kinds.extend(std::iter::repeat_n(kind, ids.len()));
        objects.extend_from_slice(ids);
    }
    let (comments, files): (i64, i64) = sql::query_as(
        "WITH given AS (
             SELECT kind, object_id FROM unnest($1::text[], $2::int4[]) AS given (kind, object_id)
         )
         SELECT (SELECT count(*) FROM comment JOIN given USING (kind, object_id)),
                (SELECT count(*)
                 FROM attachment
                 WHERE creator_id = ANY($3) OR (kind, object_id) IN (SELECT kind, object_id FROM given))",
    )
    .bind(kinds)
    .bind(objects)
    .bind(&doomed.members)
    .fetch_one(ctx.conn())
    .await?;
    Ok(present(
        [
            ("django_comments.Comment", comments),
            ("attachments.Attachment", files),
        ]
        .into_iter(),
    ))
}

fn present(counts: impl Iterator<Item = (&'static str, i64)>) -> Counts {
    counts.filter(|(_, count)| *count > 0).collect()
}
