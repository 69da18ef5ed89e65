//! Whole requests against a registry of four methods and a host without a database.
#![expect(
    clippy::unused_async,
    reason = "methods are async, and these have nothing to wait for"
)]

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;

use domain::{Caller, Ctx, Error, User};
use entity::{Map, Value};
use macros::rpc;

use super::*;
use crate::{Args, Method, Part};

/// Returns what it gets.
#[rpc("Test.echo", login, example = "")]
async fn echo(_ctx: &mut Ctx, value: Value, other: Option<Value>) -> Result<Value, Error> {
    Ok(Value::List(vec![value, other.unwrap_or_default()]))
}

/// Adds a thing.
#[rpc("Test.create", needs = "things.add_thing", context, example = "")]
async fn create(_ctx: &mut Ctx, values: Map) -> Result<Map, Error> {
    Ok(values)
}

/// Finds things.
#[rpc(
    "Test.filter",
    needs = "things.view_thing",
    function = "thing_filter",
    example = ""
)]
async fn filter(_ctx: &mut Ctx, query: Option<Map>) -> Result<Value, Error> {
    Ok(query.into())
}

/// Starts or ends a session.
#[rpc("Auth.login", public, context, example = "")]
async fn login(_ctx: &mut Ctx, username: String, password: String) -> Result<String, Error> {
    Ok(username + &password)
}

const METHODS: &[Method] = &[ECHO, CREATE, FILTER, LOGIN];

/// Runs methods without their functions, which need a tenant.
struct Host {
    caller: Caller,
    executed: Vec<&'static str>,
}

impl Host {
    fn anonymous() -> Self {
        Self {
            caller: Caller::Anonymous,
            executed: vec![],
        }
    }

    fn user() -> Self {
        Self {
            caller: user(),
            executed: vec![],
        }
    }
}

fn user() -> Caller {
    Caller::User(Arc::new(User {
        id: 1,
        username: "tess".to_owned(),
        email: "tess@example.com".to_owned(),
        is_staff: false,
        is_superuser: false,
        is_authorised: true,
        permissions: Arc::new(HashSet::from(["things.view_thing".to_owned()])),
    }))
}

impl Execute for Host {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn client(&self) -> Option<IpAddr> {
        None
    }

    fn has(&self, part: Part) -> bool {
        part != Part::Tenants
    }

    fn execute<'a>(
        &'a mut self,
        method: &'static Method,
        mut args: Args,
        protocol: Protocol,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            self.executed.push(method.name);
            let first = args.next_value().unwrap_or_default();
            match (method.name, &first) {
                ("Auth.login", Value::Text(name)) if name.is_empty() => {
                    self.caller = Caller::Anonymous;
                    Ok(Value::Null)
                }
                ("Auth.login", _) => {
                    self.caller = user();
                    Ok("key".into())
                }
                (_, Value::Text(text)) if text == "gone" => {
                    Err(Fault::of(&Error::Unavailable, method.name, "r1"))
                }
                _ => {
                    if protocol == Protocol::Xml {
                        xml_rpc::check(&first)?;
                    }
                    Ok(first)
                }
            }
        })
    }
}

fn dispatcher() -> Dispatcher {
    Dispatcher::new(Registry::new(&[METHODS]), Limits { calls: 6 })
}

fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

async fn json_to(host: &mut Host, body: &str) -> Reply {
    dispatcher()
        .answer_json(
            host,
            &Bytes::copy_from_slice(body.as_bytes()),
            Charset::default(),
        )
        .await
}

async fn json(host: &mut Host, body: &str) -> String {
    text(&json_to(host, body).await)
}

async fn xml(host: &mut Host, method: &str, params: &[Value]) -> String {
    let mut body = format!("<methodCall><methodName>{method}</methodName><params>");
    for param in params {
        body.push_str("<param>");
        xml_rpc::write_value(&mut body, param);
        body.push_str("</param>");
    }
    body.push_str("</params></methodCall>");
    let reply = dispatcher()
        .answer_xml(
            host,
            &Bytes::copy_from_slice(body.as_bytes()),
            Charset::default(),
        )
        .await;
    assert_eq!((reply.status, reply.content_type), (200, "application/xml"));
    let text = text(&reply);
    let start = text.find("<value>").unwrap_or_default();
    let end = text
        .rfind("</value>")
        .map_or(text.len(), |at| at + "</value>".len());
    text[start..end].replace('\n', "")
}

