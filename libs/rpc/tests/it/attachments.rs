//! Files through the API: what is stored, what is refused, and when it goes away.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::attachment::{self, Upload};
use domain::files::blobs::BlobStore;
use domain::test_case::TestCase;
use domain::test_plan::TestPlan;
use domain::{deletion, files};
use serde_json::{Value, json};
use testkit::{ALPHA, App, BETA, Client, Fault, ROOT, TESTER};

fn encoded(content: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(content)
}

fn fault(message: &str) -> Result<Value, Fault> {
    Err(Fault {
        code: -32603,
        message: format!("Internal error: {message}"),
    })
}

fn refused(message: &str) -> Result<Value, Fault> {
    fault(&format!("{{'attachment_file': ['{message}']}}"))
}

async fn listed(client: &mut Client, class: &str, id: i64) -> Vec<Value> {
    let listed = client
        .call(&format!("{class}.list_attachments"), json!([id]))
        .await;
    listed.expect(class).as_array().expect("a list").clone()
}

fn names(files: &[Value]) -> Vec<&str> {
    files
        .iter()
        .map(|file| file["url"].as_str().and_then(|url| url.rsplit('/').next()))
        .map(|name| name.expect("a name"))
        .collect()
}

/// Something of every kind that carries files, with its id.
async fn carriers(app: &App, client: &mut Client) -> Vec<(&'static str, i64)> {
    let work = app.work(ALPHA).await;
    let bug = json!([{"summary": "B", "product": work.product, "version": work.version,
        "build": work.build}]);
    let bug = client.call("Bug.create", bug).await.expect("a bug");
    vec![
        ("TestPlan", work.plan),
        ("TestCase", work.cases[0]),
        ("TestRun", work.run),
        ("TestExecution", work.executions[0]),
        ("Bug", bug["id"].as_i64().expect("an id")),
    ]
}

#[tokio::test]
async fn every_kind_carries_files_and_lists_the_newest_first() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for (class, id) in carriers(&app, &mut root).await {
        let add = format!("{class}.add_attachment");
        for (client, name) in [(&mut tester, "log file (1).txt"), (&mut root, "ünï ф.png")] {
            let added = client.call(&add, json!([id, name, encoded("x")])).await;
            assert_eq!(added, Ok(Value::Null), "{add}");
        }
        let again = json!([id, "log file (1).txt", encoded("again")]);
        root.call(&add, again).await.expect("a second one");
        let files = listed(&mut tester, class, id).await;
        let names = names(&files);
        assert_eq!(names[1..], ["%C3%BCn%C3%AF_%D1%84.png", "log_file_1.txt"]);
        let random = names[0].strip_prefix("log_file_1_").expect("a new name");
        assert_eq!(random.len(), "XXXXXXX.txt".len(), "{random}");
        let folder = match class {
            "TestPlan" => "testplans_testplan",
            "TestCase" => "testcases_testcase",
            "TestRun" => "testruns_testrun",
            "TestExecution" => "testruns_testexecution",
            _ => "bugs_bug",
        };
        assert_eq!(
            files[2]["url"],
            format!(
                "https://alpha.kiwi.test/uploads/tenant/alpha/attachments/{folder}/{id}/log_file_1.txt"
            )
        );
        assert_eq!(files[2]["owner_username"], TESTER);
        let date = files[2]["date"].as_str().expect("a date");
        assert!(date.len() == 26 || date.len() == 19, "{date}");
        let unknown = root
            .call(&add, json!([999_999, "a.txt", encoded("x")]))
            .await;
        assert_eq!(
            unknown,
            fault(&format!("No {class} matches the given query."))
        );
        let unknown = format!("{class}.list_attachments");
        assert_eq!(
            root.call(&unknown, json!([999_999])).await,
            fault(&format!("{class} matching query does not exist."))
        );
    }
}

