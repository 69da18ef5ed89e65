//! A log-in: the authorization code flow with PKCE, state and nonce.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdToken,
    CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, Audience, AuthType, AuthorizationCode,
    ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier, TokenResponse as _,
    UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::provider::Known;
use crate::{Error, Person, Providers, claims};

/// How far the clock of a provider may be off.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// Longest name that a provider may give to a person.
const LONGEST_SUBJECT: usize = 255;
/// Signatures that anybody can check and only the provider can make.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A log-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What the browser brings back.
    pub state: String,
    /// What has to be kept until then, where the browser cannot see it.
    pub secrets: Secrets,
}

/// What proves that the answer of a provider belongs to a log-in of ours.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secrets {
    nonce: String,
    verifier: String,
}

/// Without them.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Claims of any name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AnyClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for AnyClaims {}

impl Providers {
    /// Begins a log-in that comes back to the address `redirect`.
    pub async fn begin(&self, id: &str, redirect: &str) -> Result<Begun, Error> {
        let known = self.known(id)?;
        let metadata = known.metadata().await?;
        let client = known.client(&metadata, redirect)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = known.provider.scopes.iter();
        let (address, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Begun {
            address: address.into(),
            state: state.into_secret(),
            secrets: Secrets {
                nonce: nonce.secret().clone(),
                verifier: verifier.into_secret(),
            },
        })
    }

    /// Says who came back with this code from a log-in that began with the same `redirect`.
    pub async fn complete(
        &self,
        id: &str,
        redirect: &str,
        code: &str,
        secrets: Secrets,
        now: DateTime<Utc>,
    ) -> Result<Person, Error> {
        let known = self.known(id)?;
        let metadata = known.metadata().await?;
        let client = known.client(&metadata, redirect)?;
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| Error::Answer(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier));
        let answer = request.request_async(&known.remote).await;
        let answer = answer.map_err(|error| match error {
            RequestTokenError::ServerResponse(why) => Error::Refused(why.to_string()),
            RequestTokenError::Request(why) => Error::Unreachable(why.to_string()),
            RequestTokenError::Parse(why, _) => Error::Answer(why.to_string()),
            RequestTokenError::Other(why) => Error::Answer(why),
        })?;
        let token = answer
            .id_token()
            .ok_or_else(|| Error::Answer("it sends no ID token".to_owned()))?;
        let nonce = Nonce::new(secrets.nonce);
        let access = answer.access_token();
        let mut checked = known.check(&client, token, access, &nonce, now);
        if matches!(
            checked,
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
            ))
        ) {
            let metadata = known.metadata_anew().await?;
            let client = known.client(&metadata, redirect)?;
            checked = known.check(&client, token, access, &nonce, now);
        }
        let (subject, mut claims) = checked.map_err(|why| Error::Untrusted(why.to_string()))?;
        if subject.is_empty() || subject.chars().count() > LONGEST_SUBJECT {
            let text = format!("the subject has no 1 to {LONGEST_SUBJECT} characters");
            return Err(Error::Untrusted(text));
        }
        if !claims::suffice(&known.provider, &claims)
            && let Some(more) = known.user_info(&client, access, &subject).await?
        {
            claims::complete(&known.provider, &mut claims, more);
        }
        let issuer = known.provider.issuer.clone();
        Ok(claims::person(&known.provider, issuer, subject, &claims))
    }
}

impl Known {
    fn client(&self, metadata: &CoreProviderMetadata, redirect: &str) -> Result<Client, Error> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|error| Error::Answer(format!("address to come back to: {error}")))?;
        let secret = self.provider.client_secret.clone().map(ClientSecret::new);
        let id = ClientId::new(self.provider.client_id.clone());
        let takes = |method: CoreClientAuthMethod| {
            let methods = metadata.token_endpoint_auth_methods_supported();
            methods.is_some_and(|methods| methods.contains(&method))
        };
        let kind = if takes(CoreClientAuthMethod::ClientSecretPost)
            && !takes(CoreClientAuthMethod::ClientSecretBasic)
        {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        Ok(
            CoreClient::from_provider_metadata(metadata.clone(), id, secret)
                .set_redirect_uri(redirect)
                .set_auth_type(kind),
        )
    }

    /// Checks signature, issuer, audience, times and nonce; returns the subject and all claims.
    fn check(
        &self,
        client: &Client,
        token: &CoreIdToken,
        access: &AccessToken,
        nonce: &Nonce,
        now: DateTime<Utc>,
    ) -> Result<(String, Map<String, Value>), ClaimsVerificationError> {
        let other = |text: &str| ClaimsVerificationError::Other(text.to_owned());
        let audiences = &self.provider.audiences;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_other_audience_verifier_fn(|audience: &Audience| audiences.contains(audience))
            .set_time_fn(move || now - SKEW)
            .set_issue_time_verifier_fn(move |issued| {
                if issued > now + SKEW {
                    Err("it was issued in the future".to_owned())
                } else {
                    Ok(())
                }
            });
        let claims = token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let key = token
                .signing_key(&verifier)
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let algorithm = token
                .signing_alg()
                .map_err(ClaimsVerificationError::SignatureVerification)?;
            let actual = AccessTokenHash::from_token(access, algorithm, key)
                .map_err(|error| other(&error.to_string()))?;
            if actual != *expected {
                return Err(other("the access token is not the one it was issued with"));
            }
        }
        // everything that was signed, whatever its name
        let text = token.to_string();
        let payload = text.split('.').nth(1).unwrap_or_default();
        let payload = URL_SAFE_NO_PAD.decode(payload);
        let payload = payload.map_err(|error| other(&error.to_string()))?;
        let all = serde_json::from_slice(&payload).map_err(|error| other(&error.to_string()))?;
        Ok((claims.subject().to_string(), all))
    }

    /// What else the provider tells about a person; nothing where it has no place for that.
    async fn user_info(
        &self,
        client: &Client,
        access: &AccessToken,
        subject: &str,
    ) -> Result<Option<Map<String, Value>>, Error> {
        let subject = SubjectIdentifier::new(subject.to_owned());
        let Ok(request) = client.user_info(access.clone(), Some(subject)) else {
            return Ok(None);
        };
        let info: UserInfoClaims<AnyClaims, CoreGenderClaim> = request
            .request_async(&self.remote)
            .await
            .map_err(|error| Error::Answer(format!("user info: {error}")))?;
        match serde_json::to_value(info) {
            Ok(Value::Object(more)) => Ok(Some(more)),
            Ok(_) => Ok(None),
            Err(error) => Err(Error::Answer(error.to_string())),
        }
    }
}
