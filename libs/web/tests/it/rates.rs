//! How often an address may ask.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, Edge, PASSWORD, TESTER};
use web::{Addresses, Rate, RateSettings};

/// Rates so slow that nothing comes back while a test runs.
fn per_hour(requests: u32, burst: u32) -> Rate {
    Rate {
        requests: NonZeroU32::new(requests).expect("not zero"),
        time: Duration::from_hours(1),
        burst,
    }
}

async fn limited(rates: RateSettings) -> App {
    limited_with(rates, Addresses::default()).await
}

async fn limited_with(rates: RateSettings, addresses: Addresses) -> App {
    let settings = web::Settings {
        rates,
        ..web::Settings::default()
    };
    App::start_at(Edge {
        settings,
        addresses,
    })
    .await
}

/// The statuses of the same request, one after the other.
async fn statuses(client: &mut Client, path: &str, times: usize) -> Vec<u16> {
    let mut found = vec![];
    for _ in 0..times {
        found.push(client.get(path).await.status.as_u16());
    }
    found
}

#[tokio::test]
async fn opa_040_an_address_has_its_burst_and_then_its_rate() {
    let second = Rate {
        requests: NonZeroU32::new(10).expect("not zero"),
        time: Duration::from_secs(1),
        burst: 20,
    };
    let app = limited(RateSettings {
        accounts: Some(second),
        ..RateSettings::default()
    })
    .await;
    let begun = Instant::now();
    let (passed, refused) = (AtomicU32::new(0), AtomicU32::new(0));
    let ask = async || {
        let mut client = app.client(ALPHA);
        while passed.load(Relaxed) < 40 && begun.elapsed() < Duration::from_mins(1) {
            match client.get("/accounts/login/").await.status.as_u16() {
                200 => passed.fetch_add(1, Relaxed),
                429 => refused.fetch_add(1, Relaxed),
                other => panic!("{other}"),
            };
        }
    };
    tokio::join!(ask(), ask(), ask(), ask());
    // 21 at once and about ten in each second, however long the answers took
    let most = 21 + (begun.elapsed().as_secs_f64() * 10.0).ceil() as u32;
    let passed = passed.into_inner();
    assert!((40..=most).contains(&passed), "{passed} of {most}");
    assert!(refused.into_inner() > 0);
}

#[tokio::test]
async fn opa_043_ops_081_the_route_decides_about_the_class() {
    let app = limited(RateSettings {
        accounts: Some(per_hour(1, 1)),
        files: Some(per_hour(1, 0)),
        ..RateSettings::default()
    })
    .await;
    let mut client = app.client(ALPHA);
    let login = "/accounts/login/";
    assert_eq!(statuses(&mut client, login, 3).await, [200, 200, 429]);
    // another spelling is refused too, or leads nowhere
    for path in [
        "/accounts/login",
        "/accounts/register/",
        "/accounts/./login/",
        "/%61ccounts/login/",
        "//accounts/login/",
        "/accounts/login/?next=/",
    ] {
        let status = client.get(path).await.status.as_u16();
        assert!(matches!(status, 429 | 404), "{path}: {status}");
    }
    // other classes have buckets of their own
    let found = statuses(&mut client, "/static/nothing.css", 2).await;
    assert_eq!(found, [404, 429]);
    assert_eq!(statuses(&mut client, "/", 3).await, [302; 3]);
    for path in ["/robots.txt", "/livez", "/readyz"] {
        assert_eq!(statuses(&mut client, path, 30).await, [200; 30], "{path}");
    }
}

#[tokio::test]
async fn ops_083_a_refusal_speaks_the_language_of_the_request() {
    let app = limited(RateSettings {
        pages: Some(per_hour(60, 0)),
        ..RateSettings::default()
    })
    .await;
    let mut client = app.client(ALPHA);
    client.get("/").await.expect_status(302);

    let page = client.get("/").await.expect_status(429);
    let wait: u64 = page.header("retry-after").parse().expect("seconds");
    assert!((55..=60).contains(&wait), "{wait}");
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text().contains("too many requests from your address"));
    assert_eq!(page.header("x-frame-options"), "DENY");

    let answer = client.post_json("{}").await.expect_status(429);
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(!answer.header("retry-after").is_empty());
    let error = &answer.json()["error"];
    let message = error["message"].as_str().expect("a text");
    assert!(
        message.starts_with("Internal error: too many requests from your address, try again in "),
        "{error}"
    );

    let request = http::Request::post("/xml-rpc/")
        .header("content-type", "text/xml")
        .body("<methodCall/>".into())
        .expect("a request");
    let answer = client.send(request).await.expect_status(429);
    assert!(answer.text().contains("<fault>"), "{}", answer.text());
    assert!(answer.text().contains("too many requests"));

    let script = client.post_script("/ui/runs/1/results/", "[]").await;
    let told = script.expect_status(429).json();
    assert!(
        told["detail"]
            .as_str()
            .is_some_and(|text| text.contains("try again in")),
        "{told}"
    );
}

#[tokio::test]
async fn ops_084_addresses_are_told_apart_and_networks_of_ipv6_are_one() {
    let app = limited(RateSettings {
        pages: Some(per_hour(1, 0)),
        ..RateSettings::default()
    })
    .await;
    let client = app.client(ALPHA);
    for (address, status) in [
        ("203.0.113.1", 302),
        ("203.0.113.2", 302),
        ("203.0.113.1", 429),
        // the same address, as a socket for both families tells it
        ("::ffff:203.0.113.2", 429),
        ("2001:db8:1:2::1", 302),
        ("2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:3::1", 302),
    ] {
        let answer = client.at(address).get("/").await;
        assert_eq!(answer.status.as_u16(), status, "{address}");
    }
}

