//! Turns declarations into constant tables: `#[derive(Entity)]` for rows, `#[rpc]` for methods.
//!
//! Must not know any entity or method by name, and must not emit behaviour: everything that reads
//! the tables is an ordinary function in `entity` and `rpc`.
//! A new *option* of a field is a `const fn` on `entity::Field`, not a change here.

mod derive_entity;
mod derive_row;
mod rpc_method;

use proc_macro::TokenStream;

/// Derives `entity::Entity` for a plain struct whose first field is `id`.
///
/// `#[entity(table = "test_case", wire = "testcases.TestCase", title = "test case")]` names the
/// table, the wire label and the words of messages; `history` adds that every change is recorded,
/// and `stamp = "history_date"` names a column that holds the time of the newest record. The doc
/// comment of a field is its label, its type decides kind and nullability (trait
/// `entity::Column`), and each option of `#[field(max = 255, search)]` becomes a call of the
/// `const fn` of that name on `entity::Field`.
#[proc_macro_derive(Entity, attributes(entity, field))]
pub fn entity(input: TokenStream) -> TokenStream {
    derive_entity::expand(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}

/// Derives `sqlx::FromRow` for the answer of a statement: each field is the column of its name.
/// Fields marked `#[later]` begin with their default, because another statement fills them.
#[proc_macro_derive(Row, attributes(later))]
pub fn row(input: TokenStream) -> TokenStream {
    derive_row::expand(&syn::parse_macro_input!(input as syn::DeriveInput)).into()
}

/// Declares an RPC method: `#[rpc("TestCase.filter", needs = "testcases.view_testcase")]`.
///
/// Leaves the `async fn` as it is and adds a constant `rpc::Method` with the name of the function
/// in capitals, holding name, documentation, access rule, parameters and a pointer to a function
/// that binds the arguments and calls it. Access is `public`, `login` or `needs = "app.codename"`;
/// `context` marks the methods whose hidden last parameter clients may name (`rpc_context`);
/// `read` opens a transaction that cannot write, which is the default where a `view_` permission is
/// needed; `write` says that such a method writes nevertheless;
/// `function = "severity_filter"` overrides the name used in binding errors.
///
/// Every method needs an example: the file `src/methods/examples/<name>.json` of the crate, or, for
/// methods of tests, `example = "…"`.
#[proc_macro_attribute]
pub fn rpc(attributes: TokenStream, item: TokenStream) -> TokenStream {
    rpc_method::expand(
        syn::parse_macro_input!(attributes as rpc_method::Attributes),
        &syn::parse_macro_input!(item as syn::ItemFn),
    )
    .into()
}
