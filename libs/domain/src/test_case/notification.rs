//! Who hears about changes of a case.

use entity::{Entity, Fk, Id, Relations, repository, sql};

use super::TestCase;
use crate::{Ctx, Error, Result};

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, a column each"
)]
/// The notification settings of a case; stored in the row of the case itself.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case",
    wire = "testcases.TestCaseEmailSettings",
    title = "test case email settings"
)]
pub struct TestCaseEmailSettings {
    #[doc = "Id"]
    pub id: Id,
    /// Case
    #[field(column_name = "id")]
    pub case: Fk<TestCase>,
    /// Mail after a change
    pub notify_on_case_update: bool,
    /// Mail before deletion
    pub notify_on_case_delete: bool,
    /// To the author
    pub auto_to_case_author: bool,
    /// To the default tester
    pub auto_to_case_tester: bool,
    /// To the managers of runs that contain the case
    pub auto_to_run_manager: bool,
    /// To the default testers of those runs
    pub auto_to_run_tester: bool,
    /// To the assignees of its executions
    pub auto_to_execution_assignee: bool,
    /// Further addresses, joined by commas
    #[field(blank)]
    pub cc_list: String,
}

impl Relations for TestCaseEmailSettings {}

async fn settings(ctx: &mut Ctx, case: Id) -> Result<TestCaseEmailSettings> {
    let found = repository::get_for_update(ctx.conn(), case).await?;
    found.ok_or(Error::NotFound {
        entity: TestCase::META.name,
    })
}

/// The further addresses, in the order in which they were added.
pub async fn cc(ctx: &mut Ctx, case: Id) -> Result<Vec<String>> {
    let found = repository::get::<TestCaseEmailSettings>(ctx.conn(), case).await?;
    let settings = found.ok_or(Error::NotFound {
        entity: TestCase::META.name,
    })?;
    Ok(split(&settings.cc_list))
}

/// Adds addresses that are not there yet.
pub async fn add_cc(ctx: &mut Ctx, case: Id, addresses: &Addresses) -> Result<()> {
    let old = settings(ctx, case).await?;
    let mut list = split(&old.cc_list);
    for address in &addresses.0 {
        if !list.contains(address) {
            list.push(address.clone());
        }
    }
    store(ctx, &old, &list).await
}

/// Removes addresses; unknown ones are ignored.
pub async fn remove_cc(ctx: &mut Ctx, case: Id, addresses: &Addresses) -> Result<()> {
    let old = settings(ctx, case).await?;
    let mut list = split(&old.cc_list);
    list.retain(|address| !addresses.0.contains(address));
    store(ctx, &old, &list).await
}

async fn store(ctx: &mut Ctx, old: &TestCaseEmailSettings, list: &[String]) -> Result<()> {
    sql::query("UPDATE test_case SET cc_list = $2 WHERE id = $1")
        .bind(old.id)
        .bind(list.join(","))
        .execute(ctx.conn())
        .await?;
    Ok(())
}

fn split(list: &str) -> Vec<String> {
    list.split(',')
        .filter(|address| !address.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Mail addresses, each of them valid.
#[derive(Debug, Clone)]
pub struct Addresses(Vec<String>);

impl Addresses {
    /// Refuses the addresses that are none, all of them at once.
    pub fn new(addresses: Vec<String>) -> Result<Self> {
        let bad: Vec<_> = addresses
            .iter()
            .filter(|address| !crate::text::is_email(address.trim()))
            .cloned()
            .collect();
        if bad.is_empty() {
            return Ok(Self(addresses));
        }
        let message = format!(
            "Following email address(es) are invalid: {}",
            bad.join(", ")
        );
        Err(Error::refused(format!(
            "[{}]",
            entity::python::quote(&message)
        )))
    }
}
