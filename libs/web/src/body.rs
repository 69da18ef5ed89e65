//! Reading bodies within limits of size and time.
//!
//! What is too large is read on for a while and thrown away: a client that is still writing
//! would not see an answer that comes before.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use http_body::Body as _;
use http_body_util::BodyExt as _;

use crate::App;
use crate::error::Error;

/// How many times the limit is read before the connection is given up.
const PATIENCE: usize = 4;

/// Reads a whole body.
pub(crate) async fn read(app: &App, request: Request) -> Result<Bytes, Error> {
    within_time(app, collect(request.into_body(), app.settings().body_limit)).await
}

/// Throws away a body that is known to be too large.
pub(crate) async fn discard(app: &App, body: Body) {
    // the answer is the same, however much arrived
    let _ = within_time(app, collect(body, 0)).await;
}

/// Each pause is limited by a layer; the sum of all pauses is limited here.
async fn within_time<T>(
    app: &App,
    reading: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let whole: Duration = app.settings().body_time * 10;
    tokio::time::timeout(whole, reading)
        .await
        .unwrap_or(Err(Error::BodyTimeout))
}

async fn collect(mut body: Body, limit: usize) -> Result<Bytes, Error> {
    let most = limit.max(1024 * 1024).saturating_mul(PATIENCE);
    let announced = body.size_hint().lower().try_into().unwrap_or(usize::MAX);
    let mut taken = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Error::BodyTimeout)?.into_data() else {
            continue;
        };
        if seen == 0 && data.len() == announced && announced <= limit && body.is_end_stream() {
            // all in one piece, as most are
            return Ok(data);
        }
        seen += data.len();
        if seen <= limit {
            if taken.is_empty() {
                taken.reserve(announced.min(limit));
            }
            taken.extend_from_slice(&data);
        } else if seen > most {
            break;
        } else {
            taken = Vec::new();
        }
    }
    if seen > limit {
        Err(Error::TooLarge)
    } else {
        Ok(taken.into())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn pieces(sizes: &[usize]) -> Body {
        let pieces: Vec<std::io::Result<Bytes>> = sizes
            .iter()
            .map(|size| Ok(Bytes::from(vec![b'x'; *size])))
            .collect();
        Body::from_stream(stream::iter(pieces))
    }

    #[tokio::test]
    async fn exactly_the_limit_is_accepted() {
        for (sizes, limit, length) in [
            (&[][..], 0, Some(0)),
            (&[5, 5], 10, Some(10)),
            (&[5, 6], 10, None),
            (&[11], 10, None),
        ] {
            let read = collect(pieces(sizes), limit).await;
            assert_eq!(read.ok().map(|bytes| bytes.len()), length, "{sizes:?}");
        }
        let whole = collect(Body::from("all at once"), 11).await;
        assert_eq!(whole.expect("fits"), "all at once");
        assert!(collect(Body::from("all at once"), 10).await.is_err());
    }
}
