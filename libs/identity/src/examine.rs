//! Whether a provider can be used: what an operator wants to know before people try.

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::http::header::DATE;
use openidconnect::{HttpRequest, JsonWebKey as _};

use crate::provider::Known;
use crate::{Error, Providers};

/// A clock that is further off makes good log-ins fail.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is as it should be; with what was found.
    Good(String),
    /// It is not; with what is wrong and what to do.
    Bad(String, &'static str),
}

/// What was found out about a provider.
#[derive(Debug, Clone)]
pub struct Examined {
    /// What was looked at, and what it is like, in order.
    pub findings: Vec<(&'static str, Finding)>,
}

impl Providers {
    /// Asks a provider for its description, its keys and its time.
    pub async fn examine(&self, id: &str, now: DateTime<Utc>) -> Result<Examined, Error> {
        let known = self.known(id)?;
        let mut findings = Vec::new();
        match known.discover().await {
            Err(error) => {
                let fix = if error.is_outage() && matches!(error, Error::Unreachable(_)) {
                    "check the issuer's address, the network and the certificate of the provider"
                } else {
                    "issuer must be written exactly as the provider writes it, with or without a \
                     slash at its end"
                };
                findings.push(("discovery", Finding::Bad(error.to_string(), fix)));
            }
            Ok(metadata) => {
                let address = metadata.authorization_endpoint().as_str().to_owned();
                findings.push(("discovery", Finding::Good(address)));
                findings.push((
                    "token endpoint",
                    match metadata.token_endpoint() {
                        Some(address) => Finding::Good(address.as_str().to_owned()),
                        None => Finding::Bad(
                            "the provider names none".to_owned(),
                            "the authorization code flow needs one: choose another provider",
                        ),
                    },
                ));
                let keys = metadata.jwks().keys();
                findings.push((
                    "keys",
                    if keys.is_empty() {
                        Finding::Bad(
                            format!(
                                "{} holds none that can be used",
                                metadata.jwks_uri().as_str()
                            ),
                            "let the provider sign with RS256, PS256, ES256 or EdDSA",
                        )
                    } else {
                        let names = keys.iter().map(|key| key.key_id().map_or("", |id| id));
                        let names: Vec<&str> = names.collect();
                        Finding::Good(format!("{}: {}", keys.len(), names.join(", ")))
                    },
                ));
                findings.push(("clock", known.clock(now).await));
            }
        }
        Ok(Examined { findings })
    }
}

impl Known {
    /// Compares the provider's time with ours.
    async fn clock(&self, now: DateTime<Utc>) -> Finding {
        let issuer = self.provider.issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        let request: Result<HttpRequest, _> =
            openidconnect::http::Request::get(address).body(vec![]);
        let answer = match request {
            Ok(request) => self.remote.send(request).await.ok(),
            Err(_) => None,
        };
        let date = answer.and_then(|answer| {
            let text = answer.headers().get(DATE)?.to_str().ok()?.to_owned();
            DateTime::parse_from_rfc2822(&text).ok()
        });
        let Some(date) = date else {
            return Finding::Good("the provider does not tell its time".to_owned());
        };
        let off = now.signed_duration_since(date).abs();
        if off > SKEW {
            Finding::Bad(
                format!("{} seconds apart", off.num_seconds()),
                "set the clocks of both machines, for example by NTP",
            )
        } else {
            Finding::Good(format!("{} seconds apart", off.num_seconds()))
        }
    }
}
