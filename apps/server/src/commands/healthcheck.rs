//! `kiwi healthcheck`: asks a running server about itself, for container engines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Body;
use http::header::{HOST, REFERER};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;

use crate::cli::Healthcheck;
use crate::config::Config;
use crate::output::{Failure, Output};

/// Bytes of an answer that are read at most.
const ANSWER: usize = 16 * 1024;
/// The same for metrics.
const METRICS: usize = 8 * 1024 * 1024;
/// Longest wait of the commands that only mention the server.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Serialize)]
struct Told {
    url: String,
    status: u16,
}

/// Asks, and fails unless the answer is 200.
pub(super) async fn run(
    config: &Config,
    options: &Healthcheck,
    output: Output,
) -> Result<(), Failure> {
    let address = reachable(config.internal);
    let path = if options.live { "/livez" } else { "/readyz" };
    let url = format!("http://{address}{path}");
    let asked = tokio::time::timeout(
        Duration::from_secs(options.timeout),
        ask(address, path, ANSWER),
    );
    let (status, text) = match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(Failure::Failed(error.context(url))),
        Err(_) => {
            let seconds = options.timeout;
            return Err(Failure::failed(format!(
                "{url}: no answer within {seconds} s"
            )));
        }
    };
    if status != StatusCode::OK {
        let text = text.trim();
        return Err(Failure::failed(format!("{url}: {status} {text}")));
    }
    let told = Told {
        url,
        status: status.as_u16(),
    };
    output.show(&told, |_| text)
}

/// Asks the server of this machine whether it is ready.
pub(super) async fn is_ready(config: &Config) -> anyhow::Result<()> {
    let (status, text) = told(config, "/readyz", ANSWER).await?;
    anyhow::ensure!(status == StatusCode::OK, "{status} {}", text.trim());
    Ok(())
}

/// The metrics of the server of this machine.
pub(super) async fn metrics(config: &Config) -> anyhow::Result<String> {
    let (status, text) = told(config, "/metrics", METRICS).await?;
    anyhow::ensure!(status == StatusCode::OK, "{status}");
    Ok(text)
}

async fn told(config: &Config, path: &str, most: usize) -> anyhow::Result<(StatusCode, String)> {
    let address = reachable(config.internal);
    let asked = ask(address, path, most);
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.with_context(|| format!("no answer from {address}"))?
}

/// Where a listener of this machine answers: one on all addresses does on its own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(address: SocketAddr, path: &str, most: usize) -> anyhow::Result<(StatusCode, String)> {
    let stream = TcpStream::connect(address)
        .await
        .context("cannot connect")?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::get(path)
        .header(HOST, address.to_string())
        .header(REFERER, "healthcheck")
        .body(Body::empty())?;
    let talk = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), most).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("cannot read the answer: {error}"))?;
        let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
        Ok((status, text))
    };
    tokio::select! {
        answer = talk => answer,
        Err(error) = connection => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn listeners_on_all_addresses_are_asked_on_loopback() {
        for (listens, asked) in [
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("[::]:9000", "[::1]:9000"),
            ("127.0.0.1:8081", "127.0.0.1:8081"),
            ("192.0.2.7:80", "192.0.2.7:80"),
        ] {
            let parse = |text: &str| text.parse().expect("an address");
            assert_eq!(reachable(parse(listens)), parse(asked));
        }
    }
}