#[tokio::test]
async fn files_of_texts_belong_to_their_writer() {
    let app = App::start_single().await;
    let mut tester = app.client("public").log_in(ROOT).await;
    let first = tester
        .call("User.add_attachment", json!(["my pic.png", encoded("x")]))
        .await
        .expect("stored");
    let url = first["url"].as_str().expect("an address");
    assert!(url.starts_with("/uploads/attachments/auth_user/"), "{url}");
    assert!(url.ends_with("/my_pic.png"), "{url}");
    assert_eq!(first["filename"], "my_pic.png");
    assert_eq!(tester.get(url).await.expect_status(200).text(), "x");
}

#[tokio::test]
async fn sec_016_lib_026_bad_names_and_contents_are_refused_for_every_kind() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let executable = "Uploading executable files is forbidden";
    let cases = [
        ("hello.exe", encoded("x"), executable),
        ("x.exe_renamed", encoded("x"), executable),
        ("H.EXE", encoded("x"), executable),
        ("a.(exe", encoded("x"), executable),
        ("x.txt", encoded(b"MZ\x90\0"), executable),
        ("..", encoded("x"), "This field is required."),
        ("", encoded("x"), "This field is required."),
        ("a.txt", String::new(), "The submitted file is empty."),
        ("a.txt", "%%%".to_owned(), "The submitted file is empty."),
        (
            "x.svg",
            encoded("<svg><SCRIPT>"),
            "File contains forbidden tag: <script>",
        ),
        (
            "x.txt",
            encoded("x onclick"),
            "File contains forbidden attribute: `onclick`",
        ),
    ];
    for (class, id) in carriers(&app, &mut root).await {
        let add = format!("{class}.add_attachment");
        for (name, content, message) in &cases {
            let answer = root.call(&add, json!([id, name, content])).await;
            assert_eq!(answer, refused(message), "{add} {name}");
        }
        let answer = root.call(&add, json!([id, "a.txt", "aGVsbG8"])).await;
        assert_eq!(answer, fault("Could not decode base64 data."));
        let answer = root.call(&add, json!([id, "a.txt", null])).await;
        assert_eq!(answer.expect_err("no text").code, -32602);
    }
    let (name, content, message) = &cases[0];
    let answer = root
        .call("User.add_attachment", json!([name, content]))
        .await;
    assert_eq!(answer, refused(message));
    assert!(app.files(ALPHA).await.is_empty());
}

#[tokio::test]
async fn exactly_the_limit_is_accepted_and_large_files_are_searched_whole() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let case = app.work(ALPHA).await.cases[0];
    let mut content = vec![b'a'; 5_242_880];
    let send = json!([case, "max.bin", encoded(&content)]);
    assert_eq!(
        root.call("TestCase.add_attachment", send).await,
        Ok(Value::Null)
    );
    content.push(b'a');
    let send = json!([case, "over.bin", encoded(&content)]);
    let answer = root.call("TestCase.add_attachment", send).await;
    assert_eq!(answer, refused("File exceeds maximum size of 5.0\\xa0MB"));
    content.truncate(3_000_000);
    content.extend_from_slice(b"<script>");
    let send = json!([case, "far.svg", encoded(&content)]);
    let answer = root.call("TestCase.add_attachment", send).await;
    assert_eq!(answer, refused("File contains forbidden tag: <script>"));
    assert_eq!(app.files(ALPHA).await.len(), 1);
}

