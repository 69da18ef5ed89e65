//! Settings of providers elsewhere that let people in: a table for each, by its short name.

use crate::config::setting::{Kind, Setting};

/// What all keys begin with; the short name of a provider follows.
pub(crate) const TABLE: &str = "auth.providers.";

const fn declared(key: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting {
        key,
        variables: &[],
        kind,
        default: None,
        secret: false,
        reloadable: false,
        help,
    }
}

const fn usually(default: &'static str, setting: Setting) -> Setting {
    Setting {
        default: Some(default),
        ..setting
    }
}

pub(crate) static ENABLED: Setting = usually(
    "true",
    declared(
        "auth.providers.<id>.enabled",
        Kind::Switch,
        "whether the provider is there; `false` takes away one that another file declares",
    ),
);

pub(crate) static KIND: Setting = usually(
    "oidc",
    declared(
        "auth.providers.<id>.kind",
        Kind::Choice(&["oidc"]),
        "how the provider speaks: OpenID Connect with the authorization code flow",
    ),
);

pub(crate) static NAME: Setting = declared(
    "auth.providers.<id>.name",
    Kind::Text,
    "what the button on the log-in page calls it; the short name with a capital letter when not \
     given",
);

pub(crate) static ISSUER: Setting = declared(
    "auth.providers.<id>.issuer",
    Kind::Text,
    "address of the provider, exactly as it writes it itself; below it lies \
     `.well-known/openid-configuration`",
);

pub(crate) static CLIENT_ID: Setting = declared(
    "auth.providers.<id>.client_id",
    Kind::Text,
    "name of this installation at the provider",
);

pub(crate) static CLIENT_SECRET: Setting = Setting {
    secret: true,
    ..declared(
        "auth.providers.<id>.client_secret",
        Kind::Text,
        "secret of this installation at the provider; none for a public client",
    )
};

pub(crate) static SCOPES: Setting = usually(
    "profile,email",
    declared(
        "auth.providers.<id>.scopes",
        Kind::List,
        "what is asked for besides `openid`",
    ),
);

pub(crate) static AUDIENCES: Setting = usually(
    "",
    declared(
        "auth.providers.<id>.audiences",
        Kind::List,
        "audiences that a token may be meant for besides this installation",
    ),
);

pub(crate) static USERNAME_CLAIM: Setting = usually(
    "preferred_username",
    declared(
        "auth.providers.<id>.username_claim",
        Kind::Text,
        "claim with the user name of a new account",
    ),
);

pub(crate) static EMAIL_CLAIM: Setting = usually(
    "email",
    declared(
        "auth.providers.<id>.email_claim",
        Kind::Text,
        "claim with the e-mail address; only that of `email` can be a verified one",
    ),
);

pub(crate) static CREATE: Setting = usually(
    "true",
    declared(
        "auth.providers.<id>.create_accounts",
        Kind::Switch,
        "whether people who have no account get one when they come",
    ),
);

pub(crate) static EMAIL_DOMAINS: Setting = usually(
    "",
    declared(
        "auth.providers.<id>.email_domains",
        Kind::List,
        "domains of e-mail addresses that get an account, if the provider has verified them; all \
         addresses do when the list is empty, so fill it for providers that everybody can join",
    ),
);

pub(crate) static LINK: Setting = usually(
    "prompt",
    declared(
        "auth.providers.<id>.link",
        Kind::Choice(&["prompt", "verified-email"]),
        "how somebody who has an account already connects it: `prompt`, by logging in with its \
         password first; `verified-email`, at once, if the provider has verified the address, one \
         active account has it and that is connected with nobody",
    ),
);

pub(crate) static GROUPS_CLAIM: Setting = usually(
    "groups",
    declared(
        "auth.providers.<id>.groups_claim",
        Kind::Text,
        "claim with the groups that `groups` speaks of",
    ),
);

pub(crate) static GROUPS: Setting = usually(
    "",
    declared(
        "auth.providers.<id>.groups",
        Kind::List,
        "groups of the public tenant that a new account joins besides `auth.default_groups`, each \
         written as `group there=group here`",
    ),
);
