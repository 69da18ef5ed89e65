//! From one release to the next: what is migrated, what a kill leaves behind, what is kept.

use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tenancy::Database;
use testkit::TestDatabase;
use tokio::runtime::Runtime;

use crate::kiwi::{DOMAIN, Folder, Kiwi, PASSWORD, Said, pause, prepared, program, run};
use crate::status::{files_below, logged_in};

/// A database that tests look into, and the program on it.
pub(crate) struct Installation {
    database: TestDatabase,
    folder: Folder,
    runtime: Runtime,
}

impl Installation {
    /// Without any table.
    fn empty() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let database = runtime.block_on(TestDatabase::empty());
        Self {
            database,
            folder: Folder::new(),
            runtime,
        }
    }

    /// With the superuser *root* and the tenant *alpha*.
    pub(crate) fn new() -> Self {
        let it = Self::empty();
        it.folder.write("password", PASSWORD);
        let password = it.folder.path().join("password").display().to_string();
        let root = [
            "createsuperuser",
            "--noinput",
            "--username=root",
            "--email=r@example.org",
        ];
        it.kiwi(&["migrate"]).expect(0);
        it.kiwi(&[&root[..], &["--password-file", &password]].concat())
            .expect(0);
        it.kiwi(&["tenant", "domain", "add", "public", DOMAIN, "--primary"])
            .expect(0);
        it.kiwi(&["tenant", "create", "alpha", "--owner=root"])
            .expect(0);
        it
    }

    pub(crate) fn environment(&self) -> [(&'static str, String); 2] {
        let Database::Url(address) = &self.database.database else {
            unreachable!("databases of tests have an address")
        };
        [
            ("DATABASE_URL", address.clone()),
            ("KIWI_TENANTS_DOMAIN", DOMAIN.to_owned()),
        ]
    }

    pub(crate) fn kiwi(&self, arguments: &[&str]) -> Said {
        let mut command = program(self.folder.path());
        command.envs(self.environment());
        run(command, arguments)
    }

    pub(crate) fn kiwi_with(&self, variable: (&str, &str), arguments: &[&str]) -> Said {
        let mut command = program(self.folder.path());
        command.envs(self.environment()).env(variable.0, variable.1);
        run(command, arguments)
    }

    fn serve(&self) -> Kiwi {
        let environment = self.environment();
        let environment = environment
            .each_ref()
            .map(|(name, value)| (*name, &**value));
        Kiwi::start(self.folder.path(), &environment)
    }

    fn sql(&self, text: impl Into<String>) {
        self.runtime.block_on(self.database.sql(text));
    }

    fn structure(&self) -> Vec<String> {
        self.runtime.block_on(self.database.structure())
    }

    /// The same without the numbers of rows, which a running server changes.
    fn tables(&self) -> Vec<String> {
        let mut lines = self.structure();
        lines.retain(|line| !line.ends_with(" rows"));
        lines
    }
}

fn status(server: &Kiwi, host: &str, path: &str) -> u16 {
    let answer = server.client().get(server.https(host, path)).send();
    answer.expect("an answer").status().as_u16()
}

/// Takes the newest step of the platform back; returns its name. What the release before had is all
/// of that step's predecessors.
fn take_back_a_step(it: &Installation) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/platform");
    let files = fs::read_dir(folder).expect("the steps").flatten();
    let newest = files.map(|file| file.path()).max().expect("a step");
    let script = fs::read_to_string(&newest).expect("a step");
    let name = newest.file_stem().expect("a name").to_string_lossy();
    let mut tables = 0;
    for line in script.lines() {
        let Some((word, rest)) = line.split_once(' ') else {
            continue;
        };
        let is_new = word == "CREATE" && (rest.starts_with("TABLE") || rest.contains("INDEX"));
        let is_step = line.starts_with(|first: char| first.is_ascii_uppercase());
        assert!(
            is_new || !is_step,
            "{name}: say here how `{line}` is taken back"
        );
        if let Some(table) = rest.strip_prefix("TABLE ").filter(|_| is_step) {
            let table = table.trim_end_matches('(').trim();
            it.sql(format!("DROP TABLE {table} CASCADE"));
            tables += 1;
        }
    }
    assert!(tables > 0, "{name} makes no table");
    let number: i32 = name[..4].parse().expect("a number");
    it.sql(format!(
        "DELETE FROM platform.schema_step WHERE stream = 'platform' AND version = {number}"
    ));
    name.into_owned()
}

