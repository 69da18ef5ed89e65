//! The settings of backups, put together.

use std::path::PathBuf;

use chrono::NaiveTime;

use super::catalogue::STAGING;
use super::catalogue::backup::{KEEP, SCHEDULE, TARGET};
use super::layers::Values;

/// Backups that are taken by themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackupPlan {
    /// Times of day in UTC.
    pub(crate) times: Vec<NaiveTime>,
    /// Folder of the backups.
    pub(crate) target: PathBuf,
    /// Which of them stay.
    pub(crate) keep: Keep,
}

/// The last backup of so many days, weeks and months stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    pub(crate) days: usize,
    pub(crate) weeks: usize,
    pub(crate) months: usize,
}

/// Reads the plan; none without times, and none for a trial.
pub(super) fn read(values: &Values) -> Result<Option<BackupPlan>, String> {
    let keep = keep(&values.list(&KEEP))?;
    let times = values.list(&SCHEDULE);
    if times.is_empty() {
        return Ok(None);
    }
    let times = times.iter().map(|text| {
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| {
            let key = SCHEDULE.key;
            format!("{key}: expected a time of day such as 02:30, got `{text}`")
        })
    });
    let target = values.text(&TARGET).ok_or_else(|| {
        let (target, schedule) = (TARGET.key, SCHEDULE.key);
        format!("{target}: needed because {schedule} is given")
    })?;
    let target = std::path::absolute(&target);
    let plan = BackupPlan {
        times: times.collect::<Result<_, _>>()?,
        target: target.map_err(|error| format!("{}: {error}", TARGET.key))?,
        keep,
    };
    Ok((!values.switch(&STAGING)).then_some(plan))
}

fn keep(items: &[String]) -> Result<Keep, String> {
    let mut keep = Keep::default();
    for item in items {
        let split = item.len().saturating_sub(1);
        let parts = item.is_char_boundary(split).then(|| item.split_at(split));
        let read = parts.and_then(|(number, unit)| Some((number.parse::<usize>().ok()?, unit)));
        match read {
            Some((number, "d")) => keep.days = number,
            Some((number, "w")) => keep.weeks = number,
            Some((number, "m")) => keep.months = number,
            _ => {
                let key = KEEP.key;
                return Err(format!(
                    "{key}: expected numbers of days, weeks and months such as 7d, 4w, 6m, got \
                     `{item}`"
                ));
            }
        }
    }
    if keep == Keep::default() {
        return Err(format!("{}: no backup would stay", KEEP.key));
    }
    Ok(keep)
}

#[cfg(test)]
mod tests {
    use super::{Keep, keep};

    #[test]
    fn numbers_of_days_weeks_and_months() {
        let read = |text: &str| {
            let items: Vec<String> = text.split(',').map(str::to_owned).collect();
            keep(&items)
        };
        let wanted = Keep {
            days: 7,
            weeks: 4,
            months: 6,
        };
        assert_eq!(read("7d,4w,6m"), Ok(wanted));
        for wrong in ["7", "d", "7y", "0d,0w", "7d,-1w", "7ä"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
