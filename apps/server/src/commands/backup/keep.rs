//! Which backups stay: the last one of each of the newest days, weeks and months.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};

use super::{NAME, PREFIX};
use crate::config::Keep;
use crate::place::Place;

/// Removes backups of a folder that need not stay, and says how many. Files that several backups
/// share stay with those that are left.
pub(super) fn prune(target: &Place, keep: Keep) -> io::Result<usize> {
    let (mut taken, mut unfinished) = (vec![], vec![]);
    for name in target.folders()? {
        let time = name.strip_prefix(PREFIX);
        let time = time.and_then(|time| NaiveDateTime::parse_from_str(time, NAME).ok());
        let Some(time) = time else {
            continue;
        };
        let backup = target.join(&name);
        if backup.is_complete()? {
            taken.push((time.and_utc(), backup));
        } else {
            unfinished.push((time.and_utc(), backup));
        }
    }
    let newest = taken.iter().map(|(time, _)| *time).max();
    // nobody works any more on what is older than the newest backup
    let left = unfinished.iter().filter(|(time, _)| Some(*time) < newest);
    for (_, backup) in left {
        backup.remove()?;
    }
    let stay = staying(taken.iter().map(|(time, _)| *time), keep);
    let mut removed = 0;
    for (_, backup) in taken.iter().filter(|(time, _)| !stay.contains(time)) {
        backup.remove()?;
        removed += 1;
    }
    Ok(removed)
}

fn staying(times: impl Iterator<Item = DateTime<Utc>>, keep: Keep) -> BTreeSet<DateTime<Utc>> {
    let (mut days, mut weeks, mut months) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    // the last of each wins
    let times: BTreeSet<_> = times.collect();
    for time in times {
        days.insert(time.date_naive(), time);
        weeks.insert((time.iso_week().year(), time.iso_week().week()), time);
        months.insert((time.year(), time.month()), time);
    }
    let newest_days = days.into_values().rev().take(keep.days);
    let newest_weeks = weeks.into_values().rev().take(keep.weeks);
    let newest_months = months.into_values().rev().take(keep.months);
    newest_days
        .chain(newest_weeks)
        .chain(newest_months)
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::Days;

    use super::*;

    #[test]
    fn days_weeks_and_months_are_thinned_out() {
        let last: DateTime<Utc> = "2026-11-23T02:30:00Z".parse().expect("a time");
        let daily = (0..400).map(|days| last - Days::new(days));
        let keep = Keep {
            days: 3,
            weeks: 3,
            months: 3,
        };
        let stay: Vec<String> = staying(daily, keep)
            .iter()
            .map(|time| time.date_naive().to_string())
            .collect();
        let expected = [
            "2026-09-30",
            "2026-10-31",
            "2026-11-15",
            "2026-11-21",
            "2026-11-22",
            "2026-11-23",
        ];
        assert_eq!(stay, expected);
    }

    #[test]
    fn the_newest_backup_stays_whatever_is_kept() {
        let times = ["2026-11-23T02:30:00Z", "2026-11-23T14:30:00Z"];
        let times = times.map(|text| text.parse::<DateTime<Utc>>().expect("a time"));
        let keep = Keep {
            months: 1,
            ..Keep::default()
        };
        let stay = staying(times.into_iter(), keep);
        assert_eq!(stay.into_iter().collect::<Vec<_>>(), [times[1]]);
    }
}
