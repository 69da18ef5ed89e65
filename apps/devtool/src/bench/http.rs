//! One keep-alive connection of the load.

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::calls::Request;

pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    session: Option<String>,
}

impl Connection {
    /// Connects to the server's plain address.
    pub(super) async fn open(address: &str, session: Option<&str>) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: address.to_owned(),
            session: session.map(str::to_owned),
        })
    }

    /// Sends a request and returns the body of the answer; anything but success is an error.
    pub(super) async fn send(&mut self, request: &Request) -> anyhow::Result<Bytes> {
        let (method, path, body) = match request {
            Request::Page(path) => ("GET", path.as_str(), Bytes::new()),
            Request::Rpc(method, params) => {
                let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
                (
                    "POST",
                    "/json-rpc/",
                    Bytes::from(serde_json::to_vec(&call)?),
                )
            }
        };
        let mut builder = hyper::Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host);
        if method == "POST" {
            builder = builder.header("content-type", "application/json");
        }
        if let Some(session) = &self.session {
            builder = builder.header("cookie", format!("sessionid={session}"));
        }
        self.sender.ready().await?;
        let answer = self
            .sender
            .send_request(builder.body(Full::new(body))?)
            .await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status != 200 {
            bail!("{method} {path}: status {status}");
        }
        Ok(body)
    }

    /// Calls a method and returns its result.
    pub(super) async fn call(
        &mut self,
        method: &'static str,
        params: Value,
    ) -> anyhow::Result<Value> {
        let body = self.send(&Request::Rpc(method, params)).await?;
        let mut answer: Value = serde_json::from_slice(&body)?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}");
        }
        Ok(answer["result"].take())
    }
}
