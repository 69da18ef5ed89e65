//! Text that people type: addresses, URLs, times and durations.

use chrono::{DateTime, Utc};
use entity::{Interval, Value, lookup};

/// True for something that looks like one e-mail address.
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{}|~-.".contains(c);
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(allowed)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    local_ok && text.len() <= 254 && (host == "localhost" || is_host_name(host) || is_literal(host))
}

fn is_literal(host: &str) -> bool {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|address| address.parse::<std::net::IpAddr>().is_ok())
}

/// A name of at least two labels whose last one is not a number.
fn is_host_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    let label_ok = |label: &&str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top = labels.last().copied().unwrap_or_default();
    let top_ok = top.starts_with("xn--")
        || (top.chars().count() >= 2 && top.chars().all(|c| c.is_alphabetic() || c == '-'));
    host.len() <= 253 && labels.len() >= 2 && labels.iter().all(label_ok) && top_ok
}

/// A URL as it is stored: trimmed, with `https://` where there was no scheme.
///
/// Accepts `http`, `https`, `ftp` and `ftps` with a full host (spec 01 §2.9); `None` otherwise.
pub fn url(text: &str) -> Option<String> {
    let text = with_scheme(text);
    let (scheme, rest) = text.split_once("://")?;
    let known = ["http", "https", "ftp", "ftps"];
    if !known.contains(&scheme.to_ascii_lowercase().as_str())
        || text.chars().count() > 2048
        || text.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = match authority.rsplit_once('@') {
        Some((user, _)) if user.contains(['@', '[', ']']) || user.is_empty() => return None,
        Some((_, host)) => host,
        None => authority,
    };
    host_and_port_ok(host_and_port).then_some(text)
}

/// The text with `https://` in front where it has no scheme.
pub fn with_scheme(text: &str) -> String {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("//") {
        format!("https://{rest}")
    } else if has_scheme(text) {
        text.to_owned()
    } else {
        format!("https://{text}")
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let mut letters = scheme.chars();
        letters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !(scheme.contains('.') || scheme == "localhost") // host:port
            && !rest.is_empty()
    })
}

fn host_and_port_ok(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return false;
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            return port.is_empty() || port.strip_prefix(':').is_some_and(port_ok);
        }
        None => text
            .split_once(':')
            .map_or((text, None), |(host, port)| (host, Some(port))),
    };
    port.is_none_or(port_ok)
        && (host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::Ipv4Addr>().is_ok()
            || is_host_name(host))
}

fn port_ok(port: &str) -> bool {
    (1..=5).contains(&port.len()) && port.chars().all(|c| c.is_ascii_digit())
}

/// True for `#rgb` and `#rrggbb`.
pub fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 6) && digits.chars().all(|c| c.is_ascii_hexdigit())
    })
}

/// A time as forms accept it: as conditions do, with blanks around it.
pub fn date_time(text: &str) -> Option<DateTime<Utc>> {
    lookup::zoned_date_time(text.trim()).map(|(time, _)| time)
}

