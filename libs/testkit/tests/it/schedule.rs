//! What is done regularly: by one program at a time, at its time, and with a record.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::{Outcome, Record, Rhythm, Scheduler, Task, work};
use testkit::{ALPHA, App, TESTER};
use tokio::sync::{Semaphore, watch};

const MINUTE: Duration = Duration::from_mins(1);

/// A task of the test that counts its runs, and fails when it is told to.
fn counting(runs: &Arc<AtomicUsize>, fails: bool) -> Task {
    let runs = runs.clone();
    Task {
        name: "counting",
        about: "count",
        rhythm: Rhythm::Every(MINUTE),
        limit: MINUTE,
        work: work(move |_| {
            let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                anyhow::ensure!(!fails, "no luck in run {run}");
                Ok(format!("run {run}"))
            }
        }),
    }
}

/// Runs a statement on the rows of tasks.
async fn execute(app: &App, sql: &'static str) {
    let tenancy = app.domain().tenancy();
    let mut tx = tenancy.begin_platform().await.expect("a transaction");
    sqlx::query(sql)
        .execute(tx.conn())
        .await
        .expect("a statement");
    tx.commit().await.expect("the end");
}

async fn make_due(app: &App) {
    execute(app, "UPDATE platform.scheduled_task SET due_at = now()").await;
}

async fn record(scheduler: &Scheduler, name: &str) -> Record {
    let records = scheduler.records().await.expect("records");
    let record = records.into_iter().find(|record| record.name == name);
    record.unwrap_or_else(|| panic!("no record of {name}"))
}

#[tokio::test]
async fn what_is_due_is_done_by_exactly_one_of_two_programs() {
    let app = App::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let one = Scheduler::new(app.domain().clone(), [counting(&runs, false)]);
    let other = Scheduler::new(app.domain().clone(), [counting(&runs, false)]);
    // this also plans it
    one.run_now("counting").await.expect("a run");
    let (_stop, stop) = watch::channel(false);
    for round in 2..=6 {
        make_due(&app).await;
        let (first, second) = tokio::join!(one.run_due(&stop), other.run_due(&stop));
        let begun = first.expect("an answer") + second.expect("an answer");
        assert_eq!(begun, one.tasks().len());
        assert_eq!(runs.load(Ordering::SeqCst), round);
    }
    assert_eq!(one.run_due(&stop).await.expect("an answer"), 0);
    let record = record(&one, "counting").await;
    assert_eq!(record.outcome, Some(Outcome::Done));
    assert_eq!(record.detail, "run 6");
    assert_eq!(record.rhythm, "every 1 min");
    assert!(!record.is_running);
    assert!(record.seconds().is_some());
    let pause = record.due_at - record.finished_at.expect("an end");
    assert_eq!(pause.num_seconds(), 60);
}

#[tokio::test]
async fn a_task_that_fails_is_recorded_and_tried_again() {
    let app = App::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let failing = Scheduler::new(app.domain().clone(), [counting(&runs, true)]);
    for failures in 1..=2 {
        let record = failing.run_now("counting").await.expect("a record");
        assert_eq!(record.outcome, Some(Outcome::Failed));
        assert_eq!(record.detail, format!("no luck in run {failures}"));
        assert_eq!(record.failures, failures);
        assert_eq!(record.succeeded_at, None);
        assert!(record.due_at > record.finished_at.expect("an end"));
    }
    let well = Scheduler::new(app.domain().clone(), [counting(&runs, false)]);
    let record = well.run_now("counting").await.expect("a record");
    assert_eq!((record.failures, record.outcome), (0, Some(Outcome::Done)));
    assert_eq!(record.succeeded_at, record.finished_at);
}

#[tokio::test]
async fn a_defect_of_a_task_harms_nothing_else() {
    let app = App::start().await;
    let defect = Task {
        name: "defect",
        about: "panic",
        rhythm: Rhythm::Every(MINUTE),
        limit: MINUTE,
        work: work(async |_| panic!("a defect")),
    };
    let scheduler = Scheduler::new(app.domain().clone(), [defect]);
    let record = scheduler.run_now("defect").await.expect("a record");
    assert_eq!(record.outcome, Some(Outcome::Failed));
    assert!(!record.is_running);
    let slow = Task {
        name: "slow",
        about: "take too long",
        rhythm: Rhythm::Every(MINUTE),
        limit: Duration::from_millis(1),
        work: work(async |_| std::future::pending().await),
    };
    let scheduler = Scheduler::new(app.domain().clone(), [slow]);
    let record = scheduler.run_now("slow").await.expect("a record");
    assert_eq!(record.outcome, Some(Outcome::Failed));
    assert_eq!(record.detail, "not done after 0 s");
}

