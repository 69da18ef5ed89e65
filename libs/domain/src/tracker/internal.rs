//! The built-in tracker: its issues are the bugs of this tenant.

use entity::{Fk, Id, sql};
use futures_util::future::{BoxFuture, FutureExt as _};
use url::Url;

use super::{Details, Filed, Report, Tracker};
use crate::bug::{self, Bug};
use crate::link_reference::LinkReference;
use crate::{Ctx, Error, Result};

/// The built-in tracker.
pub(super) struct Internal;

impl Tracker for Internal {
    fn details<'a>(
        &'a self,
        ctx: &'a mut Ctx,
        url: &'a Url,
    ) -> BoxFuture<'a, Result<Option<Details>>> {
        details(ctx, url).boxed()
    }

    fn report<'a>(&'a self, ctx: &'a mut Ctx, report: &'a Report) -> BoxFuture<'a, Result<Filed>> {
        file(ctx, report).boxed()
    }

    fn linked<'a>(
        &'a self,
        ctx: &'a mut Ctx,
        link: &'a LinkReference,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let url = Url::parse(&link.url)
                .map_err(|_| Error::refused(format!("{} is no URL", link.url)))?;
            bug::connect(ctx, number(&url)?, link.execution.id()).await
        }
        .boxed()
    }
}

/// The number at the end of a URL, 0 for one that no bug can have.
fn number(url: &Url) -> Result<Id> {
    let last = url.path().trim_end_matches('/').rsplit('/').next();
    let digits =
        last.filter(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()));
    let digits = digits
        .ok_or_else(|| Error::refused(format!("{url} does not end in the number of a bug")))?;
    Ok(digits.parse().unwrap_or_default())
}

#[derive(macros::Row)]
struct Facts {
    id: Id,
    summary: String,
    is_open: bool,
    created_at: String,
    reporter: String,
    assignee: Option<String>,
    product: String,
    version: String,
    build: String,
}

async fn details(ctx: &mut Ctx, url: &Url) -> Result<Option<Details>> {
    let found: Option<Facts> = sql::query_as(
        "SELECT b.id, b.summary, b.status AS is_open,
                to_char(b.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS created_at,
                r.username AS reporter, a.username AS assignee,
                p.name AS product, v.value AS version, d.name AS build
         FROM bug b
         JOIN member r ON r.id = b.reporter_id
         LEFT JOIN member a ON a.id = b.assignee_id
         JOIN product p ON p.id = b.product_id
         JOIN version v ON v.id = b.version_id
         JOIN build d ON d.id = b.build_id
         WHERE b.id = $1",
    )
    .bind(number(url)?)
    .fetch_optional(ctx.conn())
    .await?;
    Ok(found.map(|facts| {
        let status = if facts.is_open { "Open" } else { "Closed" };
        let lines = [
            Some(format!("Status: {status}")),
            Some(format!("Created on: {}", facts.created_at)),
            Some(format!("Reporter: {}", facts.reporter)),
            facts.assignee.map(|name| format!("Assignee: {name}")),
            Some(format!("Product: {}", facts.product)),
            Some(format!("Version: {}", facts.version)),
            Some(format!("Build: {}", facts.build)),
        ];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        Details {
            id: facts.id.into(),
            title: facts.summary,
            description: lines.join("\n\n"),
            status: status.to_owned(),
            url: url.to_string(),
            error: None,
        }
    }))
}

async fn file(ctx: &mut Ctx, report: &Report) -> Result<Filed> {
    let mut bug = Bug {
        id: 0,
        summary: report.title(),
        created_at: ctx.now,
        status: true,
        reporter: Fk::new(ctx.user()?.id),
        assignee: report.owner_id.map(Fk::new),
        product: Fk::new(report.product_id),
        version: Fk::new(report.version_id),
        build: Fk::new(report.build_id),
        severity: None,
    };
    bug::report(ctx, &mut bug, report.text()).await?;
    bug::connect(ctx, bug.id, report.execution).await?;
    Ok(Filed::At(format!(
        "https://{}/bugs/{}/",
        report.site, bug.id
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bugs_are_known_by_the_number_at_the_end() {
        let of = |url: &str| number(&Url::parse(url).expect("a URL")).ok();
        assert_eq!(of("https://k.example/bugs/7"), Some(7));
        assert_eq!(of("https://k.example/bugs/7/?a=8#9"), Some(7));
        assert_eq!(of("https://k.example/bugs/99999999999/"), Some(0));
        assert_eq!(of("https://k.example/bugs/"), None);
        assert_eq!(of("https://k.example/bugs/-7/"), None);
        assert_eq!(of("https://k.example/"), None);
    }
}
