//! Chance, from the operating system.

use rand::TryRngCore as _;
use rand::rngs::OsRng;

/// Bytes that nobody can guess.
///
/// Panics when the operating system has no source of chance, because then nothing is safe.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system provides random bytes");
    bytes
}

/// 128 unguessable bits as 32 lower-case hexadecimal digits.
pub(crate) fn key() -> String {
    hex(&bytes::<16>())
}

/// Letters and digits, to tell names apart; not for secrets.
pub(crate) fn alphanumeric<const N: usize>() -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let index = |byte| usize::from(byte) % ALPHABET.len();
    let letters = bytes::<N>().map(|byte| char::from(ALPHABET[index(byte)]));
    letters.into_iter().collect()
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // writing to a String cannot fail
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let (one, two) = (key(), key());
        assert_ne!(one, two);
        assert_eq!(one.len(), 32);
        assert!(
            one.bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        );
        assert_eq!(hex(&[0, 15, 255]), "000fff");
    }
}
