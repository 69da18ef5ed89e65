//! One call is one transaction.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use domain::{Caller, Error, Request, notify};
use entity::Value;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::{Access, Args, Fault, Method, Part, Protocol, xml};

/// What the dispatcher needs to run methods: a caller, and transactions.
pub(crate) trait Execute: Send {
    /// Who asks; a log-in or log-out changes it for the following calls.
    fn caller(&self) -> &Caller;

    /// Whether only methods that read may be called.
    fn reads_only(&self) -> bool {
        false
    }

    /// Address of the client.
    fn client(&self) -> Option<IpAddr>;

    /// True if the installation has this part of the product.
    fn has(&self, part: Part) -> bool;

    /// Runs a method from its first to its last statement. A failure leaves no trace.
    fn execute<'a>(
        &'a mut self,
        method: &'static Method,
        args: Args,
        protocol: Protocol,
    ) -> BoxFuture<'a, Result<Value, Fault>>;
}

/// Refuses a caller who may not call this method, or not with what was shown.
pub(crate) fn admit(method: &Method, host: &dyn Execute) -> Result<(), Fault> {
    let caller = host.caller();
    let admitted = match method.access {
        Access::Public => true,
        Access::LoggedIn => caller.user().is_some(),
        Access::Permission(permission) => caller.may(permission),
    };
    if admitted && (method.reads() || !host.reads_only()) {
        Ok(())
    } else {
        Err(Fault::access(method.name))
    }
}

impl Execute for Request {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn reads_only(&self) -> bool {
        self.read_only
    }

    fn client(&self) -> Option<IpAddr> {
        self.client
    }

    fn has(&self, part: Part) -> bool {
        match part {
            Part::Core => true,
            Part::Tenants => self.domain.is_multi_tenant(),
            Part::BugTracker => self.domain.settings().bug_tracker,
        }
    }

    fn execute<'a>(
        &'a mut self,
        method: &'static Method,
        args: Args,
        protocol: Protocol,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let outcome = AssertUnwindSafe(persist(self, method, args, protocol))
                .catch_unwind()
                .await;
            match outcome {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(Failure::Fault(fault))) => Err(fault),
                Ok(Err(Failure::Error(error))) => {
                    let ours = match &error {
                        Error::Internal(source) => Some(format!("{source:#}")),
                        Error::Storage(source) => Some(source.to_string()),
                        _ => None,
                    };
                    if let Some(source) = ours {
                        tracing::error!(rpc.method = method.name, error = %source, "method failed");
                        notify::defect(&self.domain, method.name, &self.request_id);
                    }
                    Err(Fault::of(&error, method.name, &self.request_id))
                }
                Err(_) => {
                    tracing::error!(rpc.method = method.name, "method panicked");
                    notify::defect(&self.domain, method.name, &self.request_id);
                    Err(Fault::unexpected(&self.request_id))
                }
            }
        })
    }
}

enum Failure {
    Error(Error),
    Fault(Fault),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// How often a call that lost a race is made.
const ATTEMPTS: u32 = 5;

/// Makes a call again that another transaction got in the way of, so that clients need not.
async fn persist(
    request: &mut Request,
    method: &'static Method,
    args: Args,
    protocol: Protocol,
) -> Result<Value, Failure> {
    if method.read_only {
        return run(request, method, args, protocol).await;
    }
    for attempt in 1..ATTEMPTS {
        match run(request, method, args.clone(), protocol).await {
            Err(Failure::Error(Error::Raced(reason))) => {
                tracing::debug!(
                    rpc.method = method.name,
                    attempt,
                    reason,
                    "a call lost a race"
                );
                tokio::time::sleep(domain::pause(attempt)).await;
            }
            done => return done,
        }
    }
    let last = run(request, method, args, protocol).await;
    if let Err(Failure::Error(Error::Raced(reason))) = &last {
        tracing::warn!(
            rpc.method = method.name,
            attempts = ATTEMPTS,
            reason,
            "a call lost every race"
        );
    }
    last
}

/// The answer is known to fit the wire before anything becomes permanent.
async fn run(
    request: &mut Request,
    method: &'static Method,
    args: Args,
    protocol: Protocol,
) -> Result<Value, Failure> {
    let mut ctx = if method.read_only || request.read_only {
        request.begin_read().await?
    } else {
        request.begin().await?
    };
    ctx.request.session_change = None;
    let value = (method.call)(&mut ctx, args).await?;
    if protocol == Protocol::Xml {
        xml::check(&value).map_err(Failure::Fault)?;
    }
    let session_change = ctx.request.session_change.take();
    ctx.commit().await?;
    request.follow(session_change).await?;
    Ok(value)
}