#[test]
fn the_attribute_describes_a_method() {
    assert_eq!(
        (FILTER.name, FILTER.function),
        ("Test.filter", "thing_filter")
    );
    assert_eq!((CREATE.function, CREATE.doc), ("create", "Adds a thing."));
    assert_eq!(
        (FILTER.read_only, CREATE.read_only, ECHO.read_only),
        (true, false, false)
    );
    assert_eq!((CREATE.context, FILTER.context), (true, false));
    let params: Vec<_> = ECHO
        .params
        .iter()
        .map(|p| (p.name, p.kind, p.optional))
        .collect();
    assert_eq!(params, [("value", "any", false), ("other", "any", true)]);
}

#[tokio::test]
async fn single_calls() {
    let host = &mut Host::user();
    let answers = [
        json(
            host,
            r#"{"jsonrpc":"2.0","id":"ü","method":"Test.echo","params":["<b>"]}"#,
        )
        .await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"Test.echo","params":{"value":null}}"#,
        )
        .await,
        json(host, r#"{"jsonrpc":"2.0","id":null,"method":"Foo.bar"}"#).await,
        json(host, r#"{"jsonrpc":"2.0","id":1,"method":"Test.echo"}"#).await,
        json(host, r#"{"jsonrpc":"2.0","id":1,"method":"Test.filter"}"#).await,
        json(host, r#"{"jsonrpc":"2.0","id":1,"method":"Test.create"}"#).await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1,"method":"Test.filter","params":[1,2]}"#,
        )
        .await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1,"method":"Foo.bar","params":[{"a":{"token":1}}]}"#,
        )
        .await,
        json(host, r#"{"jsonrpc":"2.0","id":1,"method":5}"#).await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1,"method":"system.multicall","params":[[]]}"#,
        )
        .await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1,"method":"system.methodSignature","params":["Test.echo"]}"#,
        )
        .await,
        json(
            host,
            r#"{"jsonrpc":"2.0","id":1,"method":"system.listMethods"}"#,
        )
        .await,
        json(host, "{").await,
    ];
    insta::assert_snapshot!(answers.join("\n"), @r#"
    {"id":"ü","jsonrpc":"2.0","result":"&lt;b&gt;"}
    {"id":1.5,"jsonrpc":"2.0","result":null}
    {"id":null,"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found: \"Foo.bar\""}}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid parameters: echo() missing 1 required positional argument: 'value'"}}
    {"id":1,"jsonrpc":"2.0","result":null}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32098,"message":"Authentication failed when calling \"Test.create\""}}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32602,"message":"Invalid parameters: thing_filter() takes from 0 to 1 positional arguments but 2 were given"}}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: Unsupported field"}}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: the method name must be a text, found int"}}
    {"id":1,"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found: \"system.multicall\""}}
    {"id":1,"jsonrpc":"2.0","result":[["undef","undef","undef"]]}
    {"id":1,"jsonrpc":"2.0","result":["system.listMethods","system.methodSignature","system.methodHelp","system.multicall","Test.echo","Test.create","Test.filter","Auth.login"]}
    {"id":null,"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error, unable to read the request: Expecting property name enclosed in double quotes: line 1 column 1"}}
    "#);
    assert_eq!(host.executed, ["Test.echo", "Test.echo", "Test.filter"]);
}

#[tokio::test]
async fn access_is_checked_before_parameters() {
    let host = &mut Host::anonymous();
    let echo = json(
        host,
        r#"{"jsonrpc":"2.0","id":1,"method":"Test.echo","params":[1,2,3]}"#,
    )
    .await;
    let message = r#"{"code":-32098,"message":"Authentication failed when calling \"Test.echo\""}"#;
    assert!(echo.contains(message), "{echo}");
    let login = json(
        host,
        r#"{"jsonrpc":"2.0","id":1,"method":"Auth.login","params":[1,2,3]}"#,
    )
    .await;
    assert!(
        login.contains("login() got multiple values for argument 'rpc_context'"),
        "{login}"
    );
    assert!(host.executed.is_empty());
}

