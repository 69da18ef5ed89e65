//! Values that do not fit.

use entity::{Entity as _, Map, Value};
use serde_json::json;

use super::{check, refused};
use crate::world::{Category, TestCase, TestExecution, map};

#[test]
fn numbers() {
    check(
        Category::META,
        &[
            (
                json!({"id": "abc"}),
                "-32603 Field 'id' expected a number but got 'abc'.",
            ),
            (
                json!({"id": ""}),
                "-32603 Field 'id' expected a number but got ''.",
            ),
            (
                json!({"id": "1.0"}),
                "-32603 Field 'id' expected a number but got '1.0'.",
            ),
            (
                json!({"id": "it's"}),
                "-32603 Field 'id' expected a number but got \"it's\".",
            ),
            (
                json!({"id": [1]}),
                "-32602 Field 'id' expected a number but got [1].",
            ),
            (
                json!({"id": {"a": 1}}),
                "-32602 Field 'id' expected a number but got {'a': 1}.",
            ),
            (
                json!({"product": [1, "x"]}),
                "-32602 Field 'id' expected a number but got [1, 'x'].",
            ),
            (
                json!({"product__pk": "x"}),
                "-32603 Field 'id' expected a number but got 'x'.",
            ),
            (
                json!({"product__in": "12x"}),
                "-32603 Field 'id' expected a number but got 'x'.",
            ),
            (
                json!({"id__in": ["x"]}),
                "-32603 Field 'id' expected a number but got 'x'.",
            ),
            (
                json!({"id__in": [[1]]}),
                "-32602 Field 'id' expected a number but got [1].",
            ),
            (json!({"id__in": 5}), "-32602 'int' object is not iterable"),
            (
                json!({"id__in": null}),
                "-32602 'NoneType' object is not iterable",
            ),
            (
                json!({"id__in": true}),
                "-32602 'bool' object is not iterable",
            ),
            (
                json!({"id__in": 1.5}),
                "-32602 'float' object is not iterable",
            ),
            (
                json!({"id__gt": null}),
                "-32603 Cannot use None as a query value",
            ),
            (json!({"id__range": [1]}), "-32603 tuple index out of range"),
            (
                json!({"id__range": [1, 2, 3]}),
                "-32603 the query has 2 placeholders but 3 parameters were passed",
            ),
            (
                json!({"id__range": 5}),
                "-32602 'int' object is not iterable",
            ),
            (
                json!({"id__range": "1x"}),
                "-32603 Field 'id' expected a number but got 'x'.",
            ),
            (
                json!({"id__iexact": 5}),
                "-32603 function upper(integer) does not exist",
            ),
        ],
    );
    check(
        TestExecution::META,
        &[
            (
                json!({"sortkey": "x"}),
                "-32603 Field 'sortkey' expected a number but got 'x'.",
            ),
            (
                json!({"case__testcaseplan__sortkey": "x"}),
                "-32603 Field 'sortkey' expected a number but got 'x'.",
            ),
        ],
    );
    let conditions = |value| Map::from_iter([("id".into(), value)]);
    let refused = |value| refused(Category::META, &conditions(value));
    assert_eq!(
        refused(Value::Float(f64::NAN)),
        "-32603 Field 'id' expected a number but got nan."
    );
    assert_eq!(
        refused(f64::INFINITY.into()),
        "-32603 cannot convert float infinity to integer"
    );
    assert_eq!(
        refused(Value::Time(chrono::DateTime::UNIX_EPOCH)),
        "-32602 Field 'id' expected a number but got datetime.datetime(1970, 1, 1, 0, 0)."
    );
    assert_eq!(
        refused(Value::Bytes(vec![b'x'])),
        "-32603 Field 'id' expected a number but got b'x'."
    );
}

#[test]
fn texts() {
    check(
        Category::META,
        &[
            (
                json!({"name__contains": null}),
                "-32603 Cannot use None as a query value",
            ),
            (
                json!({"name__regex": null}),
                "-32603 Cannot use None as a query value",
            ),
            (
                json!({"name__in": 5}),
                "-32602 'int' object is not iterable",
            ),
            (
                json!({"name__regex": 5}),
                "-32603 operator does not exist: text ~ integer",
            ),
            (
                json!({"name__iregex": true}),
                "-32603 operator does not exist: text ~* boolean",
            ),
            (
                json!({"name__iexact": {"a": 1}}),
                "-32603 cannot adapt type 'dict'",
            ),
            (
                json!({"name": "a\0"}),
                "-32603 PostgreSQL text fields cannot contain NUL (0x00) bytes",
            ),
            (
                json!({"name__in": ["a\0"]}),
                "-32603 PostgreSQL text fields cannot contain NUL",
            ),
            (
                json!({"name__range": ["a", "\0"]}),
                "-32603 PostgreSQL text fields cannot contain NUL",
            ),
            (
                json!({"name__icontains": "\0"}),
                "-32603 PostgreSQL text fields cannot contain NUL",
            ),
        ],
    );
}

