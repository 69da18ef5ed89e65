//! Answers as the HTTP layer sends them, and the checks that come before a body is read.

use bytes::Bytes;

use crate::{Charset, Fault, json, xml};

/// One of the two wire formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON-RPC 2.0
    Json,
    /// XML-RPC
    Xml,
}

impl Protocol {
    /// Media types of requests.
    fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Json => &[
                "application/json",
                "application/json-rpc",
                "application/jsonrequest",
            ],
            Self::Xml => &["text/xml", "application/xml"],
        }
    }

    /// Name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// Media type of answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// A whole answer that says that the request was refused.
    pub(crate) fn refusal(self, fault: &Fault) -> Reply {
        let mut body = String::with_capacity(256);
        match self {
            Self::Json => json::write_fault(&mut body, &json::Id::Null, fault),
            Self::Xml => xml::write_fault(&mut body, fault),
        }
        Reply::answer(self, body, fault.unavailable)
    }
}

/// An answer: what the HTTP layer needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body; its length is that of `Content-Length`.
    pub body: Bytes,
}

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

impl Reply {
    fn plain(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            content_type,
            headers: &[],
            body: body.into(),
        }
    }

    /// Every RPC answer has status 200, except when nothing can be answered for now.
    pub(crate) fn answer(protocol: Protocol, body: String, unavailable: bool) -> Self {
        let reply = Self::plain(200, protocol.content_type(), body);
        if unavailable {
            Self {
                status: 503,
                headers: &[("retry-after", "1")],
                ..reply
            }
        } else {
            reply
        }
    }

    /// The answer when nobody wants one.
    pub(crate) fn nothing(protocol: Protocol) -> Self {
        Self::plain(204, protocol.content_type(), Bytes::new())
    }

    /// For every HTTP method but `POST`.
    pub fn method_not_allowed() -> Self {
        Self {
            headers: &[("allow", "POST")],
            ..Self::plain(405, HTML, Bytes::new())
        }
    }

    /// For a body of more than `limit` bytes.
    pub fn too_large(protocol: Protocol, limit: usize) -> Self {
        let reason = format!("the body is larger than the limit of {limit} bytes");
        Self {
            status: 413,
            ..protocol.refusal(&Fault::request(reason))
        }
    }

    /// For a request that waited too long for its answer.
    pub fn timed_out(protocol: Protocol) -> Self {
        protocol.refusal(&Fault::internal("request took too long"))
    }
}

/// Checks the content type of a request and finds its character set.
pub fn check_content_type(protocol: Protocol, header: Option<&str>) -> Result<Charset, Reply> {
    let header = header.unwrap_or_default().trim();
    if header.is_empty() {
        let text = "Unable to handle your request, the Content-Type header is mandatory to allow \
                    server to determine which handler can interpret your request.";
        return Err(Reply::plain(400, TEXT, text));
    }
    let mut parts = header.split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    if !protocol.media_types().contains(&media_type.as_str()) {
        let text = format!("Unable to handle your request, unsupported Content-Type {media_type}.");
        return Err(Reply::plain(400, TEXT, text));
    }
    let charset = parts
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .map(|(_, value)| Charset::of_name(value.trim().trim_matches('"')));
    Ok(charset.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(protocol: Protocol, header: Option<&str>) -> (u16, String) {
        let reply = check_content_type(protocol, header).expect_err("is refused");
        (
            reply.status,
            String::from_utf8_lossy(&reply.body).into_owned(),
        )
    }

    #[test]
    fn content_types() {
        let accepted = [
            (Protocol::Json, "application/json"),
            (Protocol::Json, "Application/JSON; charset=utf-8"),
            (Protocol::Json, "application/json-rpc"),
            (Protocol::Json, "application/jsonrequest"),
            (Protocol::Xml, "TEXT/XML"),
            (Protocol::Xml, "application/xml;charset=\"utf-8\""),
        ];
        for (protocol, header) in accepted {
            assert_eq!(
                check_content_type(protocol, Some(header)),
                Ok(Charset::default())
            );
        }
        let latin = check_content_type(Protocol::Xml, Some("text/xml; a=b; charset=latin-1"));
        assert_eq!(latin, Ok(Charset::of_name("latin-1")));
    }

    #[test]
    fn refused_content_types() {
        let mandatory = "Unable to handle your request, the Content-Type header is mandatory to \
                         allow server to determine which handler can interpret your request.";
        assert_eq!(refusal(Protocol::Json, None), (400, mandatory.to_owned()));
        assert_eq!(
            refusal(Protocol::Xml, Some(" ")),
            (400, mandatory.to_owned())
        );
        assert_eq!(
            refusal(Protocol::Json, Some("multipart/form-data; boundary=x")),
            (
                400,
                "Unable to handle your request, unsupported Content-Type multipart/form-data."
                    .to_owned()
            )
        );
        assert_eq!(
            refusal(Protocol::Xml, Some("application/json")),
            (
                400,
                "Unable to handle your request, unsupported Content-Type application/json."
                    .to_owned()
            )
        );
    }

    #[test]
    fn answers_without_a_call() {
        let reply = Reply::method_not_allowed();
        assert_eq!(
            (reply.status, reply.headers),
            (405, &[("allow", "POST")][..])
        );
        let reply = Reply::too_large(Protocol::Json, 7_864_320);
        assert_eq!(reply.status, 413);
        insta::assert_snapshot!(String::from_utf8_lossy(&reply.body), @r#"{"id":null,"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid request: the body is larger than the limit of 7864320 bytes"}}"#);
        let reply = Reply::timed_out(Protocol::Xml);
        assert_eq!((reply.status, reply.content_type), (200, "application/xml"));
    }
}
