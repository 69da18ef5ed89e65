//! The program's configuration: the settings of [`catalogue`], collected from [`layers`] and
//! given types once, so that nothing else reads files or variables.

pub(crate) mod acme;
mod backup;
pub(crate) mod catalogue;
mod database;
pub(crate) mod layers;
pub(crate) mod legacy;
mod mail;
pub(crate) mod named;
mod providers;
pub(crate) mod ratelimit;
pub(crate) mod schema;
pub(crate) mod secret_key;
mod security;
pub(crate) mod setting;
#[cfg(test)]
mod tests;
mod uploads;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use acme::AcmePlan;
pub(crate) use backup::{BackupPlan, Keep};
use domain::FirstSuperuser;
use domain::seal::SecretKey;
use ipnet::IpNet;
use jobs::{MailSettings, Mailer};
use layers::Places;
pub(crate) use layers::Values;
use setting::{Setting, Value};
use tenancy::Database;
pub(crate) use uploads::bucket;
use web::WebSetup;

use crate::disk::Disk;
use crate::telemetry;

/// The configuration with types.
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    pub(crate) internal: SocketAddr,
    pub(crate) threads: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) enforce_https: bool,
    pub(crate) public_port: Option<u16>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) certificate_names: Vec<String>,
    pub(crate) certificate_days: i64,
    pub(crate) limits: Limits,
    pub(crate) headers: web::HeaderSettings,
    pub(crate) drop_paths: Vec<String>,
    pub(crate) contacts: Vec<String>,
    pub(crate) debugging: Option<web::Debugging>,
    pub(crate) rates: web::RateSettings,
    pub(crate) addresses: ratelimit::Lists,
    pub(crate) database: Database,
    direct: Option<tenancy::Direct>,
    pub(crate) db_max_connections: u32,
    pub(crate) db_prepared: bool,
    pub(crate) pg_bin: Option<PathBuf>,
    pub(crate) auto_migrate: bool,
    pub(crate) tenants_domain: Option<String>,
    pub(crate) setup: WebSetup,
    pub(crate) default_groups: Vec<String>,
    pub(crate) providers: Vec<(identity::Provider, domain::accounts::social::Policy)>,
    pub(crate) session_age: Duration,
    pub(crate) login_attempts: u32,
    pub(crate) login_window: Duration,
    pub(crate) log_filter: String,
    pub(crate) log_format: String,
    pub(crate) otlp_endpoint: Option<String>,
    pub(crate) trace_ratio: f64,
    pub(crate) uploads: domain::files::Settings,
    pub(crate) backup_plan: Option<BackupPlan>,
    /// How certificates are fetched, if they are.
    pub(crate) acme_plan: Option<AcmePlan>,
    /// Domain for the first set-up.
    setup_domain: Option<String>,
    /// Remarks for the log, found while the layers were read.
    pub(crate) remarks: Vec<String>,
    /// All values with their origin.
    pub(crate) values: Values,
}

/// Limits of size and time of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) body: usize,
    pub(crate) request_time: Duration,
    pub(crate) header_time: Duration,
    pub(crate) body_time: Duration,
    pub(crate) keep_alive: Duration,
    /// 0 is without a limit.
    pub(crate) connections_per_ip: usize,
}

/// Reads the configuration, again and again if need be.
pub(crate) struct Loader {
    environment: BTreeMap<String, String>,
    options: Vec<(String, String)>,
}

impl Loader {
    /// From these variables and options of the command line.
    pub(crate) fn new(
        environment: BTreeMap<String, String>,
        options: Vec<(String, String)>,
    ) -> Self {
        Self {
            environment,
            options,
        }
    }

    /// Reads all layers as they are now.
    pub(crate) fn load(&self) -> Result<Config, String> {
        Config::load(&self.environment, &self.options)
    }

    /// Settings in Python at the places of the original.
    pub(crate) fn legacy(&self) -> legacy::Found {
        legacy::look(&self.environment)
    }
}

