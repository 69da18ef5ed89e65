//! `Auth.*`

use std::time::Duration;

use domain::{Ctx, Error, LogIns, Result, SessionChange, session};
use entity::{Value, python};
use macros::rpc;

use super::argument::is_empty;
use crate::Method;

/// How long a log-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Logs in and returns the key of the session, which is also the value of the cookie `sessionid`.
#[rpc("Auth.login", public, context)]
async fn login(ctx: &mut Ctx, username: Value, password: Value) -> Result<String> {
    if is_empty(Some(&username)) || is_empty(Some(&password)) {
        return Err(Error::refused("Username and password is required"));
    }
    // waiting and hashing take a while, and nobody should wait for our connection meanwhile
    ctx.release().await?;
    let log_ins = ctx.request.log_ins.clone();
    if let Some(log_ins) = &log_ins {
        wait_for_turn(log_ins.as_ref()).await?;
    }
    let request = &ctx.request;
    let logged_in = session::log_in(
        &request.domain,
        &request.tenant,
        request.session.as_deref(),
        &python::text(&username),
        &python::text(&password),
        request.client,
    )
    .await
    .inspect_err(|_| {
        if let Some(log_ins) = &log_ins {
            log_ins.failed();
        }
    })?;
    ctx.request.session_change = Some(SessionChange::Started(logged_in.key.clone()));
    Ok(logged_in.key)
}

/// Waits until the address may try again, or refuses the attempt if that takes too long: jobs that
/// log in one after the other are slowed down, and a few wrong passwords stop none of them.
async fn wait_for_turn(log_ins: &dyn LogIns) -> Result<()> {
    let mut patience = PATIENCE;
    while let Err(wait) = log_ins.begin() {
        if wait > patience {
            return Err(log_ins.refuse(wait));
        }
        patience -= wait;
        tokio::time::sleep(wait).await;
    }
    Ok(())
}

/// Ends the session, at once and everywhere.
#[rpc("Auth.logout", public, context)]
async fn logout(ctx: &mut Ctx) -> Result<()> {
    if let Some(key) = ctx.request.session.clone() {
        ctx.release().await?;
        session::end(ctx.domain(), &key).await?;
    }
    ctx.request.session_change = Some(SessionChange::Ended);
    Ok(())
}

pub(super) const METHODS: &[Method] = &[LOGIN, LOGOUT];
