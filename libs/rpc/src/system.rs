//! What a client can ask about the API itself.

use entity::{Value, python};

use crate::{Args, Fault, Param, Params, Part, Protocol, Registry, binding};

/// A method of the class `system`, which needs no tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    ListMethods,
    MethodSignature,
    MethodHelp,
    Multicall,
}

const ALL: [System; 4] = [
    System::ListMethods,
    System::MethodSignature,
    System::MethodHelp,
    System::Multicall,
];

const METHOD_NAME: &[Param] = &[Param {
    name: "method_name",
    kind: "str",
    optional: false,
}];
const CALLS: &[Param] = &[Param {
    name: "calls",
    kind: "list",
    optional: false,
}];

impl System {
    /// The method with this name; several calls in one are a matter of XML-RPC, as JSON-RPC has
    /// batches.
    pub(crate) fn find(name: &str, protocol: Protocol) -> Option<Self> {
        let known = ALL.into_iter().find(|method| method.name() == name);
        known.filter(|method| *method != Self::Multicall || protocol == Protocol::Xml)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ListMethods => "system.listMethods",
            Self::MethodSignature => "system.methodSignature",
            Self::MethodHelp => "system.methodHelp",
            Self::Multicall => "system.multicall",
        }
    }

    fn function(self) -> &'static str {
        match self {
            Self::ListMethods => "__system_list_methods",
            Self::MethodSignature => "__system_method_signature",
            Self::MethodHelp => "__system_method_help",
            Self::Multicall => "__system_multicall",
        }
    }

    fn params(self) -> &'static [Param] {
        match self {
            Self::ListMethods => &[],
            Self::MethodSignature | Self::MethodHelp => METHOD_NAME,
            Self::Multicall => CALLS,
        }
    }

    fn doc(self) -> &'static str {
        match self {
            Self::ListMethods => "Returns the names of all methods.",
            Self::MethodSignature => {
                "Returns the types of the result and of each parameter of a method."
            }
            Self::MethodHelp => "Returns the documentation of a method.",
            Self::Multicall => {
                "Executes several calls, each `{methodName, params}`, and returns for each a \
                 one-element array with its result, or its fault."
            }
        }
    }

    /// Puts the parameters of a call into order.
    pub(crate) fn bind(self, params: Params) -> Result<Args, Fault> {
        binding::bind(self.function(), Some("_ctx"), self.params(), params)
    }
}

/// Names of all methods of the parts that the installation has, those of this class first.
pub(crate) fn list_methods(registry: &Registry, has: impl Fn(Part) -> bool) -> Value {
    let own = ALL.into_iter().map(System::name);
    let methods = registry.methods().filter(|method| has(method.part));
    let names = own.chain(methods.map(|method| method.name));
    Value::List(names.map(Value::from).collect())
}

/// One signature: the type of the result, then that of each parameter.
pub(crate) fn method_signature(
    registry: &Registry,
    has: impl Fn(Part) -> bool,
    protocol: Protocol,
    name: &Value,
) -> Result<Value, Fault> {
    let params: Vec<&str> = match describe(registry, has, protocol, name)? {
        Described::System(method) => method.params().iter().map(|param| param.kind).collect(),
        // the original declares no types, and clients only count
        Described::Method(method) => method.params.iter().map(|_| "undef").collect(),
    };
    let types = std::iter::once("undef")
        .chain(params)
        .map(Value::from)
        .collect();
    Ok(Value::List(vec![Value::List(types)]))
}

/// The documentation of a method.
pub(crate) fn method_help(
    registry: &Registry,
    has: impl Fn(Part) -> bool,
    protocol: Protocol,
    name: &Value,
) -> Result<Value, Fault> {
    Ok(match describe(registry, has, protocol, name)? {
        Described::System(method) => method.doc().into(),
        Described::Method(method) => method.doc.into(),
    })
}

enum Described {
    System(System),
    Method(&'static crate::Method),
}

/// What a name stands for; methods of parts that the installation lacks are unknown.
fn describe(
    registry: &Registry,
    has: impl Fn(Part) -> bool,
    protocol: Protocol,
    name: &Value,
) -> Result<Described, Fault> {
    let name = python::text(name);
    let method = || registry.find(&name).filter(|method| has(method.part));
    System::find(&name, protocol)
        .map(Described::System)
        .or_else(|| method().map(Described::Method))
        .ok_or_else(|| Fault::method(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_help() {
        let registry = Registry::new(&[]);
        let signature = |name: &str, protocol| {
            method_signature(&registry, |_| true, protocol, &name.into())
                .map_or_else(|fault| fault.message, |value| python::repr(&value))
        };
        let texts = [
            signature("system.listMethods", Protocol::Json),
            signature("system.methodSignature", Protocol::Json),
            signature("system.methodHelp", Protocol::Xml),
            signature("system.multicall", Protocol::Xml),
            signature("system.multicall", Protocol::Json),
            signature("zzz", Protocol::Xml),
        ];
        assert_eq!(
            texts,
            [
                "[['undef']]",
                "[['undef', 'str']]",
                "[['undef', 'str']]",
                "[['undef', 'list']]",
                "Method not found: \"system.multicall\"",
                "Method not found: \"zzz\"",
            ]
        );
        let help = |name: Value| method_help(&registry, |_| true, Protocol::Json, &name);
        let of_help = help("system.methodHelp".into());
        assert_eq!(of_help, Ok("Returns the documentation of a method.".into()));
        assert_eq!(help(5.into()), Err(Fault::method("5")));
    }

    #[test]
    fn methods_that_the_installation_lacks_are_unknown() {
        let registry = Registry::standard();
        let has = |part| part != Part::Tenants;
        let unknown = Err(Fault::method("Tenant.invite"));
        let name = &"Tenant.invite".into();
        assert_eq!(method_help(&registry, has, Protocol::Json, name), unknown);
        assert_eq!(
            method_signature(&registry, has, Protocol::Xml, name),
            unknown
        );
        assert!(method_help(&registry, |_| true, Protocol::Json, name).is_ok());
    }

    #[test]
    fn parameters_are_bound_like_any_others() {
        let message = |method: System, given: Vec<Value>| {
            let bound = method.bind(Params::Positional(given));
            bound.map_or_else(|fault| fault.message, |_| "bound".to_owned())
        };
        let texts = [
            message(System::ListMethods, vec![1.into()]),
            message(System::MethodSignature, vec![]),
            message(System::Multicall, vec![]),
            message(System::Multicall, vec![1.into()]),
        ];
        assert_eq!(
            texts,
            [
                "Invalid parameters: __system_list_methods() got multiple values for argument '_ctx'",
                "Invalid parameters: __system_method_signature() missing 1 required positional argument: 'method_name'",
                "Invalid parameters: __system_multicall() missing 1 required positional argument: 'calls'",
                "bound",
            ]
        );
    }
}
