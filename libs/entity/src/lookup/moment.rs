//! Dates and times in queries: ISO 8601 in its extended and basic forms, and unpadded forms.

use chrono::{
    DateTime, Datelike as _, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    Utc, Weekday,
};

use crate::{Error, Result, Value, python};

/// What has the shape of a date or time, but need not exist.
type Possible<T> = std::result::Result<T, Impossible>;

/// There is no such date or time.
struct Impossible;

/// A point in time, and how far from UTC its zone is.
type Zoned = (DateTime<Utc>, Option<TimeDelta>);

/// A validation message about a value, in the list in which the original wraps it.
pub(super) fn invalid(value: &str, message: &str) -> Error {
    let text = format!("“{value}” {message}");
    Error::invalid(format!("[{}]", python::quote(&text)))
}

fn not_text() -> Error {
    Error::type_error("fromisoformat: argument must be str")
}

/// A point in time; a day alone means its beginning, a time without zone is in UTC.
pub(super) fn time(value: &Value) -> Result<DateTime<Utc>> {
    let text = match value {
        Value::Text(text) => text,
        Value::Time(time) => return Ok(*time),
        _ => return Err(not_text()),
    };
    if let Some(found) = read(text) {
        return found.map(|(time, _)| time).map_err(|Impossible| {
            invalid(
                text,
                "value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an \
                 invalid date/time.",
            )
        });
    }
    match loose_date(text) {
        Some(Ok(day)) => Ok(day.and_time(NaiveTime::MIN).and_utc()),
        Some(Err(Impossible)) => Err(invalid_date(text)),
        None => Err(invalid(
            text,
            "value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.",
        )),
    }
}

/// A point in time as [`time`] reads it, and the zone that the text names.
pub(super) fn zoned(text: &str) -> Option<(DateTime<Utc>, Option<FixedOffset>)> {
    let day_only = || {
        let day = loose_date(text)?.ok()?;
        Some((day.and_time(NaiveTime::MIN).and_utc(), None))
    };
    let (time, offset) = read(text).map_or_else(day_only, std::result::Result::ok)?;
    let seconds = |offset: TimeDelta| i32::try_from(offset.num_seconds()).ok();
    Some((
        time,
        offset.and_then(seconds).and_then(FixedOffset::east_opt),
    ))
}

/// Reads day and time, or a day in one of the forms of ISO 8601.
fn read(text: &str) -> Option<Possible<Zoned>> {
    match iso_time(text) {
        Some(found) => Some(Ok(found)),
        None => Scan(text).loose_time(),
    }
}

/// A day.
pub(super) fn date(value: &Value) -> Result<NaiveDate> {
    let text = match value {
        Value::Text(text) => text,
        Value::Time(time) => return Ok(time.date_naive()),
        _ => return Err(not_text()),
    };
    if let Some((day, "")) = iso_dates(text).find(|(_, rest)| rest.is_empty()) {
        return Ok(day);
    }
    match loose_date(text) {
        Some(Ok(day)) => Ok(day),
        Some(Err(Impossible)) => Err(invalid_date(text)),
        None => Err(invalid(
            text,
            "value has an invalid date format. It must be in YYYY-MM-DD format.",
        )),
    }
}

/// A time of day.
pub(super) fn clock(value: &Value) -> Result<NaiveTime> {
    let text = match value {
        Value::Text(text) => text,
        Value::Time(time) => return Ok(time.time()),
        _ => return Err(not_text()),
    };
    if let Some((clock, _)) = iso_clock(text.strip_prefix('T').unwrap_or(text)) {
        return Ok(clock);
    }
    let mut scan = Scan(text);
    match scan.loose_clock() {
        Some(Ok(clock)) if scan.0.is_empty() => Ok(clock),
        Some(Err(Impossible)) if scan.0.is_empty() => Err(invalid(
            text,
            "value has the correct format (HH:MM[:ss[.uuuuuu]]) but it is an invalid time.",
        )),
        _ => Err(invalid(
            text,
            "value has an invalid format. It must be in HH:MM[:ss[.uuuuuu]] format.",
        )),
    }
}

