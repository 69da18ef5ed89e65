//! Durations as the database and the API see them.

use std::fmt;

/// A signed length of time in microseconds.
///
/// Stored as `interval`; sent by the API as seconds, or as text in the two places of spec 02 §1.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Interval(pub i64);

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

impl Interval {
    /// The length in seconds, with microsecond precision.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / SECOND as f64
    }

    /// An interval of this many seconds, rounded to microseconds.
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * SECOND as f64).round() as i64)
    }
}

/// `[D day[s], ]H:MM:SS[.ffffff]`; negative lengths carry the sign on the days.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        if days != 0 {
            let plural = if days.abs() == 1 { "" } else { "s" };
            write!(f, "{days} day{plural}, ")?;
        }
        let (seconds, micros) = (rest / SECOND, rest % SECOND);
        write!(
            f,
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}

impl From<sqlx::postgres::types::PgInterval> for Interval {
    fn from(value: sqlx::postgres::types::PgInterval) -> Self {
        let days = i64::from(value.months) * 30 + i64::from(value.days);
        Self(days.saturating_mul(DAY).saturating_add(value.microseconds))
    }
}

impl From<Interval> for sqlx::postgres::types::PgInterval {
    fn from(value: Interval) -> Self {
        Self {
            months: 0,
            days: (value.0 / DAY) as i32,
            microseconds: value.0 % DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_like_the_api() {
        let text = |seconds: f64| Interval::from_seconds(seconds).to_string();
        assert_eq!(text(30.0), "0:00:30");
        assert_eq!(text(122_400.0), "1 day, 10:00:00");
        assert_eq!(text(245_400.0), "2 days, 20:10:00");
        assert_eq!(text(-3600.0), "-1 day, 23:00:00");
        assert_eq!(text(0.5), "0:00:00.500000");
    }
}
