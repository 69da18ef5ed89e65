//! The way of a call: guard, look-up, access, binding, execution, answer.

use std::sync::LazyLock;
use std::time::Instant;

use bytes::Bytes;
use domain::Request;
use entity::{Map, Value, python};
use futures_util::future::BoxFuture;

use crate::execute::{self, Execute};
use crate::system::{self, System};
use crate::{
    Charset, Fault, Params, Protocol, Registry, Reply, guard, json as json_rpc, xml as xml_rpc,
};

/// Sizes beyond which a request is refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls in one request.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { calls: 1000 }
    }
}

/// Answers requests with the methods of a registry.
#[derive(Debug)]
pub struct Dispatcher {
    registry: Registry,
    limits: Limits,
}

/// All methods of the product, with the usual limits.
static STANDARD: LazyLock<Dispatcher> =
    LazyLock::new(|| Dispatcher::new(Registry::standard(), Limits::default()));

/// Answers a JSON-RPC request.
pub async fn json(request: &mut Request, body: &Bytes, charset: Charset) -> Reply {
    STANDARD.json(request, body, charset).await
}

/// Answers an XML-RPC request.
pub async fn xml(request: &mut Request, body: &Bytes, charset: Charset) -> Reply {
    STANDARD.xml(request, body, charset).await
}

impl Dispatcher {
    /// A dispatcher for these methods.
    pub fn new(registry: Registry, limits: Limits) -> Self {
        Self { registry, limits }
    }

    /// The methods.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Answers a JSON-RPC request.
    pub async fn json(&self, request: &mut Request, body: &Bytes, charset: Charset) -> Reply {
        self.answer_json(request, body, charset).await
    }

    /// Answers an XML-RPC request.
    pub async fn xml(&self, request: &mut Request, body: &Bytes, charset: Charset) -> Reply {
        self.answer_xml(request, body, charset).await
    }

    pub(crate) async fn answer_json(
        &self,
        host: &mut dyn Execute,
        body: &Bytes,
        charset: Charset,
    ) -> Reply {
        const JSON: Protocol = Protocol::Json;
        let max_calls = self.limits.calls;
        let document = read(body, charset, move |text| json_rpc::read(text, max_calls)).await;
        match document {
            Err(fault) => JSON.refusal(&fault),
            Ok(json_rpc::Document::Single(call)) => {
                let mut out = String::new();
                let unavailable = self.json_call(host, call, &mut out).await;
                if out.is_empty() {
                    Reply::nothing(JSON)
                } else {
                    Reply::answer(JSON, out, unavailable)
                }
            }
            Ok(json_rpc::Document::Batch(calls)) => {
                let mut out = String::new();
                for call in calls {
                    let start = out.len();
                    out.push(if start == 0 { '[' } else { ',' });
                    let written = out.len();
                    self.json_call(host, call, &mut out).await;
                    if out.len() == written {
                        out.truncate(start);
                    }
                }
                if out.is_empty() {
                    return Reply::nothing(JSON);
                }
                out.push(']');
                Reply::answer(JSON, out, false)
            }
        }
    }

    /// Executes a call and appends its answer, or nothing for a notification. True if the
    /// database was not available.
    async fn json_call(
        &self,
        host: &mut dyn Execute,
        call: json_rpc::Call,
        out: &mut String,
    ) -> bool {
        let json_rpc::Call { id, method, params } = call;
        let outcome = match &method {
            Value::Text(name) => {
                let mut budget = self.limits.calls;
                self.call(host, Protocol::Json, name, params, &mut budget)
                    .await
            }
            other => {
                let kind = python::type_name(other);
                Err(Fault::request(format!(
                    "the method name must be a text, found {kind}"
                )))
            }
        };
        match (&id, &outcome) {
            (Some(id), Ok(value)) => json_rpc::write_result(out, id, value),
            (Some(id), Err(fault)) => json_rpc::write_fault(out, id, fault),
            (None, _) => {}
        }
        outcome.is_err_and(|fault| fault.unavailable)
    }

    pub(crate) async fn answer_xml(
        &self,
        host: &mut dyn Execute,
        body: &Bytes,
        charset: Charset,
    ) -> Reply {
        let outcome = match read(body, charset, xml_rpc::read).await {
            Ok(xml_rpc::MethodCall { name, params }) => {
                let params = Params::Positional(params);
                let mut budget = self.limits.calls;
                self.call(host, Protocol::Xml, &name, params, &mut budget)
                    .await
            }
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(value) => {
                let mut out = String::new();
                xml_rpc::write_result(&mut out, &value);
                Reply::answer(Protocol::Xml, out, false)
            }
            Err(fault) => Protocol::Xml.refusal(&fault),
        }
    }

