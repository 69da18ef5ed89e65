//! Logging in by a provider elsewhere, and connecting an account with one.
//!
//! Providers send browsers back to one address, so a log-in begins and ends at the public tenant; from
//! there `/kiwitcms_tenants/go/to/…` leads to the tenant where somebody wanted to be. What proves that
//! an answer belongs to a log-in lies in a session of its own, under a key made from the state and from
//! a cookie of the browser: it is there once, for ten minutes, for the browser that began.

use std::time::Duration;

use axum::extract::{OriginalUri, Path, Request};
use axum::response::Response;
use domain::accounts::social::{self, Person, Recognised, Refusal, Way};
use domain::{SessionChange, session, tenancy};
use http::{StatusCode, header};
use identity::{Provider, Secrets};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::{info, warn};
use views::page::{ConnectPage, LoginPage, ProviderLink};

use super::{go, login_page};
use crate::error::{Error, Result};
use crate::flash::{self, Notice};
use crate::form::Form;
use crate::metrics::{LogIn, Outcome};
use crate::session::Changed;
use crate::visitor::Visitor;
use crate::{chance, next_page};

/// How long somebody may stay at a provider.
const PATIENCE: Duration = Duration::from_mins(10);
/// Part of what is signed, so that no other signature fits.
const CONNECT: &[u8] = b"connect";

/// A log-in that has begun.
#[derive(Serialize, Deserialize)]
struct Begun {
    provider: String,
    /// Where to go afterwards.
    next: String,
    /// The account that is to be connected.
    account: Option<i32>,
    secrets: Secrets,
}

/// The ways in by providers, for the log-in page.
pub(super) async fn links(visitor: &Visitor, next: &str) -> Result<Vec<ProviderLink>> {
    let providers = &visitor.app.settings().providers;
    let mut links = Vec::new();
    for provider in providers.iter() {
        links.push(ProviderLink {
            name: provider.name.clone(),
            address: beginning(visitor, &provider.id, next).await?,
        });
    }
    Ok(links)
}

/// The address where a log-in begins that leads to a page of the visitor's tenant.
async fn beginning(visitor: &Visitor, provider: &str, next: &str) -> Result<String> {
    let tenant = &visitor.request.tenant;
    let next = if next.is_empty() { "/" } else { next };
    let next = if tenant.is_public() {
        next.to_owned()
    } else {
        format!("/kiwitcms_tenants/go/to/{}{next}", tenant.schema)
    };
    let next = next_page::encode(&next);
    let origin = elsewhere(visitor).await?.unwrap_or_default();
    Ok(format!("{origin}/login/{provider}/?next={next}"))
}

/// Scheme and host of the public tenant, unless the visitor is there already.
async fn elsewhere(visitor: &Visitor) -> Result<Option<String>> {
    let tenancy = visitor.request.domain.tenancy();
    if *tenancy.mode() == tenancy::Mode::Single {
        return Ok(None);
    }
    let public = tenancy.by_name("public").await;
    let public = public
        .map_err(domain::Error::from)?
        .ok_or(Error::NotFound)?;
    let host = tenancy::normalise_host(&visitor.request.host);
    let is_here = host.is_some_and(|host| host == public.primary_domain);
    Ok((!is_here).then(|| public.base_url(tenancy.config().public_port)))
}

/// Where providers send browsers back to; only asked for where log-ins begin and end.
fn callback(visitor: &Visitor, provider: &str) -> String {
    let tenancy = visitor.request.domain.tenancy();
    let origin = if *tenancy.mode() == tenancy::Mode::Single {
        let scheme = if visitor.request.secure {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", visitor.request.host)
    } else {
        visitor
            .request
            .tenant
            .base_url(tenancy.config().public_port)
    };
    format!("{origin}/complete/{provider}/")
}

fn provider<'a>(visitor: &'a Visitor, id: &str) -> Result<&'a Provider> {
    let providers = &visitor.app.settings().providers;
    providers.get(id).ok_or(Error::NotFound)
}

fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let (_, value) = pairs.find(|(found, _)| found == name)?;
    Some(value.into_owned())
}

