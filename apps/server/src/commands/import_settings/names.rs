//! Which setting a name of the original's settings means.

use toml::Value;

use super::python::{Change, Literal};
use crate::config::catalogue::{self, mail, providers, uploads};
use crate::config::named;
use crate::config::setting::{Kind, Setting};

/// How the value of a name becomes that of a setting.
enum Meaning {
    Same(&'static Setting),
    /// A switch that chooses a word.
    Choosing(&'static Setting, &'static str),
    Opposite(&'static Setting),
    MailBackend,
    People(&'static Setting),
    Databases,
    /// Known, and without a setting here.
    Nothing,
}

/// What came out of one name.
pub(super) enum Translated {
    /// Keys with values for a settings file.
    Entries(Vec<(String, Value)>),
    /// The name is known, and nothing here corresponds to it.
    NoCounterpart,
}

/// Names of the original and its framework that have no setting here.
const WITHOUT_COUNTERPART: &[&str] = &[
    "ALLOWED_HOSTS",
    "ANONYMOUS_ANALYTICS",
    "ANONYMOUS_USER_NAME",
    "AUTHENTICATION_BACKENDS",
    "AUTH_PASSWORD_VALIDATORS",
    "BUGZILLA_AUTH_CACHE_DIR",
    "CACHES",
    "CSRF_COOKIE_AGE",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_COOKIE_SECURE",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_ROUTERS",
    "DATA_UPLOAD_MAX_NUMBER_FIELDS",
    "DEFAULT_AUTO_FIELD",
    "DEFAULT_PAGE_SIZE",
    "EMAIL_VALIDATORS",
    "EXTERNAL_BUG_TRACKERS",
    "EXTERNAL_ISSUE_POST_PROCESSORS",
    "EXTERNAL_ISSUE_RPC_CREDENTIALS",
    "HELP_MENU_ITEMS",
    "INSTALLED_APPS",
    "JIRA_ISSUE_TYPE",
    "JIRA_OPTIONS",
    "KIWI_VERSION",
    "LANGUAGE_CODE",
    "LEGAL_MENU_ITEM",
    "LOCALE_PATHS",
    "LOGGING",
    "LOGIN_REDIRECT_URL",
    "MANAGERS",
    "MEDIA_URL",
    "MENU_ITEMS",
    "MERMAID_RENDERER_URL",
    "MESSAGE_TAGS",
    "MIDDLEWARE",
    "MULTITENANT_RELATIVE_MEDIA_ROOT",
    "PASSWORD_RESET_TIMEOUT",
    "PLAUSIBLE_DOMAIN",
    "REDMINE_TRACKER_NAME",
    "ROOT_URLCONF",
    "SCARF_PIXEL_ID",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "SERVER_EMAIL",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SECURE",
    "SESSION_ENGINE",
    "SESSION_SERIALIZER",
    "SET_ADMIN_AS_SUPERUSER",
    "SHARED_APPS",
    "SITE_ID",
    "STATICFILES_DIRS",
    "STATICFILES_FINDERS",
    "STATIC_ROOT",
    "STATIC_URL",
    "STORAGES",
    "TEMPLATES",
    "TEMP_DIR",
    "TENANT_APPS",
    "TENANT_DOMAIN_MODEL",
    "TENANT_MODEL",
    "TIME_ZONE",
    "USE_I18N",
    "USE_TZ",
    "WSGI_APPLICATION",
    "X_FRAME_OPTIONS",
];

fn meaning(name: &str) -> Option<Meaning> {
    use Meaning::{Choosing, Databases, MailBackend, Nothing, Opposite, People, Same};
    Some(match name {
        "ADMINS" => People(&mail::ADMINS),
        "AUTO_APPROVE_NEW_USERS" => Same(&catalogue::AUTO_APPROVE),
        "DATABASES" => Databases,
        "DATA_UPLOAD_MAX_MEMORY_SIZE" => Same(&catalogue::BODY_LIMIT),
        "DEBUG" => Same(&catalogue::DEBUG),
        "DEFAULT_FROM_EMAIL" => Same(&mail::FROM),
        "DEFAULT_GROUPS" => Same(&catalogue::DEFAULT_GROUPS),
        "DELETE_ATTACHMENTS_FROM_DISK" => Same(&uploads::DELETE),
        "EMAIL_BACKEND" => MailBackend,
        "EMAIL_FILE_PATH" => Same(&mail::FILE_DIR),
        "EMAIL_HOST" => Same(&mail::HOST),
        "EMAIL_HOST_PASSWORD" => Same(&mail::PASSWORD),
        "EMAIL_HOST_USER" => Same(&mail::USER),
        "EMAIL_PORT" => Same(&mail::PORT),
        "EMAIL_SUBJECT_PREFIX" => Same(&mail::SUBJECT_PREFIX),
        "EMAIL_TIMEOUT" => Same(&mail::TIMEOUT),
        "EMAIL_USE_SSL" => Choosing(&mail::SECURITY, "tls"),
        "EMAIL_USE_TLS" => Choosing(&mail::SECURITY, "starttls"),
        "FILE_UPLOAD_MAX_SIZE" => Same(&uploads::MAX_FILE_BYTES),
        "KIWI_DISABLE_BUGTRACKER" => Opposite(&catalogue::BUG_TRACKER),
        "KIWI_TENANTS_DOMAIN" => Same(&catalogue::TENANTS_DOMAIN),
        "MEDIA_ROOT" => Same(&uploads::FOLDER),
        "PASSWORD_LOGIN_ENABLED" => Same(&catalogue::PASSWORD_LOGIN),
        "REGISTRATION_ENABLED" => Same(&catalogue::REGISTRATION),
        "SECRET_KEY" => Same(&catalogue::SECRET_KEY),
        "SECURE_SSL_REDIRECT" => Same(&catalogue::ENFORCE_HTTPS),
        "SESSION_COOKIE_AGE" => Same(&catalogue::SESSION_AGE),
        "USE_CAPTCHA" => Same(&catalogue::CAPTCHA),
        "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT" => Same(named::of(&providers::ISSUER, "oidc")),
        "SOCIAL_AUTH_OIDC_KEY" => Same(named::of(&providers::CLIENT_ID, "oidc")),
        "SOCIAL_AUTH_OIDC_SECRET" => Same(named::of(&providers::CLIENT_SECRET, "oidc")),
        "SOCIAL_AUTH_OIDC_USERNAME_KEY" => Same(named::of(&providers::USERNAME_CLAIM, "oidc")),
        name if WITHOUT_COUNTERPART.contains(&name) => Nothing,
        name if [
            "SOCIAL_AUTH_",
            "LDAP_AUTH_",
            "MODERNRPC_",
            "SIMPLE_HISTORY_",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix)) =>
        {
            Nothing
        }
        _ => return None,
    })
}

/// Translates what becomes of a name; the error says why that is not possible.
pub(super) fn translate(name: &str, change: &Change) -> Result<Translated, String> {
    let meaning = meaning(name).ok_or_else(|| "the name is not known".to_owned())?;
    let value = match (&meaning, change) {
        (Meaning::Nothing, _) => return Ok(Translated::NoCounterpart),
        (Meaning::Same(setting), Change::Append(items)) => {
            let list = of_kind(setting, &Literal::List(items.clone()))?;
            let key = format!("{}_append", setting.key);
            return Ok(Translated::Entries(vec![(key, list)]));
        }
        (Meaning::People(setting), Change::Append(items)) => {
            let key = format!("{}_append", setting.key);
            let people = people(&Literal::List(items.clone()))?;
            return Ok(Translated::Entries(vec![(key, people)]));
        }
        (_, Change::Append(_)) => return Err("it is not a list".to_owned()),
        (_, Change::Set(value)) => value,
    };
    let one = |setting: &Setting, value| vec![(setting.key.to_owned(), value)];
    let entries = match meaning {
        // what the product does without it
        _ if *value == Literal::Nothing => Vec::new(),
        Meaning::Same(setting) => one(setting, of_kind(setting, value)?),
        Meaning::People(setting) => one(setting, people(value)?),
        Meaning::Opposite(setting) => one(setting, Value::Boolean(!switch(value)?)),
        Meaning::Choosing(setting, word) => {
            if switch(value)? {
                one(setting, word.into())
            } else {
                Vec::new()
            }
        }
        Meaning::MailBackend => one(&mail::BACKEND, mail_backend(value)?.into()),
        Meaning::Databases => databases(value)?,
        Meaning::Nothing => Vec::new(),
    };
    Ok(Translated::Entries(entries))
}

/// The value of a file that the setting accepts.
fn of_kind(setting: &Setting, value: &Literal) -> Result<Value, String> {
    let checked = |text: &str, value: Value| match setting.kind.parse(text) {
        Ok(_) => Ok(value),
        Err(_) if setting.secret => Err("the value is not valid".to_owned()),
        Err(why) => Err(why),
    };
    match value {
        Literal::Text(text) => checked(text, text.as_str().into()),
        Literal::Whole(number) if !matches!(setting.kind, Kind::Switch) => {
            checked(&number.to_string(), (*number).into())
        }
        Literal::Switch(on) if matches!(setting.kind, Kind::Switch) => Ok((*on).into()),
        Literal::List(items) if matches!(setting.kind, Kind::List) => {
            let texts = items.iter().map(|item| match item {
                Literal::Text(text) => Ok(Value::from(text.as_str())),
                _ => Err("an item is not a text".to_owned()),
            });
            texts.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Literal::Variable(name, default) => {
            let mut reference = toml::Table::from_iter([("env".to_owned(), name.as_str().into())]);
            let default = match default.as_deref() {
                None | Some(Literal::Nothing) => None,
                Some(Literal::Text(text)) => Some(text.clone()),
                Some(Literal::Whole(number)) => Some(number.to_string()),
                Some(Literal::Switch(on)) => Some(on.to_string()),
                Some(_) => return Err("the value without the variable is not a text".to_owned()),
            };
            if let Some(default) = default {
                checked(&default, Value::Boolean(true))?;
                reference.insert("default".to_owned(), default.into());
            }
            Ok(Value::Table(reference))
        }
        _ => Err(format!("expected {}", setting.kind)),
    }
}

fn switch(value: &Literal) -> Result<bool, String> {
    match value {
        Literal::Switch(on) => Ok(*on),
        _ => Err("expected True or False".to_owned()),
    }
}

/// Pairs of a name and an address, or addresses.
fn people(value: &Literal) -> Result<Value, String> {
    let wrong = || "expected pairs of a name and an address".to_owned();
    let Literal::List(people) = value else {
        return Err(wrong());
    };
    let addresses = people.iter().map(|person| match person {
        Literal::Text(address) => Ok(Value::from(address.as_str())),
        Literal::List(pair) => match pair.as_slice() {
            [Literal::Text(_), Literal::Text(address)] => Ok(Value::from(address.as_str())),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    });
    addresses.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn mail_backend(value: &Literal) -> Result<&'static str, String> {
    let Literal::Text(class) = value else {
        return Err("expected the name of a class".to_owned());
    };
    match class.as_str() {
        "django.core.mail.backends.smtp.EmailBackend" => Ok("smtp"),
        "django.core.mail.backends.filebased.EmailBackend" => Ok("file"),
        "django.core.mail.backends.console.EmailBackend" => Ok("console"),
        other => Err(format!("there is nothing like {other}")),
    }
}

fn databases(value: &Literal) -> Result<Vec<(String, Value)>, String> {
    let Literal::Dictionary(all) = value else {
        return Err("expected a dictionary".to_owned());
    };
    let [(name, Literal::Dictionary(one))] = all.as_slice() else {
        return Err("expected one database, `default`".to_owned());
    };
    if name != "default" {
        return Err("expected one database, `default`".to_owned());
    }
    let mut entries = Vec::new();
    for (name, value) in one {
        let setting = match name.as_str() {
            "ENGINE" => match value {
                Literal::Text(engine) if !engine.contains("postgres") => {
                    return Err(format!("{engine} is not supported, only PostgreSQL is"));
                }
                _ => continue,
            },
            "NAME" => &catalogue::database::NAME,
            "USER" => &catalogue::database::USER,
            "PASSWORD" => &catalogue::database::PASSWORD,
            "HOST" => &catalogue::database::HOST,
            "PORT" => &catalogue::database::PORT,
            other => return Err(format!("{other} of a database has no setting")),
        };
        if !matches!(value, Literal::Nothing) && *value != Literal::Text(String::new()) {
            entries.push((setting.key.to_owned(), of_kind(setting, value)?));
        }
    }
    Ok(entries)
}