#[test]
fn opa_020_after_an_upgrade_no_migration_is_open_and_everything_is_there() {
    let it = Installation::new();
    let whole = it.tables();
    let step = take_back_a_step(&it);
    // the new program serves before it migrates
    let server = it.serve();
    let host = format!("alpha.{DOMAIN}");
    assert_eq!(status(&server, &host, "/accounts/login/"), 200);
    let shown = it.kiwi(&["showmigrations"]).expect(1);
    assert!(
        shown.out().contains(&format!(" [ ] {step}")),
        "{}",
        shown.out()
    );
    assert!(shown.err().contains("kiwi migrate"), "{}", shown.err());

    let told = it.kiwi(&["migrate"]).expect(0).out();
    assert!(
        told.contains(&format!("Applying platform/{step}... OK")),
        "{told}"
    );
    let shown = it.kiwi(&["showmigrations"]).expect(0).out();
    assert!(shown.contains(" [X] ") && !shown.contains("[ ]"), "{shown}");
    assert_eq!(it.tables(), whole);
    let client = logged_in(&server, "root");
    let page = client.get(server.https(&host, "/")).send();
    assert_eq!(page.expect("an answer").status(), 200);
}

/// Most of the thousand have only what a step looks at and what the rules fill in, because a
/// thousand times all tables would take minutes.
#[test]
fn opa_021_one_broken_tenant_of_a_thousand_keeps_no_other_from_being_upgraded() {
    let it = Installation::new();
    it.kiwi(&["tenant", "create", "beta", "--owner=root"])
        .expect(0);
    it.sql(
        "DO $$ BEGIN
             FOR n IN 1..997 LOOP
                 EXECUTE format('CREATE SCHEMA many%1$s;
                     CREATE TABLE many%1$s.schema_state (LIKE public.schema_state INCLUDING ALL);
                     INSERT INTO many%1$s.schema_state (version, checksum)
                         SELECT version, checksum FROM public.schema_state;
                     CREATE TABLE many%1$s.user_group (LIKE public.user_group INCLUDING ALL);
                     CREATE TABLE many%1$s.group_permission
                         (LIKE public.group_permission INCLUDING ALL)', n);
             END LOOP;
         END $$;
         INSERT INTO platform.tenant (schema_name, state, schema_version)
         SELECT 'many' || n, 'active', 0 FROM generate_series(1, 997) n",
    );
    // as if two had never been migrated, with something in the way in one of them
    for schema in ["alpha", "beta"] {
        it.sql(format!(
            "DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema};
             UPDATE platform.tenant SET schema_version = 0 WHERE schema_name = '{schema}'"
        ));
    }
    it.sql("CREATE TABLE beta.history (x int)");
    let server = it.serve();
    let [alpha, beta] = ["alpha", "beta"].map(|name| format!("{name}.{DOMAIN}"));
    for host in [&alpha, &beta] {
        assert_eq!(status(&server, host, "/accounts/login/"), 503);
    }

    let said = it.kiwi(&["upgrade", "--keep-stale"]).expect(5);
    let line = "Migrating tenant beta... failed at 0001_init: ";
    assert!(said.out().contains(line), "{}", said.out());
    assert!(
        said.err().contains("1 tenants are not migrated"),
        "{}",
        said.err()
    );
    let told = it
        .kiwi(&["tenant", "migrate", "status", "--json"])
        .expect(1);
    let told = told.json();
    let behind = told["behind"].as_array().expect("a list");
    assert_eq!(behind.len(), 1, "{told}");
    assert_eq!(
        (&behind[0]["tenant"], &behind[0]["state"]),
        (&"beta".into(), &"failed".into())
    );
    let newest = &told["newest"];
    let expected = json!([{"version": 0, "tenants": 1}, {"version": newest, "tenants": 999}]);
    assert_eq!(told["versions"], expected);
    assert_eq!(status(&server, &alpha, "/accounts/login/"), 200);
    assert_eq!(status(&server, DOMAIN, "/accounts/login/"), 200);
    assert_eq!(status(&server, &beta, "/accounts/login/"), 503);

    it.sql("DROP TABLE beta.history");
    it.kiwi(&["tenant", "migrate", "beta"]).expect(0);
    assert_eq!(status(&server, &beta, "/accounts/login/"), 200);
}

/// Kills `kiwi migrate` after this time; false if it had come to its end.
fn killed(it: &Installation, after: Duration) -> bool {
    let mut command = program(it.folder.path());
    command.envs(it.environment()).arg("migrate");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().expect("the program starts");
    pause(after);
    let killed = matches!(process.try_wait(), Ok(None));
    process.kill().expect("it can be killed");
    process.wait().expect("its end");
    killed
}

/// Two tenants whose tables are missing, as if the release before had left them so.
fn fall_behind(it: &Installation) {
    for schema in ["alpha", "beta"] {
        it.sql(format!(
            "CREATE SCHEMA {schema};
             INSERT INTO platform.tenant (schema_name, state, schema_version)
             VALUES ('{schema}', 'active', 0)"
        ));
    }
}

#[test]
fn opa_022_a_migration_that_was_killed_anywhere_is_finished_by_the_next_one() {
    const KILLS: usize = 20;
    let it = Installation::empty();
    let begun = Instant::now();
    it.kiwi(&["migrate"]).expect(0);
    let usual = begun.elapsed();
    fall_behind(&it);
    it.kiwi(&["migrate"]).expect(0);
    let expected = it.structure();

    let chance = RandomState::new();
    let mut times = vec![];
    let mut kills = 0;
    while kills < KILLS {
        assert!(times.len() < 4 * KILLS, "hardly anything was killed");
        let it = Installation::empty();
        for arrange in [|_: &Installation| {}, fall_behind] {
            arrange(&it);
            for _ in 0..5 {
                let share = f64::from(chance.hash_one(times.len()) as u16) / f64::from(u16::MAX);
                times.push(usual.mul_f64(share * 0.8));
                if !killed(&it, times[times.len() - 1]) {
                    break;
                }
                kills += 1;
            }
            let said = it.kiwi(&["migrate"]);
            assert_eq!(said.code(), 0, "after {times:?}: {}", said.err());
        }
        it.kiwi(&["showmigrations"]).expect(0);
        let found = it.structure();
        let new: Vec<_> = found
            .iter()
            .filter(|line| !expected.contains(line))
            .collect();
        let lost: Vec<_> = expected
            .iter()
            .filter(|line| !found.contains(line))
            .collect();
        assert!(
            new.is_empty() && lost.is_empty(),
            "{times:?}: {new:#?} {lost:#?}"
        );
    }
}

#[test]
fn opa_023_the_release_before_serves_what_the_next_one_has_migrated() {
    let it = Installation::new();
    // the next release adds tables and columns, and removes what nobody uses one release later
    it.sql(
        "CREATE TABLE platform.of_the_next_release (id integer PRIMARY KEY);
         ALTER TABLE platform.account ADD COLUMN next_release text NOT NULL DEFAULT '';
         INSERT INTO platform.schema_step (stream, version, name, checksum)
         SELECT stream, max(version) + 1, 'next', 'next' FROM platform.schema_step GROUP BY stream;
         UPDATE platform.tenant SET schema_version = schema_version + 1",
    );
    for schema in ["public", "alpha"] {
        it.sql(format!(
            "CREATE TABLE {schema}.of_the_next_release (id integer PRIMARY KEY);
             ALTER TABLE {schema}.classification
                 ADD COLUMN next_release text NOT NULL DEFAULT '';
             UPDATE {schema}.schema_state SET version = version + 1"
        ));
    }
    let migrated = it.tables();
    let server = it.serve();
    let root = logged_in(&server, "root");
    let host = format!("alpha.{DOMAIN}");
    for path in ["/", "/admin/sites/site/1/", "/readyz"] {
        let page = root.get(server.https(&host, path)).send();
        assert_eq!(page.expect("an answer").status(), 200, "{path}");
    }
    let call = |method: &str, parameters: Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let answer = root.post(server.https(&host, "/json-rpc/")).json(&call);
        let text = answer.send().expect("an answer").text().expect("a text");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    };
    // nothing of that is undone or complained of
    it.kiwi(&["migrate"]).expect(0);
    it.kiwi(&["showmigrations"]).expect(0);
    assert_eq!(it.tables(), migrated);
    let made = call("Classification.create", json!([{"name": "Written"}]));
    let found = call("Classification.filter", json!([{"id": made["id"]}]));
    assert_eq!(found[0]["name"], "Written");
}

