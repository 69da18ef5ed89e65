//! Pages about accounts: coming in, and changing what belongs to oneself.

use serde::Serialize;

use super::{Page, ProviderLink, Title};

/// `/accounts/login/`
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    /// What was typed as user name before; kept after an error.
    pub username: String,
    /// Where to go afterwards; a path on this origin or empty.
    pub next: String,
    /// Keys of the messages above the form, such as [`LoginPage::WRONG`].
    pub errors: Vec<&'static str>,
    /// Seconds to wait after too many attempts; shown with [`LoginPage::THROTTLED`].
    pub retry_after: u64,
    /// Passwords let nobody in; the page has no form then.
    pub closed: bool,
    /// Ways in by providers elsewhere.
    pub providers: Vec<ProviderLink>,
    /// Name of the provider that the errors are about.
    pub provider: String,
}

impl LoginPage {
    /// Unknown name, wrong password or inactive account.
    pub const WRONG: &'static str = "login-error-wrong";
    /// User name or password is missing.
    pub const MISSING: &'static str = "login-error-missing";
    /// Too many attempts for this account or address.
    pub const THROTTLED: &'static str = "login-error-throttled";
    /// The form was too old or came from elsewhere.
    pub const EXPIRED: &'static str = "login-error-expired";
    /// A provider that cannot be used right now.
    pub const PROVIDER_DOWN: &'static str = "login-error-provider-down";
    /// An answer of a provider that nobody waits for, or not any more.
    pub const PROVIDER_STALE: &'static str = "login-error-provider-stale";
    /// An answer of a provider that proves nothing.
    pub const PROVIDER_UNPROVEN: &'static str = "login-error-provider-unproven";
    /// The account is right but may not enter this tenant.
    pub const NOT_A_MEMBER: &'static str = "login-error-not-a-member";
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "account/login";
    const BODY: &'static str = "page-login";

    fn title(&self) -> Title<'_> {
        Title::plain("login-title")
    }

    fn class(&self) -> &'static str {
        "login"
    }
}

/// A page with one form about an account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountForm {
    /// Keys of its words.
    pub words: FormWords,
    /// User name of the account it is about, where that is not the visitor's own.
    pub other: Option<String>,
    /// What is typed, in order.
    pub fields: Vec<Field>,
    /// Key of the picture whose letters are to be typed.
    pub captcha: Option<String>,
    /// What is wrong with the letters.
    pub captcha_errors: Vec<String>,
    /// Whether the visitor is on the way in; the page then looks like the log-in page.
    pub entrance: bool,
    /// Where somebody goes who does not want to send it.
    pub back: &'static str,
}

/// Keys of the words around a form.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FormWords {
    /// Title and heading.
    pub title: &'static str,
    /// What it does.
    pub intro: &'static str,
    /// What is good to know before it is sent; may be empty.
    pub remark: &'static str,
    /// On the button.
    pub submit: &'static str,
    /// On the link that leads away.
    pub back: &'static str,
}

/// One thing to be typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Field {
    /// Name in the form; its element is `id_` and the name.
    pub name: &'static str,
    /// Key of its label.
    pub label: &'static str,
    /// Key of the help below it; may be empty.
    pub help: &'static str,
    /// Type of the element: `text`, `email` or `password`.
    pub kind: &'static str,
    /// What browsers know it as.
    pub autocomplete: &'static str,
    /// What was typed before.
    pub value: String,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// Whether the cursor stands in it when the page opens.
    pub focus: bool,
}

impl Field {
    fn text(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            autocomplete,
            kind: "text",
            ..Self::default()
        }
    }

    fn email(name: &'static str, label: &'static str) -> Self {
        Self {
            kind: "email",
            ..Self::text(name, label, "email")
        }
    }

    fn password(name: &'static str, label: &'static str, autocomplete: &'static str) -> Self {
        Self {
            kind: "password",
            ..Self::text(name, label, autocomplete)
        }
    }

    fn new_password(name: &'static str) -> Self {
        Self {
            help: "account-password-rules",
            ..Self::password(name, "account-new-password", "new-password")
        }
    }

    fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }
}

