//! The body of `#[derive(Row)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        return syn::Error::new_spanned(name, "only a struct can be a row").to_compile_error();
    };
    let Fields::Named(named) = &data.fields else {
        return syn::Error::new_spanned(name, "a row needs named fields").to_compile_error();
    };
    let reads = named.named.iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let skipped = field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("later"));
        let column = ident.to_string();
        let column = column.trim_start_matches("r#");
        Some(if skipped {
            quote!(#ident: ::std::default::Default::default())
        } else {
            quote!(#ident: ::sqlx::Row::try_get(row, #column)?)
        })
    });
    quote! {
        #[automatically_derived]
        impl<'r> ::sqlx::FromRow<'r, ::sqlx::postgres::PgRow> for #name {
            fn from_row(row: &'r ::sqlx::postgres::PgRow) -> ::sqlx::Result<Self> {
                Ok(Self { #(#reads),* })
            }
        }
    }
}
