//! Which backups stay: the last one of each of the newest days, weeks and months.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};

use super::{NAME, PREFIX, cannot};
use crate::config::Keep;
use crate::output::Failure;

/// Removes complete backups of a folder that need not stay, and returns them. Files that several
/// backups share stay with those that are left.
pub(super) fn prune(folder: &Path, keep: Keep) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| cannot(folder, &error))?;
    let taken: Vec<(DateTime<Utc>, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let time = name.to_str()?.strip_prefix(PREFIX)?;
            let time = NaiveDateTime::parse_from_str(time, NAME).ok()?;
            Some((time.and_utc(), entry.path()))
        })
        .collect();
    let stay = staying(taken.iter().map(|(time, _)| *time), keep);
    let mut removed = vec![];
    for (_, path) in taken.into_iter().filter(|(time, _)| !stay.contains(time)) {
        // half of a backup must not look like one
        let hidden = path.with_file_name(format!(".{}", file_name(&path)));
        fs::rename(&path, &hidden).map_err(|error| cannot(&path, &error))?;
        fs::remove_dir_all(&hidden).map_err(|error| cannot(&hidden, &error))?;
        removed.push(path);
    }
    Ok(removed)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
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