#[test]
fn ops_043_seed_033_what_a_newer_release_has_taken_away_is_refused() {
    let it = Installation::new();
    let problems = |code: i32| {
        let told = it.kiwi(&["check", "--json"]).expect(code).json();
        told.to_string()
    };
    it.kiwi(&["set_domain", "kiwi.example.org"]).expect(0);
    it.sql(
        "INSERT INTO platform.schema_step (stream, version, name, checksum)
         VALUES ('platform', 98, '0098_more', 'later');
         UPDATE platform.tenant SET schema_version = 99 WHERE schema_name = 'alpha'",
    );
    // what was added is told, and nothing but the tenant that went further is refused
    let told = problems(1);
    assert!(told.contains("platform/0098_more"), "{told}");
    assert!(told.contains("tenant alpha is at version 99"), "{told}");
    let shown = it.kiwi(&["showmigrations"]).expect(1);
    let line = "of a newer release: platform/0098_more";
    assert!(shown.out().contains(line), "{}", shown.out());
    let status_of = it.kiwi(&["tenant", "migrate", "status"]).expect(1);
    assert!(status_of.out().contains("too new"), "{}", status_of.out());
    assert!(status_of.err().contains("newer one"), "{}", status_of.err());
    let server = it.serve();
    let alpha = format!("alpha.{DOMAIN}");
    assert_eq!(status(&server, DOMAIN, "/accounts/login/"), 200);
    assert_eq!(status(&server, &alpha, "/accounts/login/"), 503);
    server.stop();

    it.sql(
        "INSERT INTO platform.schema_step (stream, version, name, checksum)
         VALUES ('platform', 99, '0099_contract_accounts', 'later')",
    );
    let text = "platform/0099_contract_accounts has taken away what this release needs";
    assert!(problems(1).contains(text));
    for command in [
        &["migrate"][..],
        &["upgrade", "--plan"],
        &["tenant", "list"],
    ] {
        let said = it.kiwi(command).expect(4);
        assert!(said.err().contains(text), "{command:?}: {}", said.err());
    }
    let environment = it.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (*name, &**value));
    let refused = Kiwi::launch(it.folder.path(), &environment).err();
    assert!(refused.is_some_and(|log| log.contains(text)));
}

