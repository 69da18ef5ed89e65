//! The SQL of typical queries, one file per entity in `tests/golden`.
//!
//! `INSTA_UPDATE=always cargo test -p entity` rewrites the files; read the difference.

use std::fmt::Write as _;

use entity::lookup::{Query, Selection, Statement};
use entity::{Entity as _, Error, Meta, Result};
use serde_json::{Value as Json, json};

use crate::world::{
    Category, HistoricalTestCase, Product, Property, Tag, TestCase, TestCasePlan, TestExecution,
    TestPlan, map,
};

fn write(text: &mut String, query: &str, statement: Result<Statement>) {
    let _ = writeln!(text, "{query}");
    match statement {
        Ok(statement) => {
            let _ = writeln!(text, "{}", statement.sql);
            if let Some(names) = statement.names_sql() {
                let _ = writeln!(text, "-- then:\n{names}");
            }
            for (index, bind) in statement.binds.iter().enumerate() {
                let _ = writeln!(text, "-- ${} {bind:?}", index + 1);
            }
            for reached in statement.reached {
                let _ = writeln!(text, "-- reaches {}.{}", reached.entity.wire, reached.field);
            }
        }
        Err(Error::Invalid(message)) => {
            let _ = writeln!(text, "-32603 {message}");
        }
        Err(Error::Type(message)) => {
            let _ = writeln!(text, "-32602 {message}");
        }
        Err(Error::Database(error)) => panic!("no database here: {error}"),
    }
    text.push('\n');
}

fn check(root: &'static Meta, selection: &Selection, queries: &[Json]) {
    let mut text = String::new();
    for query in queries {
        write(
            &mut text,
            &query.to_string(),
            Query::new(root, &map(query)).select(selection),
        );
    }
    insta::with_settings!({
        snapshot_path => "../golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(root.model(), text);
    });
}

#[test]
fn product() {
    let columns = &["id", "name", "classification", "classification__name"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    check(
        Product::META,
        &selection,
        &[
            json!({}),
            json!({"name": "a", "classification__name__icontains": "b%"}),
            json!({"classification": 1, "classification_id__in": [1, 2], "classification__pk__gt": 3}),
            json!({"plan__cases__tag__name": "a"}),
            json!({"category__category_case": 5}),
        ],
    );
}

#[test]
fn category() {
    let selection = Selection {
        columns: &["id", "name", "product", "description"],
        distinct: true,
        order: &["id"],
    };
    check(
        Category::META,
        &selection,
        &[
            json!({"name": "x", "name__iexact": "x", "name__isnull": false}),
            json!({"name__contains": "100%", "name__startswith": "a_b", "name__endswith": "\\"}),
            json!({"name__icontains": "x", "name__istartswith": "x", "name__iendswith": "x"}),
            json!({"name__regex": "^a", "name__iregex": "^a"}),
            json!({"name__gt": "a", "name__gte": "a", "name__lt": "a", "name__lte": "a"}),
            json!({"name__in": ["a", 5, true, null], "name__range": ["a", "b"]}),
            json!({"id__contains": 1, "product__gte": 1.5, "id__gte": 1.5, "id__lt": 1.5, "id": 1.5}),
            json!({"id__iexact": "5", "id__regex": "^5"}),
            json!({"product__classification__product__name": "p"}),
        ],
    );
}

#[test]
fn test_case() {
    let columns = &[
        "id",
        "create_date",
        "history_date",
        "summary",
        "category",
        "category__name",
        "author__username",
        "reviewer",
        "reviewer__username",
        "setup_duration",
    ];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    check(
        TestCase::META,
        &selection,
        &[
            json!({}),
            json!({"pk": 1}),
            json!({"summary": "s", "category__product": 5}),
            json!({"plan": 5}),
            json!({"plan__pk": 5, "plan_id": 6}),
            json!({"plan": null}),
            json!({"plan__isnull": true, "plan__name": "p"}),
            json!({"plan__parent": null}),
            json!({"plan__parent__name__isnull": true}),
            json!({"plan": 5, "testcaseplan__sortkey__gte": 10}),
            json!({"testcaseplan__plan__name": "p", "plan__product": 5}),
            json!({"tag__name__in": ["a", "b"], "tag__id__gt": 3}),
            json!({"property__name": "os", "property__value": "linux"}),
            json!({"executions__tested_by": null}),
            json!({"executions__tested_by__username": "u"}),
            json!({"executions__isnull": true}),
            json!({"reviewer__email": "x", "author__cases_as_author": 7}),
            json!({"reviewer__isnull": true, "reviewer__username": null}),
            json!({"email_settings__notify_on_case_update": true, "email_settings__case": 5}),
            json!({"email_settings__isnull": true}),
            json!({"is_automated": 1, "is_automated__in": [0, "True"], "is_automated__contains": "x"}),
            json!({"create_date": "2024-1-5", "create_date__range": ["2024-01-01T10:00Z", "20240102"]}),
            json!({"create_date__date": "2024-01-01", "create_date__date__year": 2024}),
            json!({"create_date__year": 2024, "create_date__week_day__in": [1, 7], "create_date__second__gte": 1}),
            json!({"create_date__time__gt": "10:30", "create_date__time__hour": 10}),
            json!({"create_date__contains": "2024-01", "create_date__year": null}),
            json!({"setup_duration__gt": "1 day", "setup_duration__in": ["1", "2"], "setup_duration__range": ["1", "2"]}),
            json!({"setup_duration__isnull": false, "setup_duration__startswith": "00"}),
            json!({"summary__in": [], "summary__range": [null, "b"]}),
            json!({"expected_duration": "1"}),
            json!({"author__password": "x"}),
        ],
    );
}

#[test]
fn tag() {
    let selection = Selection {
        columns: &["id", "name", "case", "plan"],
        distinct: true,
        order: &["id"],
    };
    check(
        Tag::META,
        &selection,
        &[
            json!({}),
            json!({"plan": 1}),
            json!({"case__summary__startswith": "s"}),
            json!({"case__isnull": true, "name": "t"}),
            json!({"testcasetag__case": 1}),
        ],
    );
}

#[test]
fn test_plan() {
    let columns = &[
        "id",
        "name",
        "product",
        "product__name",
        "parent",
        "children__count",
    ];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["product", "id"],
    };
    check(
        TestPlan::META,
        &selection,
        &[
            json!({"product": 1}),
            json!({"tag__name__in": ["x", "y"]}),
            json!({"children__isnull": true, "parent__parent__name": "p"}),
            json!({"children__count": 1}),
        ],
    );
}

