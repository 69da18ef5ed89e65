//! How far a run has got.

use serde::Serialize;

use crate::status::{Sign, Status, Statuses};

/// How far a run has got.
#[derive(Debug, Clone, Serialize)]
pub struct Progress {
    /// Number of executions.
    pub total: i64,
    /// Number of executions that have a result.
    pub done: i64,
    /// Share of executions that have a result, in whole percent, rounded down.
    pub percent: i64,
    /// Share of executions with a good result.
    pub positive_percent: i64,
    /// Number of executions with a good result.
    pub positive: i64,
    /// Number of executions without result.
    pub neutral: i64,
    /// Number of executions with a bad result.
    pub negative: i64,
    /// One entry per status, also the unused ones.
    pub statuses: Vec<StatusCount>,
    /// The parts of the bar; only statuses that occur.
    pub segments: Vec<Segment>,
}

/// How often a status occurs.
#[derive(Debug, Clone, Serialize)]
pub struct StatusCount {
    /// The status.
    #[serde(flatten)]
    pub status: Status,
    /// Its number of executions.
    pub count: i64,
    /// Whether the list shows only this status (and others chosen like it).
    pub chosen: bool,
}

/// A part of a progress bar; lengths are attributes such as `12.5%`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Where it begins.
    pub start: String,
    /// How long it is.
    pub length: String,
    /// Its colour.
    pub tone: &'static str,
    /// Good, bad or unfinished.
    pub sign: Sign,
}

impl Progress {
    /// Counts `(status id, number)` pairs; `chosen` are the statuses the list is limited to.
    pub fn new(statuses: &Statuses, numbers: &[(i32, i64)], chosen: &[i32]) -> Self {
        let counts: Vec<StatusCount> = statuses
            .iter()
            .map(|status| StatusCount {
                status: status.clone(),
                count: numbers
                    .iter()
                    .filter(|(id, _)| *id == status.id)
                    .map(|(_, number)| number)
                    .sum(),
                chosen: chosen.contains(&status.id),
            })
            .collect();
        let sum = |sign: Sign| -> i64 {
            counts
                .iter()
                .filter(|count| count.status.sign == sign)
                .map(|count| count.count)
                .sum()
        };
        let (positive, neutral, negative) =
            (sum(Sign::Positive), sum(Sign::Neutral), sum(Sign::Negative));
        let total = positive + neutral + negative;
        let share = |part: i64| if total == 0 { 0 } else { part * 100 / total };
        Self {
            total,
            done: total - neutral,
            percent: share(total - neutral),
            positive_percent: share(positive),
            positive,
            neutral,
            negative,
            segments: segments(&counts, total),
            statuses: counts,
        }
    }
}

/// Results from the left (good, then bad), what is unfinished at the right.
fn segments(counts: &[StatusCount], total: i64) -> Vec<Segment> {
    let mut before = 0;
    [Sign::Positive, Sign::Negative, Sign::Neutral]
        .into_iter()
        .flat_map(|sign| counts.iter().filter(move |count| count.status.sign == sign))
        .filter(|count| count.count > 0)
        .map(|count| {
            let start = percent(before, total);
            before += count.count;
            Segment {
                start,
                length: percent(count.count, total),
                tone: count.status.tone,
                sign: count.status.sign,
            }
        })
        .collect()
}

fn percent(part: i64, total: i64) -> String {
    let hundredths = part * 10_000 / total;
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Translations;

    fn shipped() -> Statuses {
        let words = Translations::new().expect("embedded words are valid");
        Statuses::new(crate::page::gallery::shipped_statuses(), &words, "en")
    }

    #[test]
    fn progress_counts_every_status_and_fills_the_bar() {
        let progress = Progress::new(&shipped(), &[(4, 20), (1, 9), (5, 3)], &[5]);
        assert_eq!(progress.total, 32);
        assert_eq!(progress.done, 23);
        assert_eq!(progress.percent, 71);
        let bar: Vec<_> = progress
            .segments
            .iter()
            .map(|part| (part.start.as_str(), part.length.as_str(), part.tone))
            .collect();
        assert_eq!(
            bar,
            [
                ("0.00%", "62.50%", "green"),
                ("62.50%", "9.37%", "red"),
                ("71.87%", "28.12%", "grey"),
            ]
        );
        assert_eq!(progress.statuses.len(), 8);
        assert!(progress.statuses.last().is_some_and(|last| last.chosen));
    }

    #[test]
    fn an_empty_run_has_an_empty_bar() {
        let progress = Progress::new(&shipped(), &[], &[]);
        assert_eq!((progress.total, progress.percent), (0, 0));
        assert!(progress.segments.is_empty());
    }
}