/// `GET /login/<provider>/`: sends visitors to the provider. Somebody who has logged in is asked first
/// whether the account is to be connected, so that no other site can begin that.
pub(crate) async fn begin(
    visitor: Visitor,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    let provider = provider(&visitor, &id)?;
    let next = parameter(uri.query(), "next").unwrap_or_default();
    let next = next_page::safe(&next);
    if elsewhere(&visitor).await?.is_some() {
        return Ok(go(&beginning(&visitor, &id, next).await?));
    }
    let Some(user) = visitor.request.caller.user() else {
        return start(&visitor, provider, next, None).await;
    };
    let account = user.id;
    let session = visitor.request.session.as_deref().unwrap_or_default();
    // what only a page of ours, shown in this session, knows
    let text = format!("{session} {id}");
    let (signer, given) = (visitor.app.csrf(), parameter(uri.query(), "connect"));
    if given.is_some_and(|given| signer.has_signed(CONNECT, text.as_bytes(), &given)) {
        return start(&visitor, provider, next, Some(account)).await;
    }
    let proof = signer.sign(CONNECT, text.as_bytes());
    visitor.page(&ConnectPage {
        name: provider.name.clone(),
        username: user.username.clone(),
        connected: social::is_connected(&visitor.request.domain, account, &id).await?,
        connect: format!(
            "/login/{id}/?next={}&connect={proof}",
            next_page::encode(next)
        ),
        disconnect: format!("/disconnect/{id}/"),
        back: next.to_owned(),
    })
}