#[test]
fn test_execution() {
    let columns = &[
        "id",
        "case__summary",
        "tested_by__username",
        "expected_duration",
        "actual_duration",
    ];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    check(
        TestExecution::META,
        &selection,
        &[
            json!({"case__plan": 3, "expected_duration__lt": "1 minute"}),
            json!({"actual_duration__isnull": true, "actual_duration__gt": "00:00:10"}),
            json!({"bogus": 1}),
        ],
    );
}

#[test]
fn without_distinct() {
    let selection = Selection {
        columns: &["pk", "name AS label", "case_id"],
        distinct: false,
        order: &["-name", "id"],
    };
    check(
        Property::META,
        &selection,
        &[json!({"case__tag": 1}), json!({"case__executions": 1})],
    );
    let selection = Selection {
        columns: &["case", "sortkey"],
        distinct: true,
        order: &["id"],
    };
    check(
        TestCasePlan::META,
        &selection,
        &[json!({"plan__product": 1})],
    );
}

#[test]
fn history() {
    let columns = &["id", "summary", "category_id", "history_id", "history_type"];
    let selection = Selection {
        columns,
        distinct: false,
        order: &["-history_date", "-history_id"],
    };
    check(
        HistoricalTestCase::META,
        &selection,
        &[
            json!({"history_user__username": "u", "history_type": "+"}),
            json!({"history_id": 0, "pk__gt": "x"}),
            json!({"id__nope": 1}),
            json!({"tag": 1}),
            json!({"category__name": "c", "history_user_id": 5}),
        ],
    );
}

#[test]
fn ids_counts_and_pages() {
    let mut text = String::new();
    let columns = Selection {
        columns: &["id", "summary"],
        distinct: true,
        order: &["-create_date"],
    };
    for query in [json!({"summary": "s"}), json!({"plan__name": "p"})] {
        let (conditions, shown) = (map(&query), query.to_string());
        let query = Query::new(TestCase::META, &conditions)
            .and("author__password__startswith", "x")
            .and("category", 5);
        write(&mut text, &shown, query.ids());
        write(&mut text, &shown, query.count());
        write(&mut text, &shown, query.page(20, 40).select(&columns));
    }
    insta::with_settings!({
        snapshot_path => "../golden",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("ids_counts_and_pages", text);
    });
}
