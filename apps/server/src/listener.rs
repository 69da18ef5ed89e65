//! Accepts connections, plain or TLS, and serves HTTP/1.1 and HTTP/2 on them until told to stop.

mod crowd;
mod dropped;
mod forwarded;
mod patience;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::Service as _;
use tracing::{debug, warn};
use web::Connection;

use crate::config::Limits;
use crate::config::setting::Setting;
use crate::tls::QUESTION;
use crowd::Crowd;
use dropped::Dropped;
pub(crate) use forwarded::Proxies;
use patience::{Activity, Patient};

/// Bytes of a request's head that are read at most.
const HEAD_BUFFER: usize = 32 * 1024;
/// Header fields a request may have.
const HEADER_FIELDS: usize = 100;

/// Opens a listening socket; the error names the setting and the way out.
pub(crate) async fn bind(setting: &Setting, address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        let variable = setting
            .variables
            .first()
            .map_or("", |variable| variable.name());
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => "is in use by another program".to_owned(),
            io::ErrorKind::AddrNotAvailable => "is not an address of this machine".to_owned(),
            io::ErrorKind::PermissionDenied => "needs more rights".to_owned(),
            _ => format!("cannot be opened: {error}"),
        };
        format!(
            "{key}: {address} {why}; choose another with {variable} or --set {key}=ADDRESS:PORT",
            key = setting.key
        )
    })
}

/// A socket, what speaks on it and how patient it is.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) proxies: Proxies,
    /// Beginnings of paths that are not answered.
    pub(crate) drop_paths: Arc<[String]>,
    pub(crate) limits: Limits,
}

impl Listener {
    /// Serves until `stop` changes, then lets running requests end within `grace`.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>, grace: Duration) {
        let graceful = GracefulShutdown::new();
        let shared = Arc::new(Shared {
            tls: self.tls,
            router: self.router,
            proxies: self.proxies,
            drop_paths: self.drop_paths,
            limits: self.limits,
            http: builder(),
        });
        let crowd = Crowd::new(self.limits.connections_per_ip);
        loop {
            let accepted = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // a proxy brings the connections of many
                    let seat = if shared.proxies.trusts(peer.ip().to_canonical()) {
                        None
                    } else {
                        let Some(seat) = crowd.enter(peer.ip()) else {
                            debug!(%peer, "too many connections of this address");
                            continue;
                        };
                        Some(seat)
                    };
                    let served = Arc::clone(&shared).serve(stream, peer, graceful.watcher());
                    tokio::spawn(async move {
                        served.await;
                        drop(seat);
                    });
                }
                Err(error) => {
                    // out of file descriptors, most likely: others will end meanwhile
                    warn!(event = "accept_failed", %error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(self.socket);
        if tokio::time::timeout(grace, graceful.shutdown())
            .await
            .is_err()
        {
            warn!(
                event = "requests_cut_off",
                "requests still running at the end of the grace time were cut off"
            );
        }
    }
}

struct Shared {
    tls: Option<TlsAcceptor>,
    router: Router,
    proxies: Proxies,
    drop_paths: Arc<[String]>,
    limits: Limits,
    http: auto::Builder<TokioExecutor>,
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // the connection itself watches the time, see `patience`
        .header_read_timeout(None)
        .max_buf_size(HEAD_BUFFER)
        .max_headers(HEADER_FIELDS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(40 * 1024)
        .max_pending_accept_reset_streams(20);
    builder
}

impl Shared {
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        // answers are written whole, waiting for more to send would only delay them
        let _ = stream.set_nodelay(true);
        match &self.tls {
            None => self.speak(stream, peer, false, false, watcher).await,
            Some(tls) => {
                let handshake = tokio::time::timeout(self.limits.header_time, tls.accept(stream));
                match handshake.await {
                    Ok(Ok(stream)) => {
                        let protocol = stream.get_ref().1.alpn_protocol();
                        // an authority has its answer with the handshake
                        if protocol != Some(QUESTION) {
                            let h2 = protocol == Some(b"h2");
                            self.speak(stream, peer, true, h2, watcher).await;
                        }
                    }
                    Ok(Err(error)) => debug!(%peer, %error, "TLS handshake failed"),
                    Err(_) => debug!(%peer, "TLS handshake took too long"),
                }
            }
        }
    }

    async fn speak<S>(&self, stream: S, peer: SocketAddr, secure: bool, h2: bool, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Activity::default();
        let stream = Patient::new(stream, activity.clone(), &self.limits, h2);
        let router = self.router.clone();
        let proxies = self.proxies.clone();
        let drop_paths = Arc::clone(&self.drop_paths);
        let connection = Connection { peer, secure };
        let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
            let busy = activity.begin();
            let mut request = request.map(Body::new);
            let seen = proxies.seen(connection, request.headers());
            request.extensions_mut().insert(seen);
            let is_dropped = dropped::is_below(&drop_paths, request.uri().path());
            let answer = router.clone().call(request);
            async move {
                if is_dropped {
                    return Err(Dropped);
                }
                let Ok(answer) = answer.await;
                // the connection is busy until the last byte of the answer is taken
                Ok(answer.map(|body| {
                    body.map_frame(move |frame| {
                        let _ = &busy;
                        frame
                    })
                }))
            }
        });
        let connection = self
            .http
            .serve_connection(TokioIo::new(stream), service)
            .into_owned();
        if let Err(error) = watcher.watch(connection).await {
            debug!(%peer, %error, "connection ended");
        }
    }
}
