//! A PostgreSQL of our own: `<data directory>/postgres`, reachable through a Unix socket only.
//!
//! Several programs may use one cluster. Each holds a shared lock on the file `users`; who
//! leaves and then gets the exclusive lock was the last one and stops the server. The kernel
//! drops the locks of a program that crashed. Starting and stopping is done under the lock of
//! the file `control`.

use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::postgres_programs::{Owner, Programs};
use crate::{Config, Error, Result};

/// Only part of the socket's name; nothing listens on the network.
pub(crate) const PORT: u16 = 5432;
/// Superuser of the cluster.
pub(crate) const ROLE: &str = "kiwi";
/// The database with the tables.
pub(crate) const DATABASE: &str = "kiwi";
/// Addresses of Unix sockets hold 107 bytes, of which the file's name takes 14.
const LONGEST_SOCKET_DIRECTORY: usize = 107 - 14;

/// A running cluster that this program uses.
pub(crate) struct PrivateCluster {
    home: PathBuf,
    socket: PathBuf,
    programs: Programs,
    durable: bool,
    /// `Some` while this program counts as a user.
    user: Mutex<Option<File>>,
}

impl PrivateCluster {
    /// Makes the cluster if there is none, starts it if it does not run, and becomes its user.
    pub(crate) fn start(config: &Config) -> Result<Self> {
        let data_dir = std::path::absolute(&config.data_dir)
            .map_err(|error| problem(&config.data_dir, "resolve", &error))?;
        let home = data_dir.join("postgres");
        let version = fs::read_to_string(home.join("data/PG_VERSION")).ok();
        let version = version.as_deref().map(str::trim);
        let programs = Programs::find(config.postgres_bin.as_deref(), version)?;
        let owner = programs.owner().cloned();
        fs::create_dir_all(&home).map_err(|error| problem(&home, "create", &error))?;
        give_to(&home, owner.as_ref())?;
        if let Some(owner) = &owner {
            check_reachable(&home, owner)?;
        }
        let socket = socket_directory(&home, owner.as_ref())?;
        let durable = config.durable;
        let cluster = Self {
            home,
            socket,
            programs,
            durable,
            user: Mutex::new(None),
        };
        let control = cluster.control()?;
        if !cluster.home.join("data/PG_VERSION").is_file() {
            cluster.initialise()?;
        }
        cluster.start_server()?;
        let user = cluster.open_lock("users")?;
        user.lock_shared()
            .map_err(|error| problem(&cluster.home.join("users"), "lock", &error))?;
        *cluster.user() = Some(user);
        drop(control);
        Ok(cluster)
    }

    /// Directory of the socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Starts the server again if it has gone; tells whether that was so.
    pub(crate) fn ensure_running(&self) -> Result<bool> {
        let _control = self.control()?;
        if self.user().is_none() || self.is_running()? {
            return Ok(false);
        }
        self.start_server()?;
        Ok(true)
    }

    /// Leaves the cluster, and stops it if nobody else uses it.
    pub(crate) fn leave(&self) -> Result<()> {
        let Some(user) = self.user().take() else {
            return Ok(());
        };
        let _control = self.control()?;
        drop(user);
        let users = self.open_lock("users")?;
        if users.try_lock().is_err() {
            tracing::debug!("another program uses the private database, it keeps running");
            return Ok(());
        }
        if self.is_running()? {
            let data = self.path("data");
            self.programs.run(
                "pg_ctl",
                &["stop", "-D", &data, "-m", "fast", "-w", "-t", "60"],
            )?;
        }
        if !self.socket.starts_with(&self.home) {
            // nothing of ours is in it any more; the next start makes it again
            let _ = fs::remove_dir(&self.socket);
        }
        Ok(())
    }

    fn user(&self) -> std::sync::MutexGuard<'_, Option<File>> {
        self.user.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn control(&self) -> Result<File> {
        let control = self.open_lock("control")?;
        control
            .lock()
            .map_err(|error| problem(&self.home.join("control"), "lock", &error))?;
        Ok(control)
    }

