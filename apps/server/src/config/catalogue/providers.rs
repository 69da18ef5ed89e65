//! Settings of providers elsewhere that let people in: a table for each, by its short name.

use crate::config::setting::{Kind, Setting};

/// What all keys begin with; the short name of a provider follows.
pub(crate) const TABLE: &str = "auth.providers.";

const fn declared(
    key: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    help: &'static str,
) -> Setting {
    Setting {
        key,
        variables: &[],
        kind,
        default,
        secret: false,
        reloadable: false,
        help,
    }
}

pub(crate) static ENABLED: Setting = declared(
    "auth.providers.<id>.enabled",
    Kind::Switch,
    Some("true"),
    "whether the provider is there; `false` takes away one that another file declares",
);

pub(crate) static KIND: Setting = declared(
    "auth.providers.<id>.kind",
    Kind::Choice(&["oidc"]),
    Some("oidc"),
    "how the provider speaks: OpenID Connect with the authorization code flow",
);

pub(crate) static NAME: Setting = declared(
    "auth.providers.<id>.name",
    Kind::Text,
    None,
    "what the button on the log-in page calls it; the short name with a capital letter when not \
     given",
);

pub(crate) static ISSUER: Setting = declared(
    "auth.providers.<id>.issuer",
    Kind::Text,
    None,
    "address of the provider, exactly as it writes it itself; below it lies \
     `.well-known/openid-configuration`",
);

pub(crate) static CLIENT_ID: Setting = declared(
    "auth.providers.<id>.client_id",
    Kind::Text,
    None,
    "name of this installation at the provider",
);

pub(crate) static CLIENT_SECRET: Setting = Setting {
    secret: true,
    ..declared(
        "auth.providers.<id>.client_secret",
        Kind::Text,
        None,
        "secret of this installation at the provider; none for a public client",
    )
};

pub(crate) static SCOPES: Setting = declared(
    "auth.providers.<id>.scopes",
    Kind::List,
    Some("profile,email"),
    "what is asked for besides `openid`",
);

pub(crate) static AUDIENCES: Setting = declared(
    "auth.providers.<id>.audiences",
    Kind::List,
    Some(""),
    "audiences that a token may be meant for besides this installation",
);

pub(crate) static USERNAME_CLAIM: Setting = declared(
    "auth.providers.<id>.username_claim",
    Kind::Text,
    Some("preferred_username"),
    "claim with the user name of a new account",
);

pub(crate) static EMAIL_CLAIM: Setting = declared(
    "auth.providers.<id>.email_claim",
    Kind::Text,
    Some("email"),
    "claim with the e-mail address; only that of `email` can be a verified one",
);

pub(crate) static CREATE: Setting = declared(
    "auth.providers.<id>.create_accounts",
    Kind::Switch,
    Some("true"),
    "whether people who have no account get one when they come",
);

pub(crate) static EMAIL_DOMAINS: Setting = declared(
    "auth.providers.<id>.email_domains",
    Kind::List,
    Some(""),
    "domains of e-mail addresses that get an account, if the provider has verified them; all \
         addresses do when the list is empty, so fill it for providers that everybody can join",
);

pub(crate) static LINK: Setting = declared(
    "auth.providers.<id>.link",
    Kind::Choice(&["prompt", "verified-email"]),
    Some("prompt"),
    "how somebody who has an account already connects it: `prompt`, by logging in with its \
         password first; `verified-email`, at once, if the provider has verified the address, one \
         active account has it and that is connected with nobody",
);

pub(crate) static GROUPS_CLAIM: Setting = declared(
    "auth.providers.<id>.groups_claim",
    Kind::Text,
    Some("groups"),
    "claim with the groups that `groups` speaks of",
);

pub(crate) static GROUPS: Setting = declared(
    "auth.providers.<id>.groups",
    Kind::List,
    Some(""),
    "groups of the public tenant that a new account joins besides `auth.default_groups`, each \
         written as `group there=group here`",
);
