//! What is told about tenants.

use domain::Domain;
use serde::Serialize;
use tenancy::TenantRecord;

use super::failure;
use crate::output::{Failure, Output, columns};

/// A tenant as it is told.
#[derive(Debug, Serialize)]
struct Told {
    tenant: String,
    title: String,
    organization: Option<String>,
    state: String,
    state_reason: Option<String>,
    owner: Option<String>,
    url: String,
    domains: Vec<String>,
    publicly_readable: bool,
    members: i64,
    cell: String,
    schema_version: i32,
    created_on: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
}

impl Told {
    fn new(domain: &Domain, record: TenantRecord) -> Self {
        let tenant = &record.tenant;
        let public_port = domain.tenancy().config().public_port;
        Self {
            tenant: tenant.schema.clone(),
            title: tenant.name.clone(),
            organization: tenant.organization.clone(),
            state: tenant.state.to_string(),
            state_reason: Some(tenant.state_reason.clone()).filter(|reason| !reason.is_empty()),
            owner: record.owner,
            url: format!("{}/", tenant.base_url(public_port)),
            domains: record.domains,
            publicly_readable: tenant.publicly_readable,
            members: record.members,
            cell: tenant.cell.clone(),
            schema_version: tenant.schema_version,
            created_on: record
                .created_on
                .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            changed: None,
        }
    }
}

/// `kiwi tenant list`
pub(super) async fn list(
    domain: &Domain,
    state: Option<&str>,
    output: Output,
) -> Result<(), Failure> {
    let records = domain.tenancy().list().await.map_err(failure)?;
    let told: Vec<Told> = records
        .into_iter()
        .map(|record| Told::new(domain, record))
        .filter(|told| state.is_none_or(|state| told.state == state))
        .collect();
    output.show(&told, |told| {
        let rows: Vec<[String; 6]> = told
            .iter()
            .map(|told| {
                [
                    told.tenant.clone(),
                    told.state.clone(),
                    told.owner.clone().unwrap_or_default(),
                    told.members.to_string(),
                    told.url.clone(),
                    told.title.clone(),
                ]
            })
            .collect();
        columns(
            ["TENANT", "STATE", "OWNER", "MEMBERS", "URL", "TITLE"],
            &rows,
        )
    })
}

/// `kiwi tenant show`
pub(super) async fn show(domain: &Domain, name: &str, output: Output) -> Result<(), Failure> {
    let record = domain.tenancy().record(name).await.map_err(failure)?;
    output.show(&Told::new(domain, record), text)
}

/// Tells what a command made of a tenant.
pub(super) async fn changed(
    domain: &Domain,
    name: &str,
    changed: bool,
    done: &str,
    output: Output,
) -> Result<(), Failure> {
    let record = domain.tenancy().record(name).await.map_err(failure)?;
    let told = Told {
        changed: Some(changed),
        ..Told::new(domain, record)
    };
    output.show(&told, |told| {
        if changed {
            format!("Tenant {name} was {done}: {}", told.url)
        } else {
            format!("Tenant {name} is {} already.", told.state)
        }
    })
}

fn text(told: &Told) -> String {
    let empty = String::new();
    let owner = told.owner.as_ref().unwrap_or(&empty);
    let lines = [
        ("tenant", told.tenant.as_str()),
        ("title", &told.title),
        ("organization", told.organization.as_ref().unwrap_or(&empty)),
        ("state", &told.state),
        ("reason", told.state_reason.as_ref().unwrap_or(&empty)),
        ("owner", owner),
        ("url", &told.url),
        ("domains", &told.domains.join(", ")),
        (
            "readable by all",
            if told.publicly_readable { "yes" } else { "no" },
        ),
        ("members", &told.members.to_string()),
        ("cell", &told.cell),
        ("version", &told.schema_version.to_string()),
        ("created", &told.created_on),
    ]
    .map(|(name, value)| format!("{name:16}{value}").trim_end().to_owned());
    lines.join("\n")
}
