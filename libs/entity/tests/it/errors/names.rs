//! Names that do not exist or do not fit.

use entity::{Entity as _, Map, Value};
use serde_json::json;

use super::{check, refused};
use crate::world::{Category, HistoricalTestCase, Member, TestCase, TestExecution};

#[test]
fn unknown_names() {
    check(
        Category::META,
        &[
            (json!({"": 1}), "-32603 Cannot parse keyword query ''"),
            (
                json!({" name": 1}),
                "-32603 Cannot resolve keyword ' name' into field. Choices are: category_case, description, id, name, product, product_id",
            ),
            (
                json!({"name;": 1}),
                "-32603 Cannot resolve keyword 'name;' into field. ",
            ),
            (
                json!({"~pk": 1}),
                "-32603 Cannot resolve keyword '~pk' into field. ",
            ),
            (
                json!({"__name": 1}),
                "-32603 Cannot resolve keyword '' into field. ",
            ),
            (
                json!({"description_id": 1}),
                "-32603 Cannot resolve keyword 'description_id' into field. ",
            ),
            (
                json!({"category_case_id": 1}),
                "-32603 Cannot resolve keyword 'category_case_id' into field. ",
            ),
            (
                json!({"_negated": true, "pk": 0}),
                "-32602 The following kwargs are invalid: '_negated'",
            ),
            (
                json!({"_connector": "OR", "_negated": 1}),
                "-32602 The following kwargs are invalid: '_connector', '_negated'",
            ),
            (
                json!({"self": 1}),
                "-32602 QuerySet.filter() got multiple values for argument 'self'",
            ),
            (
                json!({"zzz": 1, "name__isnull": 1}),
                "-32603 Cannot resolve keyword 'zzz' into field. ",
            ),
            (
                json!({"pk": "x", "bogus": 1}),
                "-32603 Cannot resolve keyword 'bogus' into field. ",
            ),
        ],
    );
    check(
        TestCase::META,
        &[
            (
                json!({"history_date": 1}),
                "-32603 Cannot resolve keyword 'history_date' into field. ",
            ),
            (
                json!({"tag_id": 1}),
                "-32603 Cannot resolve keyword 'tag_id' into field. ",
            ),
        ],
    );
    check(
        Member::META,
        &[
            (
                json!({"password": "x"}),
                "-32603 Cannot resolve keyword 'password' into field. Choices are: cases_as_author, email, id, last_login, username",
            ),
            (
                json!({"password__startswith": "x"}),
                "-32603 Cannot resolve keyword 'password' into field. ",
            ),
        ],
    );
}

#[test]
fn unsupported_lookups() {
    let unsupported = |name: &str, class: &str| {
        format!(
            "-32603 Unsupported lookup '{name}' for {class} or join on the field not permitted."
        )
    };
    for (root, key, name, class) in [
        (Category::META, "name__search", "search", "CharField"),
        (Category::META, "name__lower", "lower", "CharField"),
        (
            Category::META,
            "name__exact__contains",
            "exact__contains",
            "CharField",
        ),
        (Category::META, "name__", "", "CharField"),
        (Category::META, "name__plan", "plan", "CharField"),
        (Category::META, "name__year", "year", "CharField"),
        (
            Category::META,
            "description__no_such",
            "no_such",
            "TextField",
        ),
        (Category::META, "pk__no_such", "no_such", "AutoField"),
        (Category::META, "id__year", "year", "AutoField"),
        (Category::META, "product__iexact", "iexact", "ForeignKey"),
        (Category::META, "product__range", "range", "ForeignKey"),
        (Category::META, "product_id__regex", "regex", "ForeignKey"),
        (
            Category::META,
            "product__contains",
            "contains",
            "ForeignKey",
        ),
        (
            Category::META,
            "product__exact__x",
            "exact__x",
            "ForeignKey",
        ),
        (
            Category::META,
            "product__bogus__x",
            "bogus__x",
            "ForeignKey",
        ),
        (
            Category::META,
            "product__classification__nope",
            "nope",
            "ForeignKey",
        ),
        (
            Category::META,
            "category_case__nope",
            "nope",
            "ManyToOneRel",
        ),
        (TestCase::META, "plan__nope", "nope", "ForeignKey"),
        (TestCase::META, "tag__iexact", "iexact", "ForeignKey"),
        (
            TestCase::META,
            "executions__contains",
            "contains",
            "ManyToOneRel",
        ),
        (
            TestCase::META,
            "email_settings__nope",
            "nope",
            "OneToOneRel",
        ),
        (
            TestCase::META,
            "email_settings__case__nope",
            "nope",
            "OneToOneField",
        ),
        (TestCase::META, "extra_link__nope", "nope", "URLField"),
        (TestCase::META, "is_automated__nope", "nope", "BooleanField"),
        (
            TestCase::META,
            "setup_duration__year",
            "year",
            "DurationField",
        ),
        (
            TestCase::META,
            "create_date__bogus",
            "bogus",
            "DateTimeField",
        ),
        (
            TestCase::META,
            "create_date__year__month",
            "month",
            "IntegerField",
        ),
        (
            TestCase::META,
            "create_date__date__hour",
            "hour",
            "DateField",
        ),
        (
            TestCase::META,
            "create_date__date__date",
            "date",
            "DateField",
        ),
        (
            TestCase::META,
            "create_date__time__year",
            "year",
            "TimeField",
        ),
        (
            TestCase::META,
            "create_date__date__date__x",
            "date__date__x",
            "DateField",
        ),
        (TestCase::META, "author__email__nope", "nope", "EmailField"),
        (
            TestCase::META,
            "author__password__regex",
            "password__regex",
            "ForeignKey",
        ),
        (TestExecution::META, "sortkey__nope", "nope", "IntegerField"),
        (HistoricalTestCase::META, "id__nope", "nope", "IntegerField"),
        (HistoricalTestCase::META, "pk__nope", "nope", "AutoField"),
    ] {
        let conditions = Map::from_iter([(key.into(), Value::from(1))]);
        assert_eq!(
            refused(root, &conditions),
            unsupported(name, class),
            "{key}"
        );
    }
}

#[test]
fn limits() {
    let deep = "parent__".repeat(100) + "name";
    let conditions = Map::from_iter([(deep.into(), Value::from("x"))]);
    assert_eq!(
        refused(crate::world::TestPlan::META, &conditions),
        "-32603 more than 60 joins in a query"
    );
}
