//! Something to work on: a product with a plan, cases and a run.

use serde_json::{Value, json};

use crate::Client;

/// Ids of a product and what hangs under it; all cases are confirmed and in the run.
#[derive(Debug, Clone)]
pub struct Work {
    /// The product.
    pub product: i64,
    /// Its version `1.0`.
    pub version: i64,
    /// The build `b1` of that version.
    pub build: i64,
    /// Its default category.
    pub category: i64,
    /// The lowest priority id.
    pub priority: i64,
    /// The status CONFIRMED.
    pub confirmed: i64,
    /// A plan for that version.
    pub plan: i64,
    /// Three cases, in the plan.
    pub cases: Vec<i64>,
    /// A run of the plan on that build.
    pub run: i64,
    /// The executions of the cases in the run.
    pub executions: Vec<i64>,
}

impl Work {
    /// Makes it through the API.
    pub(crate) async fn make(mut client: Client) -> Self {
        let first = async |client: &mut Client, method: &str, query: Value| {
            let rows = client.call(method, json!([query])).await.expect(method);
            rows[0]["id"].as_i64().expect("a row")
        };
        let classification = first(&mut client, "Classification.filter", json!({})).await;
        let make = async |client: &mut Client, method: &str, values: Value| {
            let row = client.call(method, json!([values])).await;
            let row = row.unwrap_or_else(|fault| panic!("{method}: {fault:?}"));
            row["id"].as_i64().expect("an id")
        };
        let existing = client
            .call("Product.filter", json!([{}]))
            .await
            .expect("products");
        let name = format!("Product {}", existing.as_array().map_or(0, Vec::len) + 1);
        let values = json!({"name": name, "classification": classification});
        let product = make(&mut client, "Product.create", values).await;
        let values = json!({"product": product, "value": "1.0"});
        let version = make(&mut client, "Version.create", values).await;
        let values = json!({"version": version, "name": "b1"});
        let build = make(&mut client, "Build.create", values).await;
        let category = first(&mut client, "Category.filter", json!({"product": product})).await;
        let priority = first(&mut client, "Priority.filter", json!({})).await;
        let query = json!({"name": "CONFIRMED"});
        let confirmed = first(&mut client, "TestCaseStatus.filter", query).await;
        let plan_type = first(&mut client, "PlanType.filter", json!({})).await;
        let plan = make(
            &mut client,
            "TestPlan.create",
            json!({
                "name": "Plan", "text": "What is tested", "type": plan_type,
                "product": product, "product_version": version, "is_active": true,
            }),
        )
        .await;
        let me = first(&mut client, "User.filter", json!({"username": crate::ROOT})).await;
        let run = make(
            &mut client,
            "TestRun.create",
            json!({"summary": "Run", "plan": plan, "build": build, "manager": me}),
        )
        .await;
        let mut cases = Vec::new();
        let mut executions = Vec::new();
        for summary in ["First case", "Second case", "Third case"] {
            let case = make(
                &mut client,
                "TestCase.create",
                json!({
                    "summary": summary, "text": "1. Do it", "category": category,
                    "priority": priority, "case_status": confirmed,
                }),
            )
            .await;
            client
                .call("TestPlan.add_case", json!([plan, case]))
                .await
                .expect("in the plan");
            let added = client.call("TestRun.add_case", json!([run, case])).await;
            let added = added.expect("in the run");
            executions.push(added[0]["id"].as_i64().expect("an execution"));
            cases.push(case);
        }
        Self {
            product,
            version,
            build,
            category,
            priority,
            confirmed,
            plan,
            cases,
            run,
            executions,
        }
    }
}