/// Leaves the values out, because some are secret.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("data_dir", &self.data_dir)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// Reads all layers; `options` are keys and texts of the command line.
    pub(crate) fn load(
        environment: &BTreeMap<String, String>,
        options: &[(String, String)],
    ) -> Result<Self, String> {
        let data_dir = data_dir(environment, options)?;
        let places = Places::of(&data_dir);
        let (values, mut remarks) = Values::collect(&data_dir, &places, environment, options)?;
        let database = database::read(&values, environment, &mut remarks)?;
        let direct = database::direct(&values, &database)?;
        let auto_migrate = values.switch(&catalogue::AUTO_MIGRATE);
        if auto_migrate
            && !matches!(database, Database::Private)
            && values.text(&catalogue::TENANTS_DOMAIN).is_some()
        {
            return Err(
                "migrate.auto is for one tenant, but tenancy.domain is set; leave it out and run \
                 `kiwi migrate` before the new program starts"
                    .to_owned(),
            );
        }
        // what contradicts itself is told before anything begins
        mail::read(&values, &data_dir, &mut remarks)?;
        let address = |setting| {
            text(&values, setting)?
                .parse()
                .map_err(|_| not_valid(setting))
        };
        Ok(Self {
            http: address(&catalogue::HTTP)?,
            https: address(&catalogue::HTTPS)?,
            internal: address(&catalogue::INTERNAL)?,
            threads: whole(&values, &catalogue::THREADS)?,
            max_in_flight: whole(&values, &catalogue::MAX_IN_FLIGHT)?,
            enforce_https: values.switch(&catalogue::ENFORCE_HTTPS),
            public_port: match values.get(&catalogue::PUBLIC_PORT) {
                Some(_) => Some(whole(&values, &catalogue::PUBLIC_PORT)?),
                None => None,
            },
            trusted_proxies: networks(&values, &catalogue::TRUSTED_PROXIES)?,
            certificate_names: values.list(&catalogue::CERTIFICATE_NAMES),
            certificate_days: values.number(&catalogue::CERTIFICATE_DAYS),
            limits: Limits {
                body: uploads::body_limit(&values)?,
                request_time: seconds(&values, &catalogue::REQUEST_TIME)?,
                header_time: seconds(&values, &catalogue::HEADER_TIME)?,
                body_time: seconds(&values, &catalogue::BODY_TIME)?,
                keep_alive: seconds(&values, &catalogue::KEEP_ALIVE)?,
                connections_per_ip: whole(&values, &catalogue::CONNECTIONS_PER_IP)?,
            },
            headers: security::headers(&values)?,
            drop_paths: security::drop_paths(&values)?,
            contacts: security::contacts(&values)?,
            debugging: debugging(&values)?,
            rates: ratelimit::rates(&values)?,
            addresses: ratelimit::Lists::of(&values)?,
            database,
            direct,
            db_max_connections: whole(&values, &catalogue::database::MAX_CONNECTIONS)?,
            db_prepared: values.switch(&catalogue::database::PREPARED),
            pg_bin: values.text(&catalogue::database::PG_BIN).map(PathBuf::from),
            auto_migrate,
            tenants_domain: tenants_domain(&values)?,
            setup: setup(&values),
            default_groups: values.list(&catalogue::DEFAULT_GROUPS),
            providers: providers::read(&values)?,
            session_age: seconds(&values, &catalogue::SESSION_AGE)?,
            login_attempts: whole(&values, &catalogue::LOGIN_ATTEMPTS)?,
            login_window: seconds(&values, &catalogue::LOGIN_WINDOW)?,
            log_filter: log_filter(&values)?,
            log_format: text(&values, &catalogue::LOG_FORMAT)?,
            otlp_endpoint: values.text(&catalogue::OTLP_ENDPOINT),
            uploads: uploads::settings(&values, &data_dir)?,
            backup_plan: backup::read(&values)?,
            acme_plan: acme::read(&values)?.filter(|_| !values.switch(&catalogue::STAGING)),
            trace_ratio: values.number(&catalogue::TRACE_RATIO) as f64 / 100.0,
            setup_domain: environment
                .get("KIWI_DOMAIN")
                .filter(|name| !name.is_empty())
                .cloned(),
            remarks,
            data_dir,
            values,
        })
    }

    /// Whether somebody decided about a setting.
    pub(crate) fn is_given(&self, setting: &Setting) -> bool {
        !matches!(
            self.values.get(setting),
            None | Some((_, layers::Source::Default))
        )
    }

    /// The values of all settings that are secret.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let text = |setting| self.values.text(setting);
        let (secret, open): (Vec<_>, Vec<_>) =
            self.values.settings().partition(|setting| setting.secret);
        let mut secrets: Vec<String> = secret.into_iter().filter_map(text).collect();
        // an address may be shown without its password
        let addresses = secrets
            .iter()
            .cloned()
            .chain(open.into_iter().filter_map(text));
        let passwords: Vec<String> = addresses
            .filter_map(|address| {
                let user_info = &address[setting::user_info(&address)?];
                let password = user_info
                    .split_once(':')
                    .map_or(user_info, |(_, rest)| rest);
                Some(password.to_owned())
            })
            .collect();
        secrets.extend(passwords);
        secrets
    }

    /// The domain that the first set-up takes when no option gives one.
    pub(crate) fn first_domain(&self) -> Option<String> {
        self.setup_domain
            .clone()
            .or_else(|| self.tenants_domain.clone())
    }

    /// What the tenancy needs to know.
    pub(crate) fn tenancy(&self) -> tenancy::Config {
        tenancy::Config {
            database: self.database.clone(),
            direct: self.direct.clone(),
            tenants_domain: self.tenants_domain.clone(),
            public_port: self.public_port,
            max_connections: self.db_max_connections,
            prepared: self.db_prepared,
            postgres_bin: self.pg_bin.clone(),
            statement_timeout: self.limits.request_time,
            log_statements: self.debugging.is_some(),
            ..tenancy::Config::new(&self.data_dir)
        }
    }

    /// Whether the first account that registers becomes a superuser; the token is the same for all
    /// servers that share a secret key.
    pub(crate) fn first_superuser(&self, key: &[u8]) -> FirstSuperuser {
        let choice = self.values.text(&catalogue::FIRST_SUPERUSER);
        match choice.as_deref() {
            Some("open") => FirstSuperuser::Open,
            Some("off") => FirstSuperuser::Off,
            _ => FirstSuperuser::Token(domain::setup_token(key)),
        }
    }

    /// What the rules need to know.
    pub(crate) fn domain(&self) -> domain::Settings {
        domain::Settings {
            default_groups: self.default_groups.clone(),
            session_age: self.session_age,
            bug_tracker: self.values.switch(&catalogue::BUG_TRACKER),
            internal_trackers: self
                .is_given(&catalogue::INTERNAL_TRACKERS)
                .then(|| self.values.switch(&catalogue::INTERNAL_TRACKERS)),
            billing: domain::tenants::Billing {
                enforce: self.values.switch(&catalogue::billing::ENFORCE),
                null_means_unlimited: self
                    .values
                    .switch(&catalogue::billing::NULL_MEANS_UNLIMITED),
                warn_days: self.values.number(&catalogue::billing::WARN_DAYS),
            },
            login_attempts: self.login_attempts,
            login_window: self.login_window,
            max_rows: usize::try_from(self.values.number(&catalogue::LIMITS_ROWS))
                .ok()
                .filter(|most| *most > 0),
            mail_members_only: self.values.switch(&catalogue::mail::MEMBERS_ONLY),
            admins: self.admins(),
            password_login: self.values.switch(&catalogue::PASSWORD_LOGIN),
            providers: self
                .providers
                .iter()
                .map(|(provider, policy)| (provider.id.clone(), policy.clone()))
                .collect(),
            // an account of one's own making has nothing but its password
            registration: self.values.switch(&catalogue::REGISTRATION)
                && self.values.switch(&catalogue::PASSWORD_LOGIN),
            auto_approve: self.values.switch(&catalogue::AUTO_APPROVE),
            tell_registrations: self.values.switch(&catalogue::NOTIFY_ADMINISTRATORS),
            captcha: self.values.switch(&catalogue::CAPTCHA),
            staging: self.values.switch(&catalogue::STAGING),
            uploads: self.uploads.clone(),
            secret_key: self.given_secret_key().map(SecretKey::new),
            ..domain::Settings::default()
        }
    }

    /// How `kiwi lets-encrypt` fetches certificates, whether they are fetched by themselves or not.
    pub(crate) fn acme(&self) -> Result<AcmePlan, String> {
        acme::plan(&self.values)
    }

    /// The providers elsewhere that let people in.
    pub(crate) fn identity(&self) -> Result<identity::Providers, String> {
        let providers = self.providers.iter().map(|(provider, _)| provider.clone());
        identity::Providers::new(providers.collect()).map_err(|error| error.to_string())
    }

    /// How mail is sent.
    pub(crate) fn mail(&self) -> Result<MailSettings, String> {
        mail::read(&self.values, &self.data_dir, &mut vec![])
    }

    /// What sends the mail, or why it has to wait in the outbox.
    pub(crate) fn mailer(&self) -> anyhow::Result<Result<Mailer, String>> {
        let settings = self.mail().map_err(anyhow::Error::msg)?;
        match mail::must_wait(&settings) {
            Some(why) => Ok(Err(why)),
            None => Ok(Ok(Mailer::new(settings)?)),
        }
    }

    /// Where uploaded files lie; none when that is no disk.
    pub(crate) fn uploads_folder(&self) -> Option<PathBuf> {
        uploads::folder(&self.values, &self.data_dir)?.ok()
    }

    /// Whether this program is what takes backups; a trial has none.
    pub(crate) fn takes_backups(&self) -> bool {
        !backup::is_external(&self.values) && !self.values.switch(&catalogue::STAGING)
    }

    /// The file whose age says when another tool has taken the last backup.
    pub(crate) fn backup_age_file(&self) -> Option<PathBuf> {
        let file = self.values.text(&catalogue::backup::AGE_FILE)?;
        (!self.values.switch(&catalogue::STAGING)).then(|| PathBuf::from(file))
    }

    /// The disks that are written to, each with one folder on it.
    pub(crate) fn disks(&self) -> Vec<(PathBuf, Disk)> {
        let mut found: Vec<(PathBuf, Disk, u64)> = vec![];
        let folders = [Some(self.data_dir.clone()), self.uploads_folder()];
        for folder in folders.into_iter().flatten() {
            // what is not there yet fills nothing
            let (Ok(about), Ok(disk)) = (folder.metadata(), Disk::of(&folder)) else {
                continue;
            };
            if found.iter().all(|(_, _, device)| *device != about.dev()) {
                found.push((folder, disk, about.dev()));
            }
        }
        let disks = found.into_iter().map(|(folder, disk, _)| (folder, disk));
        disks.collect()
    }

    /// Addresses of the people who run the server.
    pub(crate) fn admins(&self) -> Vec<String> {
        self.values.list(&catalogue::mail::ADMINS)
    }

    /// Returns the key that signs tokens; generates and keeps one when none is configured.
    pub(crate) fn secret_key(&self) -> Result<Vec<u8>, String> {
        match self.given_secret_key() {
            Some(key) if key.len() >= 32 => Ok(key.into_bytes()),
            Some(_) => Err("secret_key: at least 32 characters are needed".to_owned()),
            None => secret_key::load_or_create(&self.secret_key_file()),
        }
    }

    /// The key that the settings give.
    pub(crate) fn given_secret_key(&self) -> Option<String> {
        self.values.text(&catalogue::SECRET_KEY)
    }

    /// Where a generated key lies.
    pub(crate) fn secret_key_file(&self) -> PathBuf {
        self.data_dir.join("secret_key")
    }
}

