//! Handing a message over.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use lettre::message::header::{Header as _, MessageId};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Category;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::settings::{Backend, Security, Smtp};
use crate::Failure;
use crate::failure::Reason;

/// A delivery ends before the lease of its job does, so that nobody else begins it again.
const DEADLINE: Duration = Duration::from_mins(4);
const _: () = assert!(DEADLINE.as_secs() < crate::queue::LEASE.as_secs());

pub(super) enum Transport {
    Smtp {
        server: AsyncSmtpTransport<Tokio1Executor>,
        /// Time for a whole delivery; the library watches over connecting only.
        timeout: Duration,
    },
    Folder(PathBuf),
    Console,
}

impl Transport {
    pub(super) fn new(backend: Backend) -> anyhow::Result<Self> {
        match backend {
            Backend::Smtp(server) => Ok(Self::Smtp {
                timeout: server.timeout.min(DEADLINE),
                server: connector(server)?,
            }),
            Backend::Folder(folder) => {
                std::fs::create_dir_all(&folder)
                    .with_context(|| format!("mail.file_dir: {}", folder.display()))?;
                Ok(Self::Folder(folder))
            }
            Backend::Console => Ok(Self::Console),
        }
    }

    /// Hands a message over and returns the answer.
    pub(super) async fn deliver(&self, message: &Message) -> Result<String, Failure> {
        match self {
            Self::Smtp { server, timeout } => {
                let sent = tokio::time::timeout(*timeout, server.send(message.clone())).await;
                let late =
                    |_| Failure::Temporary("the mail server took too long".to_owned().into());
                let answer = sent.map_err(late)?.map_err(|error| refused(&error))?;
                let lines: Vec<&str> = answer.message().collect();
                Ok(format!("{} {}", answer.code(), lines.join(" ")))
            }
            Self::Folder(folder) => write(folder, message).await.map_err(Failure::from),
            Self::Console => show(message).map_err(Failure::from),
        }
    }
}

fn connector(server: Smtp) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
    let parameters = || -> anyhow::Result<TlsParameters> {
        let mut parameters = TlsParameters::builder(server.host.clone());
        if let Some(file) = &server.ca_file {
            let pem = std::fs::read(file);
            let pem = pem.with_context(|| format!("mail.ca_file: {}", file.display()))?;
            let authority = Certificate::from_pem(&pem);
            let authority =
                authority.with_context(|| format!("mail.ca_file: {}", file.display()))?;
            parameters = parameters.add_root_certificate(authority);
        }
        parameters.build_rustls().context("mail.host")
    };
    let tls = match server.security {
        Security::None => Tls::None,
        Security::StartTls => Tls::Required(parameters()?),
        Security::Tls => Tls::Wrapper(parameters()?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(server.timeout))
        .pool_config(PoolConfig::new().max_size(5));
    if let Some((user, password)) = server.credentials {
        builder = builder.credentials(Credentials::new(user, password));
    }
    if let Some(name) = server.hello {
        builder = builder.hello_name(ClientId::Domain(name));
    }
    Ok(builder.build())
}

/// A mail that the server refuses for good is not sent again; other failures may pass, and so may
/// wrong credentials (53x), which are no fault of the mail.
fn refused(error: &lettre::transport::smtp::Error) -> Failure {
    let summary = match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "no secure connection to the mail server".to_owned(),
        None => "no connection to the mail server".to_owned(),
    };
    let mut detail = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let text = error.to_string();
        if !detail.contains(&text) {
            detail = format!("{detail}: {text}");
        }
        source = error.source();
    }
    let reason = Reason { summary, detail };
    let is_final = error.is_permanent()
        && error
            .status()
            .is_some_and(|code| code.category != Category::Unspecified3);
    if is_final {
        Failure::Final(reason)
    } else {
        Failure::Temporary(reason)
    }
}

/// Writes a file named after the delivery key, so that a repetition replaces it.
async fn write(folder: &Path, message: &Message) -> std::io::Result<String> {
    let id = message.headers().get_raw(MessageId::name().as_ref());
    let name: String = id
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '@'))
        .collect();
    let path = folder.join(format!("{name}.eml"));
    tokio::fs::write(&path, message.formatted()).await?;
    Ok(format!("written to {}", path.display()))
}

fn show(message: &Message) -> std::io::Result<String> {
    let mut out = std::io::stdout().lock();
    out.write_all(&message.formatted())?;
    out.write_all(b"\n--------\n")?;
    out.flush()?;
    Ok("shown".to_owned())
}
