//! How mail is sent, from the settings that begin with `mail.`; what contradicts itself is refused.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jobs::{Backend, MailSettings, Security, Sender, Smtp};

use super::catalogue::{STAGING, mail as setting};
use super::layers::Values;
use super::{text, whole};

/// The sender that no installation can mean.
const EXAMPLE: &str = "kiwi@example.com";

/// Folder of the mails of a trial, in the data directory.
const TRIAL_FOLDER: &str = "mail";

/// Reads the settings; remarks are for the log.
pub(super) fn read(
    values: &Values,
    data_dir: &Path,
    remarks: &mut Vec<String>,
) -> Result<MailSettings, String> {
    let sender: Sender = text(values, &setting::FROM)?
        .parse()
        .map_err(|why| format!("{}: {why}", setting::FROM.key))?;
    let folder = values.text(&setting::FILE_DIR).map(PathBuf::from);
    let backend = match text(values, &setting::BACKEND)?.as_str() {
        "console" => Backend::Console,
        _ if values.switch(&STAGING) => {
            Backend::Folder(folder.unwrap_or_else(|| data_dir.join(TRIAL_FOLDER)))
        }
        "file" => Backend::Folder(folder.ok_or_else(|| {
            format!(
                "{}: a folder is needed, because {} is file",
                setting::FILE_DIR.key,
                setting::BACKEND.key
            )
        })?),
        _ => Backend::Smtp(server(values, remarks)?),
    };
    Ok(MailSettings {
        backend,
        sender,
        subject_prefix: values
            .get(&setting::SUBJECT_PREFIX)
            .map_or_else(String::new, |(value, _)| value.to_string()),
        tenant_rate: whole(values, &setting::TENANT_RATE)?,
    })
}

fn server(values: &Values, remarks: &mut Vec<String>) -> Result<Smtp, String> {
    let security = match text(values, &setting::SECURITY)?.as_str() {
        "starttls" => Security::StartTls,
        "tls" => Security::Tls,
        _ => Security::None,
    };
    let credentials = match (values.text(&setting::USER), values.text(&setting::PASSWORD)) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => {
            return Err(format!(
                "{}: a password is needed, because {} is set",
                setting::PASSWORD.key,
                setting::USER.key
            ));
        }
        (None, Some(_)) => {
            return Err(format!(
                "{}: a user is needed, because {} is set",
                setting::USER.key,
                setting::PASSWORD.key
            ));
        }
    };
    let ca_file = values.text(&setting::CA_FILE).map(PathBuf::from);
    if security == Security::None && ca_file.is_some() {
        return Err(format!(
            "{}: certificates mean nothing while {} is none",
            setting::CA_FILE.key,
            setting::SECURITY.key
        ));
    }
    let host = text(values, &setting::HOST)?;
    let is_near = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
    if security == Security::None && credentials.is_some() && !is_near {
        remarks.push(format!(
            "{} is none: the password of the mail server can be read on the way to {host}",
            setting::SECURITY.key
        ));
    }
    let port: u16 = whole(values, &setting::PORT)?;
    if (port == 465) != (security == Security::Tls) && matches!(port, 465 | 587) {
        remarks.push(format!(
            "port {port} of a mail server usually wants {} = {}",
            setting::SECURITY.key,
            if port == 465 { "tls" } else { "starttls" }
        ));
    }
    Ok(Smtp {
        host,
        port,
        security,
        credentials,
        timeout: Duration::from_secs(whole(values, &setting::TIMEOUT)?),
        hello: values.text(&setting::HELO),
        ca_file,
    })
}

/// Why mail has to wait although everything else is right, if it has to.
pub(super) fn must_wait(settings: &MailSettings) -> Option<String> {
    let is_example = settings.sender.address() == EXAMPLE;
    (is_example && matches!(settings.backend, Backend::Smtp(_))).then(|| {
        format!(
            "{} is still {EXAMPLE}: mail is kept in the outbox until it is an address of yours",
            setting::FROM.key
        )
    })
}
