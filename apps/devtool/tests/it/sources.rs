//! Rules about the text of the sources.

use std::fs;
use std::path::Path;

/// Calls `visit` for every file of the repository that people write.
pub(crate) fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let made = ["target", "var", "node_modules", "dist"].contains(&name.as_ref());
        if made || (name.starts_with('.') && path.is_dir()) {
            continue;
        }
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// Lines of Rust sources outside tests that `wrong` objects to, as `path:line: text`.
fn rust_lines(wrong: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let root = crate::root();
    let mut found = Vec::new();
    for folder in ["apps", "libs"] {
        walk(&root.join(folder), &mut |path| {
            let name = path
                .strip_prefix(&root)
                .expect("below the root")
                .to_string_lossy();
            let is_test = name.contains("/tests/") || name.ends_with("/tests.rs");
            if is_test || path.extension().is_none_or(|extension| extension != "rs") {
                return;
            }
            let text = fs::read_to_string(path).expect("sources are UTF-8");
            for (number, line) in text.lines().enumerate() {
                let code = line.trim_start();
                if !code.starts_with("//") && wrong(&name, code) {
                    found.push(format!("{name}:{}: {code}", number + 1));
                }
            }
        });
    }
    found
}

/// The files that may turn a text made at run time into SQL: identifiers come from constants
/// there, values are bound.
const MAY_BUILD_SQL: &[&str] = &[
    "libs/entity/src/probe.rs",
    "libs/entity/src/repository.rs",
    "libs/tenancy/src/pool.rs",
    // databases of tests, whose names cannot be bound
    "libs/testkit/src/cluster.rs",
];

#[test]
fn built_sql_stays_in_few_files() {
    let found =
        rust_lines(|name, line| line.contains("AssertSqlSafe(") && !MAY_BUILD_SQL.contains(&name));
    assert!(
        found.is_empty(),
        "use a constant text with bound values: {found:#?}"
    );
}

#[test]
fn statements_are_begun_as_the_operator_has_set() {
    const BEGINS: &[&str] = &["", "_as", "_scalar", "_with"];
    let found = rust_lines(|name, line| {
        let is_product = !name.starts_with("libs/testkit/") && !name.starts_with("apps/devtool/");
        let begins = |what: &&str| {
            line.contains(&format!("sqlx::query{what}("))
                || line.contains(&format!("sqlx::query{what}::<"))
        };
        is_product && name != "libs/entity/src/sql.rs" && BEGINS.iter().any(begins)
    });
    assert!(
        found.is_empty(),
        "behind a pooler that keeps no prepared statements these fail; use `entity::sql`: {found:#?}"
    );
}

#[test]
fn columns_are_always_listed() {
    let found = rust_lines(|_, line| {
        let line = line.to_ascii_uppercase();
        line.contains("SELECT *") || line.contains("RETURNING *")
    });
    assert!(
        found.is_empty(),
        "a plan with * breaks while tenants are migrated: {found:#?}"
    );
}

#[test]
fn only_tenancy_names_a_schema() {
    let found = rust_lines(|name, line| {
        !name.starts_with("libs/tenancy/")
            && (line.contains("search_path")
                || line.contains("CREATE SCHEMA")
                || line.contains("information_schema")
                || line.contains("pg_namespace"))
    });
    assert!(
        found.is_empty(),
        "ask tenancy for a transaction inside the tenant: {found:#?}"
    );
}

#[test]
fn the_path_is_set_for_one_transaction_only() {
    let found =
        rust_lines(|_, line| line.contains("search_path TO") && !line.contains("SET LOCAL"));
    assert!(
        found.is_empty(),
        "behind a pooler in transaction mode a session-level path is somebody else's: {found:#?}"
    );
}

#[test]
fn lints_are_expected_not_allowed() {
    let found = rust_lines(|_, line| {
        (line.starts_with("#[expect(") && line.ends_with(")]") && !line.contains("reason"))
            || line.starts_with("#[allow(")
            || line.starts_with("#![allow(")
    });
    assert!(
        found.is_empty(),
        "write #[expect(lint, reason = \"…\")]: {found:#?}"
    );
}

