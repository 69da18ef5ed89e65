//! What is told of backups: by the doctor, on *System status*, and to those who watch.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::kiwi::{DOMAIN, Kiwi, found, prepared, program, run};

/// The figures about backups as soon as the worker has counted.
fn figures(server: &Kiwi) -> Vec<(String, String, i64)> {
    found("the worker counts", || {
        let told: Vec<_> = metrics(server).lines().filter_map(figure).collect();
        (told.len() == 3).then_some(told)
    })
}

/// What those who watch are told.
fn metrics(server: &Kiwi) -> String {
    let answer = server.client().get(server.internal("/metrics")).send();
    answer.expect("an answer").text().expect("a text")
}

/// Name, target and value.
fn figure(line: &str) -> Option<(String, String, i64)> {
    let (name, rest) = line.split_once("{target=\"")?;
    let (target, value) = rest.split_once("\"} ")?;
    Some((name.to_owned(), target.to_owned(), value.parse().ok()?))
}

/// What the doctor says about backups.
fn doctor(server: &Kiwi) -> Vec<String> {
    let problems = server.kiwi(&["doctor", "--json"]).json();
    let problems = problems.as_array().expect("a list").iter();
    problems
        .filter(|problem| problem["setting"] == "backup")
        .map(|problem| problem["problem"].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn ops_134_ops_135_the_newest_backup_is_tried_out_and_what_was_found_is_told() {
    let folder = prepared();
    let target = folder.path().join("backups");
    let place = target.to_str().expect("a path");
    let plan = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_BACKUP_SCHEDULE", "02:30"),
        ("KIWI_BACKUP_VERIFY", "Sun 04:30"),
        ("KIWI_BACKUP_TARGET", place),
    ];
    let server = Kiwi::start(folder.path(), &plan);
    let never = figures(&server);
    assert_eq!(
        never[..2],
        [
            (
                "kiwi_backup_last_success_timestamp".to_owned(),
                place.to_owned(),
                0
            ),
            (
                "kiwi_backup_verified_timestamp".to_owned(),
                place.to_owned(),
                0
            ),
        ]
    );
    assert_eq!(never[2].0, "kiwi_restore_proof_oldest_seconds");
    assert_eq!(
        doctor(&server),
        ["no backup of everything was taken so far"]
    );
    let task = |name: &str, code| {
        let said = server.kiwi(&["schedule", "run", name, "--json"]);
        said.expect(code).json()
    };
    let told = task("verify_backup", 1);
    assert_eq!(told["rhythm"], "at Sun 04:30");
    assert_eq!(told["detail"], format!("there is no backup in {place}"));

    task("backup", 0);
    assert_eq!(
        doctor(&server),
        ["it was never tried whether a backup can be restored"]
    );
    // one tenant's backup proves nothing about the others
    let some = server.kiwi(&["backup", "--out", place, "--tenant=alpha", "--json"]);
    let some = some.expect(0).json();
    let some = some["folder"].as_str().expect("a path");
    server.kiwi(&["verify-backup", some]).expect(0);
    assert_eq!(doctor(&server).len(), 1);
    fs::remove_dir_all(some).expect("removed");

    let told = task("verify_backup", 0);
    let detail = told["detail"].as_str().expect("a text");
    assert!(detail.starts_with(&format!("{place}/kiwi-")), "{detail}");
    assert!(detail.contains("can be restored: 3 tenants, "), "{detail}");
    assert_eq!(doctor(&server), [""; 0]);

    let newest = newest(&target);
    fs::write(newest.join("tenants/beta/product.ndjson.gz"), "torn").expect("a file");
    task("verify_backup", 1);
    let [problem] = &doctor(&server)[..] else {
        panic!("one problem");
    };
    assert!(
        problem.starts_with("the last backup that was tried out is not good: ")
            && problem.contains("product.ndjson.gz"),
        "{problem}"
    );
    // a mistyped folder says nothing about backups
    server.kiwi(&["verify-backup", "/nowhere"]).expect(3);
    assert_eq!(doctor(&server), [problem.as_str()]);

    server.stop();
    let server = Kiwi::start(folder.path(), &plan);
    let later = figures(&server);
    let (taken, verified) = (later[0].2, later[1].2);
    assert!(0 < taken && taken <= verified, "{later:?}");
    assert!(later[2].2 <= never[2].2 + 300, "{never:?} {later:?}");
}

fn newest(target: &std::path::Path) -> PathBuf {
    let entries = fs::read_dir(target).expect("a folder").flatten();
    let names = entries.map(|entry| entry.path());
    names.max().expect("a backup")
}

#[test]
fn ops_135_what_cannot_be_meant_by_a_time_is_refused_with_its_setting() {
    let folder = prepared();
    for (variables, expected) in [
        (
            &[("KIWI_BACKUP_VERIFY", "Sun 04:30")][..],
            "backup.target: needed because backup.verify is given",
        ),
        (
            &[
                ("KIWI_BACKUP_VERIFY", "weekly"),
                ("KIWI_BACKUP_TARGET", "/backups"),
            ],
            "backup.verify: expected a time of day such as 02:30 or Sun 02:30, got `weekly`",
        ),
    ] {
        let mut command = program(folder.path());
        command.envs(variables.iter().copied());
        let said = run(command, &["show-config"]).expect(1);
        assert!(said.err().contains(expected), "{}", said.err());
    }
}

#[test]
fn ops_134_nobody_watches_the_backups_of_a_trial_or_of_another_tool() {
    let folder = prepared();
    for variable in [("KIWI_STAGING", "true"), ("KIWI_BACKUP_TOOL", "external")] {
        let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN), variable]);
        assert_eq!(doctor(&server), [""; 0], "{variable:?}");
        // the worker counts tenants and backups together
        let told = found("the worker counts", || {
            Some(metrics(&server)).filter(|text| text.contains("kiwi_tenants{"))
        });
        let told: Vec<&str> = told.lines().filter(|line| figure(line).is_some()).collect();
        assert_eq!(told, [""; 0], "{variable:?}");
        server.stop();
    }
}

