//! Mail about cases.

use entity::{Id, sql};

use super::{Audience, Note, actor, changes, send, send_all};
use crate::mail::{Letter, moment};
use crate::test_case::TestCase;
use crate::{Ctx, Result};

/// A case and whom its settings name.
struct Concerned {
    id: Id,
    title: String,
    on_update: bool,
    on_delete: bool,
    audience: Audience,
}

/// The cases with their audiences: author, default tester, managers and default testers of the runs
/// and assignees of the executions that they are in, as far as their settings say so; and the CC
/// lists.
async fn concerned(ctx: &mut Ctx, cases: &[Id]) -> Result<Vec<Concerned>> {
    let rows: Vec<(Id, String, bool, bool, String, Vec<String>)> = sql::query_as(
        "SELECT c.id, c.summary, c.notify_on_case_update, c.notify_on_case_delete, c.cc_list,
                ARRAY(SELECT m.email::text
                      FROM (SELECT c.author_id AS id
                            WHERE c.auto_to_case_author
                            UNION
                            SELECT c.default_tester_id
                            WHERE c.auto_to_case_tester
                            UNION
                            SELECT r.manager_id
                            FROM test_execution e
                            JOIN test_run r ON r.id = e.run_id
                            WHERE e.case_id = c.id AND c.auto_to_run_manager
                            UNION
                            SELECT r.default_tester_id
                            FROM test_execution e
                            JOIN test_run r ON r.id = e.run_id
                            WHERE e.case_id = c.id AND c.auto_to_run_tester
                            UNION
                            SELECT e.assignee_id
                            FROM test_execution e
                            WHERE e.case_id = c.id AND c.auto_to_execution_assignee) AS named
                      JOIN member m ON m.id = named.id
                      WHERE m.is_active
                        AND m.is_authorised
                        AND m.email <> ''
                      ORDER BY m.email)
         FROM test_case c
         WHERE c.id = ANY($1)
         ORDER BY c.id",
    )
    .bind(cases)
    .fetch_all(ctx.conn())
    .await?;
    let with_audience = |(id, title, on_update, on_delete, cc, people): (_, _, _, _, String, _)| {
        let cc = cc.split(',').filter(|address| !address.is_empty());
        let cc = cc.map(str::to_owned).collect();
        Concerned {
            id,
            title,
            on_update,
            on_delete,
            audience: Audience { people, cc }.without_caller(ctx),
        }
    };
    Ok(rows.into_iter().map(with_audience).collect())
}

fn thread(case: Id) -> String {
    format!("test-case-{case}")
}

fn url(base: &str, case: Id) -> String {
    format!("{base}/case/{case}/")
}

/// A case was made: to the people of the case, whatever its switches for changes say.
pub(crate) async fn test_case_created(ctx: &mut Ctx, case: &TestCase) -> Result<()> {
    let is_own = |person: Id| Some(person) == ctx.caller().id();
    let tester = case.default_tester.map(entity::Fk::id);
    if is_own(case.author.id()) && tester.is_none_or(is_own) {
        // a new case concerns nobody else
        return Ok(());
    }
    let Some(concerned) = concerned(ctx, &[case.id]).await?.pop() else {
        return Ok(());
    };
    let (product, category, priority, default_tester): (String, String, String, Option<String>) =
        sql::query_as(
            "SELECT p.name, g.name, y.value, m.username
             FROM test_case c
             JOIN category g ON g.id = c.category_id
             JOIN product p ON p.id = g.product_id
             JOIN priority y ON y.id = c.priority_id
             LEFT JOIN member m ON m.id = c.default_tester_id
             WHERE c.id = $1",
        )
        .bind(case.id)
        .fetch_one(ctx.conn())
        .await?;
    send(ctx, concerned.audience, &thread(case.id), |base| {
        Letter::TestCaseCreated {
            id: case.id,
            url: url(base, case.id),
            title: case.summary.clone(),
            product,
            category,
            priority,
            default_tester,
            text: case.text.clone(),
        }
    })
    .await
}

/// A case was saved again.
pub(crate) async fn test_case_saved(ctx: &mut Ctx, old: &TestCase, case: &TestCase) -> Result<()> {
    updated(ctx, case.id, changes(old, case), None).await
}

/// Somebody commented on a case.
pub(crate) async fn test_case_commented(ctx: &mut Ctx, case: Id, comment: &str) -> Result<()> {
    updated(ctx, case, String::new(), Some(comment.to_owned())).await
}

async fn updated(ctx: &mut Ctx, case: Id, changes: String, comment: Option<String>) -> Result<()> {
    let concerned = concerned(ctx, &[case]).await?.pop();
    let Some(concerned) = concerned.filter(|concerned| concerned.on_update) else {
        return Ok(());
    };
    let (at, by) = (moment(ctx.now), actor(ctx));
    send(ctx, concerned.audience, &thread(case), |base| {
        Letter::Updated {
            kind: "TestCase".to_owned(),
            id: case,
            url: url(base, case),
            title: concerned.title,
            at,
            by,
            changes,
            comment,
        }
    })
    .await
}

/// Cases are about to be deleted.
pub(crate) async fn test_cases_deleted(ctx: &mut Ctx, cases: &[Id]) -> Result<()> {
    if cases.is_empty() {
        return Ok(());
    }
    let by = actor(ctx);
    let concerned = concerned(ctx, cases).await?.into_iter();
    let notes = concerned.filter(|case| case.on_delete).map(|case| Note {
        thread: thread(case.id),
        letter: Letter::TestCaseDeleted {
            id: case.id,
            title: case.title,
            by: by.clone(),
        },
        audience: case.audience,
    });
    send_all(ctx, notes.collect()).await
}
