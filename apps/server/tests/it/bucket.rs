//! Backups in a bucket, and a service that behaves like S3 as far as they need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use crate::kiwi::{DOMAIN, Folder, Kiwi, PASSWORD, prepared, program, run};

type Objects = BTreeMap<String, Bytes>;

/// Buckets of a service on this machine.
#[derive(Clone, Default)]
struct Service {
    objects: Arc<Mutex<Objects>>,
    /// Parts of files that are being sent.
    parts: Arc<Mutex<BTreeMap<usize, Bytes>>>,
    /// How often a file was copied inside the service.
    copies: Arc<Mutex<usize>>,
}

impl Service {
    /// Starts it; its address.
    fn start(&self) -> String {
        let (sender, address) = std::sync::mpsc::channel();
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await;
                let socket = socket.expect("a port");
                let address = socket.local_addr().expect("an address");
                sender.send(format!("http://{address}")).expect("told");
                axum::serve(socket, router).await.expect("it serves");
            });
        });
        address.recv().expect("an address")
    }

    fn objects(&self) -> std::sync::MutexGuard<'_, Objects> {
        self.objects.lock().expect("no panic while it was held")
    }

    fn keys(&self, below: &str) -> Vec<String> {
        let keys = self.objects();
        let keys = keys.keys().filter(|key| key.starts_with(below));
        keys.cloned().collect()
    }
}