/// The time in the zone that the text names: `2024-01-05T13:30:00+02:00`, or `…Z`.
pub fn in_zone(text: &str, time: DateTime<Utc>) -> Option<Value> {
    let (_, zone) = lookup::zoned_date_time(text.trim())?;
    Some(Value::Zoned(time.with_timezone(&zone?)))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Why a duration was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DurationFault {
    /// Not a duration at all.
    Form,
    /// More than 999,999,999 days.
    Range,
}

const SECOND: f64 = 1_000_000.0;

/// A duration as forms accept it: `[DD] [[HH:]MM:]SS[.ffffff]`, `1 day, 10:00:00`, ISO 8601.
pub fn duration(text: &str) -> Result<Interval, DurationFault> {
    let text = text.trim();
    let parsed = clock_duration(text).or_else(|| iso_duration(text));
    let micros = parsed.ok_or(DurationFault::Form)?;
    in_range(micros)
}

/// A number of seconds as a duration.
pub fn seconds(seconds: f64) -> Result<Interval, DurationFault> {
    in_range(seconds * SECOND)
}

fn in_range(micros: f64) -> Result<Interval, DurationFault> {
    // intervals hold 64 bits of microseconds here, about 292,000 years
    if micros.is_nan() {
        return Err(DurationFault::Form);
    }
    if micros.abs() >= 9.2e18 {
        Err(DurationFault::Range)
    } else {
        Ok(Interval(micros.round() as i64))
    }
}

fn clock_duration(text: &str) -> Option<f64> {
    let (days, rest) = split_days(text)?;
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    if rest.is_empty() {
        return (!negative && text != rest).then_some(days * 86_400.0 * SECOND);
    }
    let (whole, fraction) = rest.split_once(['.', ',']).unwrap_or((rest, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    if parts.len() > 3 || !parts.iter().all(|part| digits(part)) || !digits(fraction) {
        return None;
    }
    if parts.len() > 1 && parts[parts.len() - 1].len() > 2 || fraction.len() > 6 {
        return None;
    }
    let number = |index: usize| -> Option<f64> {
        parts
            .len()
            .checked_sub(index + 1)
            .map_or(Some(0.0), |i| parts[i].parse().ok())
    };
    let micros: f64 = format!("{fraction:0<6}").parse().ok()?;
    let clock = (number(2)? * 3600.0 + number(1)? * 60.0 + number(0)?) * SECOND + micros;
    Some(days * 86_400.0 * SECOND + if negative { -clock } else { clock })
}

/// Splits the leading number of days off: `2 10:00`, `1 day, 10:00:00`, `3 days`.
fn split_days(text: &str) -> Option<(f64, &str)> {
    let (sign, unsigned) = text
        .strip_prefix('-')
        .map_or((1.0, text), |rest| (-1.0, rest));
    let end = unsigned
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(unsigned.len());
    let (number, rest) = unsigned.split_at(end);
    if number.is_empty() || !rest.starts_with(' ') {
        return Some((0.0, text));
    }
    let rest = rest.trim_start();
    let rest = rest
        .strip_prefix("days")
        .or_else(|| rest.strip_prefix("day"))
        .unwrap_or(rest);
    let rest = rest
        .trim_start()
        .strip_prefix(',')
        .unwrap_or(rest)
        .trim_start();
    number.parse::<f64>().ok().map(|days| (sign * days, rest))
}

fn iso_duration(text: &str) -> Option<f64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let body = text.strip_prefix('P')?;
    let (date, time) = body
        .split_once('T')
        .map_or((body, None), |(d, t)| (d, Some(t)));
    let mut total = 0.0;
    let days = units(date, &[('D', 86_400.0)])?;
    total += days;
    match time {
        Some("") => return None,
        Some(time) => total += units(time, &[('H', 3600.0), ('M', 60.0), ('S', 1.0)])?,
        None if date.is_empty() => return None,
        None => {}
    }
    Some(sign * total * SECOND)
}

/// Sums `1D`, `2H`, `1.5S` …; each unit at most once and in order.
fn units(mut text: &str, known: &[(char, f64)]) -> Option<f64> {
    let mut total = 0.0;
    for (unit, factor) in known {
        if let Some((number, rest)) = text.split_once(*unit) {
            let negative = number.starts_with('-');
            let plain = number.trim_start_matches('-').replace(',', ".");
            let value: f64 = plain.parse().ok()?;
            total += if negative { -value } else { value } * factor;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert_eq!(
            url("example.com/x").as_deref(),
            Some("https://example.com/x")
        );
        assert_eq!(
            url("//example.com/x").as_deref(),
            Some("https://example.com/x")
        );
        assert_eq!(
            url(" http://a.bc:80/x?y#z ").as_deref(),
            Some("http://a.bc:80/x?y#z")
        );
        assert_eq!(
            url("http://localhost/").as_deref(),
            Some("http://localhost/")
        );
        assert_eq!(
            url("http://[::1]:8080/").as_deref(),
            Some("http://[::1]:8080/")
        );
        assert_eq!(
            url("FTP://user:pw@host.example/").as_deref(),
            Some("FTP://user:pw@host.example/")
        );
        for bad in [
            "http://x/",
            "nodot",
            "javascript:alert(1)",
            "mailto:a@b.c",
            "http://a b.c/",
            "z",
            "http://",
        ] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }

    #[test]
    fn times() {
        let print = |text| date_time(text).map(|time| time.to_rfc3339());
        assert_eq!(
            print("2024-1-5").as_deref(),
            Some("2024-01-05T00:00:00+00:00")
        );
        assert_eq!(
            print("2024-01-05 13:30").as_deref(),
            Some("2024-01-05T13:30:00+00:00")
        );
        assert_eq!(
            print("2024-01-05T13:30:00.5+02:00").as_deref(),
            Some("2024-01-05T11:30:00.500+00:00")
        );
        assert_eq!(
            print("2024-01-05 13:30:00Z").as_deref(),
            Some("2024-01-05T13:30:00+00:00")
        );
        assert_eq!(
            print(" 20240105T1330 ").as_deref(),
            Some("2024-01-05T13:30:00+00:00")
        );
        for bad in [
            "",
            "garbage",
            "2024-13-01",
            "01/02/2024",
            "2024-01-05 25:00",
            "0000-01-01",
            "2024-01-05 10:00+24:00",
            "tomorrow",
        ] {
            assert_eq!(date_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations() {
        let seconds = |text| duration(text).map(Interval::seconds);
        assert_eq!(seconds("10"), Ok(10.0));
        assert_eq!(seconds("00:10"), Ok(10.0));
        assert_eq!(seconds("1:02:03"), Ok(3723.0));
        assert_eq!(seconds("2 20:10:00"), Ok(245_400.0));
        assert_eq!(seconds("1 day, 10:00:00"), Ok(122_400.0));
        assert_eq!(seconds("3 days"), Ok(259_200.0));
        assert_eq!(seconds("1 10:00"), Ok(87_000.0));
        assert_eq!(seconds("P1DT2H"), Ok(93_600.0));
        assert_eq!(seconds("PT1.5S"), Ok(1.5));
        assert_eq!(seconds("-P1D"), Ok(-86_400.0));
        assert_eq!(seconds("-10"), Ok(-10.0));
        for bad in ["x", "+5", "P", "PT", "1:2:3:4", "abc days"] {
            assert_eq!(duration(bad), Err(DurationFault::Form), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        assert!(is_email("a@b.cd") && is_email("a@localhost") && is_email("a.b+c@x-y.org"));
        for bad in ["", "bad", "@x", "a@", "a b@c.de", "a@b", "a..b@c.de"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
