//! Files that people attach by forms, and delete again.

use axum::body::Body;
use http::{Request, header};
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, PUBLIC, ROOT, STRANGER, TESTER, Work};

const FIELD: &str = "attachment_file";

fn to_plan(work: &Work) -> String {
    format!("/attachments/add-for/testplans/testplan/{}/", work.plan)
}

async fn files_of(client: &mut Client, class: &str, id: i64) -> Vec<Value> {
    let method = format!("{class}.list_attachments");
    let listed = client.call(&method, json!([id])).await;
    listed.expect("files").as_array().expect("a list").clone()
}

async fn id_of(client: &mut Client, username: &str) -> i64 {
    let query = json!([{"username": username}]);
    let found = client.call("User.filter", query).await.expect("accounts");
    found[0]["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn files_are_attached_to_everything_that_carries_them() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let bug = json!([{"summary": "b", "product": work.product, "version": work.version,
        "build": work.build}]);
    let bug = tester.call("Bug.create", bug).await.expect("a bug");
    let (case, bug) = (work.cases[0], bug["id"].as_i64().expect("an id"));
    for (kind, class, id) in [
        ("testplans/testplan", "TestPlan", work.plan),
        ("testcases/testcase", "TestCase", case),
        ("testruns/testrun", "TestRun", work.run),
        (
            "testruns/testexecution",
            "TestExecution",
            work.executions[0],
        ),
        ("bugs/bug", "Bug", bug),
    ] {
        let path = format!("/attachments/add-for/{kind}/{id}/");
        let files: [(&str, &str, &[u8]); 3] = [
            (FIELD, "a b.txt", b"first"),
            (FIELD, "a b.txt", b"second"),
            ("other", "ignored.txt", b"third"),
        ];
        let answer = tester.post_files(&path, &[("next", "/?x=1")], &files).await;
        assert_eq!(answer.expect_status(302).header("location"), "/?x=1");
        let listed = files_of(&mut tester, class, id).await;
        assert_eq!(listed.len(), 2, "{kind}");
        let mut contents = vec![];
        for file in &listed {
            let url = file["url"].as_str().expect("an address");
            assert!(
                url.contains(&format!("/{}/{id}/a_b", kind.replace('/', "_"))),
                "{url}"
            );
            let path = &url[url.find("/uploads/").expect("a path")..];
            contents.push(tester.get(path).await.expect_status(200).text());
        }
        contents.sort();
        assert_eq!(contents, ["first", "second"]);
    }
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let own = id_of(&mut root, TESTER).await;
    let path = format!("/attachments/add-for/auth/user/{own}");
    let answer = tester.post_files(&path, &[], &[]).await;
    assert_eq!(
        answer.expect_status(308).header("location"),
        format!("{path}/")
    );
    let files: [(&str, &str, &[u8]); 1] = [(FIELD, "me.txt", b"me")];
    let answer = tester.post_files(&format!("{path}/"), &[], &files).await;
    assert_eq!(answer.expect_status(302).header("location"), "/");
}

#[tokio::test]
async fn opa_035_an_upload_by_a_page_is_told_and_can_be_fetched() {
    for (app, tenant, below) in [
        (App::start_single().await, PUBLIC, "/uploads/attachments"),
        (
            App::start().await,
            ALPHA,
            "/uploads/tenant/alpha/attachments",
        ),
    ] {
        let work = app.work(tenant).await;
        let mut root = app.client(tenant).log_in(ROOT).await;
        let page = format!("/plan/{}/", work.plan);
        let file: [(&str, &str, &[u8]); 1] = [(FIELD, "hello-robots.txt", b"hello")];
        let answer = root
            .post_files(&to_plan(&work), &[("next", &page)], &file)
            .await;
        assert_eq!(answer.expect_status(302).header("location"), page);
        let told = "Your attachment was uploaded";
        let html = root.get(&page).await.expect_status(200).text();
        let path = format!("{below}/testplans_testplan/{}/hello-robots.txt", work.plan);
        assert!(html.contains(told), "{html}");
        assert!(html.contains(&format!("href=\"{path}\"")), "{html}");
        let answer = root.get(&path).await.expect_status(200);
        assert_eq!(answer.text(), "hello");
        let html = root.get(&page).await.text();
        assert!(!html.contains(told), "told once: {html}");
    }
}

