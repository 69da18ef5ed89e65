//! Waiting for what must happen.

use std::time::{Duration, Instant};

/// How long tests wait: far longer than it takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until something holds, such as that another program has heard of a change.
///
/// # Panics
///
/// If it never does.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