impl AccountForm {
    /// `/accounts/register/`; the first superuser shows a token where that is asked for, everybody
    /// else waits for a mail or for an administrator.
    pub fn register(setup_token: bool, by_mail: bool) -> Self {
        let mut fields = vec![
            Field::text("username", "login-username", "username").help("account-username-rules"),
            Field::email("email", "account-email"),
            Field {
                label: "login-password",
                ..Field::new_password("password1")
            },
            Field::password("password2", "account-repeat-password", "new-password"),
        ];
        if setup_token {
            let token = Field::text("setup_token", "account-setup-token", "off");
            fields.push(token.help("account-setup-token-help"));
        }
        let words = FormWords {
            title: "register-title",
            intro: match (setup_token, by_mail) {
                (true, _) => "register-intro-first",
                (false, true) => "register-intro",
                (false, false) => "register-intro-approval",
            },
            remark: "",
            submit: "register-submit",
            back: "register-back",
        };
        Self::entrance(words, fields)
    }

    /// `/accounts/passwordreset/`
    pub fn ask_for_reset() -> Self {
        let words = FormWords {
            title: "reset-title",
            intro: "reset-intro",
            remark: "",
            submit: "reset-submit",
            back: "account-back-to-login",
        };
        Self::entrance(words, vec![Field::email("email", "account-email")])
    }

    /// `/accounts/passwordreset/confirm/…`
    pub fn set_password() -> Self {
        let words = FormWords {
            title: "reset-set-title",
            intro: "reset-set-intro",
            remark: "",
            submit: "reset-set-submit",
            back: "account-back-to-login",
        };
        Self::entrance(words, Self::new_passwords())
    }

    /// `/admin/password_change/`
    pub fn change_password() -> Self {
        let words = FormWords {
            title: "change-password-title",
            intro: "change-password-intro",
            remark: "",
            submit: "change-password-submit",
            back: "account-back-home",
        };
        let old = Field::password("old_password", "account-old-password", "current-password");
        let mut fields = vec![old];
        fields.extend(Self::new_passwords());
        Self::inside(words, fields)
    }

    /// `/accounts/<id>/reset-user-email/`; `other` is the user name of somebody else.
    pub fn change_email(other: Option<String>) -> Self {
        let words = FormWords {
            title: "change-email-title",
            intro: "change-email-intro",
            remark: "change-email-remark",
            submit: "change-email-submit",
            back: "account-back-home",
        };
        let fields = vec![
            Field::email("email_1", "change-email-new"),
            Field::email("email_2", "change-email-repeat"),
        ];
        Self {
            other,
            ..Self::inside(words, fields)
        }
    }

    fn new_passwords() -> Vec<Field> {
        vec![
            Field::new_password("new_password1"),
            Field::password("new_password2", "account-repeat-password", "new-password"),
        ]
    }

    fn entrance(words: FormWords, fields: Vec<Field>) -> Self {
        Self {
            entrance: true,
            back: "/accounts/login/",
            ..Self::inside(words, fields)
        }
        .focused()
    }

    fn inside(words: FormWords, fields: Vec<Field>) -> Self {
        Self {
            words,
            other: None,
            fields,
            captcha: None,
            captcha_errors: vec![],
            entrance: false,
            back: "/",
        }
        .focused()
    }

    /// Fills in what was typed, except passwords, and what is wrong with it. Complaints about no
    /// field of the form stand at the first one.
    #[must_use]
    pub fn refused(
        mut self,
        typed: impl Fn(&str) -> Option<String>,
        errors: &[(String, Vec<String>)],
    ) -> Self {
        for field in &mut self.fields {
            if field.kind != "password" {
                field.value = typed(field.name).unwrap_or_default();
            }
        }
        for (name, messages) in errors {
            let place = self.fields.iter().position(|field| field.name == name);
            if place.is_none() && name == "captcha_1" {
                self.captcha_errors.extend(messages.iter().cloned());
            } else if let Some(field) = self.fields.get_mut(place.unwrap_or_default()) {
                field.errors.extend(messages.iter().cloned());
            }
        }
        self.focused()
    }