#[tokio::test]
async fn pages_show_files_with_forms_for_those_who_may_use_them() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let file: [(&str, &str, &[u8]); 1] = [(FIELD, "a.txt", b"x")];
    let to_run = format!("/attachments/add-for/testruns/testrun/{}/", work.run);
    for (page, form) in [
        (format!("/plan/{}/", work.plan), to_plan(&work)),
        (format!("/runs/{}/", work.run), to_run),
    ] {
        let empty = tester.get(&page).await.expect_status(200).text();
        assert!(empty.contains(&format!("action=\"{form}\"")), "{page}");
        let fields = [("next", page.as_str())];
        root.post_files(&form, &fields, &file)
            .await
            .expect_status(302);
        let html = tester.get(&page).await.expect_status(200).text();
        assert!(html.contains(">a.txt</a>"), "{html}");
        assert!(
            !html.contains("/attachments/delete/"),
            "not the tester's own file"
        );
        let html = root.get(&page).await.expect_status(200).text();
        let (_, rest) = html
            .split_once("action=\"/attachments/delete/")
            .expect("a form");
        let id = rest.split('/').next().expect("an id");
        let path = format!("/attachments/delete/{id}/");
        let answer = root.post(&path, &fields).await.expect_status(302);
        assert_eq!(answer.header("location"), page);
        let html = tester.get(&page).await.expect_status(200).text();
        assert!(!html.contains(">a.txt</a>"), "{html}");
    }
}

#[tokio::test]
async fn gap_001_after_a_form_one_stays_on_the_host() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let file: [(&str, &str, &[u8]); 1] = [(FIELD, "a.txt", b"x")];
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:1",
        "",
    ] {
        let fields = [("next", next)];
        let answer = tester.post_files(&to_plan(&work), &fields, &file).await;
        assert_eq!(answer.expect_status(302).header("location"), "/", "{next}");
        let newest = files_of(&mut tester, "TestPlan", work.plan).await[0]["pk"].clone();
        let answer = tester
            .post(&format!("/attachments/delete/{newest}/"), &fields)
            .await;
        assert_eq!(answer.expect_status(302).header("location"), "/", "{next}");
    }
    let refused: [(&str, &str, &[u8]); 1] = [(FIELD, "a.exe", b"x")];
    let fields = [("next", "//evil.example")];
    let answer = tester.post_files(&to_plan(&work), &fields, &refused).await;
    assert!(!answer.expect_status(200).text().contains("evil.example"));
}

#[tokio::test]
async fn gap_002_files_are_deleted_by_a_form_with_a_token_only() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let file: [(&str, &str, &[u8]); 1] = [(FIELD, "a.txt", b"x")];
    tester
        .post_files(&to_plan(&work), &[], &file)
        .await
        .expect_status(302);
    let id = files_of(&mut tester, "TestPlan", work.plan).await[0]["pk"].clone();
    let path = format!("/attachments/delete/{id}/");
    tester.get(&path).await.expect_status(405);
    tester.get(&to_plan(&work)).await.expect_status(405);
    tester
        .post_without_token(&path, "next=/")
        .await
        .expect_status(403);
    let body = "--b\r\nContent-Disposition: form-data; name=\"attachment_file\"; \
                filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n";
    let request = Request::post(to_plan(&work))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body));
    let answer = tester.send(request.expect("a request")).await;
    answer.expect_status(403);
    app.client(ALPHA).post(&path, &[]).await.expect_status(302);
    assert_eq!(files_of(&mut tester, "TestPlan", work.plan).await.len(), 1);

    // somebody else's file needs another permission
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    root.post_files(&to_plan(&work), &[], &file)
        .await
        .expect_status(302);
    let theirs = files_of(&mut tester, "TestPlan", work.plan).await[0]["pk"].clone();
    let answer = tester
        .post(&format!("/attachments/delete/{theirs}/"), &[])
        .await;
    let text = answer.expect_status(403).text();
    assert!(
        text.contains("attachments.delete_foreign_attachments"),
        "{text}"
    );
    tester.post(&path, &[]).await.expect_status(302);
    root.post(&path, &[]).await.expect_status(404);
    assert_eq!(files_of(&mut tester, "TestPlan", work.plan).await.len(), 1);
}

