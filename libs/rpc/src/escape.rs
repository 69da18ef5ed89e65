//! Texts are escaped in one pass, straight into the buffer: HTML first, then the wire format.

/// What a format does to single characters. `special` must be cheap, it sees every byte.
pub(crate) trait Escape {
    /// True for a byte that may begin something to replace.
    fn special(byte: u8) -> bool;
    /// The replacement for the beginning of `rest`, whose first byte is special, and the number of
    /// bytes it stands for; `None` to leave the byte.
    fn replacement(rest: &[u8]) -> Option<(&'static str, usize)>;
}

const CHUNK: usize = 32;

/// Appends `text`, escaped.
pub(crate) fn push<E: Escape>(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let (mut written, mut at) = (0, 0);
    while let Some(found) = next_special::<E>(bytes, at) {
        match E::replacement(&bytes[found..]) {
            Some((replacement, length)) => {
                out.push_str(&text[written..found]);
                out.push_str(replacement);
                at = found + length;
                written = at;
            }
            None => at = found + 1,
        }
    }
    out.push_str(&text[written..]);
}

/// Position of the next special byte; whole chunks are looked at at once, which the compiler turns
/// into vector instructions.
fn next_special<E: Escape>(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<CHUNK>) {
        if chunk
            .iter()
            .fold(false, |any, byte| any | E::special(*byte))
        {
            break;
        }
        at += CHUNK;
    }
    bytes
        .get(at..)?
        .iter()
        .position(|byte| E::special(*byte))
        .map(|offset| at + offset)
}

/// True for one of these bytes, without a branch for each.
pub(crate) fn any_of<const N: usize>(byte: u8, bytes: &[u8; N]) -> bool {
    bytes
        .iter()
        .fold(0, |any, other| any | u8::from(byte == *other))
        != 0
}
