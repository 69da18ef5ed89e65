//! Passwords at rest: Argon2id for new ones, Django's PBKDF2 accepted and renewed.
//!
//! A stored hash has the form `<algorithm>$…`, as Django writes it; `argon2$` is followed by the
//! PHC text. Anything else never matches.

use std::sync::LazyLock;

use anyhow::Context as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Argon2, Params};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::{Algorithm, pbkdf2_hmac, pbkdf2_hmac_with_params};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

use crate::{Result, random};

/// Largest iteration count of a stored hash; more would let one import stop the server.
const MAX_ITERATIONS: u32 = 10_000_000;
/// Largest memory of a stored Argon2 hash, in KiB.
const MAX_MEMORY: u32 = 256 * 1024;
/// Most passes over the memory of a stored Argon2 hash.
const MAX_PASSES: u32 = 32;
/// Longest password that is hashed at all, in bytes.
pub const MAX_LENGTH: usize = 4096;

/// Hash of an unknown password; compared with when there is no account, so that a wrong name
/// takes as long as a wrong password.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now(&random::key()).unwrap_or_default());

/// One hash per core at a time, so that a wave of log-ins cannot starve everything else.
static CORES: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// What comparing a password with a stored hash says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Another password, or none can match.
    Wrong,
    /// The password.
    Right,
    /// The password, but the hash should be replaced by a new one.
    Outdated,
}

/// A new hash of the password.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    off_thread(move || hash_now(&password)).await?
}

/// Compares a password with a stored hash; with `None`, takes as long and says no.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<Verdict> {
    let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
    off_thread(move || {
        if let Some(stored) = stored.filter(|stored| is_usable(stored)) {
            return verify_now(&password, &stored);
        }
        verify_now(&password, &DUMMY);
        Verdict::Wrong
    })
    .await
}

/// A text that no password matches, different each time so that it ends the sessions.
pub fn unusable() -> String {
    format!("!{}", random::key())
}

/// False if no password can match, as after deactivation.
pub fn is_usable(stored: &str) -> bool {
    !stored.starts_with('!') && !stored.is_empty()
}

async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = CORES.acquire().await.context("no more hashing")?;
    Ok(tokio::task::spawn_blocking(work)
        .await
        .context("hashing failed")?)
}

fn hash_now(password: &str) -> Result<String> {
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("cannot hash a password: {error}"))?;
    Ok(format!("argon2{hash}"))
}

fn verify_now(password: &str, stored: &str) -> Verdict {
    if password.len() > MAX_LENGTH {
        return Verdict::Wrong;
    }
    let verdict = match stored.split_once('$') {
        Some(("argon2", _)) => verify_argon2(password, &stored["argon2".len()..]),
        Some(("pbkdf2_sha256", rest)) => verify_pbkdf2(password, rest, sha256),
        Some(("pbkdf2_sha1", rest)) => verify_pbkdf2(password, rest, sha1),
        _ => None,
    };
    verdict.unwrap_or(Verdict::Wrong)
}

fn verify_argon2(password: &str, phc: &str) -> Option<Verdict> {
    let hash = PasswordHash::new(phc).ok()?;
    let params = Params::try_from(&hash).ok()?;
    if params.m_cost() > MAX_MEMORY || params.t_cost() > MAX_PASSES {
        return None;
    }
    Argon2::default()
        .verify_password(password.as_bytes(), &hash)
        .ok()?;
    let current = hash.algorithm.as_str() == "argon2id"
        && params.m_cost() == Params::DEFAULT_M_COST
        && params.t_cost() == Params::DEFAULT_T_COST
        && params.p_cost() == Params::DEFAULT_P_COST
        && hash.salt.is_some_and(|salt| salt.as_ref().len() >= 16);
    Some(if current {
        Verdict::Right
    } else {
        Verdict::Outdated
    })
}

/// Password, salt and iterations to a hash; `None` for parameters that cannot be.
type Derivation = fn(&[u8], &[u8], u32) -> Option<Vec<u8>>;

