//! What the page of a person shows to others.

use chrono::{DateTime, Utc};
use entity::{Id, sql};

use crate::{Ctx, Error, Result};

/// Rows shown in each list.
const SHOWN: i64 = 10;
/// The newest runs, in which results are looked for.
const RECENT_RUNS: i64 = 50;

/// A person as the people of the tenant see them.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Who it is.
    pub about: About,
    /// Addresses and log-ins, for the person and for those who may see people.
    pub personal: Option<Personal>,
    /// The newest unfinished runs that the person manages or tests; none without the permission.
    pub runs: Option<Vec<ProfileRun>>,
    /// The newest executions assigned to the person that are not done yet.
    pub assigned: Option<Vec<ProfileExecution>>,
    /// The newest results of the person in recent runs.
    pub results: Option<Vec<ProfileExecution>>,
    /// The newest plans of the person.
    pub plans: Option<Vec<Written>>,
    /// The newest cases of the person.
    pub cases: Option<Vec<Written>>,
}

/// Who a person is.
#[derive(Debug, Clone, macros::Row)]
pub struct About {
    /// Id of the account.
    pub id: Id,
    /// Log-in name.
    pub username: String,
    /// First and last name; may be empty.
    pub full_name: String,
    /// May log in.
    pub is_active: bool,
    /// May enter the tenant; false for somebody who has left it.
    pub is_authorised: bool,
    /// Names of the groups in this tenant.
    pub groups: Vec<String>,
}

/// What is not for everybody.
#[derive(Debug, Clone, PartialEq, Eq, macros::Row)]
pub struct Personal {
    /// Address.
    pub email: String,
    /// Last log-in.
    pub last_login: Option<DateTime<Utc>>,
    /// When the account was made.
    pub date_joined: DateTime<Utc>,
}

/// An unfinished run.
#[derive(Debug, Clone, macros::Row)]
pub struct ProfileRun {
    /// Id of the run.
    pub id: Id,
    /// Summary.
    pub summary: String,
    /// Name of the product.
    pub product: String,
    /// Name of the build.
    pub build: String,
    /// When it was started.
    pub start_date: Option<DateTime<Utc>>,
}

/// An execution.
#[derive(Debug, Clone, macros::Row)]
pub struct ProfileExecution {
    /// Id of the execution.
    pub id: Id,
    /// Id of its run.
    pub run_id: Id,
    /// Summary of the case.
    pub summary: String,
    /// Id of the status.
    pub status_id: Id,
    /// When it was done.
    pub stop_date: Option<DateTime<Utc>>,
}

/// A plan or a case.
#[derive(Debug, Clone, macros::Row)]
pub struct Written {
    /// Its id.
    pub id: Id,
    /// Name or summary.
    pub name: String,
    /// Name of the product.
    pub product: String,
}

/// The page of somebody whom this tenant knows, for those who may enter it.
pub async fn show(ctx: &mut Ctx, id: Id) -> Result<Profile> {
    let me = ctx.user()?;
    if !me.is_authorised {
        // who may read a tenant that is open to everybody does not see its people
        return Err(Error::Forbidden("auth.view_user"));
    }
    let about: Option<About> = sql::query_as(
        "SELECT m.id, m.username, trim(concat(m.first_name, ' ', m.last_name)) AS full_name,
                m.is_active, m.is_authorised,
                ARRAY(SELECT g.name::text
                      FROM group_member l
                      JOIN user_group g ON g.id = l.group_id
                      WHERE l.user_id = m.id
                      ORDER BY g.name) AS groups
         FROM member m
         WHERE m.id = $1",
    )
    .bind(id)
    .fetch_optional(ctx.conn())
    .await?;
    let about = about.ok_or(Error::NotFound { entity: "User" })?;
    let personal = if me.id == id || (ctx.may("auth.view_user") && about.is_authorised) {
        Some(personal(ctx, id).await?)
    } else {
        None
    };
    Ok(Profile {
        about,
        personal,
        runs: runs(ctx, id).await?,
        assigned: assigned(ctx, id).await?,
        results: results(ctx, id).await?,
        plans: plans(ctx, id).await?,
        cases: cases(ctx, id).await?,
    })
}

