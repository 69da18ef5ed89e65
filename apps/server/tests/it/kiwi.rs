//! A server process and the commands beside it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Parent domain of the tenants.
pub(crate) const DOMAIN: &str = "kiwi.test";
/// Password of all accounts of the template.
pub(crate) const PASSWORD: &str = "quite-a-long-Word-77";
/// How long tests wait for what must happen: far longer than it takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

static MADE: AtomicU32 = AtomicU32::new(0);

/// Waits; tests have no runtime whose threads this could hold.
#[expect(
    clippy::disallowed_methods,
    reason = "there is no runtime in these tests"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Waits until there is something.
pub(crate) fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(it) = look() {
            return it;
        }
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        pause(Duration::from_millis(50));
    }
}

/// Waits until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    found(what, || holds().then_some(()));
}

/// A folder that the user of the database can reach, removed when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("kiwi-it-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program with a data directory; nothing of the caller's environment decides anything.
#[expect(clippy::disallowed_methods, reason = "it is read to be left out")]
pub(crate) fn program(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiwi"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let decides = [
            "KIWI_",
            "DATABASE_URL",
            "DJANGO_",
            "OTEL_",
            "SECRET_KEY",
            "DEBUG",
        ];
        if decides.iter().any(|prefix| name.starts_with(prefix)) && name != "KIWI_PG_BIN" {
            command.env_remove(name);
        }
    }
    command.env("KIWI_DATA_DIR", data_dir).stdin(Stdio::null());
    command
}

/// Runs a command and returns what it said.
pub(crate) fn run(mut command: Command, arguments: &[&str]) -> Said {
    Said(
        command
            .args(arguments)
            .output()
            .expect("the program starts"),
    )
}

/// What a command said.
pub(crate) struct Said(Output);

impl Said {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    /// Itself, if it ended with this status.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}\n{}", self.out(), self.err());
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out()).unwrap_or_else(|error| panic!("{error}: {}", self.out()))
    }
}

/// A folder with a database that holds accounts and the tenants *alpha* and *beta*; made once.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<Folder> = OnceLock::new();
    TEMPLATE
        .get_or_init(|| {
            let folder = Folder::new();
            let password = folder.write("password", PASSWORD);
            let password = password.to_str().expect("a path");
            // while it is attached, the commands need not start the database each
            let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
            let kiwi = |arguments: &[&str]| server.kiwi(arguments).expect(0);
            kiwi(&[
                "createsuperuser",
                "--noinput",
                "--username=root",
                "--email=r@example.org",
                "--password-file",
                password,
            ]);
            kiwi(&[
                "createuser",
                "--username=ann",
                "--email=a@example.org",
                "--group=Tester",
                "--password-file",
                password,
            ]);
            kiwi(&["tenant", "domain", "add", "public", DOMAIN, "--primary"]);
            kiwi(&["tenant", "create", "alpha", "--owner=root"]);
            kiwi(&["tenant", "create", "beta", "--owner=root"]);
            kiwi(&["tenant", "member", "add", "alpha", "ann"]);
            server.stop();
            folder
        })
        .path()
}

/// A copy of the template.
pub(crate) fn prepared() -> Folder {
    let folder = Folder::new();
    fs::remove_dir(folder.path()).expect("an empty folder");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(template())
        .arg(folder.path())
        .status();
    assert!(copied.expect("cp").success());
    folder
}

/// A running server.
pub(crate) struct Kiwi {
    process: Child,
    data_dir: PathBuf,
    environment: Vec<(String, String)>,
    /// The line with the event `server_ready`.
    pub(crate) ready: Value,
    /// Lines of the log, as they come.
    log: Mutex<mpsc::Receiver<String>>,
}

impl Kiwi {
    /// Starts a server and waits until it accepts connections.
    pub(crate) fn start(data_dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::launch(data_dir, environment).unwrap_or_else(|log| panic!("no start:\n{log}"))
    }

    /// Starts a server; the log when it ends before it accepts connections.
    pub(crate) fn launch(data_dir: &Path, environment: &[(&str, &str)]) -> Result<Self, String> {
        let mut command = program(data_dir);
        command.args([
            "serve",
            "--http=127.0.0.1:0",
            "--https=127.0.0.1:0",
            "--internal=127.0.0.1:0",
        ]);
        command.envs(environment.iter().copied());
        let spawned = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn();
        let mut process = spawned.expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("its output"));
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let begun = Instant::now();
        let mut seen = String::new();
        while let Ok(line) = log.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if event["event"] == "server_ready" {
                let environment = environment
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
                return Ok(Self {
                    process,
                    data_dir: data_dir.to_owned(),
                    environment: environment.collect(),
                    ready: event,
                    log: Mutex::new(log),
                });
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        let _ = process.kill();
        let status = process.wait().expect("its end");
        Err(format!("{seen}{status}"))
    }

    /// Runs a command beside the server.
    pub(crate) fn kiwi(&self, arguments: &[&str]) -> Said {
        let mut command = program(&self.data_dir);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        run(command, arguments)
    }

    /// The port of one of the listeners.
    pub(crate) fn port(&self, listener: &str) -> u16 {
        let address = self.ready[listener].as_str().expect("an address");
        address
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("a port")
    }

    /// An address below plain HTTP.
    pub(crate) fn http(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port("http"))
    }

    /// An address of a host below HTTPS.
    pub(crate) fn https(&self, host: &str, path: &str) -> String {
        format!("https://{host}:{}{path}", self.port("https"))
    }

    /// An address of the operator's listener.
    pub(crate) fn internal(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port("internal"))
    }

    /// A client that trusts the authority of this installation and nobody else.
    pub(crate) fn client(&self) -> reqwest::blocking::Client {
        // tests run in threads of one process, and the first one installs it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pem = fs::read(self.data_dir.join("static/ca.crt")).expect("the authority");
        let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], self.port("https")));
        let mut client = reqwest::blocking::Client::builder()
            .tls_certs_only([authority])
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(1));
        for host in ["alpha", "beta", "nobody"] {
            client = client.resolve(&format!("{host}.{DOMAIN}"), address);
        }
        client.resolve(DOMAIN, address).build().expect("a client")
    }

    /// Waits for a line of the log with this event.
    pub(crate) fn wait_for(&self, event: &str) -> Value {
        self.log_until(event).pop().expect("a line")
    }

    /// The lines of the log up to the one with this event, for which it waits.
    pub(crate) fn log_until(&self, event: &str) -> Vec<Value> {
        let begun = Instant::now();
        let log = self.log.lock().expect("no panic while it was held");
        let mut seen = vec![];
        while let Ok(line) = log.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
            let found: Value = serde_json::from_str(&line).unwrap_or_default();
            let is_last = found["event"] == event;
            seen.push(found);
            if is_last {
                return seen;
            }
        }
        panic!("the log has no event {event}")
    }

    /// Id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal, as `kill` does.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.id().to_string()])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Stops it and returns its exit status and how long it took.
    pub(crate) fn stop(mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        self.signal("TERM");
        let status = self.process.wait().expect("its end");
        (status.code(), begun.elapsed())
    }
}

impl Drop for Kiwi {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = Command::new("kill")
                .arg(self.process.id().to_string())
                .status();
            let _ = self.process.wait();
        }
    }
}