#[tokio::test]
async fn notifications_are_executed_and_not_answered() {
    let host = &mut Host::user();
    for body in [
        r#"{"jsonrpc":"2.0","method":"Test.echo","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"No.such"}"#,
        r#"[{"jsonrpc":"2.0","method":"Test.echo","params":[1]},{"jsonrpc":"2.0","method":"No.such"}]"#,
        "[]",
    ] {
        let reply = json_to(host, body).await;
        assert_eq!(
            (reply.status, reply.content_type),
            (204, "application/json")
        );
        assert!(reply.body.is_empty());
    }
    assert_eq!(host.executed, ["Test.echo", "Test.echo"]);
}

#[tokio::test]
async fn batches_run_in_order_and_see_the_session_change() {
    let host = &mut Host::anonymous();
    let answer = json(
        host,
        r#"[{"jsonrpc":"2.0","id":1,"method":"Test.echo","params":[1]},
            {"jsonrpc":"2.0","method":"Auth.login","params":["u","p"]},
            {"jsonrpc":"2.0","id":"two","method":"Test.echo","params":[2]},
            {"jsonrpc":"2.0","id":3,"method":"Auth.login","params":["",""]},
            {"jsonrpc":"2.0","id":4,"method":"Test.echo","params":[3]}]"#,
    )
    .await;
    insta::assert_snapshot!(answer.replace("},{\"id", "},\n{\"id"), @r#"
    [{"id":1,"jsonrpc":"2.0","error":{"code":-32098,"message":"Authentication failed when calling \"Test.echo\""}},
    {"id":"two","jsonrpc":"2.0","result":2},
    {"id":3,"jsonrpc":"2.0","result":null},
    {"id":4,"jsonrpc":"2.0","error":{"code":-32098,"message":"Authentication failed when calling \"Test.echo\""}}]
    "#);
    let one = json(host, r#"[{"jsonrpc":"2.0","id":9,"method":"No.such"}]"#).await;
    assert!(
        one.starts_with("[{\"id\":9,") && one.ends_with("}]"),
        "{one}"
    );
}

#[tokio::test]
async fn refused_batches_execute_nothing() {
    let host = &mut Host::user();
    let good = r#"{"jsonrpc":"2.0","id":1,"method":"Test.echo","params":[1]}"#;
    for bad in [r#"{"jsonrpc":"2.0","id":2}"#, "7", "[]", "null"] {
        let answer = json(host, &format!("[{good},{bad}]")).await;
        assert!(
            answer.starts_with(r#"{"id":null,"jsonrpc":"2.0","error":{"code":-32600,"#),
            "{answer}"
        );
    }
    let many = [good; 7].join(",");
    let answer = json(host, &format!("[{many}]")).await;
    assert!(
        answer.contains("more than 6 calls in one request"),
        "{answer}"
    );
    assert!(host.executed.is_empty());
}

#[tokio::test]
async fn an_unreachable_database_is_told_to_proxies_too() {
    let host = &mut Host::user();
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"Test.echo","params":["gone"]}"#;
    let reply = json_to(host, call).await;
    assert_eq!(
        (reply.status, reply.headers),
        (503, &[("retry-after", "1")][..])
    );
    assert!(text(&reply).contains("Internal error: the database is not available"));
    let reply = json_to(host, &format!("[{call}]")).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn xml_calls() {
    let host = &mut Host::user();
    let answers = [
        xml(host, " Test.echo\n", &["<b>".into()]).await,
        xml(host, "Test.echo", &[]).await,
        xml(host, "Foo.bar", &[]).await,
        xml(host, "Test.echo", &[5_000_000_000_i64.into()]).await,
        xml(host, "system.methodSignature", &["system.multicall".into()]).await,
        xml(
            host,
            "Test.filter",
            &[Value::object([("password", 1.into())])],
        )
        .await,
    ];
    insta::assert_snapshot!(answers.join("\n"), @r#"
    <value><string>&amp;amp;lt;b&amp;amp;gt;</string></value>
    <value><struct><member><name>faultCode</name><value><int>-32602</int></value></member><member><name>faultString</name><value><string>Invalid parameters: echo() missing 1 required positional argument: 'value'</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value><string>Method not found: "Foo.bar"</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32603</int></value></member><member><name>faultString</name><value><string>Unable to serialize result data: 5000000000. Original exception: int exceeds XML-RPC limits</string></value></member></struct></value>
    <value><array><data><value><array><data><value><string>undef</string></value><value><string>list</string></value></data></array></value></data></array></value>
    <value><struct><member><name>faultCode</name><value><int>-32600</int></value></member><member><name>faultString</name><value><string>Invalid request: Unsupported field</string></value></member></struct></value>
    "#);
}

fn call(method: &str, params: Vec<Value>) -> Value {
    Value::object([("methodName", method.into()), ("params", params.into())])
}

#[tokio::test]
async fn multicalls() {
    let host = &mut Host::user();
    let calls = vec![
        call("Test.echo", vec!["a<".into()]),
        call("No.such", vec![]),
        call("Test.filter", vec![Value::object([("secret", 1.into())])]),
        Value::object([("params", Value::List(vec![]))]),
        call(
            "system.multicall",
            vec![Value::List(vec![call("Test.echo", vec![1.into()])])],
        ),
    ];
    let answer = xml(host, "system.multicall", &[calls.into()]).await;
    let lines = answer.replace("<value><struct>", "\n<value><struct>");
    insta::assert_snapshot!(lines, @r"
    <value><array><data><value><array><data><value><string>a&amp;amp;lt;</string></value></data></array></value>
    <value><struct><member><name>faultCode</name><value><int>-32601</int></value></member><member><name>faultString</name><value><string>Method not found: &amp;quot;No.such&amp;quot;</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32600</int></value></member><member><name>faultString</name><value><string>Invalid request: Unsupported field</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32603</int></value></member><member><name>faultString</name><value><string>Internal error: &amp;#x27;NoneType&amp;#x27; object has no attribute &amp;#x27;endswith&amp;#x27;</string></value></member></struct></value><value><array><data><value><array><data><value><array><data><value><int>1</int></value></data></array></value></data></array></value></data></array></value></data></array></value>
    ");
    assert_eq!(host.executed, ["Test.echo", "Test.echo"]);
}

#[tokio::test]
async fn wrong_multicalls_execute_nothing() {
    let host = &mut Host::user();
    let echo = call("Test.echo", vec![1.into()]);
    let nested = call("system.multicall", vec![Value::List(vec![echo.clone(); 2])]);
    let texts = [
        xml(host, "system.multicall", &["x".into()]).await,
        xml(
            host,
            "system.multicall",
            &[Value::List(vec![echo.clone(), 5.into()])],
        )
        .await,
        xml(
            host,
            "system.multicall",
            &[Value::List(vec![echo.clone(); 7])],
        )
        .await,
    ];
    assert!(host.executed.is_empty());
    insta::assert_snapshot!(texts.join("\n"), @r"
    <value><struct><member><name>faultCode</name><value><int>-32602</int></value></member><member><name>faultString</name><value><string>Invalid parameters: system.multicall first argument should be a list, str given.</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32602</int></value></member><member><name>faultString</name><value><string>Invalid parameters: system.multicall calls should be structs, int given.</string></value></member></struct></value>
    <value><struct><member><name>faultCode</name><value><int>-32600</int></value></member><member><name>faultString</name><value><string>Invalid request: more than 6 calls in one request</string></value></member></struct></value>
    ");
    let answer = xml(host, "system.multicall", &[Value::List(vec![nested; 3])]).await;
    assert_eq!(answer.matches("more than 6 calls").count(), 2);
    assert_eq!(host.executed.len(), 2);
}