#[tokio::test]
async fn a_task_that_runs_is_refused_and_one_of_a_dead_program_is_taken_over() {
    let app = App::start().await;
    let gate = Arc::new(Semaphore::new(0));
    let waiting = {
        let gate = gate.clone();
        Task {
            name: "waiting",
            about: "wait",
            rhythm: Rhythm::Every(MINUTE),
            limit: MINUTE,
            work: work(move |_| {
                let gate = gate.clone();
                async move {
                    let _ = gate.acquire().await?;
                    Ok("through".to_owned())
                }
            }),
        }
    };
    let one = Scheduler::new(app.domain().clone(), [waiting.clone()]);
    let other = Scheduler::new(app.domain().clone(), [waiting]);
    let run = tokio::spawn({
        let one = one.clone();
        async move { one.run_now("waiting").await }
    });
    while other
        .records()
        .await
        .expect("records")
        .iter()
        .all(|record| !record.is_running)
    {
        tokio::task::yield_now().await;
    }
    let refused = other.run_now("waiting").await.expect_err("refused");
    assert!(
        refused.to_string().contains("by another program"),
        "{refused}"
    );
    // as if the first one had died
    run.abort();
    execute(
        &app,
        "UPDATE platform.scheduled_task SET leased_until = now()",
    )
    .await;
    gate.add_permits(1);
    let record = other.run_now("waiting").await.expect("a run");
    assert_eq!(
        (record.outcome, &*record.detail),
        (Some(Outcome::Done), "through")
    );
}

#[tokio::test]
async fn another_rhythm_is_another_plan() {
    let app = App::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let task = counting(&runs, false);
    let scheduler = Scheduler::new(app.domain().clone(), [task.clone()]);
    scheduler.run_now("counting").await.expect("a run");
    let hourly = Task {
        rhythm: Rhythm::Every(600 * MINUTE),
        ..task
    };
    let scheduler = Scheduler::new(app.domain().clone(), [hourly]);
    scheduler.run_now("sessions").await.expect("a run");
    assert_eq!(record(&scheduler, "counting").await.rhythm, "every 10 h");
}

#[tokio::test]
async fn housekeeping_deletes_what_is_over() {
    let app = App::start().await;
    let _ = app.client(ALPHA).log_in(TESTER).await;
    let _ = app.client(ALPHA).log_in(TESTER).await;
    execute(
        &app,
        "UPDATE platform.session SET expires_at = now()
         WHERE id = (SELECT min(id) FROM platform.session)",
    )
    .await;
    execute(
        &app,
        "INSERT INTO platform.job (tenant, kind, payload, failed_at)
         VALUES ('', 'send_mail', '{}', now() - interval '31 days'),
                ('', 'send_mail', '{}', now() - interval '29 days'),
                ('', 'send_mail', '{}', NULL)",
    )
    .await;
    let scheduler = Scheduler::new(app.domain().clone(), []);
    for (task, told) in [
        ("sessions", "1 expired sessions deleted"),
        ("attempts", "0 old failures forgotten"),
        ("keys", "0 keys and pictures deleted"),
        ("failed_jobs", "1 jobs deleted"),
        ("files", "0 files removed"),
    ] {
        let record = scheduler.run_now(task).await.expect("a run");
        assert_eq!(
            (record.outcome, &*record.detail),
            (Some(Outcome::Done), told)
        );
    }
}

#[tokio::test]
async fn a_worker_does_what_is_due_and_stops() {
    let app = App::start().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let scheduler = Scheduler::new(app.domain().clone(), [counting(&runs, false)]);
    scheduler.run_now("counting").await.expect("a run");
    make_due(&app).await;
    let metrics = jobs::Metrics::register(&mut prometheus_client::registry::Registry::default());
    let worker = jobs::Worker::new(app.domain().clone(), watch::channel(None).1, metrics)
        .with_tasks([counting(&runs, false)]);
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker.run(stopped));
    while runs.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    tokio::time::timeout(MINUTE, working)
        .await
        .expect("an end")
        .expect("no defect");
    assert_eq!(record(&scheduler, "counting").await.detail, "run 2");
}