#[test]
fn ops_134_the_size_of_a_backup_is_told() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let out = folder.path().join("backups");
    let out = out.to_str().expect("a path");
    let saved = server.kiwi(&["backup", "--out", out, "--json"]);
    let saved = saved.expect(0).json();
    let folder = saved["folder"].as_str().expect("a path");
    let proved = server.kiwi(&["verify-backup", folder, "--json"]);
    let proved = proved.expect(0).json();
    let summed = std::process::Command::new("sh")
        .args([
            "-c",
            "find \"$0\" -type f -printf '%s\\n' | awk '{s+=$1} END {print s}'",
        ])
        .arg(folder)
        .output();
    let summed = String::from_utf8(summed.expect("find").stdout).expect("a text");
    let summed: i64 = summed.trim().parse().expect("a number");
    assert_eq!(saved["bytes"], Value::from(summed));
    assert_eq!(proved["bytes"], Value::from(summed));
}

#[test]
fn ops_135_the_backups_of_another_tool_are_known_by_the_age_of_its_file() {
    let folder = prepared();
    let file = folder.path().join("last-backup");
    let place = file.to_str().expect("a path");
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_BACKUP_TOOL", "external"),
        ("KIWI_BACKUP_AGE_FILE", place),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let told = |server: &Kiwi| {
        found("the worker counts", || {
            let told: Vec<_> = metrics(server).lines().filter_map(figure).collect();
            Some(told).filter(|told| !told.is_empty())
        })
    };
    let taken = |at: i64| {
        let name = "kiwi_backup_last_success_timestamp".to_owned();
        [(name, place.to_owned(), at)]
    };
    assert_eq!(told(&server), taken(0));
    let absent = format!("nothing is known of backups: {place} is not there");
    assert_eq!(doctor(&server), [absent]);
    let long_ago = 1_700_000_000;
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(long_ago);
    let written = fs::File::create(&file).expect("a file");
    written.set_modified(time).expect("a time");
    let [problem] = &doctor(&server)[..] else {
        panic!("one problem");
    };
    assert!(problem.starts_with("the last backup is "), "{problem}");
    server.stop();
    let server = Kiwi::start(folder.path(), &environment);
    assert_eq!(told(&server), taken(1_700_000_000));
    fs::write(&file, "now").expect("a file");
    assert_eq!(doctor(&server), [""; 0]);

    let mut command = program(folder.path());
    command.env("KIWI_BACKUP_AGE_FILE", place);
    let said = run(command, &["show-config"]).expect(1);
    let expected = "backup.age_file: means nothing unless backup.tool is external";
    assert!(said.err().contains(expected), "{}", said.err());
}
