//! What is measured, and what it may cost.

use serde_json::{Value, json};

use super::server::{PASSWORD, Session, USER};

/// Rows of one bulk call.
const BULK: u64 = 5_000;

/// One kind of request.
pub(super) struct Call {
    /// As in the table.
    pub(super) name: &'static str,
    /// CPU milliseconds per request that it may cost.
    pub(super) target_ms: f64,
    /// The n-th request.
    pub(super) request: fn(&Session, u64) -> Request,
}

/// A request without the parts that are the same for all.
pub(super) enum Request {
    /// A page.
    Page(String),
    /// A JSON-RPC call.
    Rpc(&'static str, Value),
}

impl Call {
    /// Those that write come last, so that the others find the data as it was made.
    pub(super) const ALL: &[Self] = &[
        Self {
            name: "Product.filter",
            target_ms: 0.3,
            request: |_, _| Request::Rpc("Product.filter", json!([{}])),
        },
        Self {
            name: "TestCase.filter",
            target_ms: 1.5,
            request: |session, n| {
                let plan = session.nth("plans", n);
                Request::Rpc("TestCase.filter", json!([{"plan": plan}]))
            },
        },
        Self {
            name: "TestCase.filter, product",
            target_ms: 8.0,
            request: |session, n| {
                let product = session.nth("products", n);
                Request::Rpc("TestCase.filter", json!([{"category__product": product}]))
            },
        },
        Self {
            name: "TestExecution.filter",
            target_ms: 1.5,
            request: |session, n| {
                let run = session.nth("runs", n);
                Request::Rpc("TestExecution.filter", json!([{"run": run}]))
            },
        },
        Self {
            name: "Testing.breakdown",
            target_ms: 3.0,
            request: |session, n| of_product(session, n, "Testing.breakdown", "category__product"),
        },
        Self {
            name: "Testing.status_matrix",
            target_ms: 5.0,
            request: |session, n| {
                let plan = session.nth("plans", n);
                Request::Rpc("Testing.status_matrix", json!([{"run__plan": plan}]))
            },
        },
        Self {
            name: "Testing.execution_trends",
            target_ms: 10.0,
            request: |session, n| {
                of_product(session, n, "Testing.execution_trends", "run__plan__product")
            },
        },
        Self {
            name: "Testing.test_case_health",
            target_ms: 4.0,
            request: |session, n| {
                of_product(session, n, "Testing.test_case_health", "run__plan__product")
            },
        },
        Self {
            name: "Auth.login",
            target_ms: 25.0,
            request: |_, _| Request::Rpc("Auth.login", json!([USER, PASSWORD])),
        },
        Self {
            name: "run page",
            target_ms: 3.0,
            request: |session, n| Request::Page(format!("/runs/{}/", session.nth("runs", n))),
        },
        Self {
            name: "TestExecution.update",
            target_ms: 1.0,
            request: |session, n| {
                let executions = session.count("executions");
                // another status each time the same execution comes round
                let status = session.nth("statuses", n / executions + n);
                let execution = session.nth("executions", n);
                Request::Rpc(
                    "TestExecution.update",
                    json!([execution, {"status": status}]),
                )
            },
        },
        Self {
            name: "TestExecution.update_many",
            target_ms: 500.0,
            request: |session, n| {
                // another status each time the same executions come round
                let status = session.nth("statuses", n);
                let row = |id| json!({"id": id, "status": status});
                let rows: Vec<Value> = session.portion(n / 3, BULK).map(row).collect();
                Request::Rpc("TestExecution.update_many", json!([rows]))
            },
        },
        Self {
            name: "TestRun.add_case",
            target_ms: 1.2,
            request: |session, n| {
                // pairs of a run and a case that is not in it
                let run = session.nth("runs", n);
                let case = session.foreign_case(n);
                Request::Rpc("TestRun.add_case", json!([run, case]))
            },
        },
    ];
}

/// A call about everything of one product.
fn of_product(session: &Session, n: u64, method: &'static str, path: &str) -> Request {
    Request::Rpc(method, json!([{path: session.nth("products", n)}]))
}
