//! The reasons of history records.

use chrono::{TimeZone as _, Utc};
use entity::{Fk, Interval, diff};
use insta::assert_snapshot;

use crate::world::{TestCase, TestExecution};

fn sanitise(text: &str) -> String {
    text.replace("<script>", "&lt;script&gt;")
        .replace("</script>", "&lt;/script&gt;")
}

fn texts(old: &str, new: &str) -> String {
    let case = |text: &str| TestCase {
        text: text.into(),
        ..TestCase::default()
    };
    diff::reason(&case(old), &case(new), sanitise)
}

#[test]
fn tells_every_changed_column() {
    let old = TestCase {
        summary: "Case one".into(),
        text: "**Step**\n1. a\n2. b".into(),
        setup_duration: Some(Interval::from_seconds(300.0)),
        category: Fk::new(1),
        ..TestCase::default()
    };
    let new = TestCase {
        summary: "Case <b>one</b> <script>x</script>".into(),
        text: "**Step**\n1. a\n2. b changed".into(),
        setup_duration: Some(Interval::from_seconds(3600.0)),
        category: Fk::new(2),
        ..old.clone()
    };
    assert_snapshot!(diff::reason(&old, &new, sanitise), @r"
    --- summary
    +++ summary
    @@ -1 +1 @@
    -Case one
    +Case <b>one</b> &lt;script&gt;x&lt;/script&gt;
    --- text
    +++ text
    @@ -1,3 +1,3 @@
     **Step**
     1. a
    -2. b
    +2. b changed
    --- setup_duration
    +++ setup_duration
    @@ -1 +1 @@
    -0:05:00
    +1:00:00
    --- category_id
    +++ category_id
    @@ -1 +1 @@
    -1
    +2
    ");
    assert_eq!(diff::reason(&old, &old.clone(), sanitise), "");
}

#[test]
fn prints_values_for_people() {
    let time = |seconds| Some(Utc.with_ymd_and_hms(2024, 1, 2, 3, 4, seconds).unwrap());
    let old = TestExecution {
        start_date: time(5),
        ..TestExecution::default()
    };
    let start_date = time(6).map(|time| time + chrono::TimeDelta::milliseconds(500));
    let new = TestExecution {
        tested_by: Some(Fk::new(3)),
        start_date,
        ..old.clone()
    };
    assert_snapshot!(diff::reason(&old, &new, sanitise), @r"
    --- tested_by_id
    +++ tested_by_id
    @@ -1 +1 @@
    -None
    +3
    --- start_date
    +++ start_date
    @@ -1 +1 @@
    -2024-01-02 03:04:05
    +2024-01-02 03:04:06.500000
    ");
    let automated = TestCase {
        is_automated: true,
        ..TestCase::default()
    };
    let reason = diff::reason(&automated, &TestCase::default(), sanitise);
    assert_eq!(
        reason,
        "--- is_automated\n+++ is_automated\n@@ -1 +1 @@\n-True\n+False"
    );
}

#[test]
fn shows_three_lines_around_a_change() {
    assert_eq!(
        texts("", "n1\nn2"),
        "--- text\n+++ text\n@@ -1 +1,2 @@\n-\n+n1\n+n2"
    );
    let lines = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].join("\n");
    let changed = lines.replace('e', "e2");
    assert_snapshot!(texts(&lines, &changed), @r"
    --- text
    +++ text
    @@ -2,7 +2,7 @@
     b
     c
     d
    -e
    +e2
     f
     g
     h
    ");
    assert_snapshot!(texts(&lines, &format!("{lines}\nk")), @r"
    --- text
    +++ text
    @@ -8,3 +8,4 @@
     h
     i
     j
    +k
    ");
}

#[test]
fn chooses_the_longest_common_run() {
    assert_snapshot!(texts("x\ni\ni\n9\ni\ni", "y\nz\ni\n9\ni"), @r"
    --- text
    +++ text
    @@ -1,6 +1,5 @@
    -x
    -i
    +y
    +z
     i
     9
     i
    -i
    ");
}

#[test]
fn long_texts_take_no_time() {
    let numbers = |from: usize| (from..from + 3000).map(|number| number.to_string());
    let old = numbers(0).collect::<Vec<_>>().join("\n");
    let new = numbers(1000).collect::<Vec<_>>().join("\n");
    assert!(
        texts(&format!("a\n{old}\nz"), &format!("a\n{new}\nz"))
            .starts_with("--- text\n+++ text\n@@ -1,3002 +1,3002 @@\n a\n-0\n-1\n")
    );
    let same = "x\n".repeat(900);
    assert!(texts(&same, &format!("y\n{same}")).ends_with("+y\n x\n x\n x"));
}
