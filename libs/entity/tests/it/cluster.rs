//! A database server of this test run alone.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::world;

/// The shell that runs the server stops it, and removes its files, when this process ends: then
/// its standard input is closed.
const WATCH: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses='' -c fsync=off -c timezone=UTC &
server=$!
cat > /dev/null
kill -INT $server
wait $server
rm -rf "$2"
"#;

/// A connection inside a transaction that is never committed, with the tables of [`world`].
pub(crate) async fn connect() -> PgConnection {
    // Holds the standard input of the server's shell, which is closed when this process ends.
    static SERVER: OnceLock<(PathBuf, Child)> = OnceLock::new();
    let (directory, _) = SERVER.get_or_init(start);
    let options = PgConnectOptions::new()
        .socket(directory)
        .username("postgres")
        .database("postgres");
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut connection = loop {
        match PgConnection::connect_with(&options).await {
            Ok(connection) => break connection,
            Err(error) if Instant::now() > deadline => panic!("no connection: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    connection.execute("BEGIN").await.expect("a transaction");
    connection
        .execute(AssertSqlSafe(world::schema()))
        .await
        .expect("the tables");
    connection
}

fn start() -> (PathBuf, Child) {
    let programs = programs();
    let directory = std::env::temp_dir().join(format!("kiwi-entity-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory for the server");
    let owner = owner();
    if let Some((user, group)) = owner {
        chown(&directory, Some(user), Some(group)).expect("root may give it away");
    }
    let run = |mut command: Command| {
        command
            .current_dir("/")
            .env("LC_ALL", "C.UTF-8")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some((user, group)) = owner {
            command.uid(user).gid(group);
        }
        command
    };
    let mut initdb = Command::new(programs.join("initdb"));
    initdb
        .args(["--no-sync", "-E", "UTF8", "-U", "postgres", "-A", "trust"])
        .args(["--locale-provider=icu", "--icu-locale=en-US", "-D"])
        .arg(directory.join("data"));
    assert!(
        run(initdb).status().expect("initdb runs").success(),
        "initdb failed"
    );

    let mut server = Command::new("sh");
    server
        .args(["-c", WATCH, "sh"])
        .arg(programs)
        .arg(&directory);
    let server = run(server)
        .stdin(Stdio::piped())
        .spawn()
        .expect("the server starts");
    (directory, server)
}

/// The newest installed server.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let packaged = versions.map(|entry| entry.path().join("bin"));
    #[expect(
        clippy::disallowed_methods,
        reason = "where programs are, not a setting"
    )]
    let search = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&search).collect::<Vec<_>>();
    let mut found: Vec<_> = packaged
        .chain(on_path)
        .filter(|path| path.join("initdb").is_file())
        .collect();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL's initdb is needed: install the package postgresql")
}

/// The server refuses to run as root; root lends it to the user `postgres`.
fn owner() -> Option<(u32, u32)> {
    if fs::metadata(Path::new("/proc/self")).ok()?.uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let fields: Vec<_> = line.split(':').collect();
    Some((fields[2].parse().ok()?, fields[3].parse().ok()?))
}
