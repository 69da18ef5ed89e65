//! The language of an answer: the visitor's choice, else what the browser prefers.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::cookies;

/// The language that everything has words in.
pub(crate) const FALLBACK: &str = "en";
/// Longer headers are not worth reading.
const LONGEST: usize = 500;

/// Chooses among the languages there are.
pub(crate) fn choose<'a>(headers: &HeaderMap, available: &[&'a str]) -> &'a str {
    let find = |wanted: &str| {
        available
            .iter()
            .copied()
            .find(|code| code.eq_ignore_ascii_case(wanted))
            .or_else(|| {
                let (base, _) = wanted.split_once('-')?;
                available
                    .iter()
                    .copied()
                    .find(|code| code.eq_ignore_ascii_case(base))
            })
    };
    if let Some(chosen) = cookies::find(headers, "django_language").and_then(find) {
        return chosen;
    }
    let header = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|header| header.to_str().ok());
    let mut wishes: Vec<(f32, &str)> = header
        .filter(|header| header.len() <= LONGEST)
        .unwrap_or_default()
        .split(',')
        .map(|wish| {
            let (code, weight) = wish.split_once(";q=").unwrap_or((wish, "1"));
            (weight.trim().parse().unwrap_or(0.0), code.trim())
        })
        .filter(|(weight, _)| *weight > 0.0)
        .collect();
    wishes.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let best = wishes.into_iter().find_map(|(_, code)| find(code));
    best.or_else(|| find(FALLBACK)).unwrap_or(FALLBACK)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn wishes_are_ordered_and_fall_back() {
        let choose = |accept: &str, cookie: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                ACCEPT_LANGUAGE,
                HeaderValue::from_str(accept).expect("a header value"),
            );
            headers.insert(
                http::header::COOKIE,
                HeaderValue::from_str(cookie).expect("a header value"),
            );
            choose(&headers, &["de", "en", "pt-BR"])
        };
        assert_eq!(choose("fr, de;q=0.5, en;q=0.8", ""), "en");
        assert_eq!(choose("de-AT", ""), "de");
        assert_eq!(choose("PT-br", ""), "pt-BR");
        assert_eq!(choose("de", "django_language=en"), "en");
        assert_eq!(choose("de", "django_language=xx"), "de");
        assert_eq!(choose("xx;q=nonsense", ""), "en");
        assert_eq!(choose(&"de,".repeat(400), ""), "en");
    }
}
