//! How often something is done.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Datelike as _, Days, NaiveTime, Utc, Weekday};

/// Longest time between two turns.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// How often something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rhythm {
    /// So long after the last time.
    Every(Duration),
    /// Whenever it is one of these times.
    At(Vec<Turn>),
}

/// A time of day in UTC, of each day or of one day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    day: Option<Weekday>,
    time: NaiveTime,
}

/// The text is neither `02:30` nor `Sun 02:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTurn;

impl FromStr for Turn {
    type Err = NoTurn;

    fn from_str(text: &str) -> Result<Self, NoTurn> {
        let (day, time) = match text.trim().split_once(' ') {
            Some((day, time)) => (Some(day.parse().map_err(|_| NoTurn)?), time.trim()),
            None => (None, text.trim()),
        };
        let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| NoTurn)?;
        Ok(Self { day, time })
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(day) = self.day {
            write!(f, "{day} ")?;
        }
        write!(f, "{}", self.time.format("%H:%M"))
    }
}

/// The rhythm, as it is stored and shown.
impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(time) => {
                let seconds = time.as_secs();
                match (seconds % 3600, seconds % 60) {
                    (0, _) => write!(f, "every {} h", seconds / 3600),
                    (_, 0) => write!(f, "every {} min", seconds / 60),
                    _ => write!(f, "every {seconds} s"),
                }
            }
            Self::At(turns) => {
                let is_daily = turns.iter().all(|turn| turn.day.is_none());
                let (word, between) = if is_daily {
                    ("daily", " ")
                } else {
                    ("at", ", ")
                };
                let turns = turns.iter().map(Turn::to_string);
                write!(f, "{word} {}", turns.collect::<Vec<_>>().join(between))
            }
        }
    }
}

impl Rhythm {
    /// The time from this moment to the next turn.
    pub(super) fn pause(&self, now: DateTime<Utc>) -> Duration {
        match self {
            Self::Every(time) => *time,
            Self::At(turns) => {
                let next = turns.iter().filter_map(|turn| turn.after(now)).min();
                let pause = next.and_then(|next| (next - now).to_std().ok());
                pause.unwrap_or(WEEK)
            }
        }
    }
}

impl Turn {
    /// The first one after a moment.
    fn after(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.date_naive();
        // today next week, when its time of today has passed
        let days = (0..=7).filter_map(|days| today.checked_add_days(Days::new(days)));
        let mut turns = days
            .filter(|date| self.day.is_none_or(|day| date.weekday() == day))
            .map(|date| date.and_time(self.time).and_utc());
        turns.find(|turn| *turn > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(turns: &[&str]) -> Rhythm {
        let turns = turns.iter().map(|turn| turn.parse().expect("a turn"));
        Rhythm::At(turns.collect())
    }

    fn waits(rhythm: &Rhythm, turns: &[(&str, &str)]) {
        for (now, next) in turns {
            let [now, next] = [now, next].map(|at| at.parse::<DateTime<Utc>>().expect("a time"));
            assert_eq!(now + rhythm.pause(now), next, "after {now}");
        }
    }

    #[test]
    fn what_is_done_at_times_of_day_waits_for_the_next_one() {
        let rhythm = at(&["14:00", "02:30"]);
        assert_eq!(rhythm.to_string(), "daily 14:00 02:30");
        waits(
            &rhythm,
            &[
                ("2026-11-23T02:00:00Z", "2026-11-23T02:30:00Z"),
                ("2026-11-23T02:30:00Z", "2026-11-23T14:00:00Z"),
                ("2026-11-23T23:59:59Z", "2026-11-24T02:30:00Z"),
            ],
        );
    }

    #[test]
    fn what_is_done_on_a_day_of_the_week_waits_for_that_day() {
        // the 22nd is a Sunday
        let rhythm = at(&["Sun 04:30", " wed  9:05 "]);
        assert_eq!(rhythm.to_string(), "at Sun 04:30, Wed 09:05");
        waits(
            &rhythm,
            &[
                ("2026-11-22T04:29:59Z", "2026-11-22T04:30:00Z"),
                ("2026-11-22T04:30:00Z", "2026-11-25T09:05:00Z"),
                ("2026-11-27T00:00:00Z", "2026-11-29T04:30:00Z"),
            ],
        );
        waits(
            &at(&["Sunday 04:30"]),
            &[("2026-11-22T04:30:00Z", "2026-11-29T04:30:00Z")],
        );
    }

    #[test]
    fn what_is_no_turn_is_refused() {
        for text in ["", "half past two", "24:00", "Su 02:30", "Sun", "02:30 Sun"] {
            assert_eq!(text.parse::<Turn>(), Err(NoTurn), "{text}");
        }
    }
}
