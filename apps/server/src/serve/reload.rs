//! SIGHUP: the configuration is read again, and what a running server can change is changed.

use std::sync::Arc;
use std::time::Duration;

use jobs::Mailer;
use tokio::sync::{Notify, watch};
use tracing::{error, info, warn};
use web::App;

use crate::config::catalogue::LOG_FILTER;
use crate::config::layers::Values;
use crate::config::ratelimit::Lists;
use crate::config::setting::Setting;
use crate::config::{Config, Loader};

/// How often the file of refused addresses is read.
const LOOK: Duration = Duration::from_mins(1);

/// What a new configuration changes.
pub(super) struct Reload {
    pub(super) loader: Loader,
    /// The values in use.
    pub(super) values: Values,
    /// What is logged when nobody says otherwise.
    pub(super) filters: watch::Sender<String>,
    pub(super) mailer: watch::Sender<Option<Mailer>>,
    pub(super) app: App,
    /// Where refused and exempted addresses are named.
    pub(super) addresses: Lists,
}

impl Reload {
    /// Reads the configuration again whenever it is asked to, for ever.
    pub(super) async fn follow(mut self, asked: Arc<Notify>) {
        loop {
            if tokio::time::timeout(LOOK, asked.notified()).await.is_err() {
                self.look_at_addresses();
                continue;
            }
            // files are read, and commands that print secrets may be slow
            match tokio::task::block_in_place(|| self.loader.load()) {
                Ok(config) => self.take(config),
                Err(why) => refused(&why),
            }
            self.look_at_addresses();
        }
    }

    /// Reads again who is refused; the file may have changed.
    fn look_at_addresses(&self) {
        match tokio::task::block_in_place(|| self.addresses.read()) {
            Ok(addresses) => self.app.set_addresses(addresses),
            Err(why) => refused(&why),
        }
    }

    fn take(&mut self, config: Config) {
        let mut settings: Vec<&Setting> = self.values.settings().collect();
        let gone = |setting: &&Setting| !settings.iter().any(|known| known.key == setting.key);
        let new: Vec<&Setting> = config.values.settings().filter(gone).collect();
        settings.extend(new);
        let changed: Vec<&Setting> = settings
            .into_iter()
            .filter(|setting| self.values.value(setting) != config.values.value(setting))
            .collect();
        for setting in changed.iter().filter(|setting| !setting.reloadable) {
            warn!(
                event = "restart_needed",
                setting = setting.key,
                "the new value counts after a restart"
            );
        }
        let taken: Vec<&str> = changed
            .iter()
            .filter(|setting| setting.reloadable)
            .map(|setting| setting.key)
            .collect();
        if taken.contains(&LOG_FILTER.key) {
            self.filters.send_replace(config.log_filter.clone());
        }
        if taken.iter().any(|key| key.starts_with("mail.")) {
            match super::mailer(&config) {
                Ok(mailer) => {
                    self.mailer.send_replace(mailer);
                }
                Err(failure) => error!(event = "configuration_refused", "{failure}"),
            }
        }
        if taken.iter().any(|key| key.starts_with("db."))
            && let Some(domain) = self.app.domain()
            && let Err(why) = domain.tenancy().use_credentials(&config.database)
        {
            error!(event = "configuration_refused", "{why}");
        }
        info!(
            event = "configuration_reloaded",
            changed = taken.join(","),
            "the configuration was read again"
        );
        self.addresses = config.addresses;
        self.values = config.values;
    }
}

fn refused(why: &str) {
    error!(
        event = "configuration_refused",
        "{why}; the settings in use stay"
    );
}
