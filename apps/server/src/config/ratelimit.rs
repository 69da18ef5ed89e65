//! The settings of rate limits, put together.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use web::{Addresses, Rate, RateSettings};

use super::catalogue::{TENANTS_DOMAIN, ratelimit as declared};
use super::layers::Values;
use super::setting::Setting;
use super::{networks, text, whole};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// How often an address may ask. A server with several tenants limits more.
pub(super) fn rates(values: &Values) -> Result<RateSettings, String> {
    let is_multi = values.text(&TENANTS_DOMAIN).is_some();
    let rate = |setting, usual, unit, burst, usual_burst| {
        let text = values.text(setting);
        let text = text
            .as_deref()
            .unwrap_or(if is_multi { usual } else { "off" });
        let Some((requests, time)) = rate(setting, text, unit)? else {
            return Ok(None);
        };
        let burst = match values.get(burst) {
            Some(_) => whole(values, burst)?,
            None => usual_burst,
        };
        Ok::<_, String>(Some(Rate {
            requests,
            time,
            burst,
        }))
    };
    let log_ins = if is_multi { 2 } else { 20 };
    Ok(RateSettings {
        accounts: rate(
            &declared::ACCOUNTS,
            "10/s",
            SECOND,
            &declared::ACCOUNTS_BURST,
            log_ins,
        )?,
        pages: rate(
            &declared::PAGES,
            "300/s",
            SECOND,
            &declared::PAGES_BURST,
            100,
        )?,
        files: rate(
            &declared::STATIC,
            "300/s",
            SECOND,
            &declared::STATIC_BURST,
            100,
        )?,
        uploads: rate(
            &declared::UPLOADS,
            "10/s",
            SECOND,
            &declared::UPLOADS_BURST,
            10,
        )?,
        errors: rate(
            &declared::ERRORS,
            "60/min",
            MINUTE,
            &declared::ERRORS_BURST,
            30,
        )?,
        errors_of_all: text(values, &declared::ERRORS_SCOPE)? == "all",
    })
}

/// Reads a rate; `unit` is meant when only a number is given.
fn rate(
    setting: &Setting,
    text: &str,
    unit: Duration,
) -> Result<Option<(NonZeroU32, Duration)>, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("off") {
        return Ok(None);
    }
    let (number, time) = match text.split_once('/') {
        None => (text, Some(unit)),
        Some((number, "s")) => (number, Some(SECOND)),
        Some((number, "min")) => (number, Some(MINUTE)),
        Some((number, _)) => (number, None),
    };
    match (number.trim().parse(), time) {
        (Ok(requests), Some(time)) => Ok(Some((requests, time))),
        _ => Err(format!(
            "{}: expected `off` or a rate such as `10/s` or `60/min`, got `{text}`",
            setting.key
        )),
    }
}

/// Where refused and exempted addresses are named.
#[derive(Debug, Clone)]
pub(crate) struct Lists {
    given: Addresses,
    file: Option<PathBuf>,
}

impl Lists {
    pub(super) fn of(values: &Values) -> Result<Self, String> {
        Ok(Self {
            given: Addresses {
                deny: networks(values, &declared::DENY)?,
                allow: networks(values, &declared::ALLOW)?,
            },
            file: values.text(&declared::DENY_FILE).map(PathBuf::from),
        })
    }

    /// The addresses as they are now; the file may have changed.
    pub(crate) fn read(&self) -> Result<Addresses, String> {
        let mut all = self.given.clone();
        if let Some(file) = &self.file {
            let place = format!("{}: {}", declared::DENY_FILE.key, file.display());
            let lines =
                std::fs::read_to_string(file).map_err(|error| format!("{place}: {error}"))?;
            for (number, line) in (1..).zip(lines.lines()) {
                read_line(line, &mut all)
                    .map_err(|why| format!("{place}, line {number}: {why}"))?;
            }
        }
        Ok(all)
    }
}

fn read_line(line: &str, into: &mut Addresses) -> Result<(), String> {
    let line = line.split('#').next().unwrap_or_default().trim();
    if line.is_empty() {
        return Ok(());
    }
    let not_known = || format!("expected `deny <address or network>;` or `allow …;`, got `{line}`");
    let directive = line.strip_suffix(';').ok_or_else(not_known)?;
    let (word, address) = directive
        .split_once(char::is_whitespace)
        .ok_or_else(not_known)?;
    let address = address.trim();
    let network = address
        .parse::<IpNet>()
        .or_else(|_| address.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| not_known())?;
    match word {
        "deny" => into.deny.push(network),
        "allow" => into.allow.push(network),
        _ => return Err(not_known()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_080_rates_are_read_with_and_without_a_unit() {
        let read = |text| rate(&declared::PAGES, text, MINUTE);
        let is = |requests, time| Ok(NonZeroU32::new(requests).map(|requests| (requests, time)));
        assert_eq!(read("10/s"), is(10, SECOND));
        assert_eq!(read(" 60 /min"), is(60, MINUTE));
        assert_eq!(read("55"), is(55, MINUTE));
        assert_eq!(read("OFF"), Ok(None));
        for wrong in ["0/s", "-1", "10/h", "ten", "", "10/s/s", "5000000000"] {
            let why = read(wrong).expect_err(wrong);
            assert!(
                why.starts_with("ratelimit.pages: expected `off` or a rate"),
                "{why}"
            );
        }
    }

    #[test]
    fn opa_044_files_of_refused_addresses() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("deny.conf");
        let lists = Lists {
            given: Addresses {
                deny: vec!["198.51.100.0/24".parse().expect("a network")],
                allow: vec![],
            },
            file: Some(file.clone()),
        };
        let why = lists.read().expect_err("there is no file");
        assert!(why.starts_with("ratelimit.deny_file: "), "{why}");

        let lines =
            "# guests\n\ndeny 1.1.1.1;\n  deny\t2001:db8::/32 ; # all\nallow 198.51.100.7;\n";
        std::fs::write(&file, lines).expect("a file");
        let read = lists.read().expect("it is sound");
        let texts = |nets: &[IpNet]| nets.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            texts(&read.deny),
            ["198.51.100.0/24", "1.1.1.1/32", "2001:db8::/32"]
        );
        assert_eq!(texts(&read.allow), ["198.51.100.7/32"]);

        for wrong in [
            "deny all;",
            "deny 1.1.1.1",
            "return 403;",
            "deny 1.1.1.256;",
            ";",
        ] {
            std::fs::write(&file, format!("deny 1.1.1.1;\n{wrong}\n")).expect("a file");
            let why = lists.read().expect_err(wrong);
            assert!(why.contains("deny.conf, line 2: expected `deny"), "{why}");
        }
    }
}
