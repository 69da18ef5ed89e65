//! The settings of backups, put together.

use std::path::Path;

use jobs::Turn;

use super::catalogue::STAGING;
use super::catalogue::backup::{AGE_FILE, KEEP, SCHEDULE, TARGET, TOOL, VERIFY};
use super::layers::Values;
use super::setting::Setting;
use crate::place::Place;

/// Backups that are taken, or tried out, by themselves.
#[derive(Debug, Clone)]
pub(crate) struct BackupPlan {
    /// When one is taken.
    pub(crate) schedule: Vec<Turn>,
    /// When the newest one is tried out.
    pub(crate) verify: Vec<Turn>,
    /// Where the backups lie.
    pub(crate) target: Place,
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
    if values.text(&AGE_FILE).is_some() && !is_external(values) {
        let (file, tool) = (AGE_FILE.key, TOOL.key);
        return Err(format!(
            "{file}: means nothing unless {tool} is external; set that, or leave the file out"
        ));
    }
    let keep = keep(&values.list(&KEEP))?;
    let schedule = turns(&SCHEDULE, values)?;
    let verify = turns(&VERIFY, values)?;
    let reason = match (schedule.is_empty(), verify.is_empty()) {
        (true, true) => return Ok(None),
        (false, _) => &SCHEDULE,
        (true, false) => &VERIFY,
    };
    let target = values.text(&TARGET).ok_or_else(|| {
        let (target, reason) = (TARGET.key, reason.key);
        format!("{target}: needed because {reason} is given")
    })?;
    let target = Place::of(Path::new(&target), values);
    let plan = BackupPlan {
        schedule,
        verify,
        target: target.map_err(|error| format!("{}: {error}", TARGET.key))?,
        keep,
    };
    Ok((!values.switch(&STAGING)).then_some(plan))
}

/// Whether something else takes backups.
pub(super) fn is_external(values: &Values) -> bool {
    values.text(&TOOL).as_deref() == Some("external")
}

fn turns(setting: &Setting, values: &Values) -> Result<Vec<Turn>, String> {
    let turns = values.list(setting).into_iter().map(|text| {
        text.parse().map_err(|_| {
            let key = setting.key;
            format!("{key}: expected a time of day such as 02:30 or Sun 02:30, got `{text}`")
        })
    });
    turns.collect()
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
