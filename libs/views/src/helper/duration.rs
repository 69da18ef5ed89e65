//! `{{duration seconds}}`: `1:02:03`, with days when needed.

use super::{Definition, define, misuse};

/// A number of seconds as people write durations.
pub(super) fn duration() -> Definition {
    define(|helper, _, out| {
        let seconds = helper
            .param(0)
            .and_then(|parameter| parameter.value().as_i64())
            .ok_or_else(|| misuse("duration", "the parameter is a number of seconds"))?;
        out.write(&written(seconds))?;
        Ok(())
    })
}

fn written(seconds: i64) -> String {
    let minus = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let clock = format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
    if days == 0 {
        format!("{minus}{clock}")
    } else {
        format!("{minus}{days} d {clock}")
    }
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn durations_are_written_out() {
        assert_eq!(written(0), "0:00:00");
        assert_eq!(written(3_723), "1:02:03");
        assert_eq!(written(90_061), "1 d 1:01:01");
        assert_eq!(written(-60), "-0:01:00");
    }
}
