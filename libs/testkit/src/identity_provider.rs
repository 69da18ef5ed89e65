//! A provider of identities: OpenID Connect as the standard has it, on a port of this machine, and
//! able to say what no honest one says.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use url::Url;

/// Name and secret of the installation under test at the provider.
const CLIENT: &str = "kiwi under test";
const SECRET: &str = "a secret/with+signs:";

/// What the provider says about whoever comes next.
#[derive(Debug, Clone)]
pub struct Says {
    /// Claims about the person; they stand in the ID token.
    pub claims: Value,
    /// Claims about the person that only the place for user information tells.
    pub user_info: Value,
    /// Claims of the ID token that are not what they should be, such as `iss`, `aud`, `nonce`.
    pub instead: Value,
    /// Seconds from now to the end of the ID token.
    pub expires_in: i64,
    /// Key that signs: `one` or `two`.
    pub signs: &'static str,
    /// Key that the token names.
    pub names: &'static str,
    /// Algorithm that the token names.
    pub algorithm: &'static str,
}

impl Default for Says {
    fn default() -> Self {
        Self {
            claims: json!({
                "sub": "248289761001",
                "preferred_username": "jane",
                "given_name": "Jane",
                "family_name": "Doe",
                "email": "jane@example.com",
                "email_verified": true,
            }),
            user_info: json!({}),
            instead: json!({}),
            expires_in: 300,
            signs: "one",
            names: "one",
            algorithm: "RS256",
        }
    }
}

impl Says {
    /// The same with these claims about the person; `null` takes one away.
    #[must_use]
    pub fn with(mut self, claims: &Value) -> Self {
        merge(&mut self.claims, claims);
        self
    }
}

/// A running provider.
pub struct IdentityProvider {
    issuer: String,
    shared: Arc<Shared>,
    serving: AbortHandle,
}

struct Shared {
    issuer: String,
    state: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    says: Says,
    published: Vec<&'static str>,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Value>,
    count: usize,
    described: usize,
}

/// What a code stands for until it is redeemed.
struct Code {
    nonce: String,
    challenge: String,
    redirect: String,
    says: Says,
}

impl IdentityProvider {
    /// A provider with one key.
    pub async fn start() -> Self {
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/realms/test");
        let state = Inner {
            published: vec!["one"],
            ..Inner::default()
        };
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            state: Mutex::new(state),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(user_info));
        let routes = Router::new()
            .nest("/realms/test", routes)
            .with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            issuer,
            shared,
            serving: serving.abort_handle(),
        }
    }

    /// What an operator would say about it.
    pub fn settings(&self, id: &str) -> identity::Provider {
        identity::Provider {
            id: id.to_owned(),
            name: "The Provider".to_owned(),
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.to_owned()),
            scopes: vec!["profile".to_owned(), "email".to_owned()],
            audiences: vec![],
            username_claim: "preferred_username".to_owned(),
            email_claim: "email".to_owned(),
            groups_claim: String::new(),
        }
    }

    /// Says this about everybody from now on.
    pub fn says(&self, says: Says) {
        self.shared.inner().says = says;
    }

    /// Publishes these keys from now on.
    pub fn publishes(&self, keys: &[&'static str]) {
        self.shared.inner().published = keys.to_vec();
    }

    /// How often it has described itself.
    pub fn described(&self) -> usize {
        self.shared.inner().described
    }

    /// Goes away.
    pub fn stop(&self) {
        self.serving.abort();
    }

    /// What the browser does at the provider: looks at the address it was sent to, logs in, and is sent
    /// back to the address that this returns.
    pub fn visit(&self, address: &str) -> String {
        let address = Url::parse(address).expect("an address");
        let place = format!("{}/authorize", self.issuer);
        assert_eq!(&address[..url::Position::AfterPath], place);
        let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
        let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!(get("response_type"), "code");
        assert_eq!(get("client_id"), CLIENT);
        assert_eq!(get("scope"), "openid profile email");
        assert_eq!(get("code_challenge_method"), "S256");
        assert!(get("state").len() >= 22 && get("nonce").len() >= 22);
        let mut inner = self.shared.inner();
        inner.count += 1;
        let code = format!("code-{}", inner.count);
        let stands_for = Code {
            nonce: get("nonce"),
            challenge: get("code_challenge"),
            redirect: get("redirect_uri"),
            says: inner.says.clone(),
        };
        inner.codes.insert(code.clone(), stands_for);
        let mut back = Url::parse(&get("redirect_uri")).expect("an address to come back to");
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &get("state"));
        back.into()
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn describe(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.inner().described += 1;
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
    }))
}

fn pair(name: &str) -> RsaKeyPair {
    let der: &[u8] = match name {
        "two" => include_bytes!("identity_provider/two.der"),
        _ => include_bytes!("identity_provider/one.der"),
    };
    RsaKeyPair::from_der(der).expect("a key")
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let published = shared.inner().published.clone();
    let keys = published.into_iter().map(|name| {
        let pair = pair(name);
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": name,
            "n": URL_SAFE_NO_PAD.encode(public.n),
            "e": URL_SAFE_NO_PAD.encode(public.e),
        })
    });
    Json(json!({ "keys": keys.collect::<Vec<_>>() }))
}

fn refuse(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}

async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let proof = STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET)));
    let shown = headers.get(header::AUTHORIZATION);
    if shown.is_none_or(|shown| shown.as_bytes() != format!("Basic {proof}").as_bytes()) {
        return refuse("invalid_client");
    }
    let get = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let mut inner = shared.inner();
    // a code is good for one try
    let Some(code) = inner.codes.remove(get("code")) else {
        return refuse("invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(get("code_verifier")));
    if get("grant_type") != "authorization_code"
        || get("redirect_uri") != code.redirect
        || challenge != code.challenge
    {
        return refuse("invalid_grant");
    }
    inner.count += 1;
    let access = format!("access-{}", inner.count);
    let mut info = code.says.user_info.clone();
    merge(&mut info, &json!({ "sub": code.says.claims["sub"] }));
    inner.tokens.insert(access.clone(), info);
    let signed = sign(&shared.issuer, &code, &access);
    Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": signed,
    }))
    .into_response()
}

/// The ID token.
fn sign(issuer: &str, code: &Code, access: &str) -> String {
    let says = &code.says;
    let now = domain::now().timestamp();
    let half = &Sha256::digest(access)[..16];
    let mut claims = json!({
        "iss": issuer,
        "aud": CLIENT,
        "nonce": code.nonce,
        "iat": now,
        "exp": now + says.expires_in,
        "at_hash": URL_SAFE_NO_PAD.encode(half),
    });
    merge(&mut claims, &says.claims);
    merge(&mut claims, &says.instead);
    let header = json!({ "alg": says.algorithm, "typ": "JWT", "kid": says.names });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&header), part(&claims));
    if says.algorithm == "none" {
        return format!("{text}.");
    }
    let pair = pair(says.signs);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn user_info(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let shown = headers.get(header::AUTHORIZATION);
    let token = shown.and_then(|shown| shown.to_str().ok()?.strip_prefix("Bearer "));
    match token.and_then(|token| shared.inner().tokens.get(token).cloned()) {
        Some(claims) => Json(claims).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// Puts members into an object, or takes them away.
fn merge(into: &mut Value, from: &Value) {
    let into = into.as_object_mut().expect("an object");
    for (name, value) in from.as_object().expect("an object") {
        if value.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), value.clone());
        }
    }
}