fn invalid_date(text: &str) -> Error {
    invalid(
        text,
        "value has the correct format (YYYY-MM-DD) but it is an invalid date.",
    )
}

fn day(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    (1..=9999)
        .contains(&year)
        .then(|| NaiveDate::from_ymd_opt(year as i32, month, day))
        .flatten()
}

/// ISO 8601 with any single character between day and time.
fn iso_time(text: &str) -> Option<Zoned> {
    iso_dates(text).find_map(|(day, rest)| {
        let mut characters = rest.chars();
        if characters.next().is_none() {
            return Some((day.and_time(NaiveTime::MIN).and_utc(), None));
        }
        let (clock, offset) = iso_clock(characters.as_str())?;
        shift(day.and_time(clock), offset)
    })
}

fn shift(local: NaiveDateTime, offset: Option<TimeDelta>) -> Option<Zoned> {
    let time = local.checked_sub_signed(offset.unwrap_or_default())?;
    Some((time.and_utc(), offset))
}

/// The days with which a text may begin, and the rest of the text for each.
fn iso_dates(text: &str) -> impl Iterator<Item = (NaiveDate, &str)> {
    let extended = |text| {
        let mut scan = Scan(text);
        let year = scan.digits(4)?;
        scan.mark('-')?;
        let month = scan.digits(2)?;
        scan.mark('-')?;
        Some((day(year, month, scan.digits(2)?)?, scan.0))
    };
    let basic = |text| {
        let mut scan = Scan(text);
        let (year, month) = (scan.digits(4)?, scan.digits(2)?);
        Some((day(year, month, scan.digits(2)?)?, scan.0))
    };
    let week = |text, separated: bool, with_day: bool| {
        let mut scan = Scan(text);
        let year = scan.digits(4)?;
        if separated {
            scan.mark('-')?;
        }
        scan.mark('W')?;
        let week = scan.digits(2)?;
        let mut weekday = 1;
        if with_day {
            if separated {
                scan.mark('-')?;
            }
            weekday = scan.digits(1)?;
        }
        if !(1..=7).contains(&weekday) || !(1..=9999).contains(&year) {
            return None;
        }
        let monday = NaiveDate::from_isoywd_opt(year as i32, week, Weekday::Mon)?;
        let day = monday.checked_add_days(Days::new(u64::from(weekday - 1)))?;
        (1..=9999).contains(&day.year()).then_some((day, scan.0))
    };
    [
        extended(text),
        week(text, true, true),
        week(text, true, false),
        week(text, false, true),
        week(text, false, false),
        basic(text),
    ]
    .into_iter()
    .flatten()
}

/// `HH[:MM[:SS[.ffffff]]]` or the same without colons, and an optional zone.
fn iso_clock(text: &str) -> Option<(NaiveTime, Option<TimeDelta>)> {
    let zone = text.find(['-', '+', 'Z']);
    let (clock, zone) = text.split_at(zone.unwrap_or(text.len()));
    let micros = iso_micros(clock)?;
    if micros >= 86_400_000_000 {
        return None;
    }
    let clock = NaiveTime::from_num_seconds_from_midnight_opt(
        (micros / 1_000_000) as u32,
        (micros % 1_000_000) as u32 * 1000,
    )?;
    let offset = match zone.as_bytes().first() {
        None => None,
        Some(b'Z') if zone.len() == 1 => Some(TimeDelta::zero()),
        Some(b'Z') => return None,
        Some(sign) => {
            let micros = iso_micros(&zone[1..])?;
            if micros >= 86_400_000_000 {
                return None;
            }
            Some(TimeDelta::microseconds(if *sign == b'-' {
                -micros
            } else {
                micros
            }))
        }
    };
    Some((clock, offset))
}

