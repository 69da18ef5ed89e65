//! `kiwi token …`: what programs show instead of logging in.

use std::time::Duration;

use domain::Domain;
use domain::token::{self, NewToken, Token};
use serde::Serialize;

use super::{account_of, fault, person_of};
use crate::cli::{self, CreateToken};
use crate::output::{Failure, Output, columns};

#[derive(Serialize)]
struct Made {
    id: i32,
    username: String,
    name: String,
    token: String,
}

#[derive(Serialize)]
struct Line {
    id: i32,
    username: String,
    name: String,
    read_only: bool,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

impl From<Token> for Line {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            username: token.username,
            name: token.name,
            read_only: token.read_only,
            created_at: token.created_at.to_rfc3339(),
            expires_at: token.expires_at.map(|time| time.to_rfc3339()),
            last_used_at: token.last_used_at.map(|time| time.to_rfc3339()),
        }
    }
}

#[derive(Serialize)]
struct Revoked {
    revoked: Vec<i32>,
}

/// Runs one of the commands.
pub(super) async fn run(
    domain: &Domain,
    command: cli::Token,
    output: Output,
) -> Result<(), Failure> {
    match command {
        cli::Token::Create(options) => create(domain, options, output).await,
        cli::Token::List { account } => {
            let account = match account {
                Some(username) => Some(account_of(domain, &username).await?.id),
                None => None,
            };
            let tokens = token::list(domain, account).await.map_err(fault)?;
            let lines: Vec<Line> = tokens.into_iter().map(Line::from).collect();
            output.show(&lines, |lines| {
                let rows: Vec<[String; 6]> = lines.iter().map(row).collect();
                columns(["ID", "ACCOUNT", "NAME", "MAY", "ENDS", "LAST USED"], &rows)
            })
        }
        cli::Token::Revoke { ids } => {
            let known = token::list(domain, None).await.map_err(fault)?;
            for id in &ids {
                if known.iter().all(|token| token.id != *id) {
                    let text = format!(
                        "there is no token {id}, so none was revoked; see `kiwi token list`"
                    );
                    return Err(Failure::NotFound(text));
                }
            }
            for id in &ids {
                match token::revoke(domain, *id).await {
                    // somebody else has revoked it meanwhile
                    Ok(()) | Err(domain::Error::NotFound { .. }) => {}
                    Err(error) => return Err(fault(error)),
                }
            }
            output.show(&Revoked { revoked: ids }, |told| {
                format!("revoked: {}", told.revoked.len())
            })
        }
    }
}

async fn create(domain: &Domain, options: CreateToken, output: Output) -> Result<(), Failure> {
    let account = person_of(domain, &options.username).await?.id;
    let life = options.days.map(|days| Duration::from_hours(24) * days);
    let new = NewToken {
        account,
        name: options.name.clone(),
        read_only: options.read_only,
        expires_at: life.map(|life| domain::now() + life),
    };
    let (id, token) = token::create(domain, new).await.map_err(fault)?;
    let made = Made {
        id,
        username: options.username,
        name: options.name,
        token,
    };
    output.remark("Keep this token in a safe place; it is not shown again.");
    output.show(&made, |made| made.token.clone())
}

fn row(line: &Line) -> [String; 6] {
    let text = |time: &Option<String>, none: &str| time.clone().unwrap_or_else(|| none.to_owned());
    [
        line.id.to_string(),
        line.username.clone(),
        line.name.clone(),
        if line.read_only { "read" } else { "everything" }.to_owned(),
        text(&line.expires_at, "never"),
        text(&line.last_used_at, "never"),
    ]
}
