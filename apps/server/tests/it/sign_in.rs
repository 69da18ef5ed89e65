//! Log-in by providers elsewhere, as an operator sets it up.

use serde_json::Value;
use testkit::IdentityProvider;
use tokio::runtime::Runtime;

use crate::kiwi::{DOMAIN, Folder, Kiwi, prepared, program, run};

/// A provider, and what keeps it running.
fn provider() -> (Runtime, IdentityProvider) {
    let runtime = Runtime::new().expect("a runtime");
    let provider = runtime.block_on(IdentityProvider::start());
    (runtime, provider)
}

fn settings(provider: &identity::Provider) -> String {
    format!(
        "[auth.providers.sso]\nissuer = \"{}\"\nclient_id = \"{}\"\nclient_secret = \"{}\"\n",
        provider.issuer,
        provider.client_id,
        provider.client_secret.as_deref().unwrap_or_default(),
    )
}

#[test]
fn ent_004_people_log_in_by_the_provider_of_a_settings_file() {
    let (_runtime, provider) = provider();
    let folder = prepared();
    let told = provider.settings("sso");
    folder.write("etc/tcms_settings_dir/sign_in.toml", &settings(&told));
    let server = Kiwi::start(folder.path(), &[]);
    let client = server.client();
    let get = |address: &str| client.get(address).send().expect("an answer");
    let page = get(&server.https(DOMAIN, "/accounts/login/"));
    assert!(page.text().expect("text").contains("Continue with Sso"));
    let begun = get(&server.https(DOMAIN, "/login/sso/?next=/rpc/"));
    assert_eq!(begun.status(), 302);
    let back = provider.visit(begun.headers()["location"].to_str().expect("an address"));
    assert!(
        back.starts_with(&server.https(DOMAIN, "/complete/sso/?code=")),
        "{back}"
    );
    let answer = get(&back);
    assert_eq!(answer.status(), 302, "{}", answer.text().expect("text"));
    assert_eq!(answer.headers()["location"], "/rpc/");
    let line = server.wait_for("auth.oidc");
    assert_eq!(
        (&line["provider"], &line["outcome"]),
        (&"sso".into(), &"created".into())
    );
    assert_eq!(get(&server.https(DOMAIN, "/")).status(), 200);
    server.stop();
}

#[test]
fn ops_105_check_auth_asks_the_providers() {
    let (_runtime, provider) = provider();
    let folder = Folder::new();
    let told = provider.settings("sso");
    let file = "etc/local_settings.toml";
    folder.write(file, &settings(&told));
    let check = |arguments: &[&str]| {
        run(
            program(folder.path()),
            &[&["check", "auth"], arguments].concat(),
        )
    };
    let found = check(&["--json"]).expect(0).json();
    assert_eq!(found["password_login"], true);
    assert_eq!(found["providers"][0]["issuer"], told.issuer);
    let checks = found["providers"][0]["checks"].as_array().expect("checks");
    let names: Vec<&str> = checks
        .iter()
        .filter_map(|check| check["check"].as_str())
        .collect();
    assert_eq!(names, ["discovery", "token endpoint", "keys", "clock"]);
    assert!(checks.iter().all(|check| check["good"] == true), "{found}");
    assert_eq!(checks[2]["found"], "1: one");
    let text = check(&[]).expect(0).out();
    assert!(text.contains("sso: http://127.0.0.1:"), "{text}");
    assert!(text.contains("  good: keys: 1: one\n"), "{text}");

    // another spelling of the issuer is another issuer
    let other = identity::Provider {
        issuer: format!("{}/", told.issuer),
        ..told.clone()
    };
    folder.write(file, &settings(&other));
    let said = check(&["--json"]).expect(1);
    let bad: Value = said.json()["providers"][0]["checks"][0].clone();
    assert_eq!(bad["good"], false);
    assert!(
        bad["found"].as_str().expect("text").contains(&told.issuer),
        "{bad}"
    );
    assert!(
        said.err().contains("1 provider cannot be used"),
        "{}",
        said.err()
    );

    provider.stop();
    folder.write(file, &settings(&told));
    let said = check(&[]).expect(1);
    assert!(
        said.out()
            .contains("error: discovery: the provider cannot be reached"),
        "{}",
        said.out()
    );
}

#[test]
fn ops_096_secrets_of_providers_are_hidden() {
    let folder = Folder::new();
    let secret = folder.write("secret", "not to be shown\n");
    folder.write(
        "etc/local_settings.toml",
        &format!(
            "[auth.providers.a]\nissuer = \"https://a.example\"\nclient_id = \"kiwi\"\n\
             client_secret = {{ file = \"{}\" }}\n",
            secret.display()
        ),
    );
    let kiwi = |arguments: &[&str]| run(program(folder.path()), arguments);
    let shown = kiwi(&["show-config"]).expect(0).out();
    assert!(
        shown.contains("auth.providers.a.client_secret = *** ("),
        "{shown}"
    );
    assert!(
        shown.contains("auth.providers.a.link = prompt  # default"),
        "{shown}"
    );
    assert!(
        !shown.contains("not to be shown") && !shown.contains("<id>"),
        "{shown}"
    );
    let one = kiwi(&["show-config", "auth.providers.a.issuer"])
        .expect(0)
        .out();
    assert!(
        one.starts_with("auth.providers.a.issuer = https://a.example"),
        "{one}"
    );
    kiwi(&["show-config", "auth.providers.b.issuer"]).expect(3);
}