async fn start(visitor: &Visitor, provider: &Provider, next: &str, account: Option<i32>) -> Result {
    let callback = callback(visitor, &provider.id);
    let providers = &visitor.app.settings().providers;
    let begun = match providers.begin(&provider.id, &callback).await {
        Ok(begun) => begun,
        Err(error) => return outage(visitor, provider, next, &error).await,
    };
    let known = visitor.sign_in_key.clone();
    let browser = known.filter(|key| session::is_key(key));
    let browser = browser.unwrap_or_else(|| chance::hex(&chance::bytes::<16>()));
    let kept = Begun {
        provider: provider.id.clone(),
        next: next.to_owned(),
        account,
        secrets: begun.secrets,
    };
    let record = session::Record {
        data: serde_json::to_value(kept).map_err(|_| Error::Internal)?,
        expires_at: domain::now() + PATIENCE,
    };
    let key = place(&browser, &begun.state);
    session::save_record(&visitor.request.domain, &key, &record).await?;
    let mut response = go(&begun.address);
    let cookie = visitor.scope.sign_in(&browser, PATIENCE);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Where a log-in is kept: nobody finds it without both the cookie and the state.
fn place(browser: &str, state: &str) -> String {
    let digest = Sha256::new()
        .chain_update(browser)
        .chain_update(b" ")
        .chain_update(state)
        .finalize();
    chance::hex(&digest[..16])
}

/// `GET /complete/<provider>/`: the browser comes back.
pub(crate) async fn complete(
    visitor: Visitor,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    let provider = provider(&visitor, &id)?;
    if elsewhere(&visitor).await?.is_some() {
        return Err(Error::NotFound);
    }
    let Some(begun) = take(&visitor, provider, uri.query()).await? else {
        tell(provider, "not_begun_here", None);
        let page = LoginPage {
            errors: vec![LoginPage::PROVIDER_STALE],
            ..login_page(&visitor, String::new()).await?
        };
        return visitor.page_with(StatusCode::FORBIDDEN, &page);
    };
    let Some(code) = parameter(uri.query(), "code") else {
        tell(provider, "denied", None);
        return Ok(refuse(
            &visitor,
            provider,
            &begun.next,
            "flash-refused-denied",
        ));
    };
    let callback = callback(&visitor, &id);
    let providers = &visitor.app.settings().providers;
    let now = domain::now();
    let person = match providers
        .complete(&id, &callback, &code, begun.secrets, now)
        .await
    {
        Ok(person) => person,
        Err(error) if error.is_outage() => {
            return outage(&visitor, provider, &begun.next, &error).await;
        }
        Err(error) => {
            warn!(
                event = "auth.oidc",
                provider = provider.id,
                outcome = error.word(),
                "{error}"
            );
            let page = LoginPage {
                errors: vec![LoginPage::PROVIDER_UNPROVEN],
                provider: provider.name.clone(),
                ..login_page(&visitor, begun.next).await?
            };
            return visitor.page_with(StatusCode::FORBIDDEN, &page);
        }
    };
    let person = Person {
        provider: id,
        issuer: person.issuer,
        uid: person.subject,
        username: person.username,
        email: person.email,
        email_verified: person.email_verified,
        first_name: person.first_name,
        last_name: person.last_name,
        groups: person.groups,
    };
    match begun.account {
        Some(account) => connect(&visitor, provider, account, &person, &begun.next).await,
        None => log_in(&visitor, provider, &person, &begun.next).await,
    }
}

/// The log-in that this browser has begun with the state of the answer; it is over with that.
async fn take(
    visitor: &Visitor,
    provider: &Provider,
    query: Option<&str>,
) -> Result<Option<Begun>> {
    let (Some(browser), Some(state)) = (&visitor.sign_in_key, parameter(query, "state")) else {
        return Ok(None);
    };
    let key = place(browser, &state);
    let Some(data) = session::take_record(&visitor.request.domain, &key).await? else {
        return Ok(None);
    };
    let begun: Option<Begun> = serde_json::from_value(data).ok();
    // an answer of another provider, or one that names another issuer, is not meant for this log-in
    let same_issuer = parameter(query, "iss").is_none_or(|issuer| issuer == provider.issuer);
    Ok(begun.filter(|begun| {
        let same_person = begun.account.is_none() || begun.account == visitor.request.caller.id();
        begun.provider == provider.id && same_issuer && same_person
    }))
}

async fn log_in(visitor: &Visitor, provider: &Provider, person: &Person, next: &str) -> Result {
    let asked = &visitor.request;
    let rules = asked.domain.settings().providers.get(&provider.id);
    let rules = rules.cloned().unwrap_or_default();
    let (account, way) = match social::recognise(&asked.domain, &rules, person).await? {
        Recognised::As(account, way) => (account, way),
        Recognised::Refused(refusal) => {
            tell(provider, word(refusal), None);
            return Ok(refused(visitor, provider, next, refusal));
        }
    };
    let outcome = match way {
        Way::Known => "success",
        Way::Created => "created",
        Way::ByEmail => "connected_by_email",
    };
    tell(provider, outcome, Some(account.id));
    let outcome = Outcome::Success;
    visitor
        .app
        .metrics()
        .log_ins
        .get_or_create(&LogIn { outcome })
        .inc();
    let current = asked.session.as_deref();
    let logged_in =
        session::log_in_recognised(&asked.domain, &asked.tenant, current, *account).await?;
    let mut response = go(next);
    let change = SessionChange::Started(logged_in.key);
    response.extensions_mut().insert(Changed(change));
    Ok(response)
}

async fn connect(
    visitor: &Visitor,
    provider: &Provider,
    account: i32,
    person: &Person,
    next: &str,
) -> Result {
    let domain = &visitor.request.domain;
    if let Some(refusal) = social::connect_with(domain, account, person).await? {
        tell(provider, word(refusal), Some(account));
        return Ok(refused(visitor, provider, next, refusal));
    }
    tell(provider, "connected", Some(account));
    let notice = Notice::about("flash-connected", &provider.name);
    Ok(flash::leave(visitor, go(next), &notice))
}

/// `POST /disconnect/<provider>/`
pub(crate) async fn disconnect(
    visitor: Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Result {
    let provider = provider(&visitor, &id)?;
    let account = visitor.user()?.id;
    Form::read(&visitor, request).await?;
    let domain = &visitor.request.domain;
    let refusal = social::disconnect(domain, account, &id).await?;
    let (outcome, key) = refusal.map_or(("disconnected", "flash-disconnected"), |refusal| {
        (word(refusal), "flash-refused-last-way")
    });
    tell(provider, outcome, Some(account));
    let notice = Notice::about(key, &provider.name);
    Ok(flash::leave(&visitor, go("/"), &notice))
}

/// `GET /kiwitcms_tenants/go/to/<schema>/<path>`: leads to a page of a tenant of ours.
pub(crate) async fn go_to(
    visitor: Visitor,
    Path(parts): Path<Vec<(String, String)>>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    let schema = parts.first().map(|(_, schema)| schema.as_str());
    let tenancy = visitor.request.domain.tenancy();
    let tenant = tenancy.by_name(schema.unwrap_or_default()).await;
    let tenant = tenant
        .map_err(domain::Error::from)?
        .ok_or(Error::NotFound)?;
    // as it was written, because it goes into an address again
    let path = uri.path().strip_prefix("/kiwitcms_tenants/go/to/");
    let (_, path) = path.unwrap_or_default().split_once('/').unwrap_or_default();
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let slash = if uri.path().ends_with('/') && !path.is_empty() {
        "/"
    } else {
        ""
    };
    let query = uri.query().map(|query| format!("?{query}"));
    let page = format!("/{}{slash}{}", path.join("/"), query.unwrap_or_default());
    let page = next_page::safe(&page);
    if tenant.id == visitor.request.tenant.id {
        return Ok(go(page));
    }
    let origin = tenant.base_url(tenancy.config().public_port);
    Ok(go(&format!("{origin}{page}")))
}

/// The log-in page again, because the provider cannot be used.
async fn outage(
    visitor: &Visitor,
    provider: &Provider,
    next: &str,
    error: &identity::Error,
) -> Result {
    warn!(
        event = "auth.oidc",
        provider = provider.id,
        outcome = error.word(),
        "{error}"
    );
    let page = LoginPage {
        errors: vec![LoginPage::PROVIDER_DOWN],
        provider: provider.name.clone(),
        ..login_page(visitor, next.to_owned()).await?
    };
    visitor.page_with(StatusCode::SERVICE_UNAVAILABLE, &page)
}

fn refused(visitor: &Visitor, provider: &Provider, next: &str, refusal: Refusal) -> Response {
    let key = match refusal {
        Refusal::NoEmail => "flash-refused-no-email",
        Refusal::EmailTaken => "flash-refused-email-taken",
        Refusal::EmailNotAllowed => "flash-refused-email-not-allowed",
        Refusal::NoAccount => "flash-refused-no-account",
        Refusal::Inactive => "flash-refused-inactive",
        Refusal::OfAnother => "flash-refused-of-another",
        Refusal::LastWay => "flash-refused-last-way",
    };
    if visitor.is_logged_in() {
        let notice = Notice::about(key, &provider.name);
        return flash::leave(visitor, go(next), &notice);
    }
    match refusal {
        // whoever proves to own the account is offered to connect it
        Refusal::EmailTaken | Refusal::NoAccount => {
            let next = format!("/login/{}/?next={}", provider.id, next_page::encode(next));
            refuse(visitor, provider, &next, key)
        }
        _ => refuse(visitor, provider, next, key),
    }
}

/// Back to the log-in page, with a notice.
fn refuse(visitor: &Visitor, provider: &Provider, next: &str, key: &str) -> Response {
    let notice = Notice::about(key, &provider.name);
    flash::leave(visitor, go(&next_page::login(next)), &notice)
}

/// One word for logs.
fn word(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoEmail => "no_email",
        Refusal::EmailTaken => "email_taken",
        Refusal::EmailNotAllowed => "email_not_allowed",
        Refusal::NoAccount => "no_account",
        Refusal::Inactive => "inactive",
        Refusal::OfAnother => "of_another",
        Refusal::LastWay => "last_way",
    }
}

fn tell(provider: &Provider, outcome: &str, account: Option<i32>) {
    info!(
        event = "auth.oidc",
        provider = provider.id,
        outcome,
        account,
        "a log-in by a provider"
    );
}
