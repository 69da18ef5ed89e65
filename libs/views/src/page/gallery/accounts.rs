//! Samples of the pages about accounts.

use super::Picture;
use super::world::{member, now};
use crate::page::{AccountForm, AccountNotice, ConnectPage, EmailPage};
use crate::{Chrome, Level, Message, Result, Views};

pub(super) fn pictures(views: &Views) -> Result<Vec<Picture>> {
    let visitor = Chrome {
        registration: true,
        csrf: "sample-token".to_owned(),
        ..Chrome::visitor("en", now())
    };
    let member = member();
    let told = Chrome {
        messages: vec![Message {
            level: Level::Warning,
            text: "Your account has been created, but you need an administrator to activate it"
                .to_owned(),
            link: Some((
                "Write to <ops>@example.org".to_owned(),
                "mailto:<ops>@example.org".to_owned(),
            )),
        }],
        ..visitor.clone()
    };
    let captcha = Some("00ff".repeat(10));
    let register = AccountForm {
        captcha: captcha.clone(),
        ..AccountForm::register(false, true)
    };
    let typed = |name: &str| Some(format!("{name} <b>of</b> ann"));
    let wrong = |field: &str, text: &str| (field.to_owned(), vec![text.to_owned()]);
    let refused = AccountForm {
        captcha: captcha.clone(),
        ..AccountForm::register(true, true)
    }
    .refused(
        typed,
        &[
            wrong("username", "A user with that username already exists."),
            wrong("password2", "This password is too common."),
            wrong("captcha_1", "Invalid CAPTCHA"),
        ],
    );
    let reset = AccountForm {
        captcha,
        ..AccountForm::ask_for_reset()
    };
    let other = EmailPage(AccountForm::change_email(Some("joao".to_owned())));
    let connect = ConnectPage {
        name: "Keycloak".to_owned(),
        username: "ann".to_owned(),
        connected: false,
        connect: "/login/keycloak/?connect=sample".to_owned(),
        disconnect: "/disconnect/keycloak/".to_owned(),
        back: "/".to_owned(),
    };
    let connected = ConnectPage {
        connected: true,
        ..connect.clone()
    };
    Ok(vec![
        ("connect", views.render(&member, &connect)?),
        ("connect-done", views.render(&member, &connected)?),
        ("register", views.render(&visitor, &register)?),
        ("register-refused", views.render(&told, &refused)?),
        ("reset", views.render(&visitor, &reset)?),
        (
            "reset-sent",
            views.render(&visitor, &AccountNotice::RESET_SENT)?,
        ),
        (
            "reset-set",
            views.render(&visitor, &AccountForm::set_password())?,
        ),
        (
            "reset-invalid",
            views.render(&visitor, &AccountNotice::RESET_INVALID)?,
        ),
        (
            "change-password",
            views.render(&member, &AccountForm::change_password())?,
        ),
        (
            "password-changed",
            views.render(&member, &AccountNotice::PASSWORD_CHANGED)?,
        ),
        ("change-email", views.render(&member, &other)?),
    ])
}