#[test]
fn opa_024_an_upgrade_leaves_stale_files_alone_unless_it_is_told_to_delete_them() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let root = logged_in(&server, "root");
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "User.add_attachment",
        "params": ["kept.txt", "a2VwdA=="]});
    let answer = root
        .post(server.https(DOMAIN, "/json-rpc/"))
        .json(&call)
        .send();
    assert!(
        answer
            .expect("an answer")
            .text()
            .expect("a text")
            .contains("/uploads/")
    );
    let [kept] = files_below(&folder.path().join("uploads"))
        .try_into()
        .expect("one file");
    // one that no record knows, from long ago
    let stale = kept.with_file_name("900000");
    fs::copy(&kept, &stale).expect("a file");
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let opened = fs::File::options().write(true).open(&stale);
    opened
        .expect("a file")
        .set_modified(long_ago)
        .expect("a time");

    let said = server.kiwi(&["upgrade"]).expect(0).out();
    assert!(said.contains("left alone; give --noinput"), "{said}");
    assert!(stale.exists() && kept.exists());
    server
        .kiwi(&["upgrade", "--noinput", "--keep-stale"])
        .expect(0);
    assert!(stale.exists() && kept.exists());
    let said = server.kiwi(&["upgrade", "--noinput"]).expect(0).out();
    assert!(
        said.contains("  1 files without a record removed"),
        "{said}"
    );
    assert!(!stale.exists() && kept.exists());
}