#[tokio::test]
async fn opa_034_names_in_any_script_and_exactly_the_largest_size_are_taken_over_xml() {
    let app = App::start_single().await;
    let mut root = app.client("public").log_in(ROOT).await;
    let add = "User.add_attachment";
    for (name, stored, in_address) in [
        (
            "Screenshot_20211117-164527_Paramètres.png",
            "Screenshot_20211117-164527_Paramètres.png",
            "Screenshot_20211117-164527_Param%C3%A8tres.png",
        ),
        (
            "Screenshot_2021-12-07 Плащане.png",
            "Screenshot_2021-12-07_Плащане.png",
            "Screenshot_2021-12-07_%D0%9F%D0%BB%D0%B0%D1%89%D0%B0%D0%BD%D0%B5.png",
        ),
    ] {
        let file = root
            .call_xml(add, &[json!(name), json!(encoded("x"))])
            .await;
        let file = file.expect("stored");
        assert_eq!(file["filename"], stored);
        let url = file["url"].as_str().expect("an address");
        assert!(url.ends_with(&format!("/{in_address}")), "{url}");
        assert_eq!(root.get(url).await.expect_status(200).text(), "x");
    }
    let mut content = vec![b'a'; 5_242_880];
    let send = [json!("max.bin"), json!(encoded(&content))];
    let file = root.call_xml(add, &send).await.expect("stored");
    assert_eq!(file["filename"], "max.bin");
    content.push(b'a');
    let send = [json!("over.bin"), json!(encoded(&content))];
    let fault = root.call_xml(add, &send).await.expect_err("too large");
    assert!(
        fault.message.contains("File exceeds maximum size"),
        "{fault:?}"
    );
    assert_eq!(app.files("public").await.len(), 3);
}

#[tokio::test]
async fn only_own_files_are_deleted_without_the_right_to_those_of_others() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let case = app.work(ALPHA).await.cases[0];
    for client in [&mut root, &mut tester] {
        let send = json!([case, "a.txt", encoded("x")]);
        client
            .call("TestCase.add_attachment", send)
            .await
            .expect("stored");
    }
    let files = listed(&mut root, "TestCase", case).await;
    let (of_tester, of_root) = (files[0]["pk"].clone(), files[1]["pk"].clone());
    let remove = "Attachment.remove_attachment";
    assert_eq!(tester.call(remove, json!([of_root])).await, Ok(Value::Null));
    assert_eq!(listed(&mut root, "TestCase", case).await.len(), 2);
    assert_eq!(
        tester.call(remove, json!([of_tester])).await,
        Ok(Value::Null)
    );
    assert_eq!(listed(&mut root, "TestCase", case).await.len(), 1);
    assert_eq!(root.call(remove, json!([of_root])).await, Ok(Value::Null));
    let unknown = fault("No Attachment matches the given query.");
    assert_eq!(root.call(remove, json!([of_root])).await, unknown);
    assert_eq!(app.files(ALPHA).await.len(), 2, "the job was not done yet");
    app.work_off().await;
    assert!(app.files(ALPHA).await.is_empty());
}

#[tokio::test]
async fn sec_030_files_go_away_with_what_carried_them() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let carriers = carriers(&app, &mut root).await;
    let comment = json!([carriers[1].1, "to go"]);
    root.call("TestCase.add_comment", comment)
        .await
        .expect("a comment");
    for (class, id) in &carriers {
        let send = json!([id, "a.txt", encoded("x")]);
        root.call(&format!("{class}.add_attachment"), send)
            .await
            .expect(class);
    }
    let kept = json!(["kept.txt", encoded("x")]);
    root.call("User.add_attachment", kept)
        .await
        .expect("stored");
    assert_eq!(app.files(ALPHA).await.len(), 6);
    // the plan takes its run and the execution with it
    let request = app.request(ALPHA, ROOT).await;
    let mut ctx = request.begin().await.expect("a transaction");
    let plan = i32::try_from(carriers[0].1).expect("an id");
    deletion::delete::<TestPlan>(&mut ctx, &[plan])
        .await
        .expect("deleted");
    ctx.commit().await.expect("committed");
    app.work_off().await;
    assert_eq!(
        app.files(ALPHA).await.len(),
        3,
        "case, bug and person are left"
    );
    for (class, id) in [carriers[1], carriers[4]] {
        root.call(&format!("{class}.remove"), json!([{"pk": id}]))
            .await
            .expect(class);
    }
    app.work_off().await;
    assert_eq!(app.files(ALPHA).await.len(), 1);
    let mut ctx = request.begin_read().await.expect("a transaction");
    let left: (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM attachment), (SELECT count(*) FROM comment)")
            .fetch_one(ctx.conn())
            .await
            .expect("counted");
    assert_eq!(left, (1, 0));
}

