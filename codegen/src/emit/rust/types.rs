//! Named types: newtypes, enums and unions; structs have a file of their own.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Emitter, check, docs, shape, structs};
use crate::model::{EnumValue, Integer, Name, Shape, Text, TypeDef, Union, Value, Variant};

/// The items of one type.
pub(super) fn items(emitter: &Emitter<'_>, def: &TypeDef) -> Result<TokenStream, String> {
    let doc = docs::comment(0, &def.description, &[docs::schema(&def.source)]);
    let definition = match &def.shape {
        Shape::Struct(shape) => structs::definition(emitter, def, shape)?,
        Shape::Text(rule) => return Ok(text_newtype(emitter, def, &doc, rule)),
        Shape::Integer(range) => return Ok(integer_newtype(emitter, def, &doc, *range)),
        Shape::Enum(values) => enumeration(def, values),
        Shape::Union(Union { variants, .. }) => union(def, variants)?,
        Shape::Number(_) | Shape::Alias(_) => alias(def)?,
    };
    let check = check::implementation(emitter, def);
    Ok(quote! { #doc #definition #check })
}

/// The tokens of a type's name.
pub(super) fn ident(name: &Name) -> proc_macro2::Ident {
    format_ident!("{}", name.pascal())
}

fn text_newtype(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    doc: &TokenStream,
    rule: &Text,
) -> TokenStream {
    let name = ident(&def.name);
    let tokens = check::text_rule(rule);
    let (derive, call) = if rule.sensitive {
        (
            quote!(Clone, PartialEq, Eq, Serialize, Deserialize),
            quote!(secret_text),
        )
    } else {
        (
            quote!(
                Clone,
                Debug,
                PartialEq,
                Eq,
                PartialOrd,
                Ord,
                Hash,
                Serialize,
                Deserialize
            ),
            quote!(text),
        )
    };
    let param = param(emitter, def);
    quote! {
        #doc
        #[derive(#derive)]
        #[serde(try_from = "String")]
        pub struct #name(String);

        impl #name {
            /// The rule that its texts obey.
            pub const RULE: TextRule = #tokens;
        }

        #call!(#name);

        #param
    }
}

fn integer_newtype(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    doc: &TokenStream,
    range: Integer,
) -> TokenStream {
    let name = ident(&def.name);
    let (inner, min, max) = (
        format_ident!("{}", shape::integer(range)),
        literal(range.min),
        literal(range.max),
    );
    let through = shape::integer(range);
    let param = param(emitter, def);
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = #through)]
        pub struct #name(#inner);

        integer!(#name, #inner, #min, #max);

        #param
    }
}

/// Marks a type that fills a subject token.
fn param(emitter: &Emitter<'_>, def: &TypeDef) -> Option<TokenStream> {
    let name = ident(&def.name);
    emitter
        .params
        .contains(&def.name)
        .then(|| quote! { impl Param for #name {} })
}

fn enumeration(def: &TypeDef, values: &[EnumValue]) -> TokenStream {
    let name = ident(&def.name);
    let variants = values.iter().map(|value| {
        let (variant, text) = (ident(&value.name), &value.text);
        let doc = variant_doc(&value.description, text);
        let rename = (variant != text.as_str()).then(|| quote! { #[serde(rename = #text)] });
        quote! { #doc #rename #variant, }
    });
    let unknown = def.open.then(|| unknown_variant(&quote!(String)));
    let derive = if def.open {
        quote!(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)
    } else {
        quote!(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            Hash,
            Serialize,
            Deserialize
        )
    };
    quote! {
        #[derive(#derive)]
        pub enum #name { #(#variants)* #unknown }
    }
}

fn union(def: &TypeDef, variants: &[Variant]) -> Result<TokenStream, String> {
    let name = ident(&def.name);
    let types = shape::inner_types(def)?;
    let variants = variants.iter().map(|variant| {
        let (ident, tag) = (ident(&variant.name), &variant.tag);
        let doc = variant_doc(&variant.description, tag);
        let rename = (ident != tag.as_str()).then(|| quote! { #[serde(rename = #tag)] });
        let held = types.get(&variant.name.pascal()).map(|ty| quote! { (#ty) });
        quote! { #doc #rename #ident #held, }
    });
    let unknown = def.open.then(|| unknown_variant(&quote!(Value)));
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum #name { #(#variants)* #unknown }
    })
}

fn variant_doc(description: &str, text: &str) -> TokenStream {
    if description.is_empty() {
        docs::comment(4, &format!("`{text}` on the wire"), &[])
    } else {
        docs::comment(4, description, &[])
    }
}

fn unknown_variant(ty: &TokenStream) -> TokenStream {
    let doc = docs::comment(
        4,
        "What a newer peer says and this version does not know; read, never written",
        &[],
    );
    quote! { #doc #[serde(untagged)] Unknown(#ty), }
}

fn alias(def: &TypeDef) -> Result<TokenStream, String> {
    let name = ident(&def.name);
    let types = shape::inner_types(def)?;
    let ty = types
        .values()
        .next()
        .ok_or_else(|| format!("{}: no type inside", def.name.pascal()))?;
    let default = match &def.shape {
        Shape::Alias(Value::Array { length, .. } | Value::Map { length, .. })
            if length.min == 0 =>
        {
            quote!(Default,)
        }
        _ => TokenStream::new(),
    };
    Ok(quote! {
        #[derive(Clone, Debug, #default PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct #name(pub #ty);
    })
}

/// An integer literal without a suffix, with its digits grouped.
pub(super) fn literal(value: i128) -> TokenStream {
    let digits = value.unsigned_abs().to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| String::from_utf8_lossy(group).into_owned());
    let text = groups.collect::<Vec<_>>().join("_");
    let literal: proc_macro2::Literal = text.parse().expect("digits are a literal");
    if value < 0 {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}

/// A float literal without a suffix, with an exponent where there would be many digits.
pub(super) fn float(value: f64) -> TokenStream {
    let text = if value.abs() >= 1e5 {
        format!("{:e}", value.abs())
    } else {
        format!("{:?}", value.abs())
    };
    let literal: proc_macro2::Literal = text.parse().expect("a finite float is a literal");
    if value < 0.0 {
        quote!(-#literal)
    } else {
        quote!(#literal)
    }
}