/// Hours, minutes, seconds and fraction as microseconds.
fn iso_micros(text: &str) -> Option<i64> {
    let mut scan = Scan(text);
    let hours = scan.digits(2)?;
    let separated = scan.0.starts_with(':');
    let (mut minutes, mut seconds, mut fraction) = (0, 0, 0);
    if !scan.0.is_empty() {
        if separated {
            scan.mark(':')?;
        }
        minutes = scan.digits(2)?;
        if !scan.0.is_empty() {
            if separated {
                scan.mark(':')?;
            }
            seconds = scan.digits(2)?;
            if !scan.0.is_empty() {
                scan.mark('.').or_else(|| scan.mark(','))?;
                fraction = scan.fraction()?;
            }
        }
    }
    (scan.0.is_empty() && hours < 24 && minutes < 60 && seconds < 60)
        .then(|| i64::from((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + i64::from(fraction))
}

/// `2024-1-5`.
fn loose_date(text: &str) -> Option<Possible<NaiveDate>> {
    let mut scan = Scan(text);
    let found = scan.loose_date()?;
    scan.0.is_empty().then_some(found)
}

/// Reads a text from its beginning.
struct Scan<'t>(&'t str);

impl Scan<'_> {
    /// Exactly this many digits.
    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// One or two digits.
    fn one_or_two(&mut self) -> Option<u32> {
        self.digits(2).or_else(|| self.digits(1))
    }

    /// This character.
    fn mark(&mut self, mark: char) -> Option<()> {
        self.0 = self.0.strip_prefix(mark)?;
        Some(())
    }

    /// Digits behind a decimal point, as microseconds; further ones are dropped.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        let kept = &digits[..count.min(6)];
        Some(kept.parse::<u32>().ok()? * 10_u32.pow(6 - kept.len() as u32))
    }

    /// `YYYY-M-D`.
    fn loose_date(&mut self) -> Option<Possible<NaiveDate>> {
        let year = self.digits(4)?;
        self.mark('-')?;
        let month = self.one_or_two()?;
        self.mark('-')?;
        Some(day(year, month, self.one_or_two()?).ok_or(Impossible))
    }

    /// `H:M[:S[.f]]`.
    fn loose_clock(&mut self) -> Option<Possible<NaiveTime>> {
        let hour = self.one_or_two()?;
        self.mark(':')?;
        let minute = self.one_or_two()?;
        let (mut second, mut micros) = (0, 0);
        if self.mark(':').is_some() {
            second = self.one_or_two()?;
            if self.mark('.').or_else(|| self.mark(',')).is_some() {
                micros = self.fraction()?;
            }
        }
        let clock = NaiveTime::from_hms_micro_opt(hour, minute, second, micros);
        Some(clock.filter(|_| second < 60).ok_or(Impossible))
    }

    /// Day, `T` or blank, time, zone.
    fn loose_time(&mut self) -> Option<Possible<Zoned>> {
        let day = self.loose_date()?;
        self.mark('T').or_else(|| self.mark(' '))?;
        let clock = self.loose_clock()?;
        self.0 = self.0.trim_start();
        let offset = match self.0 {
            "" => None,
            _ => Some(self.loose_zone()?),
        };
        let (Ok(day), Ok(clock)) = (day, clock) else {
            return Some(Err(Impossible));
        };
        if offset.is_some_and(|offset| offset.num_hours().abs() >= 24) {
            return Some(Err(Impossible));
        }
        Some(shift(day.and_time(clock), offset).ok_or(Impossible))
    }

    /// `Z`, `±HH`, `±HHMM` or `±HH:MM` at the end of the text.
    fn loose_zone(&mut self) -> Option<TimeDelta> {
        let sign = match self.0.as_bytes().first()? {
            b'Z' => {
                self.mark('Z')?;
                return self.0.is_empty().then(TimeDelta::zero);
            }
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = self.digits(2)?;
        let minutes = if self.0.is_empty() {
            0
        } else {
            let _ = self.mark(':');
            self.digits(2)?
        };
        let minutes = i64::from(hours * 60 + minutes);
        self.0
            .is_empty()
            .then(|| TimeDelta::minutes(sign * minutes))
    }
}
