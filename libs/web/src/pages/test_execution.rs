//! One execution: the right half of the run page, and its form without scripts.

use std::fmt::Write as _;

use axum::extract::{OriginalUri, Path, Request};
use axum::response::Response;
use domain::Ctx;
use domain::test_execution::panel::{Event, details, neighbours};
use domain::test_execution::{Outcome, record as record_results};
use entity::Id;
use http::StatusCode;
use views::page::{
    Change, Comment, ExecutionPanel, HistoryEntry, Link, Named, Neighbours, PanelFragment, Person,
    Property,
};
use views::{SafeHtml, Statuses};

use super::{id, ids, link, person, statuses, test_run};
use crate::error::{Error, Result};
use crate::failures::see;
use crate::form::Form;
use crate::next_page;
use crate::visitor::Visitor;

/// `GET /ui/executions/<id>/panel/?status_id=…`
pub(crate) async fn panel(
    visitor: Visitor,
    Path(execution): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    let filter = ids(uri.query(), "status_id");
    let mut ctx = visitor.request.begin_read().await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let panel = read(&mut ctx, id(&execution)?, &statuses, &filter).await?;
    let panel = panel.ok_or(Error::NotFound)?;
    let html = visitor.fragment(&PanelFragment { panel })?;
    ctx.commit().await?;
    Ok(visitor.html(StatusCode::OK, html))
}

/// Reads one execution; `None` if its status has just been deleted.
pub(super) async fn read(
    ctx: &mut Ctx,
    execution: Id,
    statuses: &Statuses,
    filter: &[Id],
) -> Result<Option<ExecutionPanel>> {
    let details = details(ctx, execution).await?;
    let place = neighbours(ctx, details.run_id, execution, filter).await?;
    let Some(status) = statuses.get(details.status_id).cloned() else {
        return Ok(None);
    };
    let comments = details.comments.into_iter().map(|comment| {
        let author = Person::new(0, comment.user_name, "");
        Comment {
            id: comment.id,
            author: author.name,
            initials: author.initials,
            submitted: comment.submit_date,
            text: SafeHtml::from_markdown(&comment.comment),
        }
    });
    let links = details.links.into_iter().filter_map(|found| {
        let url = link(found.url)?;
        let name = if found.name.is_empty() {
            url.clone()
        } else {
            found.name
        };
        Some(Link {
            id: found.id,
            name,
            url,
            defect: found.is_defect,
        })
    });
    let properties = details.properties.into_iter();
    Ok(Some(ExecutionPanel {
        id: details.id,
        back: format!("/runs/{}/", details.run_id),
        run: Named::new(details.run_id, details.run),
        case_id: details.case_id,
        summary: details.summary,
        text: SafeHtml::from_markdown(&details.text),
        notes: SafeHtml::from_markdown(&details.notes),
        text_version: Some(details.text_version),
        outdated: details.outdated,
        status,
        statuses: statuses.clone(),
        priority: details.priority,
        category: details.category,
        automated: details.is_automated,
        build: details.build,
        assignee: person(
            details.assignee_id,
            details.assignee,
            details.assignee_name.as_deref(),
        ),
        tested_by: person(
            details.tested_by_id,
            details.tested_by,
            details.tested_by_name.as_deref(),
        ),
        started: details.start_date,
        finished: details.stop_date,
        properties: properties
            .map(|(name, value)| Property { name, value })
            .collect(),
        comments: comments.collect(),
        links: links.collect(),
        history: details
            .history
            .map(|events| events.into_iter().map(entry).collect()),
        neighbours: place.map(|place| Neighbours {
            position: place.position,
            total: place.total,
            previous: place.previous,
            next: place.next,
        }),
        filter: filter.to_vec(),
        can: test_run::rights(ctx),
    }))
}

fn entry(event: Event) -> HistoryEntry {
    let change = |(field, old, new): (&'static str, String, String)| Change {
        field: field.to_owned(),
        old,
        new,
    };
    HistoryEntry {
        at: event.at,
        by: event.by.unwrap_or_default(),
        changes: event.changes.into_iter().map(change).collect(),
    }
}

/// `POST /ui/executions/<id>/result/`: the form of the panel, for browsers without scripts.
pub(crate) async fn record(
    visitor: Visitor,
    Path(execution): Path<String>,
    request: Request,
) -> Result<Response> {
    let execution = id(&execution)?;
    let form = Form::read(&visitor, request).await?;
    visitor.user()?;
    let status = form.get("status").filter(|status| !status.is_empty());
    let status = status.map(id).transpose()?;
    let comment = form
        .get("comment")
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned);
    let mut ctx = visitor.request.begin().await?;
    let run = details(&mut ctx, execution).await?.run_id;
    if status.is_some() || comment.is_some() {
        record_results(
            &mut ctx,
            run,
            &[Outcome {
                execution,
                status,
                comment,
            }],
        )
        .await?;
    }
    ctx.commit().await?;
    let mut back = match next_page::safe(form.get("next").unwrap_or_default()) {
        "/" => format!("/runs/{run}/"),
        next => next.to_owned(),
    };
    let separator = if back.contains('?') { '&' } else { '?' };
    let _ = write!(back, "{separator}focus={execution}");
    for status in form.all("status_id").filter_map(|text| id(text).ok()) {
        let _ = write!(back, "&status_id={status}");
    }
    Ok(see(StatusCode::SEE_OTHER, &back))
}