/// `<iterations>$<salt>$<base64 of the hash>`; always renewed when it matches.
fn verify_pbkdf2(password: &str, rest: &str, derive: Derivation) -> Option<Verdict> {
    let mut parts = rest.splitn(3, '$');
    let iterations: u32 = parts.next()?.parse().ok()?;
    let (salt, expected) = (parts.next()?, STANDARD.decode(parts.next()?).ok()?);
    if iterations > MAX_ITERATIONS {
        return None;
    }
    let derived = derive(password.as_bytes(), salt.as_bytes(), iterations)?;
    let equal: bool = derived.ct_eq(&expected).into();
    equal.then_some(Verdict::Outdated)
}

/// Not the generic function: this one is compiled, optimised, in its own crate.
fn sha256(password: &[u8], salt: &[u8], iterations: u32) -> Option<Vec<u8>> {
    let params = pbkdf2::Params::new(iterations).ok()?;
    let mut out = vec![0; 32];
    pbkdf2_hmac_with_params(password, salt, Algorithm::Pbkdf2Sha256, params, &mut out);
    Some(out)
}

fn sha1(password: &[u8], salt: &[u8], iterations: u32) -> Option<Vec<u8>> {
    let mut out = vec![0; 20];
    (iterations > 0).then(|| pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut out))?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_original() {
        let right = |stored, password| assert_eq!(verify_now(password, stored), Verdict::Outdated);
        right(
            "pbkdf2_sha256$1200000$Kw3nPqA7bZr1LmX0cVt9Ye$VEQOlVJETq93/PE53gpjVVQaS06eALj058QPpa49Y4o=",
            "correct horse battery staple",
        );
        right(
            "pbkdf2_sha256$260000$abcdefghijkl$Ks4bWvLJ7Tccp8FEa1MDBDBh4Zsp3oNsJI2JMUst4f4=",
            "пароль-1234",
        );
        right(
            "pbkdf2_sha1$216000$abcdefghijkl$+NFbC2zfDGB6MjrY8Wxis+Ms9D0=",
            "correct horse battery staple",
        );
    }

    #[test]
    fn new_hashes_are_current() {
        let stored = hash_now("correct horse battery staple").expect("hashed");
        assert!(
            stored.starts_with("argon2$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(stored.len() <= 128);
        assert_eq!(
            verify_now("correct horse battery staple", &stored),
            Verdict::Right
        );
        assert_eq!(
            verify_now("correct horse battery stapler", &stored),
            Verdict::Wrong
        );
        assert_eq!(verify_now("", &stored), Verdict::Wrong);
    }

    #[test]
    fn hashes_with_other_parameters_are_renewed() {
        use argon2::Version;
        let weak = Argon2::new(
            argon2::Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).expect("valid"),
        );
        let stored = format!("argon2{}", weak.hash_password(b"secret").expect("hashed"));
        assert_eq!(verify_now("secret", &stored), Verdict::Outdated);
        assert_eq!(verify_now("Secret", &stored), Verdict::Wrong);
    }

    #[test]
    fn what_cannot_match() {
        let hostile = [
            "",
            "!",
            "plain",
            "md5$x$5ebe2294ecd0e0f08eab7690d2a6ee69",
            "pbkdf2_sha256$0$abcdefghijkl$AA==",
            "pbkdf2_sha256$-1$abcdefghijkl$AA==",
            "pbkdf2_sha256$10000001$abcdefghijkl$VEQOlVJETq93/PE53gpjVVQaS06eALj058QPpa49Y4o=",
            "pbkdf2_sha256$1000$abcdefghijkl$",
            "pbkdf2_sha256$1000$abcdefghijkl",
            "pbkdf2_sha256$1000",
            "pbkdf2_sha1$0$abcdefghijkl$AA==",
            "argon2$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHRzb21l$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "argon2$argon2id$v=19$m=19456,t=4000000,p=1$c29tZXNhbHRzb21l$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "argon2$",
        ];
        for stored in hostile {
            assert_eq!(verify_now("", stored), Verdict::Wrong, "{stored}");
            assert_eq!(verify_now("secret", stored), Verdict::Wrong, "{stored}");
        }
        let stored = hash_now("x").expect("hashed");
        assert_eq!(
            verify_now(&"x".repeat(MAX_LENGTH + 1), &stored),
            Verdict::Wrong
        );
    }

    #[test]
    fn unusable_texts_differ() {
        assert_ne!(unusable(), unusable());
        assert!(!is_usable(&unusable()));
        assert!(!is_usable(""));
    }
}
