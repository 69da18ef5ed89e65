//! Numbers and times as they stand in answers, written straight into the buffer.

use std::fmt::Write as _;

use chrono::{Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use entity::python;

/// A whole number.
pub(crate) fn push_int(out: &mut String, number: i64) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// A finite fractional number: the shortest form that reads back, with at least one decimal.
pub(crate) fn push_float(out: &mut String, number: f64) {
    let size = number.abs();
    if number.fract() == 0.0 && size < 1e15 && !(number == 0.0 && number.is_sign_negative()) {
        push_int(out, number as i64);
        out.push_str(".0");
    } else if (1e-4..1e16).contains(&size) {
        let _ = write!(out, "{number:?}");
    } else {
        out.push_str(&python::float(number));
    }
}

/// `2026-01-05T13:30:00.614`: the fraction is cut to milliseconds, and left out where the stored
/// time has none.
pub(crate) fn push_iso_time(out: &mut String, time: NaiveDateTime) {
    push_date(out, time.date(), "-");
    push_clock(out, time.time());
    let nanoseconds = time.nanosecond() % 1_000_000_000;
    if nanoseconds >= 1000 {
        out.push('.');
        push_padded(out, nanoseconds / 1_000_000, 3);
    }
}

/// `Z`, `+02:00`.
pub(crate) fn push_zone(out: &mut String, zone: FixedOffset) {
    let minutes = zone.local_minus_utc() / 60;
    if minutes == 0 {
        out.push('Z');
        return;
    }
    out.push(if minutes < 0 { '-' } else { '+' });
    push_padded(out, minutes.unsigned_abs() / 60, 2);
    out.push(':');
    push_padded(out, minutes.unsigned_abs() % 60, 2);
}

/// `20260105T13:30:00`, as XML-RPC wants it.
pub(crate) fn push_compact_time(out: &mut String, time: NaiveDateTime) {
    push_date(out, time.date(), "");
    push_clock(out, time.time());
}

fn push_date(out: &mut String, date: NaiveDate, separator: &str) {
    push_padded(out, date.year().unsigned_abs(), 4);
    out.push_str(separator);
    push_padded(out, date.month(), 2);
    out.push_str(separator);
    push_padded(out, date.day(), 2);
}

fn push_clock(out: &mut String, time: NaiveTime) {
    let mut separator = 'T';
    for part in [time.hour(), time.minute(), time.second()] {
        out.push(separator);
        push_padded(out, part, 2);
        separator = ':';
    }
}

fn push_padded(out: &mut String, number: u32, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number);
    for _ in digits.len()..width {
        out.push('0');
    }
    out.push_str(digits);
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn float(number: f64) -> String {
        let mut out = String::new();
        push_float(&mut out, number);
        out
    }

    #[test]
    fn floats_print_like_the_original() {
        let numbers = [
            0.0,
            90.0,
            1.5,
            -3600.0,
            -0.0,
            1e15,
            1e16,
            1e20,
            0.0001,
            1e-5,
            0.1 + 0.2,
        ];
        for number in numbers {
            assert_eq!(float(number), python::float(number));
        }
        assert_eq!(float(245_400.0), "245400.0");
        assert_eq!(float(-0.0), "-0.0");
        assert_eq!(float(1e20), "1e+20");
        assert_eq!(float(f64::MAX), "1.7976931348623157e+308");
    }

    #[test]
    fn times() {
        let time = |micros: i64| {
            let start = chrono::DateTime::from_timestamp(1_767_619_800, 0).expect("is a time");
            let time = (start + TimeDelta::microseconds(micros)).naive_utc();
            let (mut iso, mut compact) = (String::new(), String::new());
            push_iso_time(&mut iso, time);
            push_compact_time(&mut compact, time);
            (iso, compact)
        };
        let compact = "20260105T13:30:00".to_owned();
        assert_eq!(
            time(614_999),
            ("2026-01-05T13:30:00.614".to_owned(), compact.clone())
        );
        assert_eq!(
            time(400),
            ("2026-01-05T13:30:00.000".to_owned(), compact.clone())
        );
        assert_eq!(time(0), ("2026-01-05T13:30:00".to_owned(), compact));
    }
}
