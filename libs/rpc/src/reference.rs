//! What can be told about the methods, class by class, for pages and documents.

use domain::bug::Bug;
use domain::bug_system::BugSystem;
use domain::build::Build;
use domain::category::Category;
use domain::classification::Classification;
use domain::component::Component;
use domain::environment::Environment;
use domain::group::Group;
use domain::plan_type::PlanType;
use domain::priority::Priority;
use domain::product::Product;
use domain::severity::Severity;
use domain::tag::Tag;
use domain::template::Template;
use domain::test_case::TestCase;
use domain::test_case_status::TestCaseStatus;
use domain::test_execution::TestExecution;
use domain::test_execution_status::TestExecutionStatus;
use domain::test_plan::TestPlan;
use domain::test_run::TestRun;
use domain::version::Version;
use entity::{Entity as _, Field, Kind, Meta};
use serde_json::Value;

use crate::{Access, Example, Member, Method, Param, Registry, Shape};

/// The methods of one class, by name.
#[derive(Debug)]
pub struct Class {
    /// Its name, as in `TestCase.filter`.
    pub name: &'static str,
    /// Its methods.
    pub methods: Vec<Entry>,
}

/// A method with everything that is told about it.
#[derive(Debug)]
pub struct Entry {
    /// Its declaration.
    pub method: &'static Method,
    /// Its parameters in order.
    pub params: Vec<Parameter>,
    /// What it answers with.
    pub result: Shape,
    /// A call and its answer.
    pub example: Example,
}

/// A parameter of a method.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes, in a word or two.
    pub kind: String,
    /// What it takes.
    pub shape: Shape,
    /// True if it can be left out, which is the same as null.
    pub optional: bool,
}

impl Entry {
    /// The permission that the caller needs; `None` if a log-in, or nothing, is enough.
    pub fn permission(&self) -> Option<&'static str> {
        match self.method.access {
            Access::Permission(permission) => Some(permission),
            Access::Public | Access::LoggedIn => None,
        }
    }

    /// Whether a caller who has not logged in may call it.
    pub fn is_public(&self) -> bool {
        self.method.access == Access::Public
    }

    /// The documentation on one line.
    pub fn doc(&self) -> String {
        self.method
            .doc
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// All methods of a registry, class by class, by name.
///
/// # Errors
///
/// When an example cannot be read.
pub fn classes(registry: &Registry) -> Result<Vec<Class>, serde_json::Error> {
    let mut methods: Vec<&'static Method> = registry.methods().collect();
    methods.sort_by_key(|method| (method.class().to_ascii_lowercase(), method.name));
    let mut classes: Vec<Class> = Vec::new();
    for method in methods {
        let entry = entry(method)?;
        match classes.last_mut() {
            Some(class) if class.name == method.class() => class.methods.push(entry),
            _ => classes.push(Class {
                name: method.class(),
                methods: vec![entry],
            }),
        }
    }
    Ok(classes)
}

fn entry(method: &'static Method) -> Result<Entry, serde_json::Error> {
    let example = method.example()?;
    let verb = method.name.rsplit('.').next().unwrap_or_default();
    let entity = entity_of(method.class())
        .filter(|_| ["filter", "filter_canonical", "create", "update"].contains(&verb));
    let params = method.params.iter().enumerate().map(|(index, param)| {
        let given = example.params.get(index);
        parameter(param, given, entity, verb == "create")
    });
    Ok(Entry {
        method,
        params: params.collect(),
        result: Shape::of(&example.result, entity),
        example,
    })
}

fn parameter(
    param: &Param,
    given: Option<&Value>,
    entity: Option<&'static Meta>,
    creates: bool,
) -> Parameter {
    let shape = match param.kind {
        "id" | "integer" => Shape::Integer,
        "string" => Shape::Text,
        "boolean" => Shape::Boolean,
        "query" => Shape::Map(Box::new(Shape::Any)),
        "object" => values(given, entity, creates),
        // what a parameter takes besides is for the sake of old clients
        _ => given.map_or(Shape::Any, |given| Shape::of(given, None)),
    };
    let kind = match param.kind {
        "query" => "query".to_owned(),
        _ => shape.words(),
    };
    Parameter {
        name: param.name,
        kind,
        shape,
        optional: param.optional,
    }
}

/// The fields of an object to be made or changed: those of the entity, and what the example has
/// besides.
fn values(given: Option<&Value>, entity: Option<&'static Meta>, creates: bool) -> Shape {
    let seen = given.map_or(Shape::Any, |given| Shape::of(given, entity));
    let Some(entity) = entity else { return seen };
    let sent = |name: &str| seen.members().iter().find(|member| member.name == name);
    let is_field = |field: &&Field| field.open && !matches!(field.kind, Kind::Id);
    let field = |field: &Field| Member {
        name: field.name.to_owned(),
        label: field.label,
        // some fields take more than they hold: a user name for an id
        shape: sent(field.name)
            .map_or_else(|| Shape::of_kind(field.kind), |member| member.shape.clone()),
        nullable: field.null,
        required: creates
            && !field.is_blank
            && !matches!(field.kind, Kind::Bool)
            && sent(field.name).is_some(),
    };
    let mut members: Vec<Member> = entity.fields.iter().filter(is_field).map(field).collect();
    let others = seen
        .members()
        .iter()
        .filter(|member| entity.field(&member.name).is_none());
    members.extend(others.cloned().map(|member| Member {
        required: false,
        ..member
    }));
    Shape::Object(members)
}

/// What a class is about.
fn entity_of(class: &str) -> Option<&'static Meta> {
    Some(match class {
        "Bug" => Bug::META,
        "BugTracker" => BugSystem::META,
        "Build" => Build::META,
        "Category" => Category::META,
        "Classification" => Classification::META,
        "Component" => Component::META,
        "Environment" => Environment::META,
        "Group" => Group::META,
        "PlanType" => PlanType::META,
        "Priority" => Priority::META,
        "Product" => Product::META,
        "Severity" => Severity::META,
        "Tag" => Tag::META,
        "Template" => Template::META,
        "TestCase" => TestCase::META,
        "TestCaseStatus" => TestCaseStatus::META,
        "TestExecution" => TestExecution::META,
        "TestExecutionStatus" => TestExecutionStatus::META,
        "TestPlan" => TestPlan::META,
        "TestRun" => TestRun::META,
        "Version" => Version::META,
        _ => return None,
    })
}
