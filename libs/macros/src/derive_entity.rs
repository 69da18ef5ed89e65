//! The body of `#[derive(Entity)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Lit, LitStr, Meta, Token};

pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    try_expand(input).unwrap_or_else(|error| error.to_compile_error())
}

fn try_expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(
            name,
            "only a struct can be an entity",
        ));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(syn::Error::new_spanned(
            name,
            "an entity needs named fields",
        ));
    };

    let (mut table, mut wire, mut title, mut stamp, mut history) = (None, None, None, None, false);
    for attribute in input.attrs.iter().filter(|a| a.path().is_ident("entity")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("history") {
                history = true;
                return Ok(());
            }
            let target = match &meta.path {
                p if p.is_ident("table") => &mut table,
                p if p.is_ident("wire") => &mut wire,
                p if p.is_ident("title") => &mut title,
                p if p.is_ident("stamp") => &mut stamp,
                _ => return Err(meta.error("expected table, wire, title, history or stamp")),
            };
            *target = Some(meta.value()?.parse::<LitStr>()?);
            Ok(())
        })?;
    }
    let missing = |what| syn::Error::new_spanned(name, format!("#[entity({what} = …)] is missing"));
    let table = table.ok_or_else(|| missing("table"))?;
    let wire = wire.ok_or_else(|| missing("wire"))?;
    let title = title.ok_or_else(|| missing("title"))?;
    let stamp = stamp.map_or_else(|| quote!(None), |column| quote!(Some(#column)));
    let doc = doc_comment(&input.attrs);
    let label = wire.value();
    let model = label.rsplit('.').next().unwrap_or_default();

    let (mut fields, mut reads, mut gets, mut sets) = (vec![], vec![], vec![], vec![]);
    for (index, field) in named.named.iter().enumerate() {
        let (Some(ident), ty) = (&field.ident, &field.ty) else {
            continue;
        };
        let (field_name, label) = (ident.to_string(), doc_comment(&field.attrs));
        let field_name = field_name.trim_start_matches("r#");
        let reference = format!("{field_name}_id");
        let mut options = vec![];
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("field")) {
            attribute.parse_nested_meta(|meta| {
                let option = meta.path.require_ident()?.clone();
                if meta.input.peek(Token![=]) {
                    let value: Expr = meta.value()?.parse()?;
                    options.push(quote!(.#option(#value)));
                } else {
                    options.push(quote!(.#option()));
                }
                Ok(())
            })?;
        }
        fields.push(quote!(
            ::entity::Field::new(
                #field_name, #reference, #label,
                <#ty as ::entity::Column>::KIND, <#ty as ::entity::Column>::NULL,
            )#(#options)*
        ));
        reads.push(quote!(#ident: ::entity::Column::read(row, #index)?));
        gets.push(quote!(#index => ::entity::Column::get(&self.#ident)));
        sets.push(quote!(#index => self.#ident = ::entity::Column::put(value)?));
    }

    Ok(quote! {
        #[automatically_derived]
        impl ::entity::Entity for #name {
            const META: &'static ::entity::Meta = &::entity::Meta {
                name: #model,
                table: #table,
                wire: #wire,
                title: #title,
                doc: #doc,
                history: #history,
                stamp: #stamp,
                fields: &[#(#fields),*],
                relations: <#name as ::entity::Relations>::RELATIONS,
                computed: <#name as ::entity::Relations>::COMPUTED,
                unique: <#name as ::entity::Relations>::UNIQUE,
            };
            fn from_row(row: &::entity::PgRow) -> ::entity::Result<Self> {
                Ok(Self { #(#reads),* })
            }
            fn value(&self, field: usize) -> ::entity::Value {
                match field {
                    #(#gets,)*
                    _ => unreachable!("a field index comes from META"),
                }
            }
            fn set(&mut self, field: usize, value: ::entity::Value) -> ::entity::Result<()> {
                match field {
                    #(#sets,)*
                    _ => unreachable!("a field index comes from META"),
                }
                Ok(())
            }
        }
    })
}

/// The doc comment, its lines trimmed and joined by one blank.
pub(crate) fn doc_comment(attributes: &[Attribute]) -> String {
    doc_lines(attributes).join(" ").trim().to_owned()
}

pub(crate) fn doc_lines(attributes: &[Attribute]) -> Vec<String> {
    attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
