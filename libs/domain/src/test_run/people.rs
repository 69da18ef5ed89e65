//! Tags, properties and CC people of a run.

use entity::{Fk, Id, sql};

use super::{TestRun, TestRunCc, TestRunProperty, TestRunTag};
use crate::tag::{self, Tag};
use crate::{Ctx, Result};

/// The tags of a run, by name.
pub async fn tags(ctx: &mut Ctx, run: Id) -> Result<Vec<Tag>> {
    let rows: Vec<(Id, String)> = sql::query_as(
        "SELECT t.id, t.name
         FROM tag t
         JOIN test_run_tag l ON l.tag_id = t.id
         WHERE l.run_id = $1
         ORDER BY t.name",
    )
    .bind(run)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name)| Tag { id, name })
        .collect())
}

/// Attaches a tag by name and returns all tags of the run.
pub async fn add_tag(ctx: &mut Ctx, run: Id, name: &str) -> Result<Vec<Tag>> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<TestRun>(run).await?;
    let mut link = TestRunTag {
        id: 0,
        tag: Fk::new(tag.id),
        run: Fk::new(run),
    };
    crate::link::attach(ctx, &mut link, &["tag", "run"]).await?;
    tags(ctx, run).await
}

/// Detaches a tag and returns the remaining ones.
pub async fn remove_tag(ctx: &mut Ctx, run: Id, tag: &Tag) -> Result<Vec<Tag>> {
    ctx.get::<TestRun>(run).await?;
    crate::link::detach::<TestRunTag>(ctx, &[("run_id", run.into()), ("tag_id", tag.id.into())])
        .await?;
    tags(ctx, run).await
}

/// Adds a person to those who hear about the run.
pub async fn add_cc(ctx: &mut Ctx, run: Id, user: Id) -> Result<()> {
    let mut link = TestRunCc {
        id: 0,
        run: Fk::new(run),
        user: Fk::new(user),
    };
    crate::link::attach(ctx, &mut link, &["run", "user"]).await
}

/// Removes a person from those who hear about the run.
pub async fn remove_cc(ctx: &mut Ctx, run: Id, user: Id) -> Result<()> {
    crate::link::detach::<TestRunCc>(ctx, &[("run_id", run.into()), ("user_id", user.into())]).await
}

/// Addresses of the people who hear about the run, by user name.
pub async fn cc(ctx: &mut Ctx, run: Id) -> Result<Vec<String>> {
    ctx.get::<TestRun>(run).await?;
    let rows: Vec<(String,)> = sql::query_as(
        "SELECT m.email
         FROM member m
         JOIN test_run_cc l ON l.user_id = m.id
         WHERE l.run_id = $1
         ORDER BY m.username",
    )
    .bind(run)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().map(|(email,)| email).collect())
}

/// Adds a property; an equal one is returned as it is.
pub async fn add_property(
    ctx: &mut Ctx,
    run: Id,
    name: String,
    value: String,
) -> Result<TestRunProperty> {
    let mut row = TestRunProperty {
        id: 0,
        run: Fk::new(run),
        name,
        value,
    };
    crate::link::attach(ctx, &mut row, &["run", "name", "value"]).await?;
    Ok(row)
}
