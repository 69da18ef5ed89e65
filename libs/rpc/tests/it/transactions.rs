//! One call is one transaction: what fails leaves no trace, however it fails.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::{Caller, Ctx, Error, Request, User};
use entity::Value;
use rpc::{Charset, Dispatcher, Limits, Method, Registry, Reply, rpc};
use testkit::{ALPHA, App};

/// Adds a tag, and then does as told.
#[rpc("Test.add", login, example = "")]
async fn add(ctx: &mut Ctx, name: String, then: Option<String>) -> Result<Value, Error> {
    sqlx::query("INSERT INTO tag (name) VALUES ($1)")
        .bind(&name)
        .execute(ctx.conn())
        .await?;
    match then.as_deref() {
        Some("fail") => Err(Error::refused("as told")),
        Some("break") => Err(Error::Internal(std::io::Error::other("secret path").into())),
        Some("panic") => panic!("as told"),
        Some("large") => Ok(5_000_000_000_i64.into()),
        _ => Ok(name.into()),
    }
}

/// Adds a tag where only reading is allowed.
#[rpc("Test.sneak", login, read, example = "")]
async fn sneak(ctx: &mut Ctx) -> Result<(), Error> {
    sqlx::query("INSERT INTO tag (name) VALUES ('sneaked')")
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Names of all tags.
#[rpc("Test.tags", login, read, example = "")]
async fn tags(ctx: &mut Ctx) -> Result<Vec<String>, Error> {
    Ok(sqlx::query_scalar("SELECT name FROM tag ORDER BY id")
        .fetch_all(ctx.conn())
        .await?)
}

const METHODS: &[Method] = &[ADD, SNEAK, TAGS];

pub(crate) async fn request(app: &App) -> Request {
    let user = User {
        id: 1,
        username: "tess".to_owned(),
        email: "tess@example.com".to_owned(),
        is_staff: false,
        is_superuser: false,
        is_authorised: true,
        permissions: Arc::new(HashSet::new()),
    };
    let tenant = app.tenant(ALPHA).await;
    Request::inside(app.domain(), &tenant, Caller::User(Arc::new(user)), "r1")
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("is UTF-8")
}

#[tokio::test]
async fn a_failed_call_leaves_no_trace() {
    let app = App::start().await;
    let dispatcher = Dispatcher::new(Registry::new(&[METHODS]), Limits::default());
    let mut request = request(&app).await;

    let body = r#"[
        {"jsonrpc":"2.0","id":1,"method":"Test.add","params":["kept"]},
        {"jsonrpc":"2.0","id":2,"method":"Test.add","params":["failed","fail"]},
        {"jsonrpc":"2.0","id":3,"method":"Test.add","params":["broken","break"]},
        {"jsonrpc":"2.0","id":4,"method":"Test.add","params":["panicked","panic"]},
        {"jsonrpc":"2.0","id":5,"method":"Test.add","params":["kept"]},
        {"jsonrpc":"2.0","id":6,"method":"Test.sneak"},
        {"jsonrpc":"2.0","id":7,"method":"Test.add","params":["kept too","large"]},
        {"jsonrpc":"2.0","id":8,"method":"Test.tags"}]"#;
    let reply = dispatcher
        .json(
            &mut request,
            &Bytes::from_static(body.as_bytes()),
            Charset::default(),
        )
        .await;
    let answers = text(&reply).replace("},{\"id", "},\n{\"id");
    insta::assert_snapshot!(answers, @r#"
    [{"id":1,"jsonrpc":"2.0","result":"kept"},
    {"id":2,"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error: as told"}},
    {"id":3,"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error: unexpected error, see the server log for request r1"}},
    {"id":4,"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error: unexpected error, see the server log for request r1"}},
    {"id":5,"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error: somebody else has just changed the same, or added it already; look at it and try again"}},
    {"id":6,"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error: unexpected error, see the server log for request r1"}},
    {"id":7,"jsonrpc":"2.0","result":5000000000},
    {"id":8,"jsonrpc":"2.0","result":["kept","kept too"]}]
    "#);

    let body = "<methodCall><methodName>Test.add</methodName><params><param><value>unsent</value>\
                </param><param><value>large</value></param></params></methodCall>";
    let reply = dispatcher
        .xml(
            &mut request,
            &Bytes::from_static(body.as_bytes()),
            Charset::default(),
        )
        .await;
    assert!(
        text(&reply).contains("int exceeds XML-RPC limits"),
        "{}",
        text(&reply)
    );
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"Test.tags"}"#;
    let reply = dispatcher
        .json(
            &mut request,
            &Bytes::from_static(body.as_bytes()),
            Charset::default(),
        )
        .await;
    assert_eq!(
        text(&reply),
        r#"{"id":1,"jsonrpc":"2.0","result":["kept","kept too"]}"#
    );
}

#[tokio::test]
async fn calls_fail_while_the_database_is_away_and_work_again_after() {
    let app = App::start().await;
    let dispatcher = Dispatcher::new(Registry::new(&[METHODS]), Limits::default());
    let mut request = request(&app).await;
    let body = &Bytes::from_static(br#"{"jsonrpc":"2.0","id":1,"method":"Test.tags"}"#);

    let reply = dispatcher
        .json(&mut request, body, Charset::default())
        .await;
    assert_eq!(reply.status, 200);
    app.cut_database().await;
    let reply = dispatcher
        .json(&mut request, body, Charset::default())
        .await;
    assert_eq!(
        (reply.status, reply.headers),
        (503, &[("retry-after", "1")][..]),
        "{reply:?}"
    );
    assert!(text(&reply).contains("-32603"));
    app.restore_database().await;
    let reply = dispatcher
        .json(&mut request, body, Charset::default())
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
}
