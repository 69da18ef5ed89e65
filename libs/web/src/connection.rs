//! What is known about the way a request came.

use std::net::SocketAddr;

use http::header::HOST;
use http::request::Parts;

/// Facts that a listener adds to every request.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    /// Address of the other end.
    pub peer: SocketAddr,
    /// Whether the connection is encrypted.
    pub secure: bool,
}

/// The name of a request in logs and on error pages.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(pub(crate) String);

/// The host a request is for, as the client wrote it. `Err` if it names two.
pub(crate) fn host(parts: &Parts) -> Result<&str, ()> {
    let mut headers = parts.headers.get_all(HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(());
    }
    match parts.uri.authority() {
        Some(authority) => Ok(authority.as_str()),
        None => header.map_or(Ok(""), |header| header.to_str().map_err(|_| ())),
    }
}
