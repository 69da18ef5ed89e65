//! The program `kiwi`: server, worker and the commands of an operator.

mod acme;
mod ask;
mod cli;
mod commands;
mod config;
mod control;
mod deeds;
mod disk;
mod keepsakes;
mod listener;
mod metrics;
mod output;
mod place;
mod redirect;
mod seal;
mod serve;
mod tasks;
mod telemetry;
mod tls;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use cli::{Cli, Command};
use config::Loader;
use mimalloc::MiMalloc;
use output::{Failure, Output};

/// A request makes hundreds of short-lived objects, on whichever thread is free.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse_from(arguments(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // help and version are no errors, and go to standard output
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let output = Output::new(cli.common.json);
    match run(cli, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output.fail(&failure),
    }
}

/// The command line; under the names `httpd-foreground`, which images start, and `lets-encrypt` it
/// is that of a command.
fn arguments(given: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.into_iter().collect();
    let name = given.first().map(Path::new).and_then(Path::file_name);
    let command = match name.and_then(OsStr::to_str) {
        Some("httpd-foreground") => Some("serve"),
        Some("lets-encrypt") => Some("lets-encrypt"),
        _ => None,
    };
    given.splice(
        given.len().min(1)..given.len().min(1),
        command.map(OsString::from),
    );
    given
}

fn run(cli: Cli, output: Output) -> Result<(), Failure> {
    // a second one, were it ever tried, would be the same
    let _ = rustls::crypto::ring::default_provider().install_default();
    let loader = Loader::new(environment(), options(&cli));
    let config = match (loader.load(), &cli.command) {
        (Ok(config), _) => config,
        (Err(why), Command::Check(_)) => return commands::check::unreadable(&why, output),
        (Err(why), _) => return Err(Failure::failed(why)),
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if config.threads > 0 {
        runtime.worker_threads(config.threads);
    }
    let runtime = runtime
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(error.into()))?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(options) => serve::serve(loader, config, options.no_worker).await,
            Command::Worker => Box::pin(serve::work(loader, config)).await,
            command => Box::pin(commands::run(config, command, output)).await,
        }
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Options of the command line as settings.
fn options(cli: &Cli) -> Vec<(String, String)> {
    let mut options = cli.common.set.clone();
    let mut add = |setting: &config::setting::Setting, value: Option<String>| {
        options.extend(value.map(|value| (setting.key.to_owned(), value)));
    };
    let data_dir = cli
        .common
        .data_dir
        .as_ref()
        .map(|path| path.display().to_string());
    add(&config::catalogue::DATA_DIR, data_dir);
    match &cli.command {
        Command::Serve(serve) => {
            add(&config::catalogue::HTTP, serve.http.clone());
            add(&config::catalogue::HTTPS, serve.https.clone());
            add(&config::catalogue::INTERNAL, serve.internal.clone());
        }
        Command::Healthcheck(check) => {
            add(&config::catalogue::INTERNAL, check.internal.clone());
        }
        _ => {}
    }
    options
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn some_names_of_the_program_mean_a_command() {
        let read = |line: &str| arguments(line.split(' ').map(Into::into)).join(" ".as_ref());
        let given = "/httpd-foreground --http 127.0.0.1:0";
        assert_eq!(read(given), "/httpd-foreground serve --http 127.0.0.1:0");
        assert_eq!(
            read("/Kiwi/bin/lets-encrypt a.org"),
            "/Kiwi/bin/lets-encrypt lets-encrypt a.org"
        );
        assert_eq!(read("/Kiwi/manage.py migrate"), "/Kiwi/manage.py migrate");
    }
}