    fn open_lock(&self, name: &str) -> Result<File> {
        let path = self.home.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        file.map_err(|error| problem(&path, "open", &error))
    }

    fn path(&self, name: &str) -> String {
        self.home.join(name).to_string_lossy().into_owned()
    }

    fn is_running(&self) -> Result<bool> {
        let (running, _) = self
            .programs
            .output("pg_ctl", &["status", "-D", &self.path("data")])?;
        Ok(running)
    }

    fn start_server(&self) -> Result<()> {
        if self.is_running()? {
            return Ok(());
        }
        let (data, log) = (self.path("data"), self.path("log"));
        let settings = self.home.join("data/kiwi.conf");
        fs::write(&settings, self.settings())
            .map_err(|error| problem(&settings, "write", &error))?;
        give_to(&settings, self.programs.owner())?;
        let arguments = ["start", "-D", &data, "-l", &log, "-w", "-t", "120", "-s"];
        self.programs.run("pg_ctl", &arguments).map_err(|error| {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(8).collect();
            let lines: Vec<&str> = lines.into_iter().rev().collect();
            Error::Cluster(format!(
                "the private database does not start: {error}\n{}",
                lines.join("\n")
            ))
        })
    }

    fn settings(&self) -> String {
        let mut settings = format!(
            "# written at every start\n\
             listen_addresses = ''\n\
             port = {PORT}\n\
             unix_socket_directories = '{}'\n\
             unix_socket_permissions = 0700\n\
             max_connections = 100\n\
             max_locks_per_transaction = 256\n\
             shared_buffers = 128MB\n\
             jit = off\n\
             random_page_cost = 1.1\n\
             timezone = 'UTC'\n\
             log_timezone = 'UTC'\n\
             log_checkpoints = off\n\
             log_min_error_statement = panic\n\
             track_activity_query_size = 4kB\n",
            self.socket.to_string_lossy().replace('\'', "''")
        );
        if !self.durable {
            settings += "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n";
        }
        settings
    }

    /// Makes the files in a directory of their own, which gets its name when it is complete.
    fn initialise(&self) -> Result<()> {
        tracing::info!(directory = %self.home.display(), "creating the private database");
        let unfinished = self.home.join("data.new");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .map_err(|error| problem(&unfinished, "remove", &error))?;
        }
        let directory = self.path("data.new");
        let user = format!("--username={ROLE}");
        let mut usual = vec!["-D", &directory, &user, "--auth=trust", "--encoding=UTF8"];
        usual.push("--no-instructions");
        if !self.durable {
            usual.push("--no-sync");
        }
        // texts sort like words of a dictionary, with what the machine offers for that
        let sortings: [&[&str]; 4] = [
            &[
                "--locale-provider=icu",
                "--icu-locale=en-US-u-ka-shifted",
                "--locale=C.UTF-8",
            ],
            &["--locale=en_US.UTF-8"],
            &["--locale=C.UTF-8"],
            &["--locale=C"],
        ];
        let mut result = Ok(());
        for sorting in sortings {
            result = self.programs.run("initdb", &[&usual, sorting].concat());
            match &result {
                Ok(()) => break,
                Err(error) => tracing::debug!(%error, ?sorting, "initdb refused"),
            }
        }
        result?;
        let configuration = unfinished.join("postgresql.conf");
        OpenOptions::new()
            .append(true)
            .open(&configuration)
            .and_then(|mut file| writeln!(file, "include_if_exists 'kiwi.conf'"))
            .map_err(|error| problem(&configuration, "write", &error))?;
        let data = self.home.join("data");
        fs::rename(&unfinished, &data).map_err(|error| problem(&data, "create", &error))
    }
}

/// A program that ends without [`crate::Tenancy::close`] leaves all the same.
impl Drop for PrivateCluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "the private database was not stopped");
        }
    }
}

fn problem(path: &Path, verb: &str, error: &dyn std::fmt::Display) -> Error {
    Error::Cluster(format!("cannot {verb} {}: {error}", path.display()))
}

