//! `/init-db/`: the first set-up in the browser. Everything here is inert as soon as it was done.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use domain::accounts::{self, NewAccount, Owner};
use domain::tenancy::{MigrateOptions, Progress};
use domain::{Domain, FieldErrors, installation};
use futures_util::stream;
use http::{StatusCode, header};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use views::page::{AdministratorPage, DatabasePage, Offer};

use crate::error::{Error, Result};
use crate::failures::see;
use crate::form::Form;
use crate::guest::Guest;
use crate::host::refuse;
use crate::layers::Verbatim;
use crate::{App, WebSetup};

/// Where an empty database is set up.
pub(crate) const PATH: &str = "/init-db/";
/// Where the first superuser is made.
const ADMINISTRATOR: &str = "/init-db/administrator/";
/// Where the domain of links is set, after a log-in.
const NEXT: &str = "/accounts/login/?next=/admin/sites/site/1/";

/// `GET /init-db/`
pub(crate) async fn show(State(app): State<App>, guest: Guest) -> Result {
    match empty_database(&app).await? {
        Some(domain) => offer(&app, &guest, domain, StatusCode::OK),
        None => Ok(see(StatusCode::FOUND, "/")),
    }
}

/// `POST /init-db/`: migrates, and tells about it line by line.
pub(crate) async fn run(State(app): State<App>, guest: Guest, request: Request) -> Result {
    let Some(domain) = empty_database(&app).await?.cloned() else {
        return Ok(see(StatusCode::FOUND, "/"));
    };
    let form = read(&app, &guest, request).await?;
    if form.get("init_db").is_none_or(str::is_empty) {
        return Ok(see(StatusCode::FOUND, PATH));
    }
    if app.asks_for_token() && !app.setup().accepts(form.get("token").unwrap_or_default()) {
        return offer(&app, &guest, &domain, StatusCode::FORBIDDEN);
    }
    let (lines, told) = unbounded_channel();
    // it goes on when nobody watches any more
    tokio::spawn(async move { set_up(&app, &domain, &Lines(lines)).await });
    let mut response = (
        [
            (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        Body::from_stream(stream::unfold(told, next_line)),
    )
        .into_response();
    response.extensions_mut().insert(Verbatim);
    Ok(response)
}

async fn next_line(
    mut told: UnboundedReceiver<String>,
) -> Option<(
    std::result::Result<String, Infallible>,
    UnboundedReceiver<String>,
)> {
    let line = told.recv().await?;
    Some((Ok(line), told))
}

/// The database while it is empty and may be set up here.
async fn empty_database(app: &App) -> Result<Option<&Domain>> {
    let domain = app.domain().ok_or(Error::Unavailable)?;
    if !domain.tenancy().is_empty().await.map_err(refuse)? {
        return Ok(None);
    }
    match app.settings().setup {
        WebSetup::Off => Err(Error::NotMigrated),
        WebSetup::Token => {
            app.tell_setup_token();
            Ok(Some(domain))
        }
        WebSetup::Open => Ok(Some(domain)),
    }
}

fn offer(app: &App, guest: &Guest, domain: &Domain, status: StatusCode) -> Result {
    let offer = Offer {
        token: app.asks_for_token(),
        is_wrong: status == StatusCode::FORBIDDEN,
        // the groups come after the tables
        steps: domain.tenancy().first_steps() + 1,
    };
    guest.page_with(status, &DatabasePage { offer: Some(offer) })
}

async fn read(app: &App, guest: &Guest, request: Request) -> Result<Form> {
    Form::checked(app, request, |headers, field| {
        guest.check_origin(headers, field)
    })
    .await
}

/// What the page is told, a line at a time.
struct Lines(UnboundedSender<String>);

impl Lines {
    fn say(&self, text: &str) {
        let now = domain::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        // whoever has gone away hears nothing
        let _ = self.0.send(format!("{now} init-db: {text}\n"));
    }
}

async fn set_up(app: &App, domain: &Domain, lines: &Lines) {
    let _turn = app.setup().turn.lock().await;
    lines.say("Running migrations:");
    let (sender, mut heard) = unbounded_channel();
    let work = async {
        let options = MigrateOptions {
            progress: Some(sender),
            ..MigrateOptions::default()
        };
        installation::migrate(domain, &options).await
    };
    let listen = async {
        while let Some(progress) = heard.recv().await {
            lines.say(&sentence(&progress));
        }
    };
    let (outcome, ()) = tokio::join!(work, listen);
    match outcome {
        Ok(report) if report.is_empty() => lines.say("  No migrations to apply."),
        Ok(report) if report.is_complete() => lines.say("  Creating groups... OK"),
        Ok(_) => {
            lines.say("Error: not every tenant could be migrated; run `kiwi migrate` to go on");
            return;
        }
        Err(error) => {
            tracing::error!(event = "setup_failed", error = %reason(&error), "the first set-up failed");
            lines.say(&format!("Error: {}", reason(&error)));
            lines.say("Correct the cause, then run `kiwi migrate`: it goes on where this stopped");
            return;
        }
    }
    tracing::info!(
        event = "database_set_up",
        "the database was set up in the browser"
    );
    lines.say(&format!(
        "Next: create the first administrator at {ADMINISTRATOR}"
    ));
    lines.say("Complete!");
}

fn sentence(progress: &Progress) -> String {
    match progress {
        Progress::Applied(step) => format!("  Applying {step}... OK"),
        Progress::Created(tenant) => format!("  Creating tenant {tenant}... OK"),
        Progress::Migrated(tenant) => format!("  Migrating tenant {tenant}... OK"),
        Progress::Failed(failure) => format!(
            "  Migrating tenant {}... failed at {}: {}",
            failure.tenant, failure.step, failure.error
        ),
    }
}

fn reason(error: &domain::Error) -> String {
    match error {
        domain::Error::Internal(source) => format!("{source:#}"),
        other => other.to_string(),
    }
}

/// `GET /init-db/administrator/`
pub(crate) async fn administrator(State(app): State<App>, guest: Guest) -> Result {
    match without_superuser(&app).await? {
        Ok(_) => guest.page(&AdministratorPage::new("", "", &[])),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// `POST /init-db/administrator/`: makes the first superuser for whoever knows the token.
pub(crate) async fn make_administrator(
    State(app): State<App>,
    guest: Guest,
    request: Request,
) -> Result {
    let domain = match without_superuser(&app).await? {
        Ok(domain) => domain,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let form = read(&app, &guest, request).await?;
    let field = |name: &str| form.get(name).unwrap_or_default();
    match make(&app, domain, &form).await {
        Ok(()) => Ok(see(StatusCode::FOUND, NEXT)),
        Err(domain::Error::Invalid(errors)) => {
            let (username, email) = (field("username").trim(), field("email").trim());
            let page = AdministratorPage::new(username, email, &errors.0);
            guest.page_with(StatusCode::BAD_REQUEST, &page)
        }
        // somebody else was faster
        Err(domain::Error::Conflict(_)) => Ok(see(StatusCode::FOUND, "/")),
        Err(error) => Err(error.into()),
    }
}

async fn make(app: &App, domain: &Domain, form: &Form) -> domain::Result<()> {
    let field = |name: &str| form.get(name).unwrap_or_default();
    let mut errors = FieldErrors::default();
    if !app.setup().accepts(field("token")) {
        errors.add(
            "token",
            "This is not the token. It stands in the log of the server, in the line with the \
             event setup_token.",
        );
        return errors.into_result();
    }
    let (username, email) = (field("username").trim(), field("email").trim());
    if email.is_empty() {
        errors.add("email", "This field is required.");
    }
    if username.is_empty() {
        errors.add("username", "This field is required.");
    }
    let password = field("password");
    let owner = Owner {
        username,
        email,
        ..Owner::default()
    };
    for message in accounts::weaknesses(password, owner) {
        errors.add("password", message);
    }
    if password != field("password_again") {
        errors.add("password_again", "The two passwords are not the same.");
    }
    errors.into_result()?;
    let new = NewAccount::superuser(username, email, Some(password));
    let account = accounts::create_first(domain, new).await?;
    tracing::info!(
        event = "first_superuser",
        user_id = account.id,
        "the first superuser was made in the browser"
    );
    Ok(())
}

/// The product while it waits for its first superuser, or the answer that leads elsewhere.
async fn without_superuser(app: &App) -> Result<std::result::Result<&Domain, Response>> {
    let domain = app.domain().ok_or(Error::Unavailable)?;
    if !domain.tenancy().is_initialised().await.map_err(refuse)? {
        return Ok(Err(see(StatusCode::FOUND, PATH)));
    }
    let is_offered = app.settings().setup != WebSetup::Off;
    if !is_offered || !installation::awaits_superuser(domain).await? {
        return Ok(Err(see(StatusCode::FOUND, "/")));
    }
    app.tell_setup_token();
    Ok(Ok(domain))
}
