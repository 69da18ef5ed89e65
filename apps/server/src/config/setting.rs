//! What a setting is: a name, where its value may come from and how the text is read.

use std::fmt;
use std::net::SocketAddr;
use std::ops::Range;

/// One setting. Everything that is said about it anywhere is derived from this declaration.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Dotted name, as written in files and after `--set`.
    pub(crate) key: &'static str,
    /// Environment variables that carry it; a later one wins.
    pub(crate) variables: &'static [Variable],
    /// How its text is read.
    pub(crate) kind: Kind,
    /// The value when nobody gives one; `None` leaves it unset.
    pub(crate) default: Option<&'static str>,
    /// Whether the value may be the path of a file that holds it, and is never printed.
    pub(crate) secret: bool,
    /// Whether SIGHUP gives a running server a new value; others need a restart.
    pub(crate) reloadable: bool,
    /// One sentence for the reference.
    pub(crate) help: &'static str,
}

/// An environment variable and how its words are to be understood.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Variable {
    /// The text of the variable is the value.
    Plain(&'static str),
    /// A switch with the opposite meaning.
    Inverted(&'static str),
    /// A switch with the opposite meaning, which every word but those for no switches off.
    Disabling(&'static str),
    /// A switch that, when it is on, chooses this word.
    Choosing(&'static str, &'static str),
}

impl Variable {
    /// Returns the variable's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain(name)
            | Self::Inverted(name)
            | Self::Disabling(name)
            | Self::Choosing(name, _) => name,
        }
    }
}

/// How the text of a setting is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// Yes or no.
    Switch,
    /// A whole number within bounds.
    Number(i64, i64),
    /// An address and a port.
    Address,
    /// One of the words listed.
    Choice(&'static [&'static str]),
    /// Texts, separated by commas in variables and options.
    List,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Switch => f.write_str("true or false"),
            Self::Number(low, high) => write!(f, "number from {low} to {high}"),
            Self::Address => f.write_str("address:port"),
            Self::Choice(words) => f.write_str(&words.join(", ")),
            Self::List => f.write_str("list of texts"),
        }
    }
}

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text, a choice or an address.
    Text(String),
    /// Yes or no.
    Switch(bool),
    /// A whole number.
    Number(i64),
    /// Texts.
    List(Vec<String>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Switch(on) => write!(f, "{on}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::List(items) => f.write_str(&items.join(",")),
        }
    }
}

impl Value {
    /// The value in a form fit for JSON output.
    pub(crate) fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Switch(on) => (*on).into(),
            Self::Number(number) => (*number).into(),
            Self::List(items) => items.clone().into(),
        }
    }
}

impl Value {
    /// The value in a form fit for people's eyes: without users and passwords of addresses.
    pub(crate) fn visible(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => without_user_info(text).into(),
            Self::List(items) => items
                .iter()
                .map(|item| without_user_info(item))
                .collect::<Vec<_>>()
                .into(),
            Self::Switch(_) | Self::Number(_) => self.json(),
        }
    }
}

fn without_user_info(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(range) = user_info(&text) {
        text.replace_range(range, "***");
    }
    text
}

/// Where an address has its user and password.
pub(crate) fn user_info(address: &str) -> Option<Range<usize>> {
    let begin = address.find("://")? + 3;
    let authority = address[begin..].split(['/', '?', '#']).next()?;
    Some(begin..begin + authority.rfind('@')?)
}

impl Kind {
    /// Reads a text; the error says what was expected.
    pub(crate) fn parse(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::Text(text.to_owned())),
            Self::Switch => switch(text)
                .map(Value::Switch)
                .ok_or_else(|| self.expected(text)),
            Self::Number(low, high) => text
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|number| (low..=high).contains(number))
                .map(Value::Number)
                .ok_or_else(|| self.expected(text)),
            Self::Address => text
                .trim()
                .parse::<SocketAddr>()
                .map(|address| Value::Text(address.to_string()))
                .map_err(|_| self.expected(text)),
            Self::Choice(words) => {
                let word = text.trim().to_ascii_lowercase();
                if words.contains(&word.as_str()) {
                    Ok(Value::Text(word))
                } else {
                    Err(format!("expected one of {self}, got `{text}`"))
                }
            }
            Self::List => Ok(Value::List(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(str::to_owned)
                    .collect(),
            )),
        }
    }

    fn expected(self, text: &str) -> String {
        format!("expected {self}, got `{text}`")
    }
}

/// Reads the words for yes and no; an empty text is no.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "" | "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}