/// Mode 0700 for directories, and the server's user as the owner if that is not ourselves.
fn give_to(path: &Path, owner: Option<&Owner>) -> Result<()> {
    let change = || {
        let metadata = fs::metadata(path)?;
        if metadata.is_dir() && metadata.mode() & 0o777 != 0o700 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        }
        if let Some(owner) = owner
            && metadata.uid() != owner.uid
        {
            chown(path, Some(owner.uid), Some(owner.gid))?;
        }
        Ok(())
    };
    change().map_err(|error: std::io::Error| problem(path, "set the owner of", &error))
}

/// Finds the directory above the cluster that its user may not pass.
fn check_reachable(home: &Path, owner: &Owner) -> Result<()> {
    for directory in home.ancestors().skip(1) {
        let metadata =
            fs::metadata(directory).map_err(|error| problem(directory, "read", &error))?;
        let bit = if metadata.uid() == owner.uid {
            0o100
        } else if metadata.gid() == owner.gid {
            0o010
        } else {
            0o001
        };
        if metadata.mode() & bit == 0 {
            return Err(Error::Cluster(format!(
                "the private database runs as user {}, which may not pass {}: choose another data \
                 directory, allow it with `chmod o+x {}`, or run the program as an ordinary user",
                owner.name,
                directory.display(),
                directory.display()
            )));
        }
    }
    Ok(())
}

/// `<home>/socket`, or a short name for it if that is too long for the address of a socket.
fn socket_directory(home: &Path, owner: Option<&Owner>) -> Result<PathBuf> {
    let usual = home.join("socket");
    let directory = if usual.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY {
        usual
    } else {
        let mut hasher = DefaultHasher::new();
        home.hash(&mut hasher);
        PathBuf::from(format!("/tmp/kiwi-{:016x}", hasher.finish()))
    };
    match fs::DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(problem(&directory, "create", &error));
        }
        _ => {}
    }
    // below /tmp anybody could have made it
    let metadata =
        fs::symlink_metadata(&directory).map_err(|error| problem(&directory, "read", &error))?;
    let ourselves = fs::metadata(home)
        .map_err(|error| problem(home, "read", &error))?
        .uid();
    let trusted = [0, ourselves].contains(&metadata.uid()) && metadata.is_dir();
    if !trusted {
        return Err(Error::Cluster(format!(
            "{} belongs to somebody else: remove it, or choose a data directory with a shorter path",
            directory.display()
        )));
    }
    give_to(&directory, owner)?;
    Ok(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_get_a_short_socket() {
        let name = format!("kiwi-socket-test-{}-{}", std::process::id(), "x".repeat(90));
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(&home).unwrap();
        let socket = socket_directory(&home, None).unwrap();
        assert!(socket.starts_with("/tmp") && socket.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY);
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o700);
        assert_eq!(socket_directory(&home, None).unwrap(), socket);
        fs::remove_dir_all(&home).unwrap();
        fs::remove_dir(&socket).unwrap();
    }

    #[test]
    fn sec_045_a_socket_lies_in_a_private_directory_of_our_own() {
        let name = format!("kiwi-socket-own-{}-{}", std::process::id(), "x".repeat(90));
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(&home).unwrap();
        let socket = socket_directory(&home, None).unwrap();
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(socket_directory(&home, None).unwrap(), socket);
        assert_eq!(fs::metadata(&socket).unwrap().mode() & 0o777, 0o700);
        fs::remove_dir(&socket).unwrap();
        // what somebody else could put in its place
        let elsewhere = home.join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &socket).unwrap();
        let refused = socket_directory(&home, None).unwrap_err().to_string();
        assert!(refused.contains("belongs to somebody else"), "{refused}");
        fs::remove_file(&socket).unwrap();
        fs::write(&socket, "").unwrap();
        socket_directory(&home, None).unwrap_err();
        fs::remove_file(&socket).unwrap();
        fs::remove_dir_all(&home).unwrap();
    }
}
