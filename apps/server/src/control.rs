//! What an operator tells the server of this machine while it runs: files in a folder that the
//! server looks at every second.
//!
//! They belong to one server, as a container has its own, and end by themselves: nothing that was
//! meant for an hour lasts because somebody forgot it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tenancy::Tenancy;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info, warn};
use web::App;

use crate::config::Config;
use crate::telemetry::Filter;

/// How often the server looks.
const LOOK: Duration = Duration::from_secs(1);
/// The folder of an image, which is writable even where nothing else is.
const OF_IMAGE: &str = "/run/kiwi";
const MAINTENANCE: &str = "maintenance.json";
const LOG_LEVEL: &str = "loglevel.json";
/// Is there while the server has closed its connections to the database.
const CLOSED: &str = "database-closed";

/// Until when nobody is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Maintenance {
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
}

/// What is logged, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogLevel {
    pub(crate) filter: String,
    pub(crate) until: DateTime<Utc>,
}

/// The folder of the files.
#[derive(Debug, Clone)]
pub(crate) struct Control(PathBuf);

impl Control {
    /// That of a data directory.
    pub(crate) fn of(config: &Config) -> Self {
        let is_image = config.data_dir == Path::new("/Kiwi") && Path::new(OF_IMAGE).is_dir();
        Self(if is_image {
            PathBuf::from(OF_IMAGE)
        } else {
            config.data_dir.join("run")
        })
    }

    /// Maintenance that is not over.
    pub(crate) fn maintenance(&self) -> io::Result<Option<Maintenance>> {
        let found: Option<Maintenance> = self.read(MAINTENANCE)?;
        Ok(found.filter(|found| found.until > domain::now()))
    }

    /// Begins maintenance, or ends it.
    pub(crate) fn set_maintenance(&self, maintenance: Option<&Maintenance>) -> io::Result<()> {
        self.write(MAINTENANCE, maintenance)
    }

    /// A level of the log that is not over.
    pub(crate) fn log_level(&self) -> io::Result<Option<LogLevel>> {
        let found: Option<LogLevel> = self.read(LOG_LEVEL)?;
        Ok(found.filter(|found| found.until > domain::now()))
    }

    /// Sets a level of the log, or goes back to the one of the settings.
    pub(crate) fn set_log_level(&self, level: Option<&LogLevel>) -> io::Result<()> {
        self.write(LOG_LEVEL, level)
    }

    /// Whether the server has closed its connections to the database.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.join(CLOSED).exists()
    }

    fn set_closed(&self, is_closed: bool) {
        let path = self.0.join(CLOSED);
        let done = if is_closed {
            fs::write(&path, "")
        } else {
            remove(&path)
        };
        if let Err(why) = done {
            warn!(event = "control_not_written", "{}: {why}", path.display());
        }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|why| io::Error::other(format!("{}: {why}", path.display()))),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(io::Error::other(format!("{}: {why}", path.display()))),
        }
    }

    /// Writes a file as a whole, or removes it.
    fn write<T: Serialize>(&self, name: &str, value: Option<&T>) -> io::Result<()> {
        let path = self.0.join(name);
        let write = || match value {
            Some(value) => {
                fs::create_dir_all(&self.0)?;
                let new = self.0.join(format!("{name}.{}", std::process::id()));
                fs::write(&new, serde_json::to_vec(value)?)?;
                fs::rename(new, &path)
            }
            None => remove(&path),
        };
        write().map_err(|why| io::Error::other(format!("{}: {why}", path.display())))
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why),
        _ => Ok(()),
    }
}

/// The server's side.
pub(crate) struct Obeying {
    pub(crate) control: Control,
    pub(crate) app: App,
    pub(crate) filter: Filter,
    /// What is logged when nobody says otherwise.
    pub(crate) usual: watch::Receiver<String>,
}

impl Obeying {
    /// Looks at the files until the server stops.
    pub(crate) async fn follow(mut self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut maintenance, mut level) = (None, None);
        self.control.set_closed(false);
        loop {
            let is_new = tokio::select! {
                _ = looks.tick() => false,
                changed = self.usual.changed() => match changed {
                    Ok(()) => true,
                    // the server stops
                    Err(_) => return,
                },
            };
            // small files in memory or on a local disk
            let found = tokio::task::block_in_place(|| {
                Ok::<_, io::Error>((self.control.maintenance()?, self.control.log_level()?))
            });
            let (wanted_maintenance, wanted_level) = match found {
                Ok(wanted) => wanted,
                Err(why) => {
                    warn!(event = "control_not_read", "{why}");
                    continue;
                }
            };
            if wanted_level != level || is_new {
                self.log(wanted_level.as_ref());
                level = wanted_level;
            }
            let has_come = wanted_maintenance.is_some() && self.is_open();
            if wanted_maintenance != maintenance || has_come {
                maintenance = self.maintain(maintenance, wanted_maintenance).await;
            }
        }
    }

    /// Whether the database was reached for the first time during maintenance.
    fn is_open(&self) -> bool {
        let domain = self.app.domain();
        domain.is_some_and(|domain| !domain.tenancy().is_paused())
    }

    fn log(&mut self, level: Option<&LogLevel>) {
        let usual = self.usual.borrow_and_update().clone();
        let filter = level.map_or(usual.as_str(), |level| level.filter.as_str());
        match self.filter.set(filter) {
            Ok(()) => info!(event = "log_filter_changed", filter, "another log filter"),
            Err(why) => error!(event = "log_filter_refused", "{why}"),
        }
    }

    /// Goes from one state to another and returns the one that was reached.
    async fn maintain(
        &self,
        from: Option<Maintenance>,
        to: Option<Maintenance>,
    ) -> Option<Maintenance> {
        let tenancy: Option<&Tenancy> = self.app.domain().map(domain::Domain::tenancy);
        if let Some(maintenance) = &to {
            self.app.maintain(Some(maintenance.until));
            if let Some(tenancy) = tenancy {
                tenancy.pause_all().await;
            }
            self.control.set_closed(true);
            if from.is_none() {
                warn!(
                    event = "maintenance_begun",
                    until = %maintenance.until,
                    "nobody is served, and no connection to the database is open"
                );
            }
        } else {
            self.control.set_closed(false);
            if let Some(tenancy) = tenancy {
                tenancy.resume_all();
            }
            self.app.maintain(None);
            info!(event = "maintenance_ended", "everybody is served again");
        }
        to
    }
}
