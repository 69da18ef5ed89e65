//! What an execution refers to, by name.

use entity::{Id, sql};

use crate::tag::Tag;
use crate::{Ctx, Result};

/// The names of what an execution refers to, and its tags.
#[derive(Debug, Clone, macros::Row)]
pub struct References {
    /// User name of who ought to do it.
    pub assignee: Option<String>,
    /// User name of who did it.
    pub tested_by: Option<String>,
    /// Summary of the case.
    pub case: String,
    /// Name of the build.
    pub build: String,
    /// Name of the status.
    pub status: String,
    tag_ids: Vec<Id>,
    tag_names: Vec<String>,
}

impl References {
    /// The tags by name.
    pub fn tags(&self) -> Vec<Tag> {
        let pairs = self.tag_ids.iter().zip(&self.tag_names);
        pairs
            .map(|(id, name)| Tag {
                id: *id,
                name: name.clone(),
            })
            .collect()
    }
}

/// The names of what an execution refers to.
pub async fn references(ctx: &mut Ctx, execution: Id) -> Result<References> {
    Ok(sql::query_as(
        "SELECT a.username AS assignee, t.username AS tested_by, c.summary AS case,
                b.name AS build, s.name AS status,
                ARRAY(SELECT g.id
                      FROM test_execution_tag l
                      JOIN tag g ON g.id = l.tag_id
                      WHERE l.execution_id = e.id
                      ORDER BY g.name) AS tag_ids,
                ARRAY(SELECT g.name::text
                      FROM test_execution_tag l
                      JOIN tag g ON g.id = l.tag_id
                      WHERE l.execution_id = e.id
                      ORDER BY g.name) AS tag_names
         FROM test_execution e
         JOIN test_case c ON c.id = e.case_id
         JOIN build b ON b.id = e.build_id
         JOIN test_execution_status s ON s.id = e.status_id
         LEFT JOIN member a ON a.id = e.assignee_id
         LEFT JOIN member t ON t.id = e.tested_by_id
         WHERE e.id = $1",
    )
    .bind(execution)
    .fetch_one(ctx.conn())
    .await?)
}
