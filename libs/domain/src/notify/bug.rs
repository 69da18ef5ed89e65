//! Mail about bugs of the built-in tracker.

use chrono::{DateTime, Utc};
use entity::{Id, sql};

use super::{Audience, actor, send};
use crate::comment::Subject;
use crate::mail::{Letter, moment};
use crate::{Ctx, Result};

/// What is told about a bug.
#[derive(macros::Row)]
struct Facts {
    summary: String,
    created_at: DateTime<Utc>,
    reporter: String,
    assignee: Option<String>,
    product: String,
    version: String,
    build: String,
    people: Vec<String>,
}

/// Somebody commented on a bug: to everybody who ever did, its reporter and its assignee; also to
/// whoever comments.
pub(crate) async fn bug_commented(ctx: &mut Ctx, bug: Id, comment: &str) -> Result<()> {
    let facts: Facts = sql::query_as(
        "SELECT b.summary, b.created_at, r.username AS reporter, a.username AS assignee,
                p.name AS product, v.value AS version, u.name AS build,
                ARRAY(SELECT m.email::text
                      FROM (SELECT b.reporter_id AS id
                            UNION
                            SELECT b.assignee_id
                            UNION
                            SELECT c.user_id
                            FROM comment c
                            WHERE c.kind = $2 AND c.object_id = b.id) AS named
                      JOIN member m ON m.id = named.id
                      WHERE m.is_active
                        AND m.is_authorised
                        AND m.email <> ''
                      ORDER BY m.email) AS people
         FROM bug b
         JOIN product p ON p.id = b.product_id
         JOIN version v ON v.id = b.version_id
         JOIN build u ON u.id = b.build_id
         JOIN member r ON r.id = b.reporter_id
         LEFT JOIN member a ON a.id = b.assignee_id
         WHERE b.id = $1",
    )
    .bind(bug)
    .bind(Subject::Bug.kind())
    .fetch_one(ctx.conn())
    .await?;
    let by = actor(ctx);
    let audience = Audience::of_people(facts.people);
    send(ctx, audience, &format!("bug-{bug}"), |base| {
        Letter::BugCommented {
            id: bug,
            url: format!("{base}/bugs/{bug}/"),
            title: facts.summary,
            created_at: moment(facts.created_at),
            reporter: facts.reporter,
            assignee: facts.assignee,
            product: facts.product,
            version: facts.version,
            build: facts.build,
            by,
            comment: comment.to_owned(),
        }
    })
    .await
}