    /// One call, with what is noted about it: who called what, from where, and what came of it.
    fn call<'a>(
        &'a self,
        host: &'a mut dyn Execute,
        protocol: Protocol,
        name: &'a str,
        params: Params,
        budget: &'a mut usize,
    ) -> BoxFuture<'a, Result<Value, Fault>> {
        Box::pin(async move {
            let start = Instant::now();
            let user = host.caller().user().map(|user| user.username.clone());
            let outcome = self.dispatch(host, protocol, name, params, budget).await;
            let known = self.registry.find(name).map(|method| method.name);
            let known = known.or_else(|| System::find(name, protocol).map(System::name));
            let code = outcome.as_ref().err().map_or(0, |fault| fault.code);
            tracing::info!(
                target: "rpc::call",
                {
                    rpc.method = known.unwrap_or("unknown"),
                    rpc.protocol = protocol.name(),
                    rpc.code = code,
                    user = user.as_deref().unwrap_or("anonymous"),
                    client = host.client().map(tracing::field::display),
                    duration_ms = start.elapsed().as_secs_f64() * 1000.0,
                },
                "rpc call"
            );
            outcome
        })
    }

    async fn dispatch(
        &self,
        host: &mut dyn Execute,
        protocol: Protocol,
        name: &str,
        params: Params,
        budget: &mut usize,
    ) -> Result<Value, Fault> {
        guard::inspect(name, &params)?;
        if let Some(method) = System::find(name, protocol) {
            let argument = method.bind(params)?.next_value().unwrap_or_default();
            return match method {
                System::ListMethods => {
                    Ok(system::list_methods(&self.registry, |part| host.has(part)))
                }
                System::MethodSignature => {
                    let has = |part| host.has(part);
                    system::method_signature(&self.registry, has, protocol, &argument)
                }
                System::MethodHelp => {
                    let has = |part| host.has(part);
                    system::method_help(&self.registry, has, protocol, &argument)
                }
                System::Multicall => self.multicall(host, protocol, argument, budget).await,
            };
        }
        let method = self
            .registry
            .find(name)
            .filter(|method| host.has(method.part))
            .ok_or_else(|| Fault::method(name))?;
        execute::admit(method, &*host)?;
        let args = method.bind(params)?;
        host.execute(method, args, protocol).await
    }

    /// Several calls in one: each is answered by a one-element array or a fault.
    async fn multicall(
        &self,
        host: &mut dyn Execute,
        protocol: Protocol,
        calls: Value,
        budget: &mut usize,
    ) -> Result<Value, Fault> {
        let Value::List(calls) = calls else {
            return Err(Fault::params(format!(
                "system.multicall first argument should be a list, {} given.",
                python::type_name(&calls)
            )));
        };
        *budget = budget
            .checked_sub(calls.len())
            .ok_or_else(|| Fault::too_many_calls(self.limits.calls))?;
        let calls = calls
            .into_iter()
            .map(inner_call)
            .collect::<Result<Vec<_>, _>>()?;
        let mut answers = Vec::with_capacity(calls.len());
        for (name, params) in calls {
            let outcome = match &name {
                Value::Text(name) => self.call(host, protocol, name, params, budget).await,
                other => Err(Fault::internal(format!(
                    "'{}' object has no attribute 'endswith'",
                    python::type_name(other)
                ))),
            };
            answers.push(match outcome {
                Ok(value) => Value::List(vec![value]),
                Err(fault) => Value::object([
                    ("faultCode", fault.code.into()),
                    ("faultString", fault.message.into()),
                ]),
            });
        }
        Ok(Value::List(answers))
    }
}

/// Bytes beyond which reading takes so long that other requests would wait for it.
const LARGE: usize = 64 * 1024;

/// Reads a body.
async fn read<T: Send + 'static>(
    body: &Bytes,
    charset: Charset,
    read: impl FnOnce(&str) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let (size, body) = (body.len(), body.clone());
    let work = move || {
        let text = charset.decode(&body).map_err(Fault::parse)?;
        read(&text)
    };
    if size <= LARGE {
        return work();
    }
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|_| Err(Fault::parse("the reader failed")))
}

/// Name and parameters of a call inside a multicall.
fn inner_call(call: Value) -> Result<(Value, Params), Fault> {
    let Value::Map(mut call): Value = call else {
        return Err(Fault::params(format!(
            "system.multicall calls should be structs, {} given.",
            python::type_name(&call)
        )));
    };
    let mut take = |name: &str| Map::swap_remove(&mut call, name).unwrap_or_default();
    let params = match take("params") {
        Value::List(values) => Params::Positional(values),
        Value::Map(named) => Params::Named(named),
        _ => Params::default(),
    };
    Ok((take("methodName"), params))
}

#[cfg(test)]
mod tests;
