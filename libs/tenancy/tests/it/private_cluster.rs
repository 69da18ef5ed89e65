//! A PostgreSQL of our own: started, shared, stopped, lost and found again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tenancy::{Config, Error, MigrateOptions, Tenancy};
use testkit::until;

/// Makes an empty directory that is removed when this program ends, whatever runs in it.
fn temporary_directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("kiwi-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let script = "cat > /dev/null; pid=$(head -1 \"$0/postgres/data/postmaster.pid\") && \
                  kill -QUIT $pid; \
                  while kill -0 $pid; do sleep 0.1; done; rm -rf \"$0\"";
    let watcher = Command::new("sh")
        .args(["-c", script])
        .arg(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // its standard input closes when we end
    std::mem::forget(watcher);
    directory
}

fn config(directory: &Path) -> Config {
    Config {
        durable: false,
        ..Config::new(directory)
    }
}

fn server(directory: &Path) -> Option<String> {
    let file = std::fs::read_to_string(directory.join("postgres/data/postmaster.pid")).ok()?;
    let pid = file.lines().next()?.to_owned();
    Path::new("/proc").join(&pid).exists().then_some(pid)
}

fn stop(directory: &Path, signal: &str) {
    let pid = server(directory).expect("it runs");
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
    let begun = Instant::now();
    while server(directory).is_some() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it still runs");
        #[expect(clippy::disallowed_methods, reason = "nothing else runs in this test")]
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_last_of_two_programs_stops_it() {
    let directory = temporary_directory("two");
    let one = Tenancy::open(config(&directory)).await.unwrap();
    one.migrate(&MigrateOptions::default()).await.unwrap();
    let two = Tenancy::open(config(&directory)).await.unwrap();
    let pid = server(&directory).unwrap();
    one.close().await;
    assert_eq!(server(&directory), Some(pid), "two still uses it");
    assert!(two.is_initialised().await.unwrap());
    two.close().await;
    assert_eq!(server(&directory), None);

    let begun = Instant::now();
    let again = Tenancy::open(config(&directory)).await.unwrap();
    assert!(again.is_initialised().await.unwrap());
    eprintln!(
        "opening an existing private database took {:?}",
        begun.elapsed()
    );
    // a program that forgets to say good-bye
    drop(again);
    assert_eq!(server(&directory), None);
}

#[tokio::test]
async fn a_crash_of_everything_is_survived() {
    let directory = temporary_directory("crash");
    let durable = || Config::new(&directory);
    let one = Tenancy::open(durable()).await.unwrap();
    one.migrate(&MigrateOptions::default()).await.unwrap();
    // neither it nor we clean up; locks and pid file stay as they are
    stop(&directory, "-QUIT");
    let two = Tenancy::open(durable()).await.unwrap();
    assert!(two.is_initialised().await.unwrap());
    std::fs::create_dir(directory.join("postgres/data.new")).unwrap();
    one.close().await;
    two.close().await;
    assert_eq!(server(&directory), None);
}

#[tokio::test]
async fn a_database_that_stopped_is_unavailable_until_it_is_back() {
    let directory = temporary_directory("back");
    let tenancy = Tenancy::open(config(&directory)).await.unwrap();
    tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    let public = tenancy.by_host("any.example").await.unwrap().unwrap();
    let forgotten = Arc::new(AtomicUsize::new(0));
    tenancy.on_invalidate("anything", {
        let forgotten = forgotten.clone();
        move |key| {
            assert_eq!(key, "*");
            forgotten.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut open = tenancy.begin(&public).await.unwrap();

    stop(&directory, "-INT");
    let error = sqlx::query("SELECT 1")
        .execute(open.conn())
        .await
        .unwrap_err();
    assert!(tenancy::is_unavailable(&error), "{error:?}");
    assert!(matches!(open.commit().await, Err(Error::Unavailable)));
    for _ in 0..3 {
        assert!(matches!(
            tenancy.begin(&public).await,
            Err(Error::Unavailable)
        ));
        assert!(matches!(tenancy.ping().await, Err(Error::Unavailable)));
    }
    let before = forgotten.load(Ordering::SeqCst);

    // somebody starts it again; here: another program that needs it
    let other = Tenancy::open(config(&directory)).await.unwrap();
    let mut tx = tenancy.begin(&public).await.expect("without a restart");
    sqlx::query("INSERT INTO tag (name) VALUES ('x')")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    until("the caches are told", async || {
        forgotten.load(Ordering::SeqCst) != before
    })
    .await;
    other.close().await;
    tenancy.close().await;
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket() {
    let parent = temporary_directory("long");
    let directory = parent.join("x".repeat(60)).join("y".repeat(60));
    let tenancy = Tenancy::open(config(&directory)).await.unwrap();
    tenancy.ping().await.unwrap();
    tenancy.close().await;
    assert_eq!(server(&directory), None);
}

#[tokio::test]
async fn missing_programs_and_closed_directories_are_named() {
    let directory = temporary_directory("named");
    let mut wrong = config(&directory);
    wrong.postgres_bin = Some("/nonexistent".into());
    let error = Tenancy::open(wrong).await.err().unwrap().to_string();
    assert!(
        error.starts_with("KIWI_PG_BIN: /nonexistent holds no programs"),
        "{error}"
    );

    let file = directory.join("file");
    std::fs::write(&file, "").unwrap();
    let error = Tenancy::open(config(&file))
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("cannot create") && error.contains("/file/postgres"),
        "{error}"
    );
}
