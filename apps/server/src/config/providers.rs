//! The settings of providers elsewhere, put together.

use std::collections::BTreeMap;

use domain::accounts::social::Policy;
use identity::Provider;
use url::{Host, Url};

use super::catalogue::providers as declared;
use super::layers::Values;
use super::named;
use super::setting::{Setting, Value};

/// The providers that are there, in the order of their names, and what each may do.
pub(super) fn read(values: &Values) -> Result<Vec<(Provider, Policy)>, String> {
    let mut found = Vec::new();
    for id in values.names_of(declared::TABLE) {
        let table = Table { values, id: &id };
        if !table.switch(&declared::ENABLED) {
            continue;
        }
        found.push((table.provider()?, table.policy()?));
    }
    Ok(found)
}

/// What is said about one provider.
struct Table<'a> {
    values: &'a Values,
    id: &'a str,
}

impl Table<'_> {
    fn setting(&self, declaration: &'static Setting) -> &'static Setting {
        named::of(declaration, self.id)
    }

    fn text(&self, declaration: &'static Setting) -> Option<String> {
        self.values.text(self.setting(declaration))
    }

    fn switch(&self, declaration: &'static Setting) -> bool {
        self.values.value(self.setting(declaration)) == Some(&Value::Switch(true))
    }

    fn list(&self, declaration: &'static Setting) -> Vec<String> {
        self.values.list(self.setting(declaration))
    }

    fn needed(&self, declaration: &'static Setting) -> Result<String, String> {
        let key = self.setting(declaration).key;
        self.text(declaration).ok_or_else(|| {
            format!("{key}: needed for a provider; `enabled = false` takes the provider away")
        })
    }

    fn provider(&self) -> Result<Provider, String> {
        let mut letters = self.id.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        let name = || first.into_iter().chain(letters).collect();
        Ok(Provider {
            id: self.id.to_owned(),
            name: self.text(&declared::NAME).unwrap_or_else(name),
            issuer: self.issuer()?,
            client_id: self.needed(&declared::CLIENT_ID)?,
            client_secret: self.text(&declared::CLIENT_SECRET),
            scopes: self.list(&declared::SCOPES),
            audiences: self.list(&declared::AUDIENCES),
            username_claim: self.needed(&declared::USERNAME_CLAIM)?,
            email_claim: self.needed(&declared::EMAIL_CLAIM)?,
            // nobody is asked for groups that mean nothing here
            groups_claim: if self.list(&declared::GROUPS).is_empty() {
                String::new()
            } else {
                self.needed(&declared::GROUPS_CLAIM)?
            },
        })
    }

    /// The issuer; without TLS only on this machine, for trials.
    fn issuer(&self) -> Result<String, String> {
        let text = self.needed(&declared::ISSUER)?;
        let is_near = |address: &Url| match address.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        let is_good = Url::parse(&text).is_ok_and(|address| {
            (address.scheme() == "https" || (address.scheme() == "http" && is_near(&address)))
                && address.query().is_none()
                && address.fragment().is_none()
                && address.username().is_empty()
        });
        if is_good {
            return Ok(text);
        }
        let key = self.setting(&declared::ISSUER).key;
        Err(format!(
            "{key}: expected an address such as https://login.example.org/realms/kiwi, got `{text}`"
        ))
    }

    fn policy(&self) -> Result<Policy, String> {
        let key = self.setting(&declared::GROUPS).key;
        let mut groups = BTreeMap::new();
        for pair in self.list(&declared::GROUPS) {
            match pair.split_once('=') {
                Some((there, here)) if !there.trim().is_empty() && !here.trim().is_empty() => {
                    groups.insert(there.trim().to_owned(), here.trim().to_owned());
                }
                _ => {
                    return Err(format!(
                        "{key}: expected `group there=group here`, got `{pair}`"
                    ));
                }
            }
        }
        Ok(Policy {
            creates: self.switch(&declared::CREATE),
            email_domains: self.list(&declared::EMAIL_DOMAINS),
            trusts_email: self.text(&declared::LINK).as_deref() == Some("verified-email"),
            groups,
        })
    }
}
