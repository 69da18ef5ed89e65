//! A mail server: it takes every mail, or refuses what a test wants refused.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jobs::{Backend, MailSettings, Mailer, Metrics, Security, Smtp, Worker};
use mailin::{Action, AuthMechanism, Handler, Response, SessionBuilder, response};
use mailparse::MailHeaderMap as _;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::App;

/// User name and password for servers that ask for them.
pub const MAIL_ACCOUNT: (&str, &str) = ("kiwi", "Mail-secret-26");

/// A mail as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// To whom the envelope is addressed.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text, without the line breaks at its end.
    pub text: String,
    /// All of it, as it was on the wire.
    pub raw: String,
}

impl Received {
    /// A header, empty when it is missing.
    pub fn header(&self, name: &str) -> String {
        let (headers, _) = mailparse::parse_headers(self.raw.as_bytes()).expect("headers");
        headers.get_first_value(name).unwrap_or_default()
    }
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    /// Answers to the next mails for an address, before they are taken.
    refusals: HashMap<String, VecDeque<u16>>,
    connections: usize,
}

/// A mail server of a test.
#[derive(Clone)]
pub struct PostOffice {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// How it wants to be talked to.
#[derive(Clone, Default)]
pub struct Manners {
    /// TLS, after a command or from the first byte.
    pub tls: Option<(Security, TlsAcceptor)>,
    /// Mail is taken after a log-in with [`MAIL_ACCOUNT`] only.
    pub log_in: bool,
    /// It never says anything.
    pub silent: bool,
}

impl PostOffice {
    /// One that talks to everybody in plain text.
    pub async fn open() -> Self {
        Self::open_with(Manners::default()).await
    }

    /// One with manners.
    pub async fn open_with(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let office = Self {
            address: listener.local_addr().expect("an address"),
            state: Arc::default(),
        };
        let state = Arc::clone(&office.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                state.lock().expect("no panic").connections += 1;
                tokio::spawn(serve(stream, manners.clone(), Arc::clone(&state)));
            }
        });
        office
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the next mails for an address with these codes instead of taking them.
    pub fn refuse(&self, address: &str, codes: &[u16]) {
        let mut state = self.state.lock().expect("no panic");
        state
            .refusals
            .insert(address.to_owned(), codes.iter().copied().collect());
    }

    /// Takes out what has arrived, ordered by subject and recipient.
    pub fn take(&self) -> Vec<Received> {
        let mut mails = std::mem::take(&mut self.state.lock().expect("no panic").received);
        mails.sort_by(|a, b| (&a.subject, &a.to).cmp(&(&b.subject, &b.to)));
        mails
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.state.lock().expect("no panic").connections
    }

    /// Settings of a program that sends its mail here.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            backend: Backend::Smtp(self.server()),
            sender: "Kiwi <kiwi@kiwi.test>".parse().expect("an address"),
            subject_prefix: "[Kiwi-TCMS] ".to_owned(),
            tenant_rate: 0,
        }
    }

    /// This server, for settings.
    pub fn server(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            security: Security::None,
            credentials: None,
            timeout: Duration::from_secs(20),
            hello: Some("kiwi.test".to_owned()),
            ca_file: None,
        }
    }

    /// A worker that sends the mail of a program here.
    pub fn worker(&self, app: &App) -> Worker {
        worker(app, self.settings())
    }

    /// Lets the program send everything that is due, and takes it out.
    pub async fn collect(&self, app: &App) -> Vec<Received> {
        self.worker(app).drain().await;
        self.take()
    }
}

/// A worker with these settings.
pub fn worker(app: &App, settings: MailSettings) -> Worker {
    let mailer = Mailer::new(settings).expect("the settings are sound");
    let metrics = Metrics::register(&mut Registry::default());
    Worker::new(
        app.domain().clone(),
        watch::channel(Some(mailer)).1,
        metrics,
    )
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Talks to one client until it leaves.
async fn serve(stream: TcpStream, manners: Manners, state: Arc<Mutex<State>>) {
    if manners.silent {
        // held open until the test ends
        std::future::pending::<()>().await;
    }
    let mut builder = SessionBuilder::new("post.test");
    let (mut starts_tls, mut stream): (_, Box<dyn Stream>) = match manners.tls {
        None => (None, Box::new(stream)),
        Some((Security::Tls, acceptor)) => match acceptor.accept(stream).await {
            Ok(stream) => (None, Box::new(stream)),
            Err(_) => return,
        },
        Some((_, acceptor)) => {
            builder.enable_start_tls();
            (Some(acceptor), Box::new(stream))
        }
    };
    if manners.log_in {
        builder.enable_auth(AuthMechanism::Plain);
        if starts_tls.is_none() {
            builder.insecure_enable_plaintext_auth();
        }
    }
    let clerk = Clerk {
        state,
        mail: Received {
            to: vec![],
            subject: String::new(),
            text: String::new(),
            raw: String::new(),
        },
    };
    let mut session = builder.build(IpAddr::V4(Ipv4Addr::LOCALHOST), clerk);
    if answer(&mut stream, &session.greeting()).await.is_err() {
        return;
    }
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = vec![];
        match lines.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let reply = session.process(&line);
        if answer(lines.get_mut(), &reply).await.is_err() || reply.action == Action::Close {
            return;
        }
        if reply.action == Action::UpgradeTls
            && let Some(acceptor) = starts_tls.take()
        {
            let Ok(secure) = acceptor.accept(lines.into_inner()).await else {
                return;
            };
            lines = BufReader::new(Box::new(secure));
            session.tls_active();
        }
    }
}

async fn answer(stream: &mut Box<dyn Stream>, reply: &Response) -> std::io::Result<()> {
    if reply.action == Action::NoReply {
        return Ok(());
    }
    let mut text = vec![];
    reply.write_to(&mut text)?;
    stream.write_all(&text).await?;
    stream.flush().await
}

/// Decides about one connection.
struct Clerk {
    state: Arc<Mutex<State>>,
    mail: Received,
}

impl Handler for Clerk {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        self.mail.to.clear();
        self.mail.raw.clear();
        response::OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let mut state = self.state.lock().expect("no panic");
        if let Some(code) = state.refusals.get_mut(to).and_then(VecDeque::pop_front) {
            return Response::custom(code, format!("<{to}> not now"));
        }
        self.mail.to.push(to.to_owned());
        response::OK
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.mail.raw.push_str(&String::from_utf8_lossy(line));
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let parsed = mailparse::parse_mail(self.mail.raw.as_bytes()).expect("a mail");
        let subject = parsed
            .headers
            .get_first_value("Subject")
            .unwrap_or_default();
        let text = parsed.get_body().expect("a text").replace("\r\n", "\n");
        let text = text.trim_end().to_owned();
        let mail = Received {
            subject,
            text,
            ..self.mail.clone()
        };
        self.state.lock().expect("no panic").received.push(mail);
        response::OK
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        if (user, password) == MAIL_ACCOUNT {
            response::AUTH_OK
        } else {
            response::INVALID_CREDENTIALS
        }
    }
}