/// The messages of faults of a batch of log-ins, in its order.
async fn batch(client: &mut Client, calls: usize) -> Vec<Option<String>> {
    let call =
        json!({"jsonrpc": "2.0", "id": 1, "method": "Auth.login", "params": [TESTER, PASSWORD]});
    let body = Value::from(vec![call; calls]).to_string();
    let answer = client.post_json(&body).await.expect_status(200).json();
    let answers = answer.as_array().expect("a list").iter();
    answers
        .map(|answer| answer["error"]["message"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test]
async fn opa_043_log_ins_of_a_batch_count_one_by_one() {
    let app = limited(RateSettings {
        accounts: Some(per_hour(1, 2)),
        ..RateSettings::default()
    })
    .await;
    let mut client = app.client(ALPHA);
    let told = batch(&mut client, 12).await;
    // five are free, three are the bucket
    let refused: Vec<bool> = told.iter().map(Option::is_some).collect();
    assert_eq!(refused[..8], [false; 8], "{told:?}");
    assert_eq!(refused[8..], [true; 4], "{told:?}");
    assert!(
        told[8]
            .as_deref()
            .is_some_and(|text| text.contains("too many attempts, try again in ")),
        "{told:?}"
    );
    // and the page is refused now, for the class is the same
    client.get("/accounts/login/").await.expect_status(429);
    // who has a session works on
    client
        .call("KiwiTCMS.version", json!([]))
        .await
        .expect("a version");
    // others are not concerned
    let mut other = app.client(ALPHA).at("203.0.113.9");
    assert_eq!(batch(&mut other, 1).await, [None]);
}

#[tokio::test]
async fn opa_043_log_ins_in_quick_succession_wait_for_their_turn() {
    let app = limited(RateSettings {
        accounts: Some(per_hour(72_000, 0)),
        ..RateSettings::default()
    })
    .await;
    let mut client = app.client(ALPHA);
    let begun = std::time::Instant::now();
    assert_eq!(batch(&mut client, 12).await, vec![None; 12]);
    // five are free, one is in the bucket, six come at twenty in a second
    assert!(begun.elapsed() >= Duration::from_millis(250));
}

#[tokio::test]
async fn opa_043_failed_log_ins_by_the_api_cost_five() {
    let app = limited(RateSettings {
        accounts: Some(per_hour(1, 20)),
        ..RateSettings::default()
    })
    .await;
    let mut client = app.client(ALPHA);
    let mut told = vec![];
    // every account has patience of its own
    for n in 0..7 {
        let guess = client.call("Auth.login", json!([format!("name-{n}"), "guess"]));
        told.push(guess.await.expect_err("a wrong password").message);
    }
    let is_wrong = |text: &String| text.contains("Wrong username or password");
    // none of the five free ones succeeded, so they emptied the bucket of 21
    assert!(told[..5].iter().all(is_wrong), "{told:?}");
    let is_early = |text: &String| text.contains("too many attempts, try again in ");
    assert!(told[5..].iter().all(is_early), "{told:?}");
}

#[tokio::test]
async fn ops_082_ent_002_who_causes_errors_is_refused_for_a_while_and_accounts_are_not() {
    let app = limited(RateSettings {
        errors: Some(per_hour(1200, 2)),
        ..RateSettings::default()
    })
    .await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let path = "/no/such/page/";
    let found = statuses(&mut tester, path, 10).await;
    assert_eq!(found, [404; 10], "errors of people with accounts");
    let mut visitor = app.client(ALPHA);
    // the errors themselves go out, and so does the one that is too much
    assert_eq!(statuses(&mut visitor, path, 4).await, [404; 4]);
    let refused = visitor.get("/accounts/login/").await.expect_status(429);
    let seconds = refused.header("retry-after").parse().expect("a number");
    assert!((1..=3).contains(&seconds), "{seconds}");
    // from the same address
    tester.get("/").await.expect_status(200);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    visitor.get("/accounts/login/").await.expect_status(200);

    // being sent to the log-in page is no error
    let mut other = app.client(ALPHA).at("203.0.113.9");
    assert_eq!(statuses(&mut other, "/", 10).await, [302; 10]);
}

#[tokio::test]
async fn opa_044_listed_addresses_are_denied_or_exempt() {
    let networks = |texts: &[&str]| {
        let read = texts.iter().map(|text| text.parse().expect("a network"));
        read.collect::<Vec<_>>()
    };
    let addresses = Addresses {
        deny: networks(&["1.1.1.1/32", "2001:db8::/32", "203.0.113.0/24"]),
        allow: networks(&["203.0.113.7/32"]),
    };
    let rates = RateSettings {
        accounts: Some(per_hour(1, 0)),
        pages: Some(per_hour(1, 0)),
        ..RateSettings::default()
    };
    let app = limited_with(rates, addresses).await;
    let client = app.client(ALPHA);
    for address in ["1.1.1.1", "::ffff:1.1.1.1", "2001:db8:5::1", "203.0.113.8"] {
        for path in ["/", "/static/nothing.css", "/livez"] {
            let answer = client.at(address).get(path).await.expect_status(403);
            assert_eq!(answer.text(), "", "{address} {path}");
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
    let mut exempt = client.at("203.0.113.7");
    assert_eq!(statuses(&mut exempt, "/", 5).await, [302; 5]);
    assert_eq!(batch(&mut exempt, 8).await, vec![None; 8]);
}
