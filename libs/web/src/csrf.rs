//! Protection of forms against other sites.
//!
//! A cookie holds a secret that we signed; a form or a script sends it back, masked afresh for
//! every page so that compression reveals nothing.

use http::header::{ORIGIN, REFERER};
use http::{HeaderMap, HeaderValue, Uri};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::chance;
use crate::cookies::{self, Scope};
use crate::error::Error;

/// Name of the form field.
pub(crate) const FIELD: &str = "csrfmiddlewaretoken";
/// Name of the header that scripts use.
const HEADER: &str = "x-csrftoken";

const LENGTH: usize = 16;

/// The secret of one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret([u8; LENGTH]);

/// Signs secrets, so that nobody can plant one.
#[derive(Clone)]
pub(crate) struct Signer(Vec<u8>);

impl Signer {
    /// Signs with the installation's key.
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(key.to_vec())
    }

    /// Whether it signs with this key.
    pub(crate) fn is_for(&self, key: &[u8]) -> bool {
        self.0.ct_eq(key).into()
    }

    /// Takes the secret from the cookie, if it is one of ours.
    pub(crate) fn secret_of(&self, headers: &HeaderMap) -> Option<Secret> {
        let value = cookies::find(headers, cookies::CSRF)?;
        let (secret, signature) = value.split_at_checked(2 * LENGTH)?;
        let secret = Secret(unhex(secret)?);
        let given: [u8; LENGTH] = unhex(signature)?;
        bool::from(given.ct_eq(&self.half(b"csrf", &secret.0))).then_some(secret)
    }

    /// The value of the cookie.
    pub(crate) fn cookie(&self, secret: Secret) -> String {
        hex(&secret.0) + &self.sign(b"csrf", &secret.0)
    }

    /// Signs bytes for a purpose, of which none may begin like another.
    pub(crate) fn sign(&self, purpose: &[u8], bytes: &[u8]) -> String {
        hex(&self.half(purpose, bytes))
    }

    /// Whether this is what [`Self::sign`] says.
    pub(crate) fn has_signed(&self, purpose: &[u8], bytes: &[u8], signature: &str) -> bool {
        let given = signature.as_bytes();
        self.sign(purpose, bytes).as_bytes().ct_eq(given).into()
    }

    // the signature is half of the hash, so that it cannot be continued
    fn half(&self, purpose: &[u8], bytes: &[u8]) -> [u8; LENGTH] {
        let hash = Sha256::new()
            .chain_update(&self.0)
            .chain_update(purpose)
            .chain_update(bytes);
        let mut signature = [0; LENGTH];
        signature.copy_from_slice(&hash.finalize()[..LENGTH]);
        signature
    }
}

impl Secret {
    /// A fresh secret.
    pub(crate) fn random() -> Self {
        Self(chance::bytes())
    }

    /// What a page carries: a mask and the masked secret.
    pub(crate) fn token(self) -> String {
        let mask: [u8; LENGTH] = chance::bytes();
        hex(&mask) + &hex(&xor(mask, self.0))
    }

    /// Whether a form sent the token of this secret.
    pub(crate) fn accepts(self, token: &str) -> bool {
        let Some((mask, masked)) = token.split_at_checked(2 * LENGTH) else {
            return false;
        };
        let (Some(mask), Some(masked)) = (unhex(mask), unhex(masked)) else {
            return false;
        };
        xor(mask, masked).ct_eq(&self.0).into()
    }
}

/// The secret of the browser that asks: its own, or a fresh one that goes out with the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    secret: Secret,
    is_new: bool,
}

impl Held {
    /// What the browser brought, or something new.
    pub(crate) fn of(signer: &Signer, headers: &HeaderMap) -> Self {
        let secret = signer.secret_of(headers);
        Self {
            is_new: secret.is_none(),
            secret: secret.unwrap_or_else(Secret::random),
        }
    }

    /// What a page carries.
    pub(crate) fn token(self) -> String {
        self.secret.token()
    }

    /// The cookie that the browser lacks.
    pub(crate) fn new_cookie(self, signer: &Signer, scope: &Scope) -> Option<HeaderValue> {
        self.is_new.then(|| scope.csrf(&signer.cookie(self.secret)))
    }