#[test]
fn truth_values() {
    let wrong = |text: &str| format!("-32603 ['“{text}” value must be either True or False.']");
    for (value, text) in [
        (json!("true"), "true"),
        (json!("false"), "false"),
        (json!("yes"), "yes"),
        (json!(""), ""),
        (json!(2), "2"),
        (json!(0.5), "0.5"),
        (json!([]), "[]"),
    ] {
        let found = refused(TestCase::META, &map(&json!({"is_automated": value})));
        assert_eq!(found, wrong(text));
    }
    for value in [
        json!(1),
        json!(0.0),
        json!("t"),
        json!("True"),
        json!("1"),
        json!("f"),
        json!("False"),
        json!("0"),
    ] {
        let found = refused(TestCase::META, &map(&json!({"is_automated": value})));
        assert!(found.starts_with("SELECT"), "{found}");
    }
    check(
        TestCase::META,
        &[
            (
                json!({"is_automated": "it's"}),
                "-32603 [\"“it's” value must be either True or False.\"]",
            ),
            (
                json!({"is_automated__in": ["x"]}),
                "-32603 ['“x” value must be either True or False.']",
            ),
            (
                json!({"summary__isnull": 1}),
                "-32603 The QuerySet value for an isnull lookup must be True or False.",
            ),
            (
                json!({"summary__isnull": "x"}),
                "-32603 The QuerySet value for an isnull lookup must be True or False.",
            ),
            (
                json!({"plan__isnull": []}),
                "-32603 The QuerySet value for an isnull lookup must be True or False.",
            ),
            (
                json!({"plan__isnull": null}),
                "-32603 Cannot use None as a query value",
            ),
        ],
    );
}

#[test]
fn dates_and_intervals() {
    let format =
        "has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.']";
    let garbage = format!("-32603 ['“garbage” value {format}");
    let dotted = format!("-32603 ['“01.02.2024” value {format}");
    let digit = format!("-32603 ['“2” value {format}");
    check(
        TestCase::META,
        &[
            (json!({"create_date": "garbage"}), &garbage),
            (json!({"create_date": "01.02.2024"}), &dotted),
            (json!({"create_date__in": "2024"}), &digit),
            (
                json!({"create_date": "2024-13-01"}),
                "-32603 ['“2024-13-01” value has the correct format (YYYY-MM-DD) but it is an invalid date.']",
            ),
            (
                json!({"create_date": "2024-01-01 25:00"}),
                "-32603 ['“2024-01-01 25:00” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.']",
            ),
            (
                json!({"create_date": "2024-01-01 10:00+24:00"}),
                "-32603 ['“2024-01-01 10:00+24:00” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time.']",
            ),
            (
                json!({"create_date": "0000-01-01"}),
                "-32603 ['“0000-01-01” value has the correct format (YYYY-MM-DD) but it is an invalid date.']",
            ),
            (
                json!({"create_date": 5}),
                "-32602 fromisoformat: argument must be str",
            ),
            (
                json!({"create_date": [1]}),
                "-32602 fromisoformat: argument must be str",
            ),
            (
                json!({"create_date__gt": null}),
                "-32603 Cannot use None as a query value",
            ),
            (
                json!({"create_date__date": "x"}),
                "-32603 ['“x” value has an invalid date format. It must be in YYYY-MM-DD format.']",
            ),
            (
                json!({"create_date__date": "2024-02-30"}),
                "-32603 ['“2024-02-30” value has the correct format (YYYY-MM-DD) but it is an invalid date.']",
            ),
            (
                json!({"create_date__date": 5}),
                "-32602 fromisoformat: argument must be str",
            ),
            (
                json!({"create_date__time": "x"}),
                "-32603 ['“x” value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.']",
            ),
            (
                json!({"create_date__time": "25:00"}),
                "-32603 ['“25:00” value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.']",
            ),
            (
                json!({"create_date__year": "x"}),
                "-32603 Field 'None' expected a number but got 'x'.",
            ),
            (
                json!({"create_date__hour": [1]}),
                "-32602 Field 'None' expected a number but got [1].",
            ),
            (
                json!({"create_date__year": 0}),
                "-32603 year 0 is out of range",
            ),
            (
                json!({"create_date__year__gt": null}),
                "-32603 Cannot use None as a query value",
            ),
            (
                json!({"setup_duration": 10}),
                "-32603 operator does not exist: interval = integer",
            ),
            (
                json!({"setup_duration__gt": 1.5}),
                "-32603 operator does not exist: interval > double precision",
            ),
            (
                json!({"setup_duration__in": ["1", true]}),
                "-32603 operator does not exist: interval = boolean",
            ),
            (
                json!({"setup_duration__range": [1, 2]}),
                "-32603 operator does not exist: interval >= integer",
            ),
        ],
    );
}
