//! Calls to one provider: short, small and without detours.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

use crate::Error;

/// Time for a call, and for its connection.
const PATIENCE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(3);
/// Largest answer in bytes.
const LARGEST: usize = 1 << 20;

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    /// The network, the certificate, the time.
    #[error("{}", chain(.0))]
    Call(#[from] reqwest::Error),
    /// Too much.
    #[error("the answer is larger than {LARGEST} bytes")]
    TooLarge,
    /// The answer makes no sense.
    #[error("{0}")]
    Http(#[from] openidconnect::http::Error),
}

/// An error with its causes, which say what matters.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// The client for one provider.
#[derive(Debug, Clone)]
pub(crate) struct Remote(reqwest::Client);

impl Remote {
    pub(crate) fn new() -> Result<Self, Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one client of providers, with its limits; each has its own connections"
        )]
        let client = reqwest::Client::builder();
        client
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent(concat!("kiwi/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self)
            .map_err(|error| Error::Unreachable(chain(&error)))
    }

    /// Asks, and reads the whole answer.
    pub(crate) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unanswered> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut answer = openidconnect::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Unanswered::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Remote {
    type Error = Unanswered;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unanswered>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