#[tokio::test]
async fn a_transaction_that_fails_leaves_no_file() {
    let app = App::start().await;
    let case = i32::try_from(app.work(ALPHA).await.cases[0]).expect("an id");
    let request = app.request(ALPHA, ROOT).await;
    let upload = || Upload {
        name: "a.txt".to_owned(),
        content: "x".into(),
        ..Upload::default()
    };
    let mut ctx = request.begin().await.expect("a transaction");
    attachment::add::<TestCase>(&mut ctx, case, upload())
        .await
        .expect("added");
    drop(ctx);
    assert!(app.files(ALPHA).await.is_empty());
    // the connection dies before the end: nobody knows what became of the row
    let mut ctx = request.begin().await.expect("a transaction");
    attachment::add::<TestCase>(&mut ctx, case, upload())
        .await
        .expect("added");
    app.cut_database().await;
    ctx.commit().await.expect_err("no connection");
    app.restore_database().await;
    assert_eq!(app.files(ALPHA).await.len(), 1);
    let age = std::time::Duration::ZERO;
    assert_eq!(files::sweep(app.domain(), age).await.expect("swept"), 1);
    assert!(app.files(ALPHA).await.is_empty());
    let mut ctx = request.begin().await.expect("a transaction");
    attachment::add::<TestCase>(&mut ctx, case, upload())
        .await
        .expect("added");
    ctx.commit().await.expect("committed");
    assert_eq!(files::sweep(app.domain(), age).await.expect("swept"), 0);
    assert_eq!(app.files(ALPHA).await.len(), 1);
}

#[tokio::test]
async fn a_disk_that_takes_nothing_gives_a_clear_error_and_no_row() {
    let folder = tempfile::tempdir().expect("a folder");
    // a file where a folder must be made
    std::fs::write(folder.path().join("t"), "").expect("in the way");
    let mut settings = domain::Settings::default();
    settings.uploads.store = BlobStore::disk(folder.path()).expect("a store");
    let app = App::start_with(settings).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let case = app.work(ALPHA).await.cases[0];
    let send = json!([case, "a.txt", encoded("x")]);
    let answer = root.call("TestCase.add_attachment", send).await;
    let message = answer.expect_err("no place").message;
    assert!(
        message
            .starts_with("Internal error: the file storage is not available, see the server log"),
        "{message}"
    );
    assert_eq!(
        listed(&mut root, "TestCase", case).await,
        Vec::<Value>::new()
    );
}

#[tokio::test]
async fn ten_013_a_deleted_tenant_takes_its_files_along_and_only_those() {
    let app = App::start().await;
    for tenant in [ALPHA, BETA] {
        let mut root = app.client(tenant).log_in(ROOT).await;
        let send = json!(["a.txt", encoded("x")]);
        root.call("User.add_attachment", send)
            .await
            .expect("stored");
    }
    let beta = app.tenant(BETA).await;
    domain::tenants::delete(app.domain(), &beta, false)
        .await
        .expect("deleted");
    app.work_off().await;
    let store = &app.domain().settings().uploads.store;
    assert_eq!(store.list(beta.id.0).await.expect("listed").len(), 0);
    assert_eq!(app.files(ALPHA).await.len(), 1);
}

#[tokio::test]
async fn files_can_be_kept_after_their_records() {
    let mut settings = domain::Settings::default();
    settings.uploads.delete = false;
    let app = App::start_with(settings).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let case = app.work(ALPHA).await.cases[0];
    let send = json!([case, "a.txt", encoded("x")]);
    root.call("TestCase.add_attachment", send)
        .await
        .expect("stored");
    root.call("TestCase.remove", json!([{"pk": case}]))
        .await
        .expect("deleted");
    app.work_off().await;
    assert_eq!(app.files(ALPHA).await.len(), 1);
}
