use std::time::{Duration, Instant};

use http::HeaderValue;
use proptest::prelude::*;

use super::*;

const KIND: &str = "multipart/form-data; boundary=frontier";
/// What a field begins with.
const FIELD: &str = "--frontier\r\nContent-Disposition: form-data; name=\"a\"";
/// Time for a form; a build without optimisation takes many times as long.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 8 } else { 1 });

fn whole() -> Vec<u8> {
    let file = |name: &str, content: &str| {
        format!("{FIELD}; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n{content}\r\n")
    };
    let field = format!("{FIELD}\r\n\r\n/plan/1/\r\n");
    let (first, second) = (file("a.txt", "first\r\n--front"), file("b c.txt", "second"));
    let absent = file("", "");
    format!("{first}{field}{second}{absent}--frontier--\r\n").into_bytes()
}

fn read_as(kind: &str, body: &[u8]) -> Result<Parts, Error> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(kind).expect("a header");
    headers.insert(header::CONTENT_TYPE, value);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let begin = Instant::now();
    let parsed = runtime
        .expect("a runtime")
        .block_on(parse(&headers, Bytes::copy_from_slice(body)));
    let took = begin.elapsed();
    assert!(took < PATIENCE, "{took:?}");
    parsed
}

fn is_refused(parsed: &Result<Parts, Error>) -> bool {
    matches!(parsed, Err(Error::BadRequest(_)))
}

#[test]
fn files_and_fields_are_told_apart() {
    let parts = read_as(KIND, &whole()).expect("a form");
    assert_eq!(parts.fields, [("a".to_owned(), "/plan/1/".to_owned())]);
    let files: Vec<_> = parts
        .files
        .iter()
        .map(|(field, upload)| (field.as_str(), upload.name.as_str(), &upload.content[..]))
        .collect();
    assert_eq!(
        files,
        [
            ("a", "a.txt", &b"first\r\n--front"[..]),
            ("a", "b c.txt", b"second"),
        ]
    );
}

#[test]
fn lib_023_a_form_that_is_cut_off_anywhere_is_refused() {
    let whole = whole();
    // the last line break may be missing
    for length in 0..whole.len() - 2 {
        let parsed = read_as(KIND, &whole[..length]);
        assert!(is_refused(&parsed), "{length}: {parsed:?}");
    }
}

#[test]
fn lib_023_malformed_forms_are_refused_quickly() {
    let dashes = "-".repeat(5_000_000);
    let end = "\r\n\r\nx\r\n--frontier--\r\n";
    let cases = [
        ("multipart/form-data", "--frontier--\r\n".to_owned()),
        (KIND, String::new()),
        (KIND, dashes.clone()),
        (KIND, format!("{FIELD}\r\n\r\n{dashes}")),
        (KIND, "\r\n--frontier".repeat(400_000)),
        (
            KIND,
            format!("{FIELD}\r\n\r\n{}", "\r\n--frontie".repeat(400_000)),
        ),
        (
            KIND,
            format!("--frontier\r\n{}{end}", "A: b\r\n".repeat(500_000)),
        ),
        (
            KIND,
            format!("--frontier\r\nContent-Disposition: form-data{end}"),
        ),
        (KIND, format!("--frontier{end}")),
    ];
    for (index, (kind, body)) in cases.iter().enumerate() {
        let parsed = read_as(kind, body.as_bytes());
        assert!(is_refused(&parsed), "{index}");
    }
    // strange, but a field
    let parsed = read_as(KIND, format!("{FIELD}; x=\"{dashes}{end}").as_bytes());
    assert_eq!(parsed.expect("a form").fields.len(), 1);
}

#[test]
fn lib_019_very_many_parts_are_refused() {
    let parts = |file: &str, times: usize| {
        let part = format!("{FIELD}{file}\r\n\r\nx\r\n");
        format!("{}--frontier--\r\n", part.repeat(times))
    };
    for (file, most) in [("", MOST_FIELDS), ("; filename=\"a.txt\"", MOST_FILES)] {
        assert!(
            read_as(KIND, parts(file, most).as_bytes()).is_ok(),
            "{most}"
        );
        for times in [most + 1, 100_000] {
            let parsed = read_as(KIND, parts(file, times).as_bytes());
            assert!(is_refused(&parsed), "{times}");
        }
    }
}

proptest! {
    #[test]
    fn lib_023_damaged_forms_are_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut body = whole();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let rest = &body[cut.index(body.len())..];
        let parsed = read_as(KIND, rest);
        prop_assert!(parsed.is_ok() || is_refused(&parsed));
    }
}
