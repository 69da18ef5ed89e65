//! CPU time and memory of processes, from /proc.

use std::fs;
use std::time::Duration;

/// Clock ticks in a second; Linux has had no other value for user space.
const TICKS: u64 = 100;

/// CPU time that a process and the children it has waited for have used.
pub(super) struct Times {
    parent: u32,
    own: u64,
    waited: u64,
}

fn times(pid: u32) -> Option<Times> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything; the state follows it
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Times {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        waited: number(13)? + number(14)?,
    })
}

/// CPU time of one process.
pub(super) fn of_process(pid: u32) -> Duration {
    to_duration(times(pid).map_or(0, |times| times.own))
}

/// CPU time of a process, of all its children, and of those that have ended.
pub(super) fn of_family(pid: u32) -> Duration {
    let mut ticks = times(pid).map_or(0, |times| times.own + times.waited);
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    for name in processes.filter_map(|entry| entry.file_name().into_string().ok()) {
        if let Some(times) = name.parse().ok().and_then(times)
            && times.parent == pid
        {
            ticks += times.own;
        }
    }
    to_duration(ticks)
}

fn to_duration(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1000 / TICKS)
}

/// Resident memory of a process in MiB.
pub(super) fn memory_mib(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
