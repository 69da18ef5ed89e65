//! Finding and running the programs of PostgreSQL.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Error, Result};

/// What to do when there is no PostgreSQL on the machine.
const INSTALL: &str = "no PostgreSQL programs found: install them with \
    `apt-get install postgresql` (Debian, Ubuntu) or `dnf install postgresql-server` (Fedora), \
    name their directory in KIWI_PG_BIN, or give the address of a server in DATABASE_URL";

/// The user that a program of PostgreSQL runs as, because it refuses root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// One installation of PostgreSQL.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    directory: PathBuf,
    owner: Option<Owner>,
}

impl Programs {
    /// The newest programs in the usual places; those of one major version if data exist already.
    pub(crate) fn find(configured: Option<&Path>, version: Option<&str>) -> Result<Self> {
        let owner = owner()?;
        let mut found = Vec::new();
        for directory in candidates(configured) {
            if let Some(major) = major_version(&directory) {
                if version.is_none_or(|version| version == major) {
                    return Ok(Self { directory, owner });
                }
                found.push(format!("{major} in {}", directory.display()));
            }
        }
        match (version, configured) {
            (_, Some(directory)) if found.is_empty() => Err(Error::Config(format!(
                "KIWI_PG_BIN: {} holds no programs of PostgreSQL (initdb, pg_ctl, postgres)",
                directory.display()
            ))),
            (Some(version), _) if !found.is_empty() => Err(Error::Cluster(format!(
                "the private database was made by PostgreSQL {version}, but only {} was found: \
                 install postgresql-{version} or name its directory in KIWI_PG_BIN",
                found.join(", ")
            ))),
            _ => Err(Error::Cluster(INSTALL.to_owned())),
        }
    }

    /// The user that the server runs as, if that is not ourselves.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Runs a program to its end; an error carries what it said.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let (success, said) = self.output(program, arguments)?;
        if success {
            Ok(())
        } else {
            Err(Error::Cluster(format!("{program}: {said}")))
        }
    }

    /// Runs a program to its end: whether it was content, and what it said otherwise.
    pub(crate) fn output(&self, program: &str, arguments: &[&str]) -> Result<(bool, String)> {
        let path = self.directory.join(program);
        let mut command = Command::new(&path);
        command
            .args(arguments)
            .env_clear()
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if let Some(owner) = &self.owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        let output = command
            .output()
            .map_err(|error| Error::Cluster(format!("cannot run {}: {error}", path.display())))?;
        Ok((
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ))
    }
}

/// Directories that may hold the programs, best first.
fn candidates(configured: Option<&Path>) -> Vec<PathBuf> {
    if let Some(directory) = configured {
        return vec![directory.to_owned()];
    }
    let mut candidates: Vec<PathBuf> = on_path().into_iter().collect();
    let mut versions = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
    ] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name
                .strip_prefix(prefix)
                .and_then(|rest| rest.parse::<u32>().ok());
            if let Some(version) = version {
                versions.push((version, entry.path().join("bin")));
            }
        }
    }
    versions.sort();
    candidates.extend(versions.into_iter().rev().map(|(_, directory)| directory));
    candidates
}

/// The directory of `initdb` on the search path of the shell.
fn on_path() -> Option<PathBuf> {
    let output = Command::new("sh")
        .args(["-c", "command -v initdb"])
        .output()
        .ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.canonicalize().ok()?.parent().map(Path::to_owned)
}

/// `15` for a directory that holds all programs we need.
fn major_version(directory: &Path) -> Option<String> {
    if !["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|program| directory.join(program).is_file())
    {
        return None;
    }
    let output = Command::new(directory.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!major.is_empty()).then_some(major)
}

/// `None` unless we are root; then `postgres`, else `nobody`.
fn owner() -> Result<Option<Owner>> {
    let ourselves = std::fs::metadata("/proc/self").or_else(|_| std::fs::metadata("/dev/stdin"));
    if ourselves.is_ok_and(|metadata| metadata.uid() != 0) {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")
        .map_err(|error| Error::Cluster(format!("cannot read /etc/passwd: {error}")))?;
    let owner = ["postgres", "nobody"]
        .iter()
        .find_map(|name| find_user(&users, name));
    owner.map(Some).ok_or_else(|| {
        Error::Cluster(
            "PostgreSQL does not run as root, and there is neither a user postgres nor nobody: \
             run the program as an ordinary user"
                .to_owned(),
        )
    })
}

fn find_user(users: &str, name: &str) -> Option<Owner> {
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [user, _, uid, gid, ..] = fields[..] else {
            return None;
        };
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        (user == name && uid != 0).then(|| Owner {
            name: name.to_owned(),
            uid,
            gid,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_from_the_list() {
        let users = "root:x:0:0::/root:/bin/sh\nodd\npostgres:x:104:112::/:/bin/sh\n";
        let postgres = Owner {
            name: "postgres".to_owned(),
            uid: 104,
            gid: 112,
        };
        assert_eq!(find_user(users, "postgres"), Some(postgres));
        assert_eq!(find_user(users, "root"), None);
        assert_eq!(find_user(users, "nobody"), None);
    }

    #[test]
    fn missing_programs_are_named() {
        let error = Programs::find(Some(Path::new("/nonexistent")), None).unwrap_err();
        assert!(
            error.to_string().starts_with("KIWI_PG_BIN: /nonexistent"),
            "{error}"
        );
    }
}