async fn personal(ctx: &mut Ctx, id: Id) -> Result<Personal> {
    let found = sql::query_as("SELECT email, last_login, date_joined FROM member WHERE id = $1")
        .bind(id)
        .fetch_one(ctx.conn())
        .await?;
    Ok(found)
}

async fn runs(ctx: &mut Ctx, id: Id) -> Result<Option<Vec<ProfileRun>>> {
    if !ctx.may("testruns.view_testrun") {
        return Ok(None);
    }
    let found = sql::query_as(
        "SELECT r.id, r.summary, d.name AS product, b.name AS build, r.start_date
         FROM test_run r
         JOIN build b ON b.id = r.build_id
         JOIN version v ON v.id = b.version_id
         JOIN product d ON d.id = v.product_id
         WHERE r.stop_date IS NULL
           AND (r.manager_id = $1 OR r.default_tester_id = $1)
         ORDER BY r.id DESC
         LIMIT $2",
    )
    .bind(id)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Some(found))
}

async fn assigned(ctx: &mut Ctx, id: Id) -> Result<Option<Vec<ProfileExecution>>> {
    if !ctx.may("testruns.view_testexecution") {
        return Ok(None);
    }
    let found = sql::query_as(
        "SELECT e.id, e.run_id, c.summary, e.status_id, e.stop_date
         FROM test_execution e
         JOIN test_execution_status s ON s.id = e.status_id
         JOIN test_run r ON r.id = e.run_id
         JOIN test_case c ON c.id = e.case_id
         WHERE e.assignee_id = $1
           AND s.weight = 0
           AND r.stop_date IS NULL
         ORDER BY e.id DESC
         LIMIT $2",
    )
    .bind(id)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Some(found))
}

/// Who tested what has no index, because that would slow down every result; so only recent runs are
/// looked through.
async fn results(ctx: &mut Ctx, id: Id) -> Result<Option<Vec<ProfileExecution>>> {
    if !ctx.may("testruns.view_testexecution") {
        return Ok(None);
    }
    let found = sql::query_as(
        "SELECT e.id, e.run_id, c.summary, e.status_id, e.stop_date
         FROM test_execution e
         JOIN test_execution_status s ON s.id = e.status_id
         JOIN test_case c ON c.id = e.case_id
         WHERE e.run_id IN (SELECT id FROM test_run ORDER BY id DESC LIMIT $3)
           AND e.tested_by_id = $1
           AND s.weight <> 0
         ORDER BY e.stop_date DESC NULLS LAST, e.id DESC
         LIMIT $2",
    )
    .bind(id)
    .bind(SHOWN)
    .bind(RECENT_RUNS)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Some(found))
}

async fn plans(ctx: &mut Ctx, id: Id) -> Result<Option<Vec<Written>>> {
    if !ctx.may("testplans.view_testplan") {
        return Ok(None);
    }
    let found = sql::query_as(
        "SELECT p.id, p.name, d.name AS product
         FROM test_plan p
         JOIN product d ON d.id = p.product_id
         WHERE p.author_id = $1
         ORDER BY p.id DESC
         LIMIT $2",
    )
    .bind(id)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Some(found))
}

async fn cases(ctx: &mut Ctx, id: Id) -> Result<Option<Vec<Written>>> {
    if !ctx.may("testcases.view_testcase") {
        return Ok(None);
    }
    let found = sql::query_as(
        "SELECT c.id, c.summary AS name, d.name AS product
         FROM test_case c
         JOIN category k ON k.id = c.category_id
         JOIN product d ON d.id = k.product_id
         WHERE c.author_id = $1
         ORDER BY c.id DESC
         LIMIT $2",
    )
    .bind(id)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Some(found))
}