async fn answer(
    State(service): State<Service>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = uri.path().trim_start_matches('/').to_owned();
    let etag = [("etag", "\"1\"")];
    if let Some(part) = query.get("partNumber") {
        let number = part.parse().expect("a number");
        service.parts.lock().expect("parts").insert(number, body);
        return etag.into_response();
    }
    if query.contains_key("uploads") {
        let xml = "<InitiateMultipartUploadResult><UploadId>1</UploadId>\
                   </InitiateMultipartUploadResult>";
        return xml.into_response();
    }
    if query.contains_key("uploadId") && method == Method::POST {
        let parts = std::mem::take(&mut *service.parts.lock().expect("parts"));
        let whole: Vec<u8> = parts.into_values().flatten().collect();
        service.objects().insert(key, whole.into());
        let xml = "<CompleteMultipartUploadResult><ETag>\"1\"</ETag>\
                   </CompleteMultipartUploadResult>";
        return xml.into_response();
    }
    if query.contains_key("delete") {
        let text = String::from_utf8(body.to_vec()).expect("a text");
        let keys = text.split("<Key>").skip(1);
        let keys = keys.filter_map(|rest| rest.split_once("</Key>").map(|(key, _)| key));
        let removed = keys.map(|name| {
            service.objects().remove(&format!("{key}/{name}"));
            format!("<Deleted><Key>{name}</Key></Deleted>")
        });
        let removed: String = removed.collect();
        return format!("<DeleteResult>{removed}</DeleteResult>").into_response();
    }
    if query.contains_key("list-type") {
        return listing(&service, &key, &query).into_response();
    }
    if let Some(from) = headers.get("x-amz-copy-source") {
        let from = from.to_str().expect("a text").trim_start_matches('/');
        let found = service.objects().get(from).cloned();
        let Some(content) = found else {
            return StatusCode::NOT_FOUND.into_response();
        };
        service.objects().insert(key, content);
        *service.copies.lock().expect("a number") += 1;
        return "<CopyObjectResult><ETag>\"1\"</ETag></CopyObjectResult>".into_response();
    }
    let when = [("last-modified", "Mon, 23 Nov 2026 12:00:00 GMT")];
    match method {
        Method::PUT => {
            service.objects().insert(key, body);
            etag.into_response()
        }
        Method::DELETE => {
            service.objects().remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => match service.objects().get(&key) {
            Some(content) => (etag, when, content.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

fn listing(service: &Service, bucket: &str, query: &BTreeMap<String, String>) -> String {
    let bucket = bucket.trim_end_matches('/');
    let prefix = query.get("prefix").map_or("", String::as_str);
    let mut found = BTreeSet::new();
    for (key, content) in service.objects().iter() {
        let Some(key) = key.strip_prefix(&format!("{bucket}/")) else {
            continue;
        };
        let Some(rest) = key.strip_prefix(prefix) else {
            continue;
        };
        match rest.split_once('/') {
            Some((folder, _)) if query.contains_key("delimiter") => {
                found.insert(format!(
                    "<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"
                ));
            }
            _ => {
                let size = content.len();
                found.insert(format!(
                    "<Contents><Key>{key}</Key><Size>{size}</Size>\
                     <LastModified>2026-11-23T12:00:00.000Z</LastModified></Contents>"
                ));
            }
        }
    }
    let found: String = found.into_iter().collect();
    format!("<ListBucketResult>{found}</ListBucketResult>")
}

fn environment(address: &str) -> [(&str, &str); 6] {
    [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_STORAGE_S3_ENDPOINT", address),
        ("KIWI_STORAGE_S3_REGION", "here"),
        ("KIWI_STORAGE_S3_PATH_STYLE", "true"),
        ("KIWI_STORAGE_S3_ACCESS_KEY", "key"),
        ("KIWI_STORAGE_S3_SECRET_KEY", "secret"),
    ]
}

/// Calls the API of the public tenant as root.
fn call(server: &Kiwi, method: &str, params: &Value) -> Value {
    let client = server.client();
    let ask = |method: &str, params: &Value| {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let answer = client.post(server.https(DOMAIN, "/json-rpc/")).json(&body);
        let answer: Value = answer.send().expect("an answer").json().expect("JSON");
        assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
        answer["result"].clone()
    };
    ask("Auth.login", &json!(["root", PASSWORD]));
    ask(method, params)
}

#[test]
fn ops_132_a_backup_in_a_bucket_brings_an_installation_back() {
    let service = Service::default();
    let address = service.start();
    let environment = environment(&address);
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &environment);
    let product = json!([{"name": "Blue \"quoted\""}]);
    call(&server, "Classification.create", &product);
    call(
        &server,
        "User.add_attachment",
        &json!(["kept.txt", "a2VwdA=="]),
    );
    let out = "s3://safe/deep/backups";
    let kiwi = |arguments: &[&str]| server.kiwi(arguments);
    let told = kiwi(&["backup", "--out", out, "--json"]).expect(0).json();
    let first = told["folder"].as_str().expect("a text").to_owned();
    assert!(first.starts_with(&format!("{out}/kiwi-")), "{first}");
    let key = first.trim_start_matches("s3://");
    let bytes: usize = service
        .keys(key)
        .iter()
        .map(|key| service.objects()[key].len())
        .sum();
    assert_eq!(told["bytes"], bytes);
    kiwi(&["verify-backup", &first]).expect(0);
    // the second one has the file from the first
    crate::kiwi::pause(std::time::Duration::from_millis(1_100));
    let told = kiwi(&["backup", "--out", out, "--json"]).expect(0).json();
    let second = told["folder"].as_str().expect("a text").to_owned();
    assert_eq!(*service.copies.lock().expect("a number"), 1);
    kiwi(&["verify-backup", &second]).expect(0);

    let other = Folder::new();
    let empty = Kiwi::start(other.path(), &environment);
    let told = empty.kiwi(&["restore", &second, "--json"]).expect(0).json();
    assert_eq!(told["tenants"], json!(["public", "alpha", "beta"]));
    let ask = |server: &Kiwi| call(server, "Classification.filter", &json!([{}]));
    assert_eq!(ask(&empty), ask(&server));
    let files = std::process::Command::new("grep")
        .args(["-rqx", "kept"])
        .arg(other.path().join("uploads"))
        .status();
    assert!(files.expect("grep").success(), "the file is back");

    // what is damaged, incomplete or not there is told like that of a folder
    let key = second.trim_start_matches("s3://");
    let table = format!("{key}/tenants/alpha/product.ndjson.gz");
    let good = service.objects().insert(table.clone(), "torn".into());
    let said = kiwi(&["verify-backup", &second]).expect(4);
    assert!(
        said.err().contains("alpha/product.ndjson.gz"),
        "{}",
        said.err()
    );
    service.objects().insert(table, good.expect("a table"));
    service.objects().remove(&format!("{key}/manifest.json"));
    let said = kiwi(&["restore", &second, "--replace"]).expect(3);
    assert!(
        said.err().contains("is no complete backup"),
        "{}",
        said.err()
    );
}

#[test]
fn ops_135_backups_in_a_bucket_are_taken_tried_out_and_removed() {
    let service = Service::default();
    let address = service.start();
    let old = "safe/backups/kiwi-2020-01-01T02-30-00Z";
    let torn = "safe/backups/kiwi-2020-02-01T02-30-00Z/platform/tenant.ndjson.gz";
    for key in [&format!("{old}/manifest.json"), &format!("{old}/x"), torn] {
        service.objects().insert(key.to_owned(), "{}".into());
    }
    service.objects().insert("safe/notes".to_owned(), "".into());
    let mut environment = environment(&address).to_vec();
    environment.extend([
        ("KIWI_BACKUP_SCHEDULE", "02:30"),
        ("KIWI_BACKUP_VERIFY", "Sun 04:30"),
        ("KIWI_BACKUP_TARGET", "s3://safe/backups/"),
        ("KIWI_BACKUP_KEEP", "1d"),
    ]);
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &environment);
    let task = |name: &str| {
        let said = server.kiwi(&["schedule", "run", name, "--json"]);
        let told = said.expect(0).json();
        told["detail"].as_str().expect("a text").to_owned()
    };
    let detail = task("backup");
    assert!(detail.ends_with("1 old backups removed"), "{detail}");
    assert_eq!(service.keys("safe/backups/kiwi-2020-"), [""; 0]);
    assert_eq!(service.keys("safe/notes").len(), 1);
    let detail = task("verify_backup");
    assert!(detail.contains("can be restored: 3 tenants"), "{detail}");
}

#[test]
fn ops_132_what_is_no_address_of_a_bucket_is_refused_with_its_setting() {
    let folder = prepared();
    let said = run(program(folder.path()), &["backup", "--out", "s3://safe"]).expect(2);
    let expected = "expected s3://bucket/prefix, got `s3://safe`";
    assert!(said.err().contains(expected), "{}", said.err());
    let mut command = program(folder.path());
    command.envs([
        ("KIWI_BACKUP_SCHEDULE", "02:30"),
        ("KIWI_BACKUP_TARGET", "s3:///backups"),
    ]);
    let said = run(command, &["show-config"]).expect(1);
    let expected = "backup.target: expected s3://bucket/prefix, got `s3:///backups`";
    assert!(said.err().contains(expected), "{}", said.err());
}