/// Decides the data directory; it comes first because the settings file lies in it.
fn data_dir(
    environment: &BTreeMap<String, String>,
    options: &[(String, String)],
) -> Result<PathBuf, String> {
    let option = options
        .iter()
        .rev()
        .find(|(key, _)| key == catalogue::DATA_DIR.key);
    let given = option
        .map(|(_, text)| text)
        .or_else(|| environment.get("KIWI_DATA_DIR"))
        .filter(|text| !text.is_empty());
    let path = match given {
        Some(text) => PathBuf::from(text),
        None if Path::new("/Kiwi").is_dir() => PathBuf::from("/Kiwi"),
        None => PathBuf::from("var"),
    };
    std::path::absolute(&path).map_err(|error| format!("data_dir {}: {error}", path.display()))
}

/// Whom error pages tell what happened inside.
fn debugging(values: &Values) -> Result<Option<web::Debugging>, String> {
    let allow = networks(values, &catalogue::DEBUG_ALLOW)?;
    if !values.switch(&catalogue::DEBUG) {
        return Ok(None);
    }
    let settings = catalogue::SETTINGS.iter().filter_map(|setting| {
        let value = match values.visible(setting)? {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Some((setting.key.to_owned(), value))
    });
    Ok(Some(web::Debugging {
        everybody: values.text(&catalogue::TENANTS_DOMAIN).is_none(),
        allow,
        settings: settings.collect(),
    }))
}

fn setup(values: &Values) -> WebSetup {
    match values.text(&catalogue::SETUP_WEB).as_deref() {
        Some("open") => WebSetup::Open,
        Some("token") => WebSetup::Token,
        Some(_) => WebSetup::Off,
        // where strangers may come by, only the operator begins
        None if values.text(&catalogue::TENANTS_DOMAIN).is_some() => WebSetup::Token,
        None => WebSetup::Open,
    }
}

fn tenants_domain(values: &Values) -> Result<Option<String>, String> {
    let Some(text) = values.text(&catalogue::TENANTS_DOMAIN) else {
        return Ok(None);
    };
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() <= 190 && domain.split('.').all(is_label) {
        Ok(Some(domain))
    } else {
        Err(format!(
            "{}: expected a host name without scheme, port and path, got `{text}`",
            catalogue::TENANTS_DOMAIN.key
        ))
    }
}

fn text(values: &Values, setting: &Setting) -> Result<String, String> {
    values.text(setting).ok_or_else(|| not_valid(setting))
}

fn whole<T: TryFrom<i64>>(values: &Values, setting: &Setting) -> Result<T, String> {
    match values.get(setting) {
        Some((Value::Number(number), _)) => T::try_from(*number).map_err(|_| not_valid(setting)),
        _ => Err(not_valid(setting)),
    }
}

/// Reads networks; an address alone is a network of one.
fn networks(values: &Values, setting: &Setting) -> Result<Vec<IpNet>, String> {
    let items = values.list(setting);
    let read = items.iter().map(|text| {
        let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(alone).ok_or_else(|| {
            format!(
                "{}: expected an address or a network such as 10.0.0.0/8, got `{text}`",
                setting.key
            )
        })
    });
    read.collect()
}

fn seconds(values: &Values, setting: &Setting) -> Result<Duration, String> {
    whole(values, setting).map(Duration::from_secs)
}

fn log_filter(values: &Values) -> Result<String, String> {
    let filter = text(values, &catalogue::LOG_FILTER)?;
    telemetry::is_filter(&filter)?;
    Ok(filter)
}

fn not_valid(setting: &Setting) -> String {
    format!("{}: expected {}", setting.key, setting.kind)
}