#[tokio::test]
async fn gap_003_files_are_attached_to_what_one_may_see_only() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let other = id_of(&mut root, TESTER).await;
    let own = id_of(&mut root, ROOT).await;
    let file: [(&str, &str, &[u8]); 1] = [(FIELD, "a.txt", b"x")];
    let mut refused = vec![(TESTER, format!("auth/user/{own}"))];
    refused.extend(
        [
            format!("auth/user/{other}"),
            "sites/site/1".to_owned(),
            "auth/group/1".to_owned(),
            format!("management/product/{}", work.product),
            format!("testplans/testrun/{}", work.run),
            "testplans/testplan/900000".to_owned(),
            "testplans/testplan/x".to_owned(),
            "testplans/testplan/-1".to_owned(),
        ]
        .map(|place| (ROOT, place)),
    );
    for (username, place) in refused {
        let path = format!("/attachments/add-for/{place}/");
        let client = if username == ROOT {
            &mut root
        } else {
            &mut tester
        };
        let answer = client.post_files(&path, &[], &file).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text());
    }
    // without rights, and not logged in
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let answer = stranger.post_files(&to_plan(&work), &[], &file).await;
    assert!(
        answer
            .expect_status(403)
            .text()
            .contains("attachments.add_attachment")
    );
    let answer = app
        .client(ALPHA)
        .post_files(&to_plan(&work), &[], &file)
        .await;
    assert!(
        answer
            .expect_status(302)
            .header("location")
            .starts_with("/accounts/login/")
    );
    // may attach, but not see plans
    let group = root
        .call("TenantGroup.create", json!([{"name": "Attaching"}]))
        .await;
    let group = group.expect("a group")["id"].clone();
    let given = json!([group, "attachments.add_attachment"]);
    root.call("TenantGroup.add_permission", given)
        .await
        .expect("given");
    let stranger_id = id_of(&mut root, STRANGER).await;
    let joined = root
        .call("TenantGroup.add_user", json!([group, stranger_id]))
        .await;
    joined.expect("in the group");
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let answer = stranger.post_files(&to_plan(&work), &[], &file).await;
    assert!(
        answer
            .expect_status(403)
            .text()
            .contains("testplans.view_testplan")
    );
    assert!(files_of(&mut root, "TestPlan", work.plan).await.is_empty());
    assert!(app.files(ALPHA).await.is_empty());
}

#[tokio::test]
async fn lib_017_every_file_of_a_field_is_checked() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let good: (&str, &str, &[u8]) = (FIELD, "good.txt", b"x");
    let svg: (&str, &str, &[u8]) = (FIELD, "bad.svg", b"<svg onload=x>");
    let exe: (&str, &str, &[u8]) = (FIELD, "bad.EXE", b"x");
    let empty: (&str, &str, &[u8]) = (FIELD, "empty.txt", b"");
    for (files, messages) in [
        (
            vec![svg, good],
            vec!["bad.svg: File contains forbidden attribute:"],
        ),
        (
            vec![good, exe],
            vec!["bad.EXE: Uploading executable files is forbidden"],
        ),
        (
            vec![exe, good, empty],
            vec![
                "bad.EXE: Uploading executable files is forbidden",
                "empty.txt: The submitted file is empty.",
            ],
        ),
        (vec![exe], vec!["Uploading executable files is forbidden"]),
        (vec![], vec!["This field is required."]),
    ] {
        let answer = tester.post_files(&to_plan(&work), &[], &files).await;
        let text = answer.expect_status(200).text();
        for message in &messages {
            assert!(text.contains(message), "{message}: {text}");
        }
        assert!(
            text.contains("name=\"attachment_file\""),
            "the form is there again"
        );
    }
    assert!(
        files_of(&mut tester, "TestPlan", work.plan)
            .await
            .is_empty()
    );
    assert!(app.files(ALPHA).await.is_empty());
}

#[tokio::test]
async fn scripts_get_errors_as_json() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let page = tester.get("/").await.text();
    let (_, rest) = page
        .split_once("name=\"csrf-token\" content=\"")
        .expect("a token");
    let body = "--b\r\nContent-Disposition: form-data; name=\"attachment_file\"; \
                filename=\"a.exe\"\r\n\r\nx\r\n--b--\r\n";
    let request = Request::post(to_plan(&work))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .header("x-csrftoken", rest.split('"').next().expect("a token"))
        .header("x-return-form-errors", "true")
        .body(Body::from(body));
    let answer = tester
        .send(request.expect("a request"))
        .await
        .expect_status(400);
    let message = "Uploading executable files is forbidden";
    assert_eq!(answer.json(), json!({ FIELD: [message] }));
}

#[tokio::test]
async fn lib_019_lib_023_forms_that_cannot_be_read_are_refused() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n";
    for body in [
        format!("{}--b--\r\n", part.repeat(100_000)),
        part.to_owned(),
        "--b\r\nContent-Disposition".to_owned(),
        String::new(),
    ] {
        let request = Request::post(to_plan(&work))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body));
        let answer = tester.send(request.expect("a request")).await;
        answer.expect_status(400);
    }
    let file: [(&str, &str, &[u8]); 1] = [(FIELD, "a.txt", b"x")];
    tester
        .post_files(&to_plan(&work), &[], &file)
        .await
        .expect_status(302);
}
