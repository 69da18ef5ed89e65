//! Errors as clients see them: a code and a text.

use domain::Error;

/// An error on the wire; the same code and text in both formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of the codes below.
    pub code: i32,
    /// The whole text, with its prefix.
    pub message: String,
    /// True if the same request may succeed later, because the database is not reachable.
    pub unavailable: bool,
}

impl Fault {
    /// The body cannot be read.
    pub const PARSE: i32 = -32700;
    /// The envelope is wrong, or a name is guarded.
    pub const REQUEST: i32 = -32600;
    /// No such method.
    pub const METHOD: i32 = -32601;
    /// Parameters do not fit the method.
    pub const PARAMS: i32 = -32602;
    /// Everything else.
    pub const INTERNAL: i32 = -32603;
    /// Not logged in, or not permitted.
    pub const ACCESS: i32 = -32098;

    fn new(code: i32, message: String) -> Self {
        Self {
            code,
            message,
            unavailable: false,
        }
    }

    /// The body cannot be read, for this reason.
    pub fn parse(reason: impl AsRef<str>) -> Self {
        let reason = reason.as_ref();
        Self::new(
            Self::PARSE,
            format!("Parse error, unable to read the request: {reason}"),
        )
    }

    /// The body declares entities or a document type.
    pub(crate) fn security(reason: impl AsRef<str>) -> Self {
        Self::new(Self::PARSE, format!("Security error: {}", reason.as_ref()))
    }

    /// The envelope is wrong, for this reason.
    pub fn request(reason: impl AsRef<str>) -> Self {
        Self::new(
            Self::REQUEST,
            format!("Invalid request: {}", reason.as_ref()),
        )
    }

    /// A request holds more calls than allowed.
    pub(crate) fn too_many_calls(limit: usize) -> Self {
        Self::request(format!("more than {limit} calls in one request"))
    }

    /// There is no such method.
    pub fn method(name: &str) -> Self {
        Self::new(Self::METHOD, format!("Method not found: \"{name}\""))
    }

    /// The parameters do not fit the method, for this reason.
    pub fn params(reason: impl AsRef<str>) -> Self {
        Self::new(
            Self::PARAMS,
            format!("Invalid parameters: {}", reason.as_ref()),
        )
    }

    /// The call failed, for this reason.
    pub fn internal(reason: impl AsRef<str>) -> Self {
        Self::new(
            Self::INTERNAL,
            format!("Internal error: {}", reason.as_ref()),
        )
    }

    /// The caller may not call this method.
    pub fn access(method: &str) -> Self {
        Self::new(
            Self::ACCESS,
            format!("Authentication failed when calling \"{method}\""),
        )
    }

    /// The result does not fit the wire format.
    pub(crate) fn unserialisable(result: &str, reason: &str) -> Self {
        let message =
            format!("Unable to serialize result data: {result}. Original exception: {reason}");
        Self::new(Self::INTERNAL, message)
    }

    /// What a failed method tells the client. Faults of ours are not told, only their reference.
    pub(crate) fn of(error: &Error, method: &str, request_id: &str) -> Self {
        match error {
            Error::Forbidden(_) => Self::access(method),
            Error::Type(text) => Self::params(text),
            Error::Unavailable => Self {
                unavailable: true,
                ..Self::internal(error.to_string())
            },
            Error::Internal(_) => Self::unexpected(request_id),
            Error::Storage(_) => Self::internal(format!(
                "{error}, see the server log for request {request_id}"
            )),
            Error::NotFound { .. }
            | Error::Invalid(_)
            | Error::Rows(_)
            | Error::Raced(_)
            | Error::Refused(_)
            | Error::Throttled(_)
            | Error::Conflict(_) => Self::internal(error.to_string()),
        }
    }

    /// A fault of ours, of which the client only learns where the log has more.
    pub(crate) fn unexpected(request_id: &str) -> Self {
        Self::internal(format!(
            "unexpected error, see the server log for request {request_id}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_become_codes_and_texts() {
        let fault = |error: Error| {
            let fault = Fault::of(&error, "X.y", "r1");
            (fault.code, fault.message)
        };
        let is = |code, text: &str| (code, text.to_owned());
        assert_eq!(
            fault(Error::NotFound { entity: "TestPlan" }),
            is(
                -32603,
                "Internal error: TestPlan matching query does not exist."
            )
        );
        assert_eq!(
            fault(Error::Forbidden("a.b")),
            is(-32098, "Authentication failed when calling \"X.y\"")
        );
        assert_eq!(
            fault(Error::field("name", "This field is required.")),
            is(
                -32603,
                "Internal error: [('name', ['This field is required.'])]"
            )
        );
        assert_eq!(
            fault(Error::refused("Permission denied")),
            is(-32603, "Internal error: Permission denied")
        );
        assert_eq!(
            fault(Error::Type(
                "Field 'id' expected a number but got [1].".to_owned()
            )),
            is(
                -32602,
                "Invalid parameters: Field 'id' expected a number but got [1]."
            )
        );
        assert_eq!(
            fault(Error::Throttled(std::time::Duration::from_secs(30))),
            is(
                -32603,
                "Internal error: too many attempts, try again in 30 seconds"
            )
        );
        assert_eq!(
            fault(Error::Internal(anyhow_of("password=secret"))),
            is(
                -32603,
                "Internal error: unexpected error, see the server log for request r1"
            )
        );
        assert!(Fault::of(&Error::Unavailable, "X.y", "r1").unavailable);
    }

    fn anyhow_of(text: &str) -> anyhow::Error {
        anyhow::Error::msg(text.to_owned())
    }
}
