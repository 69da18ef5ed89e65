//! The tasks of every installation.

use std::time::Duration;

use super::{DAY, Rhythm, Task, work};
use crate::queue;

const HOUR: Duration = Duration::from_hours(1);
/// For so long a job that was given up can be looked at and tried again.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Every task, each declared here and nowhere else.
pub(super) fn all() -> Vec<Task> {
    vec![
        Task {
            name: "sessions",
            about: "delete expired sessions",
            rhythm: Rhythm::Every(HOUR),
            limit: HOUR,
            work: work(|domain| async move {
                let deleted = domain::session::delete_expired(&domain).await?;
                Ok(format!("{deleted} expired sessions deleted"))
            }),
        },
        Task {
            name: "attempts",
            about: "forget old failed log-ins",
            rhythm: Rhythm::Every(HOUR),
            limit: HOUR,
            work: work(|domain| async move {
                let deleted = domain::accounts::delete_stale_attempts(&domain).await?;
                Ok(format!("{deleted} old failures forgotten"))
            }),
        },
        Task {
            name: "keys",
            about: "delete old keys of mails and unanswered pictures",
            rhythm: Rhythm::Every(HOUR),
            limit: HOUR,
            work: work(|domain| async move {
                let deleted = domain::accounts::delete_expired_keys(&domain).await?;
                Ok(format!("{deleted} keys and pictures deleted"))
            }),
        },
        Task {
            name: "failed_jobs",
            about: "delete jobs and mails that were given up more than 30 days ago",
            rhythm: Rhythm::Every(DAY),
            limit: HOUR,
            work: work(|domain| async move {
                let deleted = queue::delete_given_up(&domain, KEPT).await?;
                Ok(format!("{deleted} jobs deleted"))
            }),
        },
        Task {
            name: "files",
            about: "remove uploaded files that no record knows for a day",
            rhythm: Rhythm::Every(DAY),
            limit: DAY,
            work: work(|domain| async move {
                let removed = domain::files::sweep(&domain, DAY).await?;
                Ok(format!("{removed} files removed"))
            }),
        },
    ]
}
