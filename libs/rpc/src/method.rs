//! What the registry knows about a method.

use domain::{Ctx, Error};
use entity::Value;
use futures_util::future::BoxFuture;

use crate::{Example, Fault, Params, binding};

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Every account that is logged in.
    LoggedIn,
    /// Accounts with this permission, `app.codename`.
    Permission(&'static str),
}

/// The part of the product that a method belongs to; not every installation has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What every installation has.
    Core,
    /// More than one tenant.
    Tenants,
    /// The built-in bug tracker.
    BugTracker,
}

/// A parameter, as it is documented and bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Param {
    /// Name for named parameters and in messages.
    pub name: &'static str,
    /// What it takes, in a word; only for the documentation.
    pub kind: &'static str,
    /// May be left out.
    pub optional: bool,
}

/// The function behind a method: opens the arguments and calls the `async fn`.
pub type Call = for<'a> fn(&'a mut Ctx, Args) -> BoxFuture<'a, Result<Value, Error>>;

/// A method of the API; made by `#[rpc]`.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Name on the wire, `Class.verb`.
    pub name: &'static str,
    /// Name of the function in messages about parameters.
    pub function: &'static str,
    /// Documentation in Markdown.
    pub doc: &'static str,
    /// A call and its answer, as JSON; see [`Method::example`].
    pub example: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Where it exists.
    pub part: Part,
    /// Has a hidden last parameter `rpc_context`, which clients may name but not fill.
    pub context: bool,
    /// Runs in a transaction that cannot write.
    pub read_only: bool,
    /// Parameters in order.
    pub params: &'static [Param],
    /// What it does.
    pub call: Call,
}

impl Method {
    /// Puts the parameters of a call into the order of the declaration.
    pub fn bind(&self, params: Params) -> Result<Args, Fault> {
        let hidden = self.context.then_some("rpc_context");
        binding::bind(self.function, hidden, self.params, params)
    }

    /// A call and its answer.
    pub fn example(&self) -> Result<Example, serde_json::Error> {
        serde_json::from_str(self.example)
    }

    /// Whether it changes nothing.
    pub fn reads(&self) -> bool {
        const TELLS: [&str; 2] = ["KiwiTCMS.version", "Markdown.render"];
        let looks = matches!(self.access, Access::Permission(name) if name.contains(".view_"));
        self.read_only || looks || TELLS.contains(&self.name)
    }

    /// What the method belongs to: its name up to the dot.
    pub fn class(&self) -> &'static str {
        self.name.split('.').next().unwrap_or_default()
    }
}

/// Bound arguments, in the order of the parameters; `None` for one that was left out.
#[derive(Debug, Clone)]
pub struct Args(std::vec::IntoIter<Option<Value>>);

impl Args {
    pub(crate) fn new(values: Vec<Option<Value>>) -> Self {
        Self(values.into_iter())
    }

    /// The next argument; `None` if it was left out.
    pub fn next_value(&mut self) -> Option<Value> {
        self.0.next().flatten()
    }
}
