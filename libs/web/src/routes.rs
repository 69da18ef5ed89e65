//! Which path leads where.

use axum::Router;
use axum::extract::{OriginalUri, Request};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use http::{Method, StatusCode};

use crate::error::{Error, Result};
use crate::pages::{
    account, attachment, dashboard, reference, setup, site, system, test_execution, test_plan,
    test_run, tracker_token,
};
use crate::visitor::Visitor;
use crate::{App, api, debug, failures, files, health, host, layers, session, uploads, well_known};

/// All routes of the application with all layers.
pub fn application(app: &App) -> Router {
    let tenant = Router::new()
        .route("/json-rpc/", any(api::json))
        .route("/json-rpc", any(to_slash))
        .route("/xml-rpc/", any(api::xml))
        .route("/xml-rpc/{*rest}", any(api::xml))
        .route("/xml-rpc", any(to_slash))
        .page(
            "/accounts/login/",
            get(account::login_form).post(account::log_in),
        )
        .page("/accounts/logout/", post(account::log_out))
        .page(
            "/accounts/register/",
            get(account::register::form).post(account::register::send),
        )
        .page("/accounts/confirm/{key}/", get(account::register::confirm))
        .page(
            "/accounts/recovery/",
            get(account::recovery::form).post(account::recovery::enter),
        )
        .page(
            "/accounts/passwordreset/",
            get(account::password::ask).post(account::password::send),
        )
        .page(
            "/accounts/passwordreset/done/",
            get(account::password::sent),
        )
        .page(
            "/accounts/passwordreset/confirm/{id}/{key}/",
            get(account::password::open).post(account::password::set),
        )
        .page(
            "/accounts/passwordreset/complete/",
            get(account::password::complete),
        )
        .page(
            "/admin/password_change/",
            get(account::password::change_form).post(account::password::change),
        )
        .page(
            "/admin/password_change/done/",
            get(account::password::changed),
        )
        .page(
            "/accounts/{id}/reset-user-email/",
            get(account::email::form).post(account::email::send),
        )
        .page("/accounts/{id}/profile/", get(account::profile::show))
        .page("/captcha/image/{key}/", get(account::captcha::image))
        .page("/login/{provider}/", get(account::social::begin))
        .page("/complete/{provider}/", get(account::social::complete))
        .page("/disconnect/{provider}/", post(account::social::disconnect))
        .route(
            "/kiwitcms_tenants/go/to/{schema}/",
            get(account::social::go_to),
        )
        .route(
            "/kiwitcms_tenants/go/to/{schema}/{*path}",
            get(account::social::go_to),
        )
        .route("/", get(dashboard::show))
        .page("/admin/sites/site/", get(site::list))
        .page("/admin/sites/site/add/", any(site::the_one))
        .page("/admin/sites/site/{id}/", get(site::show).post(site::save))
        .page(
            "/admin/sites/site/{id}/change/",
            get(site::show).post(site::save),
        )
        .page("/admin/sites/site/{id}/delete/", any(site::the_one))
        .page(
            "/admin/trackers_integration/apitoken/",
            get(tracker_token::list),
        )
        .page(
            "/admin/trackers_integration/apitoken/add/",
            get(tracker_token::add_form).post(tracker_token::add),
        )
        .page(
            "/admin/trackers_integration/apitoken/{id}/",
            get(tracker_token::show).post(tracker_token::save),
        )
        .page(
            "/admin/trackers_integration/apitoken/{id}/change/",
            get(tracker_token::show).post(tracker_token::save),
        )
        .page(
            "/admin/trackers_integration/apitoken/{id}/delete/",
            get(tracker_token::ask).post(tracker_token::delete),
        )
        .page("/admin/system/", get(system::show))
        .page("/rpc/", get(reference::show))
        .route("/json-rpc/openrpc.json", get(reference::document))
        .page("/plan/{id}/", get(test_plan::show))
        .route("/plan/{id}/{slug}", get(test_plan::show_with_slug))
        .page("/runs/{id}/", get(test_run::show))
        .page("/ui/runs/{id}/results/", post(test_run::record))
        .page("/ui/executions/{id}/panel/", get(test_execution::panel))
        .page("/ui/executions/{id}/result/", post(test_execution::record))
        .page(
            "/attachments/add-for/{app}/{model}/{id}/",
            post(attachment::add),
        )
        .page("/attachments/delete/{id}/", post(attachment::delete))
        .route("/uploads/{*path}", get(uploads::file))
        .route("/debug/fail", get(fail))
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), layers::length))
        .layer(from_fn_with_state(app.clone(), session::identify))
        .layer(from_fn_with_state(app.clone(), host::resolve));
    let anywhere = Router::new()
        .page("/init-db/", get(setup::show).post(setup::run))
        .page(
            "/init-db/administrator/",
            get(setup::administrator).post(setup::make_administrator),
        )
        .route("/static/ca.crt", get(files::authority))
        .route("/static/{*path}", get(files::file))
        .route("/favicon.ico", get(files::favicon))
        .route("/robots.txt", get(files::robots))
        .route(
            "/.well-known/change-password",
            get(well_known::change_password),
        )
        .route("/.well-known/security.txt", get(well_known::security))
        .route("/.well-known/{*path}", get(well_known::file))
        .route("/admin/login/", any(to_log_in))
        .merge(watched())
        .layer(from_fn_with_state(app.clone(), layers::length));
    layers::around(tenant.merge(anywhere), app)
}

/// What tells the state of the program; on every listener.
fn watched() -> Router<App> {
    Router::new()
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
}

/// Only what tells the state of the program, for listeners without the application.
pub fn health_only(app: &App) -> Router {
    watched().with_state(app.clone())
}

/// Adds pages, which also answer without their last slash: by pointing to it.
trait Pages {
    fn page(self, path: &'static str, handler: MethodRouter<App>) -> Self;
}

impl Pages for Router<App> {
    fn page(self, path: &'static str, handler: MethodRouter<App>) -> Self {
        let without_slash = path.trim_end_matches('/');
        self.route(path, handler)
            .route(without_slash, any(to_slash))
    }
}

async fn not_found() -> Error {
    Error::NotFound
}

/// Fails on purpose, so that operators see what a page of an error tells.
async fn fail(visitor: Visitor) -> Result {
    if !debug::is_told(&visitor) {
        return Err(Error::NotFound);
    }
    let cause = std::io::Error::other("somebody asked for an error");
    Err(domain::Error::defect("this page fails on purpose", cause).into())
}

/// Where the log-in page was, and where bookmarks still look for it.
async fn to_log_in(OriginalUri(uri): OriginalUri) -> Response {
    let query = uri.query().map(|query| format!("?{query}"));
    let address = format!("/accounts/login/{}", query.unwrap_or_default());
    failures::see(StatusCode::MOVED_PERMANENTLY, &address)
}

/// Points to the same path with a slash; forms keep their method and body.
async fn to_slash(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    let path = uri.path();
    let is_rpc = matches!(path, "/json-rpc" | "/xml-rpc");
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let status = if is_rpc || is_read {
        StatusCode::MOVED_PERMANENTLY
    } else {
        StatusCode::PERMANENT_REDIRECT
    };
    failures::see(status, &format!("{path}/{query}"))
}
