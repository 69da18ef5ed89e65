//! Small entities with every shape of the real ones, and their tables.

mod links;
mod query;

use chrono::{DateTime, Utc};
use entity::{Computed, Entity, Fk, Id, Interval, Kind, Meta, Relation, Relations};

pub(crate) use links::{EmailSettings, Property, TestCasePlan, TestCaseTag, TestPlanTag};
pub(crate) use query::map;

/// A group of products.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "classification",
    wire = "management.Classification",
    title = "classification"
)]
pub(crate) struct Classification {
    pub(crate) id: Id,
    /// Name
    #[field(max = 64, unique)]
    pub(crate) name: String,
}

impl Relations for Classification {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "product",
        from: || Product::META,
        column: "classification_id",
    }];
}

/// A product.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "product",
    wire = "management.Product",
    title = "product",
    history
)]
pub(crate) struct Product {
    pub(crate) id: Id,
    /// Name
    #[field(max = 255, unique)]
    pub(crate) name: String,
    /// Classification
    pub(crate) classification: Fk<Classification>,
    /// Description
    #[field(blank)]
    pub(crate) description: String,
}

impl Relations for Product {
    const RELATIONS: &'static [Relation] = &[
        Relation::Back {
            name: "category",
            from: || Category::META,
            column: "product_id",
        },
        Relation::Back {
            name: "plan",
            from: || TestPlan::META,
            column: "product_id",
        },
    ];
}

/// A category of cases.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(table = "category", wire = "testcases.Category", title = "category")]
pub(crate) struct Category {
    pub(crate) id: Id,
    /// Name
    #[field(max = 255)]
    pub(crate) name: String,
    /// Product
    pub(crate) product: Fk<Product>,
    /// Description
    pub(crate) description: String,
}

impl Relations for Category {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "category_case",
        from: || TestCase::META,
        column: "category_id",
    }];
}

/// A person.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(table = "member", wire = "auth.User", title = "user")]
pub(crate) struct Member {
    pub(crate) id: Id,
    /// Log-in name
    #[field(max = 150, unique)]
    pub(crate) username: String,
    /// Address
    #[field(email = 254)]
    pub(crate) email: String,
    /// Last log-in
    pub(crate) last_login: Option<DateTime<Utc>>,
    /// Password
    #[field(max = 128, secret)]
    pub(crate) password: String,
}

impl Relations for Member {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "cases_as_author",
        from: || TestCase::META,
        column: "author_id",
    }];
}

/// A tag.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(table = "tag", wire = "management.Tag", title = "tag")]
pub(crate) struct Tag {
    pub(crate) id: Id,
    /// Name
    #[field(max = 255)]
    pub(crate) name: String,
}

impl Relations for Tag {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "case",
            to: || TestCase::META,
            through: "test_case_tag",
            near: "tag_id",
            far: "case_id",
        },
        Relation::Many {
            name: "plan",
            to: || TestPlan::META,
            through: "test_plan_tag",
            near: "tag_id",
            far: "plan_id",
        },
        Relation::Back {
            name: "testcasetag",
            from: || TestCaseTag::META,
            column: "tag_id",
        },
    ];
}

/// A case.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_case",
    wire = "testcases.TestCase",
    title = "test case",
    history,
    stamp = "history_date"
)]
pub(crate) struct TestCase {
    pub(crate) id: Id,
    /// Created
    pub(crate) create_date: DateTime<Utc>,
    /// Is automated
    pub(crate) is_automated: bool,
    /// Reference link
    #[field(url = 1024)]
    pub(crate) extra_link: Option<String>,
    /// Summary
    #[field(max = 255)]
    pub(crate) summary: String,
    /// Text
    pub(crate) text: String,
    /// Set-up duration
    pub(crate) setup_duration: Option<Interval>,
    /// Category
    pub(crate) category: Fk<Category>,
    /// Author
    pub(crate) author: Fk<Member>,
    /// Reviewer
    pub(crate) reviewer: Option<Fk<Member>>,
}

