//! Recording results.

use std::borrow::Cow;

use entity::{Id, Map, Value};

use super::TestExecution;
use crate::form::Form;
use crate::test_run::TestRun;
use crate::{Ctx, Result, test_case};

/// Changes the given fields of an execution.
///
/// A status without a tester is the caller's result, and without a build it is recorded on the
/// current build of the run; `case_text_version` may be `latest`. Dates are never set here.
pub async fn update(ctx: &mut Ctx, execution: Id, values: &Map) -> Result<TestExecution> {
    let old: TestExecution = ctx.get_for_update(execution).await?;
    let mut values = Cow::Borrowed(values);
    let empty = |values: &Map, name: &str| {
        values.get(name).is_none_or(|value| match value {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        })
    };
    if values.get("case_text_version").and_then(Value::as_text) == Some("latest") {
        let newest = test_case::newest_version(ctx, old.case.id()).await?;
        values
            .to_mut()
            .insert("case_text_version".into(), newest.into());
    }
    if !empty(&values, "status") {
        if empty(&values, "tested_by") {
            values
                .to_mut()
                .insert("tested_by".into(), ctx.user()?.id.into());
        }
        if empty(&values, "build") {
            let run: TestRun = ctx.get(old.run.id()).await?;
            values
                .to_mut()
                .insert("build".into(), run.build.id().into());
        }
    }
    let mut new = old.clone();
    let form = Form::update(&values).users(&["assignee", "tested_by"]);
    form.apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    Ok(new)
}