/// What `views` has rendered itself: rows cell by cell, because a run has many; JSON in colours.
const RENDERED: &[&str] = &["{{{page.executions}}}", "{{{request}}}", "{{{answer}}}"];

#[test]
fn templates_write_raw_html_in_prose_only() {
    let root = crate::root();
    let mut found = Vec::new();
    walk(&root.join("libs/views/templates"), &mut |path| {
        let text = fs::read_to_string(path).expect("templates are UTF-8");
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("{{{") {
                let before = &line[..at];
                let opened = before.rfind('<').map_or("", |start| &before[start..]);
                let in_prose = opened.contains("class=\"prose") && before.ends_with('>');
                let rendered = RENDERED.iter().any(|text| line[at..].starts_with(text));
                if !in_prose && !rendered {
                    found.push(format!("{}:{}", path.display(), number + 1));
                }
            }
        }
    });
    assert!(
        found.is_empty(),
        "{{{{{{ is for Markdown that was made harmless, directly inside class=\"prose\": {found:#?}"
    );
}

#[test]
fn nothing_speaks_of_unfinished_work() {
    let found = rust_lines(|_, line| {
        line.contains("todo!(")
            || line.contains("unimplemented!(")
            || line.contains("unreachable!()")
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn sec_042_digests_are_sha_256_or_better() {
    // passwords that an import brings may have been hashed with an older digest
    let old = "libs/domain/src/accounts/passwords.rs";
    let found = rust_lines(|name, line| {
        let line = line.to_lowercase();
        let named = ["sha1", "sha-1", "md5", "md4"];
        name != old
            && !name.starts_with("apps/devtool/")
            && named.iter().any(|digest| line.contains(digest))
    });
    assert!(found.is_empty(), "use SHA-256: {found:#?}");
}

#[test]
fn sec_050_input_is_never_evaluated() {
    let root = crate::root();
    let mut found = Vec::new();
    for folder in ["apps/frontend/src", "ops", "libs/views/templates"] {
        walk(&root.join(folder), &mut |path| {
            let Ok(text) = fs::read_to_string(path) else {
                return;
            };
            for (number, line) in text.lines().enumerate() {
                let evaluates = |name: &str| {
                    line.match_indices(name).any(|(at, _)| {
                        let before = line[..at].chars().next_back();
                        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                    })
                };
                if ["eval(", "new Function(", "exec(", "document.write("]
                    .iter()
                    .any(|name| evaluates(name))
                {
                    found.push(format!("{}:{}: {line}", path.display(), number + 1));
                }
            }
        });
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Where a name below the temporary folder is the same each time, with the reason.
const FIXED_TEMPORARY: &[&str] = &[
    // programs of one installation find its socket there; who owns it is checked
    "libs/tenancy/src/private_cluster.rs",
    // all tests of one user share a database server
    "libs/testkit/src/cluster.rs",
    "apps/devtool/tests/it/sources.rs",
];

#[test]
fn sec_045_temporary_files_have_no_fixed_names() {
    let root = crate::root();
    let mut found = rust_lines(|name, line| {
        let is_fixed =
            line.contains("temp_dir()") || line.contains("\"/tmp") || line.contains("/var/tmp");
        is_fixed && !FIXED_TEMPORARY.contains(&name)
    });
    walk(&root.join("ops"), &mut |path| {
        let is_script = path
            .extension()
            .is_some_and(|extension| extension == "sh" || extension == "py");
        if !is_script {
            return;
        }
        let text = fs::read_to_string(path).expect("sources are UTF-8");
        let fixed = text
            .lines()
            .filter(|line| line.contains("/tmp/") && !line.trim_start().starts_with('#'));
        found.extend(fixed.map(|line| format!("{}: {line}", path.display())));
    });
    assert!(
        found.is_empty(),
        "others can guess this name and be there first; use the crate tempfile, or mktemp: {found:#?}"
    );
}