    /// The cursor stands in the first field that is wrong, else in the first one.
    fn focused(mut self) -> Self {
        let wrong = self
            .fields
            .iter()
            .position(|field| !field.errors.is_empty());
        let chosen = match wrong {
            Some(place) => Some(place),
            None if self.captcha_errors.is_empty() => Some(0),
            None => None,
        };
        for (place, field) in self.fields.iter_mut().enumerate() {
            field.focus = Some(place) == chosen;
        }
        self
    }
}

impl Page for AccountForm {
    const TEMPLATE: &'static str = "account/form";
    const BODY: &'static str = "page-account";

    fn title(&self) -> Title<'_> {
        Title::plain(self.words.title)
    }

    fn class(&self) -> &'static str {
        if self.entrance { "login" } else { "" }
    }
}

/// `/accounts/<id>/reset-user-email/`, by the name that outside scripts know.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct EmailPage(pub AccountForm);

impl Page for EmailPage {
    const TEMPLATE: &'static str = AccountForm::TEMPLATE;
    const BODY: &'static str = "page-reset-user-email";

    fn title(&self) -> Title<'_> {
        self.0.title()
    }
}

/// A page that only tells what happened, and where to go on.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AccountNotice {
    /// Key of title and heading.
    pub title: &'static str,
    /// Key of the text.
    pub text: &'static str,
    /// Where to go on.
    pub link: &'static str,
    /// Key of the words of that link.
    pub link_text: &'static str,
}

impl AccountNotice {
    /// `/accounts/passwordreset/done/`
    pub const RESET_SENT: Self = Self {
        title: "reset-sent-title",
        text: "reset-sent-text",
        link: "/accounts/login/",
        link_text: "account-back-to-login",
    };
    /// A link from a mail that is not, or no longer, good.
    pub const RESET_INVALID: Self = Self {
        title: "reset-invalid-title",
        text: "reset-invalid-text",
        link: "/accounts/passwordreset/",
        link_text: "reset-again",
    };
    /// `/accounts/passwordreset/complete/`
    pub const RESET_COMPLETE: Self = Self {
        title: "reset-complete-title",
        text: "reset-complete-text",
        link: "/accounts/login/",
        link_text: "login-submit",
    };
    /// `/admin/password_change/done/`
    pub const PASSWORD_CHANGED: Self = Self {
        title: "password-changed-title",
        text: "password-changed-text",
        link: "/",
        link_text: "account-back-home",
    };
}

impl Page for AccountNotice {
    const TEMPLATE: &'static str = "account/notice";
    const BODY: &'static str = "page-account";

    fn title(&self) -> Title<'_> {
        Title::plain(self.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_form_keeps_what_was_typed_but_no_password() {
        let typed = |name: &str| Some(format!("typed {name}"));
        let errors = [
            ("email".to_owned(), vec!["Not that.".to_owned()]),
            ("captcha_1".to_owned(), vec!["Invalid CAPTCHA".to_owned()]),
        ];
        let form = AccountForm::register(false, true).refused(typed, &errors);
        let values: Vec<_> = form
            .fields
            .iter()
            .map(|field| field.value.as_str())
            .collect();
        assert_eq!(values, ["typed username", "typed email", "", ""]);
        assert_eq!(form.fields[1].errors, ["Not that."]);
        assert_eq!(form.captcha_errors, ["Invalid CAPTCHA"]);
        let focus: Vec<_> = form.fields.iter().map(|field| field.focus).collect();
        assert_eq!(focus, [false, true, false, false]);
    }
}
