//! The page of a run, and what its script sends.

use axum::extract::{OriginalUri, Path, Request};
use axum::response::{IntoResponse, Response};
use domain::Ctx;
use domain::test_execution::Outcome;
use domain::test_run::TestRun;
use domain::test_run::page::{ExecutionLine, RunDetails, counts, details, lines, some_lines};
use entity::Id;
use http::header;
use serde::Deserialize;
use views::page::{
    Attachments, ExecutionPanel, ExecutionRights, ExecutionRow, Named, ProgressFragment, Property,
    RowsFragment, RunPage,
};
use views::{Progress, SafeHtml, Statuses};

use super::{attachment, id, ids, pairs, person, statuses, test_execution};
use crate::body;
use crate::error::{Error, Result};
use crate::visitor::Visitor;

/// Results that one request may bring.
const MOST_RESULTS: usize = 1000;

/// `GET /runs/<id>/?status_id=…&focus=…`
pub(crate) async fn show(
    visitor: Visitor,
    Path(run): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    let run = id(&run)?;
    let filter = ids(uri.query(), "status_id");
    let focus = ids(uri.query(), "focus").first().copied();
    let mut ctx = visitor.request.begin_read().await?;
    let details = details(&mut ctx, run).await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let lines = lines(&mut ctx, run, &filter).await?;
    let panel = match focus {
        Some(execution) => {
            let panel = test_execution::read(&mut ctx, execution, &statuses, &filter).await?;
            Some(
                panel
                    .filter(|panel| panel.run.id == run)
                    .ok_or(Error::NotFound)?,
            )
        }
        None => None,
    };
    let files = attachment::shown::<TestRun>(&visitor, &mut ctx, run).await?;
    let page = visitor.page(&fill(&ctx, details, lines, panel, statuses, filter, files))?;
    ctx.commit().await?;
    Ok(page)
}

fn fill(
    ctx: &Ctx,
    run: RunDetails,
    lines: Vec<ExecutionLine>,
    panel: Option<ExecutionPanel>,
    statuses: Statuses,
    filter: Vec<Id>,
    attachments: Option<Attachments>,
) -> RunPage {
    let focus = panel.as_ref().map(|panel| panel.id);
    let properties = run.property_names.into_iter().zip(run.property_values);
    let manager = person(
        Some(run.manager_id),
        Some(run.manager),
        Some(&run.manager_name),
    );
    let tester = run.default_tester_name.as_deref();
    RunPage {
        id: run.id,
        summary: run.summary,
        notes: SafeHtml::from_markdown(&run.notes),
        plan: Named::new(run.plan_id, run.plan),
        product: Named::new(run.product_id, run.product),
        version: Named::new(run.version_id, run.version),
        build: Named::new(run.build_id, run.build),
        manager,
        default_tester: person(run.default_tester_id, run.default_tester, tester),
        planned_start: run.planned_start,
        started: run.start_date,
        planned_stop: run.planned_stop,
        finished: run.stop_date,
        properties: properties
            .map(|(name, value)| Property { name, value })
            .collect(),
        tags: run.tags,
        attachments,
        progress: Progress::new(&statuses, &pairs(&run.counts), &filter),
        executions: rows(lines, &statuses, focus),
        statuses,
        filter,
        panel,
        can: rights(ctx),
    }
}

/// What the visitor may do with executions.
pub(super) fn rights(ctx: &Ctx) -> ExecutionRights {
    ExecutionRights {
        change: ctx.may("testruns.change_testexecution"),
        comment: ctx.may("django_comments.add_comment"),
    }
}

fn rows(lines: Vec<ExecutionLine>, statuses: &Statuses, focus: Option<Id>) -> Vec<ExecutionRow> {
    let row = |line: ExecutionLine| {
        Some(ExecutionRow {
            status: statuses.get(line.status_id)?.clone(),
            focused: focus == Some(line.id),
            id: line.id,
            case_id: line.case_id,
            summary: line.summary,
            priority: line.priority,
            category: line.category,
            assignee: line.assignee,
            tested_by: line.tested_by,
        })
    };
    lines.into_iter().filter_map(row).collect()
}

/// One result, as the script of the page sends it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    execution: Id,
    #[serde(default)]
    status: Option<Id>,
    #[serde(default)]
    comment: Option<String>,
}

/// `POST /ui/runs/<id>/results/`: records results; answers with the changed rows and the progress.
pub(crate) async fn record(visitor: Visitor, Path(run): Path<String>, request: Request) -> Result {
    let run = id(&run)?;
    visitor.user()?;
    let headers = request.headers().clone();
    visitor.check_origin(&headers, None)?;
    let content = body::read(&visitor.app, request).await?;
    let sent: Vec<Sent> = serde_json::from_slice(&content)
        .map_err(|error| Error::BadRequest(format!("the results cannot be read: {error}")))?;
    if sent.is_empty() || sent.len() > MOST_RESULTS {
        let text = format!("from 1 to {MOST_RESULTS} results can be recorded at once");
        return Err(Error::BadRequest(text));
    }
    let changed: Vec<Id> = sent.iter().map(|result| result.execution).collect();
    let outcomes: Vec<Outcome> = sent
        .into_iter()
        .map(|sent| Outcome {
            execution: sent.execution,
            status: sent.status,
            comment: sent.comment,
        })
        .collect();
    let mut ctx = visitor.request.begin().await?;
    domain::test_execution::record(&mut ctx, run, &outcomes).await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let lines = some_lines(&mut ctx, run, &changed).await?;
    let counts = counts(&mut ctx, run).await?;
    let progress = Progress::new(&statuses, &pairs(&counts), &[]);
    let executions = rows(lines, &statuses, None);
    let answer = answer(
        &visitor,
        RowsFragment { executions },
        &ProgressFragment { id: run, progress },
    )?;
    ctx.commit().await?;
    Ok(answer)
}

fn answer(visitor: &Visitor, rows: RowsFragment, progress: &ProgressFragment) -> Result<Response> {
    let changed: Vec<serde_json::Value> = rows
        .executions
        .into_iter()
        .map(|row| {
            let id = row.id;
            let html = visitor.fragment(&RowsFragment {
                executions: vec![row],
            })?;
            Ok(serde_json::json!({ "id": id, "html": html }))
        })
        .collect::<Result<_>>()?;
    let body = serde_json::json!({
        "rows": changed,
        "progress": visitor.fragment(progress)?,
        "conflicts": [],
    });
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response())
}
