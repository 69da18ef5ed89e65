//! `Testing.*`

use std::collections::BTreeMap;

use domain::query::{self, Selection};
use domain::telemetry;
use domain::test_execution::TestExecution;
use domain::test_execution_status::{self, TestExecutionStatus};
use domain::{Ctx, Result};
use entity::{Id, Map, Table, Value};
use macros::rpc;

use super::argument::{Query, conditions};
use crate::Method;

/// Numbers of cases by automation, priority and category, confirmed ones and others.
#[rpc("Testing.breakdown", login, read)]
async fn breakdown(ctx: &mut Ctx, query: Option<Query>) -> Result<Value> {
    let rows = telemetry::breakdown(ctx, &conditions(query)).await?;
    let sum = |automated: bool| -> i64 {
        rows.iter()
            .filter(|row| row.is_automated == automated)
            .map(|row| row.count)
            .sum()
    };
    let by = |confirmed: bool, label: fn(&telemetry::Breakdown) -> &str| -> Value {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.is_confirmed == confirmed) {
            *counts.entry(label(row)).or_default() += row.count;
        }
        Value::Map(
            counts
                .into_iter()
                .map(|(k, v)| (k.to_owned().into(), v.into()))
                .collect(),
        )
    };
    let both = |label: fn(&telemetry::Breakdown) -> &str| {
        Value::object([("CONFIRMED", by(true, label)), ("OTHER", by(false, label))])
    };
    let (manual, automated) = (sum(false), sum(true));
    Ok(Value::object([
        (
            "count",
            Value::object([
                ("manual", manual.into()),
                ("automated", automated.into()),
                ("all", (manual + automated).into()),
            ]),
        ),
        ("priorities", both(|row| &row.priority)),
        ("categories", both(|row| &row.category)),
    ]))
}

/// Which case had which status in which run.
#[rpc("Testing.status_matrix", login, read)]
async fn status_matrix(ctx: &mut Ctx, query: Option<Query>) -> Result<Value> {
    let matrix = telemetry::status_matrix(ctx, &conditions(query)).await?;
    let statuses = statuses(ctx).await?;
    let case = |(id, summary): (Id, String)| {
        Value::object([("case_id", id.into()), ("case__summary", summary.into())])
    };
    let mut executions = Map::with_capacity(matrix.cells.len());
    for cell in matrix.cells {
        let key = format!("{}-{}", cell.case_id, cell.run_id);
        let execution = Value::object([
            ("pk", cell.id.into()),
            ("case_id", cell.case_id.into()),
            ("run_id", cell.run_id.into()),
            ("status_id", cell.status_id.into()),
            ("key", key.clone().into()),
        ]);
        executions.insert(key.into(), execution);
    }
    let (mut plans, mut runs) = (BTreeMap::new(), BTreeMap::new());
    for (id, summary, plan) in matrix.runs {
        plans.insert(id, Value::from(plan));
        runs.insert(id, Value::from(summary));
    }
    let by_id = |map: BTreeMap<Id, Value>| -> Value {
        Value::Map(
            map.into_iter()
                .map(|(id, value)| (id.to_string().into(), value))
                .collect(),
        )
    };
    let colours = statuses
        .into_iter()
        .map(|status| (status.id, status.color.into()))
        .collect();
    Ok(Value::object([
        (
            "cases",
            Value::List(matrix.cases.into_iter().map(case).collect()),
        ),
        ("executions", executions.into()),
        ("plans", by_id(plans)),
        ("runs", by_id(runs)),
        ("statusColors", by_id(colours)),
    ]))
}

/// All statuses by ascending weight, then name: the order of charts.
async fn statuses(ctx: &mut Ctx) -> Result<Vec<TestExecutionStatus>> {
    let mut statuses = test_execution_status::all(ctx).await?;
    statuses.sort_by(|a, b| a.weight.cmp(&b.weight).then_with(|| a.name.cmp(&b.name)));
    Ok(statuses)
}

/// Numbers of executions by run and status.
#[rpc("Testing.execution_trends", login, read)]
async fn execution_trends(ctx: &mut Ctx, query: Option<Query>) -> Result<Value> {
    let rows = telemetry::trends(ctx, &conditions(query)).await?;
    let statuses = statuses(ctx).await?;
    let mut runs: Vec<Id> = rows.iter().map(|(run, ..)| *run).collect();
    runs.dedup();
    let line = |status: Option<Id>| -> Value {
        let mut numbers = vec![0; runs.len()];
        let counted = |(_, of, _): &&(Id, Id, i64)| status.is_none_or(|id| id == *of);
        for (run, _, number) in rows.iter().filter(counted) {
            if let Ok(position) = runs.binary_search(run) {
                numbers[position] += number;
            }
        }
        Value::List(numbers.into_iter().map(Value::from).collect())
    };
    let mut data_set: Map = statuses
        .iter()
        .map(|status| (status.name.clone().into(), line(Some(status.id))))
        .collect();
    data_set.insert("TOTAL".into(), line(None));
    let mut colours: Vec<Value> = statuses
        .iter()
        .map(|status| status.color.clone().into())
        .collect();
    colours.push("black".into());
    let count = |sign: i32| -> Value {
        let of_sign = |id: Id| {
            statuses
                .iter()
                .any(|status| status.id == id && status.weight.signum() == sign)
        };
        let sum: i64 = rows
            .iter()
            .filter(|(_, id, _)| of_sign(*id))
            .map(|(.., n)| n)
            .sum();
        sum.into()
    };
    Ok(Value::object([
        (
            "categories",
            Value::List(runs.iter().map(|run| (*run).into()).collect()),
        ),
        ("data_set", data_set.into()),
        ("colors", colours.into()),
        (
            "status_count",
            Value::object([
                ("positive", count(1)),
                ("negative", count(-1)),
                ("neutral", count(0)),
            ]),
        ),
    ]))
}

/// The cases that fail most, worst first.
#[rpc("Testing.test_case_health", login, read)]
async fn test_case_health(ctx: &mut Ctx, query: Option<Query>) -> Result<Vec<Value>> {
    let rows = telemetry::case_health(ctx, &conditions(query)).await?;
    let object = |row: telemetry::Health| {
        Value::object([
            ("case_id", row.case_id.into()),
            ("case_summary", row.case_summary.into()),
            (
                "count",
                Value::object([("all", row.all.into()), ("fail", row.failed.into())]),
            ),
        ])
    };
    Ok(rows.into_iter().map(object).collect())
}

/// Every execution with the name and weight of its status.
#[rpc(
    "Testing.individual_test_case_health",
    login,
    read,
    function = "individual_test_case_health_simple"
)]
async fn individual_test_case_health(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    const ROW: Selection = Selection {
        columns: &[
            "run__plan",
            "case AS case_id",
            "status__name",
            "status__weight",
        ],
        distinct: false,
        order: &["case", "run__plan", "status__weight"],
    };
    query::select::<TestExecution>(ctx, &conditions(query), &ROW).await
}

pub(super) const METHODS: &[Method] = &[
    BREAKDOWN,
    STATUS_MATRIX,
    EXECUTION_TRENDS,
    TEST_CASE_HEALTH,
    INDIVIDUAL_TEST_CASE_HEALTH,
];
