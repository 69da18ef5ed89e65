//! The body of `#[rpc]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{FnArg, Ident, ItemFn, LitStr, Pat, Token, Type};

use crate::derive_entity::doc_lines;

/// What stands between the parentheses of `#[rpc(…)]`.
pub(crate) struct Attributes {
    name: LitStr,
    access: TokenStream,
    part: TokenStream,
    context: bool,
    read_only: bool,
    function: Option<LitStr>,
    example: Option<LitStr>,
}

impl Parse for Attributes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse()?;
        let (mut access, mut context) = (None, false);
        let (mut function, mut example) = (None, None);
        let (mut views, mut read_only) = (false, None);
        let mut part = quote!(::rpc::Part::Core);
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let option: Ident = input.parse()?;
            match option.to_string().as_str() {
                "public" => access = Some(quote!(::rpc::Access::Public)),
                "login" => access = Some(quote!(::rpc::Access::LoggedIn)),
                "needs" => {
                    input.parse::<Token![=]>()?;
                    let permission: LitStr = input.parse()?;
                    views = permission.value().contains(".view_");
                    access = Some(quote!(::rpc::Access::Permission(#permission)));
                }
                "context" => context = true,
                "tenants" => part = quote!(::rpc::Part::Tenants),
                "bugs" => part = quote!(::rpc::Part::BugTracker),
                "read" => read_only = Some(true),
                "write" => read_only = Some(false),
                "function" => {
                    input.parse::<Token![=]>()?;
                    function = Some(input.parse()?);
                }
                "example" => {
                    input.parse::<Token![=]>()?;
                    example = Some(input.parse()?);
                }
                _ => {
                    return Err(syn::Error::new(
                        option.span(),
                        "expected public, login, needs = \"…\", tenants, bugs, context, read, \
                         write, function = \"…\" or example = \"…\"",
                    ));
                }
            }
        }
        let access = access.ok_or_else(|| {
            syn::Error::new(
                name.span(),
                "say who may call it: public, login or needs = \"…\"",
            )
        })?;
        let read_only = read_only.unwrap_or(views);
        Ok(Self {
            name,
            access,
            part,
            context,
            read_only,
            function,
            example,
        })
    }
}

pub(crate) fn expand(attributes: Attributes, function: &ItemFn) -> TokenStream {
    let Attributes {
        name,
        access,
        part,
        context,
        read_only,
        function: alias,
        example,
    } = attributes;
    let example = example_of(&name, example);
    let ident = &function.sig.ident;
    let visibility = &function.vis;
    let constant = format_ident!("{}", ident.to_string().to_uppercase());
    let python_name = alias.map_or_else(
        || {
            name.value()
                .rsplit('.')
                .next()
                .unwrap_or_default()
                .to_owned()
        },
        |alias| alias.value(),
    );
    let doc = doc_lines(&function.attrs).join("\n");
    let doc = doc.trim();

    let (mut params, mut takes, mut names) = (vec![], vec![], vec![]);
    for argument in function.sig.inputs.iter().skip(1) {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        let (Pat::Ident(pattern), ty) = (&*argument.pat, &*argument.ty) else {
            return syn::Error::new_spanned(argument, "a parameter needs a plain name")
                .to_compile_error();
        };
        let parameter = &pattern.ident;
        let text = parameter.to_string();
        let text = text.trim_start_matches("r#");
        params.push(parameter_of(text, ty));
        takes.push(quote!(let #parameter: #ty = ::rpc::FromArgument::take(&mut args, #text)?;));
        names.push(parameter.clone());
    }
    let constant_doc = format!("The registry entry of `{}`.", name.value());

    quote! {
        #function

        #[doc = #constant_doc]
        #visibility const #constant: ::rpc::Method = ::rpc::Method {
            name: #name,
            function: #python_name,
            doc: #doc,
            example: #example,
            access: #access,
            part: #part,
            context: #context,
            read_only: #read_only,
            params: &[#(#params),*],
            call: |ctx, args| ::std::boxed::Box::pin(async move {
                let mut args = args;
                #(#takes)*
                let _ = &mut args;
                ::rpc::IntoAnswer::into_answer(#ident(ctx, #(#names),*).await?)
            }),
        };
    }
}

/// The example of a method is a file named like it; without one nothing compiles.
fn example_of(name: &LitStr, inline: Option<LitStr>) -> TokenStream {
    let folder = "/src/methods/examples/";
    inline.map_or_else(
        || {
            quote!(include_str!(
                concat!(env!("CARGO_MANIFEST_DIR"), #folder, #name, ".json")
            ))
        },
        |text| quote!(#text),
    )
}

fn parameter_of(name: &str, ty: &Type) -> TokenStream {
    quote!(::rpc::Param {
        name: #name,
        kind: <#ty as ::rpc::FromArgument>::KIND,
        optional: <#ty as ::rpc::FromArgument>::OPTIONAL,
    })
}
