//! How long a connection may do nothing: between requests, and while a request's head arrives. A
//! client of HTTP/1.1 whose head began and does not end is answered 408.
//!
//! Slow bodies and slow answers are limited elsewhere; they count as busy here.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::config::Limits;

/// What a client is told whose head began and does not end.
const TOO_SLOW: &[u8] = b"HTTP/1.1 408 Request Timeout\r\n\
    content-type: text/plain; charset=utf-8\r\n\
    content-length: 40\r\n\
    x-content-type-options: nosniff\r\n\
    x-frame-options: DENY\r\n\
    connection: close\r\n\r\n\
    The head of the request took too long.\r\n";

/// Counts the requests of a connection that are being answered.
#[derive(Debug, Clone, Default)]
pub(super) struct Activity(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    running: AtomicUsize,
    /// Who reads from the connection, and should look at the time when nothing runs any more.
    reader: Mutex<Option<Waker>>,
}

/// One request being answered; ends when dropped.
#[derive(Debug)]
pub(super) struct Busy(Activity);

impl Activity {
    /// Begins a request.
    pub(super) fn begin(&self) -> Busy {
        self.0.running.fetch_add(1, Ordering::AcqRel);
        Busy(self.clone())
    }

    /// Whether a request runs; if so, `cx` is woken when the last one ends.
    fn is_busy(&self, cx: &Context<'_>) -> bool {
        if self.0.running.load(Ordering::Acquire) == 0 {
            return false;
        }
        *self.reader() = Some(cx.waker().clone());
        // the last one may have ended meanwhile
        self.0.running.load(Ordering::Acquire) > 0
    }

    fn reader(&self) -> MutexGuard<'_, Option<Waker>> {
        self.0.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let activity = &self.0;
        if activity.0.running.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(reader) = activity.reader().take()
        {
            reader.wake();
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    /// A request is being answered.
    Busy,
    /// Nothing is expected.
    Idle,
    /// The first bytes of a request have arrived, or should soon.
    Head,
}

/// A stream that ends with an error when its client takes too long.
pub(super) struct Patient<S> {
    inner: S,
    activity: Activity,
    phase: Phase,
    deadline: Pin<Box<Sleep>>,
    head_time: Duration,
    idle_time: Duration,
    /// What is sent when a head does not arrive in time.
    refusal: &'static [u8],
    /// Whether a byte of the head has arrived; others get nothing, as browsers connect beforehand.
    has_begun: bool,
}

impl<S> Patient<S> {
    /// Begins with waiting for the first request. On HTTP/2, where bytes between requests do not
    /// mean that a head begins, only idleness is limited.
    pub(super) fn new(inner: S, activity: Activity, limits: &Limits, h2: bool) -> Self {
        let (head_time, refusal): (_, &[u8]) = if h2 {
            (limits.keep_alive, &[])
        } else {
            (limits.header_time, TOO_SLOW)
        };
        Self {
            inner,
            activity,
            phase: Phase::Head,
            deadline: Box::pin(tokio::time::sleep(limits.header_time)),
            head_time,
            idle_time: limits.keep_alive,
            refusal,
            has_begun: false,
        }
    }

    fn enter(&mut self, phase: Phase, time: Duration) {
        self.phase = phase;
        self.deadline.as_mut().reset(Instant::now() + time);
    }
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    /// Writes the refusal past the protocol, which writes nothing while no request runs. Nobody
    /// waits for a client that does not take it.
    fn refuse(&mut self, cx: &mut Context<'_>) {
        let written = Pin::new(&mut self.inner).poll_write(cx, self.refusal);
        if matches!(written, Poll::Ready(Ok(_))) {
            let _ = Pin::new(&mut self.inner).poll_flush(cx);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let me = &mut *self;
        if let Poll::Ready(read) = Pin::new(&mut me.inner).poll_read(cx, buffer) {
            let follows = me.phase == Phase::Busy && !me.activity.is_busy(cx);
            if me.phase == Phase::Idle || follows {
                me.enter(Phase::Head, me.head_time);
            }
            me.has_begun = true;
            return Poll::Ready(read);
        }
        if me.activity.is_busy(cx) {
            me.phase = Phase::Busy;
            return Poll::Pending;
        }
        if me.phase == Phase::Busy {
            me.has_begun = false;
            me.enter(Phase::Idle, me.idle_time);
        }
        ready!(me.deadline.as_mut().poll(cx));
        if me.phase == Phase::Head && me.has_begun {
            me.refuse(cx);
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::{Activity, Patient};
    use crate::config::Limits;

    fn limits() -> Limits {
        Limits {
            body: 1,
            request_time: Duration::from_secs(30),
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            keep_alive: Duration::from_secs(65),
            connections_per_ip: 0,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_own_time() {
        let (mut client, server) = duplex(64);
        let activity = Activity::default();
        let mut stream = Patient::new(server, activity.clone(), &limits(), false);
        let mut byte = [0];

        client.write_all(b"G").await.expect("a byte");
        stream.read_exact(&mut byte).await.expect("a byte");
        let busy = activity.begin();
        let waited = tokio::time::timeout(Duration::from_secs(1000), stream.read_exact(&mut byte));
        assert!(waited.await.is_err(), "a busy connection has no limit here");
        drop(busy);

        let start = Instant::now();
        let writer = async {
            tokio::time::sleep(Duration::from_mins(1)).await;
            client.write_all(b"P").await.expect("a byte");
        };
        let ((), read) = tokio::join!(writer, stream.read_exact(&mut byte));
        read.expect("a byte");
        assert_eq!(start.elapsed(), Duration::from_mins(1));

        let start = Instant::now();
        assert!(
            stream.read_exact(&mut byte).await.is_err(),
            "the head must follow"
        );
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn who_began_is_told_and_others_are_not() {
        for (h2, sent, told) in [
            (false, "GET", true),
            (false, "", false),
            (true, "PRI", false),
        ] {
            let (mut client, server) = duplex(512);
            let mut stream = Patient::new(server, Activity::default(), &limits(), h2);
            client.write_all(sent.as_bytes()).await.expect("bytes");
            let serving = async move {
                let mut bytes = [0; 8];
                stream.read_exact(&mut bytes).await.expect_err("too slow");
            };
            let mut answer = String::new();
            let ((), read) = tokio::join!(serving, client.read_to_string(&mut answer));
            read.expect("text");
            let head = "HTTP/1.1 408 Request Timeout\r\n";
            assert_eq!(answer.starts_with(head), told, "{sent}: {answer}");
            let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.len());
            assert_eq!(body, told.then_some(40), "{answer}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn idleness_begins_when_the_last_request_ends() {
        let (_client, server) = duplex(64);
        let activity = Activity::default();
        let mut stream = Patient::new(server, activity.clone(), &limits(), false);
        let busy = activity.begin();
        let start = Instant::now();
        let ending = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            drop(busy);
        };
        let mut byte = [0];
        let ((), read) = tokio::join!(ending, stream.read_exact(&mut byte));
        assert!(read.is_err());
        assert_eq!(start.elapsed(), Duration::from_secs(85));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends() {
        let (_client, server) = duplex(64);
        let activity = Activity::default();
        let mut stream = Patient::new(server, activity.clone(), &limits(), false);
        let busy = activity.begin();
        let mut byte = [0];
        let read = tokio::time::timeout(Duration::from_secs(1), stream.read_exact(&mut byte));
        assert!(read.await.is_err());
        drop(busy);
        let start = Instant::now();
        assert!(stream.read_exact(&mut byte).await.is_err());
        assert_eq!(start.elapsed(), Duration::from_secs(65));
    }
}