impl Relations for TestCase {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "plan",
            to: || TestPlan::META,
            through: "test_case_plan",
            near: "case_id",
            far: "plan_id",
        },
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_case_tag",
            near: "case_id",
            far: "tag_id",
        },
        Relation::Back {
            name: "property",
            from: || Property::META,
            column: "case_id",
        },
        Relation::Back {
            name: "testcaseplan",
            from: || TestCasePlan::META,
            column: "case_id",
        },
        Relation::Back {
            name: "executions",
            from: || TestExecution::META,
            column: "case_id",
        },
        Relation::Same {
            name: "email_settings",
            to: || EmailSettings::META,
        },
    ];
    const COMPUTED: &'static [Computed] = &[Computed {
        name: "history_date",
        kind: Kind::Time,
        paths: &[],
        sql: "{t}.history_date",
        queried: false,
    }];
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(table = "test_plan", wire = "testplans.TestPlan", title = "test plan")]
pub(crate) struct TestPlan {
    pub(crate) id: Id,
    /// Parent
    pub(crate) parent: Option<Fk<Self>>,
    /// Name
    #[field(max = 255)]
    pub(crate) name: String,
    /// Product
    pub(crate) product: Fk<Product>,
}

impl Relations for TestPlan {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "cases",
            to: || TestCase::META,
            through: "test_case_plan",
            near: "plan_id",
            far: "case_id",
        },
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_plan_tag",
            near: "plan_id",
            far: "tag_id",
        },
        Relation::Back {
            name: "testcaseplan",
            from: || TestCasePlan::META,
            column: "plan_id",
        },
        Relation::Back {
            name: "children",
            from: || Self::META,
            column: "parent_id",
        },
    ];
    const COMPUTED: &'static [Computed] = &[Computed {
        name: "children__count",
        kind: Kind::Int,
        paths: &[],
        sql: "SELECT count(*) FROM test_plan child WHERE child.parent_id = {t}.id",
        queried: false,
    }];
}

/// The execution of a case.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_execution",
    wire = "testruns.TestExecution",
    title = "test execution"
)]
pub(crate) struct TestExecution {
    pub(crate) id: Id,
    /// Tester
    pub(crate) tested_by: Option<Fk<Member>>,
    /// Start
    pub(crate) start_date: Option<DateTime<Utc>>,
    /// Stop
    pub(crate) stop_date: Option<DateTime<Utc>>,
    /// Sort key
    pub(crate) sortkey: Option<i32>,
    /// Case
    pub(crate) case: Fk<TestCase>,
}

impl Relations for TestExecution {
    const COMPUTED: &'static [Computed] = &[
        Computed {
            name: "expected_duration",
            kind: Kind::Span,
            paths: &["case__setup_duration"],
            sql: "COALESCE({0}, '0')",
            queried: true,
        },
        Computed {
            name: "actual_duration",
            kind: Kind::Span,
            paths: &["stop_date", "start_date"],
            sql: "{0} - {1}",
            queried: true,
        },
    ];
}

/// A former state of a case.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "(SELECT h.id AS history_id, h.object_id AS id, h.at AS history_date, h.by_id AS history_user_id, h.type::text AS history_type, h.reason AS history_change_reason, h.row ->> 'summary' AS summary, (h.row ->> 'create_date')::timestamptz AS create_date, (h.row ->> 'setup_duration')::interval AS setup_duration, (h.row ->> 'category_id')::integer AS category_id FROM history h WHERE h.kind = 'testcase')",
    wire = "testcases.HistoricalTestCase",
    title = "historical test case"
)]
pub(crate) struct HistoricalTestCase {
    pub(crate) history_id: Id,
    /// Case
    pub(crate) id: Id,
    /// Time
    pub(crate) history_date: DateTime<Utc>,
    /// Member
    pub(crate) history_user: Option<Fk<Member>>,
    /// Type
    #[field(max = 1)]
    pub(crate) history_type: String,
    /// Reason
    pub(crate) history_change_reason: Option<String>,
    /// Summary
    #[field(max = 255)]
    pub(crate) summary: String,
    /// Created
    pub(crate) create_date: DateTime<Utc>,
    /// Set-up duration
    pub(crate) setup_duration: Option<Interval>,
    /// Category
    pub(crate) category: Option<Fk<Category>>,
}

impl Relations for HistoricalTestCase {}

/// All that have a table of their own.
pub(crate) const TABLES: &[&Meta] = &[
    Classification::META,
    Product::META,
    Category::META,
    Member::META,
    Tag::META,
    TestPlan::META,
    TestCase::META,
    Property::META,
    TestCasePlan::META,
    TestCaseTag::META,
    TestPlanTag::META,
    TestExecution::META,
];

/// All.
pub(crate) fn entities() -> Vec<&'static Meta> {
    let others = [EmailSettings::META, HistoricalTestCase::META];
    TABLES.iter().copied().chain(others).collect()
}
