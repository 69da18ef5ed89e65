//! Who sees the state of the installation.

use std::sync::Arc;

use futures_util::FutureExt as _;
use testkit::{ALPHA, App, DOMAIN, PUBLIC, ROOT, TESTER};
use views::page::SystemPage;

/// Says that everything is as it should be.
fn inspected(app: &App) {
    app.inspect_with(Arc::new(|_| {
        let page = SystemPage {
            looked_at: domain::now(),
            findings: vec![],
            subjects: vec![],
            tasks: vec![],
        };
        async move { Ok(page) }.boxed()
    }));
}

#[tokio::test]
async fn ops_054_the_state_of_the_installation_is_for_superusers_at_the_public_tenant() {
    const PATH: &str = "/admin/system/";
    const LINK: &str = "href=\"/admin/system/\"";
    let app = App::start().await;
    inspected(&app);
    let answer = app.visitor(DOMAIN).get(PATH).await.expect_status(302);
    let log_in = "/accounts/login/?next=/admin/system/";
    assert_eq!(answer.header("location"), log_in);
    let mut tester = app.visitor(DOMAIN).log_in(TESTER).await;
    let refused = tester.get(PATH).await.expect_status(403).text();
    assert!(refused.contains("superuser"), "{refused}");
    assert!(!refused.contains(LINK), "{refused}");
    let mut root = app.visitor(DOMAIN).log_in(ROOT).await;
    let page = root.get(PATH).await.expect_status(200).text();
    assert!(page.contains("Nothing to complain about."), "{page}");
    assert!(page.contains(LINK), "{page}");
    // a tenant does not hear of others, whoever asks
    for username in [ROOT, TESTER] {
        let mut member = app.client(ALPHA).log_in(username).await;
        let nothing = member.get(PATH).await.expect_status(404).text();
        assert!(!nothing.contains(LINK), "{nothing}");
    }
}

#[tokio::test]
async fn ops_054_without_anybody_who_looks_there_is_no_such_page() {
    let app = App::start_single().await;
    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    root.get("/admin/system/").await.expect_status(404);
}
