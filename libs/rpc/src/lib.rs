//! The remote API: one registry of methods behind two wire formats.
//!
//! * [`Method`] is what `#[rpc]` makes of an `async fn`; [`methods`] holds them, one file a class.
//! * [`json`](mod@json) and [`xml`](mod@xml) read requests and write answers; they know no method.
//! * [`Dispatcher`] stands between: guard, look-up, access, binding, one transaction a call.
//!
//! Must not know HTTP beyond a [`Reply`], and must not hold a rule of the product: a method is a
//! thin door to a function of `domain`. To add a method: an `async fn` with `#[rpc]` in
//! `methods/<class>.rs`, its constant in that file's `METHODS`, and an example in
//! `methods/examples/`. Documentation is made from that: [`reference`](mod@reference) for people,
//! [`openrpc`] for programs.

extern crate self as rpc;

mod answer;
mod argument;
mod binding;
mod charset;
mod dispatch;
mod escape;
mod example;
mod execute;
mod fault;
mod guard;
pub mod json;
mod method;
pub mod methods;
pub mod openrpc;
pub mod reference;
mod registry;
mod reply;
mod scalar;
mod shape;
mod system;
pub mod xml;

pub use answer::IntoAnswer;
pub use argument::FromArgument;
pub use binding::Params;
pub use charset::Charset;
pub use dispatch::{Dispatcher, Limits, json, xml};
pub use example::Example;
pub use fault::Fault;
pub use macros::rpc;
pub use method::{Access, Args, Call, Method, Param, Part};
pub use registry::Registry;
pub use reply::{Protocol, Reply, check_content_type};
pub use shape::{Member, Shape};

/// Values in one request, which bounds the memory that a body can turn into.
const MAX_VALUES: usize = 250_000;
