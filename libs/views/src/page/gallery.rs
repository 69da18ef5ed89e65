//! Example data for every page: what the tests render and what the preview shows.

mod accounts;
mod administration;
mod dashboards;
mod plans;
mod profiles;
mod references;
mod runs;
mod system;
mod world;

use dashboards::{dashboard, empty_dashboard};
use plans::{empty_plan, plan};
use references::reference;
use runs::{panel, rows, run};
use world::{member, messages, now, progress};

use super::{
    AttachPage, Details, ErrorPage, LoginPage, PanelFragment, ProgressFragment, ProviderLink,
    Refusal, RowsFragment,
};
use crate::{Chrome, Result, StoredStatus, Views};

/// A page of the gallery: its name and its HTML.
pub type Picture = (&'static str, String);

/// The statuses of a fresh installation.
pub fn shipped_statuses() -> Vec<StoredStatus> {
    [
        (1, "IDLE", 0, "fa fa-question-circle-o", "#72767b"),
        (2, "RUNNING", 0, "fa fa-play-circle-o", "#72767b"),
        (3, "PAUSED", 0, "fa fa-pause-circle-o", "#72767b"),
        (4, "PASSED", 20, "fa fa-check-circle-o", "#92d400"),
        (5, "FAILED", -30, "fa fa-times-circle-o", "#cc0000"),
        (6, "BLOCKED", -10, "fa fa-stop-circle-o", "#cc0000"),
        (7, "ERROR", -20, "fa fa-minus-circle", "#cc0000"),
        (8, "WAIVED", 10, "fa fa-commenting-o", "#92d400"),
    ]
    .map(|(id, name, weight, icon, color)| StoredStatus {
        id,
        name: name.to_owned(),
        weight,
        icon: icon.to_owned(),
        color: color.to_owned(),
    })
    .into()
}

/// Renders every page and fragment with every sample.
pub fn pictures(views: &Views) -> Result<Vec<Picture>> {
    let statuses = views.statuses(shipped_statuses(), "en");
    let visitor = Chrome {
        registration: false,
        ..Chrome::visitor("en", now())
    };
    let member = member();
    let busy = Chrome {
        messages: messages(),
        ..member.clone()
    };
    let bare = Chrome {
        bare: true,
        ..member.clone()
    };
    let refused = LoginPage {
        username: "ann".to_owned(),
        next: "/runs/9/".to_owned(),
        errors: vec![LoginPage::WRONG],
        ..LoginPage::default()
    };
    let throttled = LoginPage {
        errors: vec![LoginPage::THROTTLED],
        retry_after: 30,
        ..LoginPage::default()
    };
    let closed = LoginPage {
        closed: true,
        ..LoginPage::default()
    };
    let links = |names: &[&str]| -> Vec<ProviderLink> {
        let link = |name: &&str| ProviderLink {
            name: (*name).to_owned(),
            address: "https://public.kiwi.example/login/sample/?next=/".to_owned(),
        };
        names.iter().map(link).collect()
    };
    let providers = LoginPage {
        errors: vec![LoginPage::PROVIDER_DOWN],
        providers: links(&[
            "Keycloak",
            "Sign-in <service> of the whole Example Corporation",
        ]),
        provider: "Keycloak".to_owned(),
        ..LoginPage::default()
    };
    let only_providers = LoginPage {
        closed: true,
        providers: links(&["Keycloak"]),
        ..LoginPage::default()
    };
    let attach = AttachPage {
        add: "/attachments/add-for/testplans/testplan/3/".to_owned(),
        back: "/plan/3/".to_owned(),
        errors: vec!["Uploading executable files is forbidden".to_owned()],
    };
    let mut pictures = vec![
        ("login", views.render(&visitor, &LoginPage::default())?),
        ("login-refused", views.render(&visitor, &refused)?),
        ("login-throttled", views.render(&visitor, &throttled)?),
        ("login-closed", views.render(&visitor, &closed)?),
        ("login-providers", views.render(&visitor, &providers)?),
        (
            "login-providers-only",
            views.render(&visitor, &only_providers)?,
        ),
        ("dashboard", views.render(&member, &dashboard(&statuses))?),
        ("dashboard-empty", views.render(&busy, &empty_dashboard())?),
        ("plan", views.render(&member, &plan(&statuses))?),
        ("plan-empty", views.render(&member, &empty_plan())?),
        (
            "run",
            views.render(&member, &run(&statuses, 60, None, &[]))?,
        ),
        (
            "run-focus",
            views.render(&member, &run(&statuses, 60, Some(7), &[]))?,
        ),
        (
            "run-filtered",
            views.render(&member, &run(&statuses, 60, None, &[5, 6]))?,
        ),
        (
            "run-empty",
            views.render(&bare, &run(&statuses, 0, None, &[]))?,
        ),
        (
            "run-500",
            views.render(&member, &run(&statuses, 500, None, &[]))?,
        ),
        ("attach-refused", views.render(&member, &attach)?),
        ("reference", views.render(&visitor, &reference())?),
    ];
    pictures.extend(accounts::pictures(views)?);
    pictures.extend(administration::pictures(views, &visitor, &member)?);
    pictures.extend(profiles::pictures(views, &member, &statuses)?);
    pictures.extend(system::pictures(views, &member)?);
    let debugged = Chrome {
        debug: true,
        ..member.clone()
    };
    for (name, page) in errors() {
        let chrome = if page.details.is_some() {
            &debugged
        } else if page.status >= 500 {
            &visitor
        } else {
            &member
        };
        pictures.push((name, views.render(chrome, &page)?));
    }
    let panel = PanelFragment {
        panel: panel(&statuses, 9),
    };
    let rows = RowsFragment {
        executions: rows(&statuses, 2, None),
    };
    let progress = ProgressFragment {
        id: 9,
        progress: progress(&statuses, 60, &[]),
    };
    pictures.extend([
        ("fragment-panel", views.fragment(&member, &panel)?),
        ("fragment-rows", views.fragment(&member, &rows)?),
        ("fragment-progress", views.fragment(&member, &progress)?),
    ]);
    Ok(pictures)
}

fn errors() -> Vec<(&'static str, ErrorPage)> {
    let id = "01K4ZD2V7N8Q";
    vec![
        ("error-400", ErrorPage::new(400, id)),
        ("error-402", ErrorPage::unpaid(id)),
        (
            "error-403",
            ErrorPage::forbidden(
                id,
                Refusal {
                    permission: "testruns.view_testrun".to_owned(),
                    groups: vec!["Guests".to_owned()],
                    next: "/runs/9/?status_id=4".to_owned(),
                },
            ),
        ),
        ("error-csrf", ErrorPage::stale_form(id)),
        ("error-member", ErrorPage::not_a_member(id)),
        ("error-404", ErrorPage::new(404, id)),
        ("error-host", ErrorPage::unknown_host(id)),
        ("error-405", ErrorPage::new(405, id)),
        ("error-413", ErrorPage::new(413, id)),
        ("error-418", ErrorPage::new(418, id)),
        (
            "error-429",
            ErrorPage {
                retry_after: Some(5),
                ..ErrorPage::new(429, id)
            },
        ),
        (
            "error-back",
            ErrorPage {
                back: Some("/runs/search/?q=pay".to_owned()),
                ..ErrorPage::new(413, id)
            },
        ),
        (
            "error-debug",
            ErrorPage {
                details: Some(details()),
                ..ErrorPage::new(500, id)
            },
        ),
        ("error-500", ErrorPage::new(500, id)),
        (
            "error-503",
            ErrorPage {
                retry_after: Some(10),
                ..ErrorPage::new(503, id)
            },
        ),
    ]
}

fn details() -> Details {
    let pairs = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        let owned = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect()
    };
    let event = "ERROR a request failed event=request_failed error=this page fails on purpose: \
                 somebody asked for an error (libs/web/src/error.rs:155)";
    Details {
        events: vec![event.to_owned()],
        request: pairs(&[
            ("method", "GET"),
            ("path", "/debug/fail"),
            ("tenant", "public"),
            ("account", "ann"),
        ]),
        headers: pairs(&[("host", "kiwi.example.org"), ("cookie", "***")]),
        statements: vec!["SELECT domain, name FROM site WHERE id = 1".to_owned()],
        settings: pairs(&[("debug", "true"), ("secret_key", "*** (5b1c)")]),
        ..Details::default()
    }
    .written()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery() -> Vec<Picture> {
        let views = Views::new().expect("embedded files are valid");
        pictures(&views).expect("every sample can be rendered")
    }

    #[test]
    fn every_page_renders_with_every_sample() {
        for (name, html) in gallery() {
            assert!(!html.trim().is_empty(), "{name} is empty");
            assert!(!html.contains("[object]"), "{name} prints an object");
            assert!(!html.contains("{{"), "{name} has an unfilled place");
        }
    }

    #[test]
    fn pages_obey_the_content_security_policy() {
        for (name, html) in gallery() {
            for forbidden in [
                "style=\"",
                "<style",
                " onclick=",
                " onload=",
                "javascript:",
                "http://",
            ] {
                assert!(!html.contains(forbidden), "{name} contains {forbidden}");
            }
            for script in html.split("<script").skip(1) {
                let tag = script.split('>').next().unwrap_or_default();
                assert!(
                    tag.contains("src=\"/static/") || tag.contains("application/json"),
                    "{name} has an inline script"
                );
            }
        }
    }

    #[test]
    fn text_from_people_is_escaped() {
        let (_, html) = gallery()
            .into_iter()
            .find(|(name, _)| *name == "plan-empty")
            .expect("in the gallery");
        assert!(html.contains("&lt;b&gt;Not bold&lt;/b&gt; &amp; &quot;quoted&quot;"));
        assert!(!html.contains("<b>Not bold"));
    }

    #[test]
    fn names_that_outside_scripts_use_are_there() {
        let pages = gallery();
        let html = |wanted: &str| {
            pages
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, html)| html.as_str())
                .unwrap_or_default()
        };
        for piece in [
            "<body id=\"page-testruns-get\"",
            "id=\"test_run_pk\" data-pk=\"9\" data-plan-pk=\"3\"",
            "id=\"test-execution-700\"",
            "test-execution-700 test-execution-case-100",
            "id=\"navbar\" data-defaultpagesize=\"100\"",
            "id=\"clock\" data-time-zone=\"UTC\"",
            "id=\"user-menu\"",
            "id=\"logout_link\"",
            "id=\"logout_form\"",
            "id=\"count-for-status-4\"",
            "name=\"csrfmiddlewaretoken\" value=\"sample-token\"",
        ] {
            assert!(html("run").contains(piece), "the run page lacks {piece}");
        }
        assert!(html("plan").contains("id=\"test_plan_pk\" data-testplan-pk=\"3\""));
        assert!(html("plan").contains("<body id=\"page-testplans-get\""));
        assert!(html("login").contains("id=\"inputUsername\""));
        assert!(html("login").contains("id=\"inputPassword\""));
        assert!(html("login").contains("<title>Kiwi - "));
    }
}
