//! What the files hold.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// All files of a folder.
pub(super) struct Files {
    pub(super) product: Product,
    pub(super) versions: Vec<Version>,
    pub(super) categories: Vec<Category>,
    pub(super) components: Vec<Component>,
    pub(super) people: Vec<Person>,
    pub(super) plans: Vec<Plan>,
    pub(super) cases: Vec<Cases>,
    pub(super) runs: Vec<Run>,
}

/// `product.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductFile {
    product: Product,
    #[serde(default)]
    version: Vec<Version>,
    #[serde(default)]
    category: Vec<Category>,
    #[serde(default)]
    component: Vec<Component>,
    #[serde(default)]
    person: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Product {
    pub(super) name: String,
    pub(super) classification: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    pub(super) value: String,
    #[serde(default)]
    pub(super) builds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Category {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Component {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    /// User name.
    pub(super) owner: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) username: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
}

/// `plans.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlansFile {
    plan: Vec<Plan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// What other files call it.
    pub(super) key: String,
    /// Key of a plan that stands before.
    pub(super) parent: Option<String>,
    pub(super) name: String,
    pub(super) version: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) author: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) text: String,
}

/// One of `cases/*.toml`: cases of one category.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cases {
    pub(super) category: String,
    /// Keys of the plans that hold them.
    pub(super) plans: Vec<String>,
    pub(super) author: String,
    pub(super) tester: String,
    pub(super) case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) summary: String,
    pub(super) priority: String,
    #[serde(default = "confirmed")]
    pub(super) status: String,
    #[serde(default)]
    pub(super) automated: bool,
    pub(super) script: Option<String>,
    pub(super) requirement: Option<String>,
    #[serde(default)]
    pub(super) components: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// How long it takes.
    pub(super) minutes: u32,
    pub(super) text: String,
}

fn confirmed() -> String {
    "CONFIRMED".to_owned()
}

/// `runs.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunsFile {
    run: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) summary: String,
    /// Key of the plan.
    pub(super) plan: String,
    pub(super) build: String,
    pub(super) manager: String,
    pub(super) tester: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// When it began, counted back from now.
    pub(super) days_ago: i64,
    /// How long it took.
    pub(super) hours: i64,
    /// Nothing is left to do.
    pub(super) finished: bool,
    /// Status of the cases that have no result of their own.
    pub(super) others: String,
    #[serde(default)]
    pub(super) notes: String,
    #[serde(default)]
    pub(super) result: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outcome {
    /// Summary of the case.
    pub(super) case: String,
    pub(super) status: String,
    pub(super) comment: Option<String>,
    /// Where the defect is described.
    pub(super) link: Option<String>,
}

impl Files {
    /// Reads all files; an error names the file and the place in it.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let product: ProductFile = read(&folder.join("product.toml"))?;
        let plans: PlansFile = read(&folder.join("plans.toml"))?;
        let runs: RunsFile = read(&folder.join("runs.toml"))?;
        let cases = folder.join("cases");
        let entries = std::fs::read_dir(&cases).map_err(|error| problem(&cases, &error))?;
        let mut paths: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .collect();
        paths.sort();
        Ok(Self {
            product: product.product,
            versions: product.version,
            categories: product.category,
            components: product.component,
            people: product.person,
            plans: plans.plan,
            cases: paths.iter().map(|path| read(path)).collect::<Result<_>>()?,
            runs: runs.run,
        })
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|error| problem(path, &error))?;
    toml::from_str(&text).map_err(|error| problem(path, &error))
}

fn problem(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Refused(format!("{}: {error}", path.display()))
}
