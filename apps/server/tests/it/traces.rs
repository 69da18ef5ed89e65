//! Traces as a collector receives them: OTLP over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use prost::Message as _;
use serde_json::json;

use crate::kiwi::{DOMAIN, Kiwi, prepared};

/// A collector: its address, and what it is sent.
fn collector() -> (String, mpsc::Receiver<ExportTraceServiceRequest>) {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", socket.local_addr().expect("an address"));
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || while receive(&stream, &sender).is_some() {});
        }
    });
    (address, received)
}

/// Takes one request of a connection; `None` when there is no other.
fn receive(stream: &TcpStream, sender: &mpsc::Sender<ExportTraceServiceRequest>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    assert_eq!(first.trim_end(), "POST /v1/traces HTTP/1.1");
    let (mut length, mut kind) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a number"),
            "content-type" => value.clone_into(&mut kind),
            _ => {}
        }
    }
    assert_eq!(kind, "application/x-protobuf");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request = ExportTraceServiceRequest::decode(body.as_slice()).expect("a valid export");
    sender.send(request).ok()?;
    let body = ExportTraceServiceResponse::default().encode_to_vec();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

/// The value of an attribute; of one that was set again, the later one.
fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes
        .iter()
        .rev()
        .find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        any_value::Value::StringValue(text) => Some(text.clone()),
        other => Some(format!("{other:?}")),
    }
}

#[test]
fn traces_arrive_with_resource_route_and_tenant() {
    let (address, received) = collector();
    let folder = prepared();
    let server = Kiwi::start(
        folder.path(),
        &[
            ("KIWI_TENANTS_DOMAIN", DOMAIN),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &address),
            ("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=kiwi-1"),
            ("KIWI_TRACE_PERCENT", "100"),
        ],
    );
    let host = format!("alpha.{DOMAIN}");
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "KiwiTCMS.version", "params": []});
    let answer = server.client().post(server.https(&host, "/json-rpc/"));
    assert_eq!(answer.json(&call).send().expect("an answer").status(), 200);
    // what is left is sent at the end
    assert_eq!(server.stop().0, Some(0));

    let mut spans = Vec::new();
    while let Ok(export) = received.recv_timeout(Duration::from_secs(1)) {
        for part in export.resource_spans {
            let resource = part.resource.expect("a resource").attributes;
            assert_eq!(text(&resource, "service.name").as_deref(), Some("kiwi"));
            assert_eq!(
                text(&resource, "service.version").as_deref(),
                Some(env!("CARGO_PKG_VERSION"))
            );
            assert_eq!(text(&resource, "k8s.pod.name").as_deref(), Some("kiwi-1"));
            spans.extend(part.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let request = spans.iter().find(|span| span.name == "POST /json-rpc/");
    let request = request.unwrap_or_else(|| panic!("no span of the request among {names:?}"));
    // SERVER
    assert_eq!(request.kind, 2);
    assert_eq!(request.trace_id.len(), 16);
    assert!(request.end_time_unix_nano > request.start_time_unix_nano);
    let attribute = |key| text(&request.attributes, key);
    assert_eq!(attribute("http.route").as_deref(), Some("/json-rpc/"));
    assert_eq!(attribute("http.request.method").as_deref(), Some("POST"));
    assert_eq!(attribute("tenant.schema").as_deref(), Some("alpha"));
}