    /// Checks that a form, or a script, of our own pages sent the request.
    pub(crate) fn check(
        self,
        headers: &HeaderMap,
        host: &str,
        secure: bool,
        field: Option<&str>,
    ) -> Result<(), Error> {
        let header = headers.get(HEADER).and_then(|value| value.to_str().ok());
        let token = field.or(header).unwrap_or_default();
        let same = is_same_origin(headers, host, secure);
        if same && !self.is_new && self.secret.accepts(token) {
            Ok(())
        } else {
            tracing::info!(
                event = "form_refused",
                same_origin = same,
                cookie = !self.is_new,
                token = !token.is_empty(),
                "a form without a valid token was refused"
            );
            Err(Error::StaleForm)
        }
    }
}

/// Whether a request comes from a page of the same host, as far as the browser says.
pub(crate) fn is_same_origin(headers: &HeaderMap, host: &str, secure: bool) -> bool {
    let text = |name| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("null"))
    };
    let scheme = if secure { "https" } else { "http" };
    let same = |address: &str| {
        address.parse::<Uri>().is_ok_and(|address| {
            address.scheme_str() == Some(scheme)
                && address
                    .authority()
                    .is_some_and(|found| found.as_str().eq_ignore_ascii_case(host))
        })
    };
    match (text(ORIGIN), text(REFERER)) {
        (Some(origin), _) => same(origin),
        // on plain HTTP proxies and privacy tools make referrers unreliable
        (None, Some(referer)) => !secure || same(referer),
        (None, None) => true,
    }
}

fn xor(one: [u8; LENGTH], other: [u8; LENGTH]) -> [u8; LENGTH] {
    std::array::from_fn(|index| one[index] ^ other[index])
}

fn hex(bytes: &[u8]) -> String {
    chance::hex(bytes)
}

fn unhex(text: &str) -> Option<[u8; LENGTH]> {
    chance::unhex(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;

    #[test]
    fn tokens_are_masked_and_belong_to_their_secret() {
        let (secret, other) = (Secret::random(), Secret::random());
        let (one, two) = (secret.token(), secret.token());
        assert_ne!(one, two);
        assert!(secret.accepts(&one) && secret.accepts(&two));
        assert!(!other.accepts(&one));
        for wrong in [
            "",
            "x",
            &one[1..],
            &format!("{one}0"),
            "\u{20ac}".repeat(64).as_str(),
        ] {
            assert!(!secret.accepts(wrong), "{wrong}");
        }
    }

    #[test]
    fn cookies_are_signed() {
        let signer = Signer::new(b"key");
        let secret = Secret::random();
        let read = |signer: &Signer, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                COOKIE,
                HeaderValue::try_from(format!("csrftoken={value}")).expect("a header value"),
            );
            signer.secret_of(&headers)
        };
        let cookie = signer.cookie(secret);
        assert_eq!(read(&signer, &cookie), Some(secret));
        assert_eq!(read(&Signer::new(b"other"), &cookie), None);
        assert_eq!(read(&signer, "planted"), None);
        assert_eq!(read(&signer, &cookie.replace(&cookie[..2], "zz")), None);
    }

    #[test]
    fn foreign_pages_are_told() {
        let from = |pairs: &[(&'static str, &'static str)], secure| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_same_origin(&headers, "kiwi.example:8443", secure)
        };
        assert!(from(&[], true));
        assert!(from(&[("origin", "https://kiwi.example:8443")], true));
        assert!(from(
            &[(
                "referer",
                "https://KIWI.example:8443/accounts/login/?next=/"
            )],
            true
        ));
        assert!(!from(&[("origin", "http://kiwi.example:8443")], true));
        assert!(!from(&[("origin", "https://kiwi.example")], true));
        assert!(!from(&[("origin", "null")], true));
        assert!(!from(&[("referer", "https://evil.example/")], true));
        assert!(!from(&[("referer", "healthcheck")], true));
        assert!(from(&[("referer", "http://evil.example/")], false));
        assert!(!from(&[("origin", "http://evil.example")], false));
    }
}
