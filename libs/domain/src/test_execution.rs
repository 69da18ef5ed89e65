//! Test executions: one case in one run, for one combination of properties.

pub mod matrix;
pub mod panel;
mod record;
mod references;
mod update;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Computed, Entity, Fk, Id, Kind, Relation, Relations, sql};

pub use record::{Outcome, record};
pub use references::{References, references};
pub use update::{update, update_many};

use crate::bug::Bug;
use crate::build::Build;
use crate::link_reference::LinkReference;
use crate::member::Member;
use crate::tag::{self, Tag};
use crate::test_case::TestCase;
use crate::test_execution_status::TestExecutionStatus;
use crate::test_run::TestRun;
use crate::{Ctx, Result};

/// One case in one run, for one combination of properties.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_execution",
    wire = "testruns.TestExecution",
    title = "test execution",
    history
)]
pub struct TestExecution {
    #[doc = "Id"]
    pub id: Id,
    /// Assignee
    pub assignee: Option<Fk<Member>>,
    /// Tested by
    pub tested_by: Option<Fk<Member>>,
    /// Case text version
    pub case_text_version: i32,
    /// Started at
    pub start_date: Option<DateTime<Utc>>,
    /// Finished at
    pub stop_date: Option<DateTime<Utc>>,
    /// Position; ascending
    pub sortkey: Option<i32>,
    /// Run
    pub run: Fk<TestRun>,
    /// Case
    pub case: Fk<TestCase>,
    /// Status
    pub status: Fk<TestExecutionStatus>,
    /// Build
    pub build: Fk<Build>,
}

impl Relations for TestExecution {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_execution_tag",
            near: "execution_id",
            far: "tag_id",
        },
        Relation::Back {
            name: "linkreference",
            from: || LinkReference::META,
            column: "execution_id",
        },
        Relation::Back {
            name: "testexecutionproperty",
            from: || TestExecutionProperty::META,
            column: "execution_id",
        },
        Relation::Back {
            name: "tags",
            from: || TestExecutionTag::META,
            column: "execution_id",
        },
        Relation::Many {
            name: "bugs",
            to: || Bug::META,
            through: "bug_execution",
            near: "execution_id",
            far: "bug_id",
        },
    ];
    const COMPUTED: &'static [Computed] = &[
        Computed {
            name: "expected_duration",
            kind: Kind::Span,
            paths: &["case__setup_duration", "case__testing_duration"],
            sql: "COALESCE({0}, '0') + COALESCE({1}, '0')",
            queried: true,
        },
        Computed {
            name: "actual_duration",
            kind: Kind::Span,
            paths: &["stop_date", "start_date"],
            sql: "{0} - {1}",
            queried: true,
        },
    ];
}

/// One `name=value` pair that an execution stands for.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_execution_property",
    wire = "testruns.TestExecutionProperty",
    title = "test execution property"
)]
pub struct TestExecutionProperty {
    #[doc = "Id"]
    pub id: Id,
    /// Execution
    pub execution: Fk<TestExecution>,
    /// Name
    #[field(max = 255)]
    pub name: String,
    /// Value
    #[field(max = 255)]
    pub value: String,
}

impl Relations for TestExecutionProperty {}

/// A tag of an execution.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_execution_tag",
    wire = "testruns.TestExecutionTag",
    title = "test execution tag"
)]
pub struct TestExecutionTag {
    #[doc = "Id"]
    pub id: Id,
    /// Tag
    pub tag: Fk<Tag>,
    /// Execution
    pub execution: Fk<TestExecution>,
}

impl Relations for TestExecutionTag {}

/// The properties of many executions, by execution and in order of their ids.
pub async fn properties_of(
    ctx: &mut Ctx,
    executions: &[Id],
) -> Result<HashMap<Id, Vec<(String, String)>>> {
    let rows: Vec<(Id, String, String)> = sql::query_as(
        "SELECT execution_id, name, value
         FROM test_execution_property
         WHERE execution_id = ANY($1)
         ORDER BY id",
    )
    .bind(executions)
    .fetch_all(ctx.conn())
    .await?;
    let mut properties: HashMap<Id, Vec<_>> = HashMap::new();
    for (execution, name, value) in rows {
        properties.entry(execution).or_default().push((name, value));
    }
    Ok(properties)
}

/// The tags of many executions, by execution and name.
pub async fn tags_of(ctx: &mut Ctx, executions: &[Id]) -> Result<HashMap<Id, Vec<Tag>>> {
    let rows: Vec<(Id, Id, String)> = sql::query_as(
        "SELECT l.execution_id, t.id, t.name
         FROM test_execution_tag l
         JOIN tag t ON t.id = l.tag_id
         WHERE l.execution_id = ANY($1)
         ORDER BY t.name",
    )
    .bind(executions)
    .fetch_all(ctx.conn())
    .await?;
    let mut tags: HashMap<Id, Vec<Tag>> = HashMap::new();
    for (execution, id, name) in rows {
        tags.entry(execution).or_default().push(Tag { id, name });
    }
    Ok(tags)
}

/// The tags of an execution.
pub async fn tags(ctx: &mut Ctx, execution: Id) -> Result<Vec<Tag>> {
    Ok(tags_of(ctx, &[execution])
        .await?
        .remove(&execution)
        .unwrap_or_default())
}

/// Attaches a tag by name and returns all tags of the execution.
pub async fn add_tag(ctx: &mut Ctx, execution: Id, name: &str) -> Result<Vec<Tag>> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<TestExecution>(execution).await?;
    let mut link = TestExecutionTag {
        id: 0,
        tag: Fk::new(tag.id),
        execution: Fk::new(execution),
    };
    crate::link::attach(ctx, &mut link, &["tag", "execution"]).await?;
    tags(ctx, execution).await
}

/// Detaches a tag.
pub async fn remove_tag(ctx: &mut Ctx, execution: Id, tag: &Tag) -> Result<()> {
    let conditions = [
        ("execution_id", execution.into()),
        ("tag_id", tag.id.into()),
    ];
    crate::link::detach::<TestExecutionTag>(ctx, &conditions).await
}

/// Adds a property; an equal one is returned as it is.
pub async fn add_property(
    ctx: &mut Ctx,
    execution: Id,
    name: String,
    value: String,
) -> Result<TestExecutionProperty> {
    let mut row = TestExecutionProperty {
        id: 0,
        execution: Fk::new(execution),
        name,
        value,
    };
    crate::link::attach(ctx, &mut row, &["execution", "name", "value"]).await?;
    Ok(row)
}
