//! Commands that scripts for Kiwi TCMS call, and that mean little here.

use serde::Serialize;

use crate::cli::Command;
use crate::output::{Failure, Output};

/// `kiwi show_version`
pub(super) fn version(output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told {
        version: &'static str,
    }
    let version = env!("CARGO_PKG_VERSION");
    output.show(&Told { version }, |told| told.version.to_owned())
}

/// Why there is nothing to do; `None` for commands of this program.
pub(super) fn needless(command: &Command) -> Option<&'static str> {
    match command {
        Command::Collectstatic(_) | Command::CollectstaticSchemas(_) => {
            Some("files of the pages are part of the program")
        }
        Command::Compilemessages(_) => Some("translations are part of the program"),
        Command::Makemigrations(_) => Some("migrations are part of the program"),
        _ => None,
    }
}

/// Why a command is not done, and what to do instead; `None` for commands of this program.
pub(super) fn refusal(command: &Command) -> Option<&'static str> {
    match command {
        Command::Shell(_) => Some(
            "there is no Python here; use the API, or `kiwi help` for what can be done by commands",
        ),
        Command::Dbshell(_) => {
            Some("run `psql` with the address of the database, see `kiwi show-config db.url`")
        }
        Command::Dumpdata(_) => Some("use `kiwi backup`"),
        Command::Loaddata(_) => Some("use `kiwi restore`"),
        _ => None,
    }
}
