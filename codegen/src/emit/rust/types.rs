//! Named types: structs, newtypes, enums and unions with their serde attributes and checks.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value as Json;

use super::{Emitter, check, docs, shape};
use crate::model::{
    EnumValue, Field, Integer, Name, Presence, Rest, Shape, Struct, Text, TimeUnit, TypeDef, Value,
    Variant,
};

/// The items of one type.
pub(super) fn items(emitter: &Emitter<'_>, def: &TypeDef) -> Result<TokenStream, String> {
    let doc = docs::comment(0, &def.description, &[docs::schema(&def.source)]);
    let definition = match &def.shape {
        Shape::Struct(shape) => structure(emitter, def, shape)?,
        Shape::Text(rule) => return Ok(text_newtype(emitter, def, &doc, rule)),
        Shape::Integer(range) => return Ok(integer_newtype(emitter, def, &doc, *range)),
        Shape::Enum(values) => enumeration(def, values),
        Shape::Union(variants) => union(def, variants)?,
        Shape::Alias(_) => alias(def)?,
    };
    let check = check::implementation(emitter, def);
    Ok(quote! { #doc #definition #check })
}

/// The tokens of a type's name.
pub(super) fn ident(name: &Name) -> proc_macro2::Ident {
    format_ident!("{}", name.pascal())
}

/// The name of the struct member that keeps what the schema does not name.
pub(super) fn rest_name(shape: &Struct) -> &'static str {
    let taken = shape
        .fields
        .iter()
        .any(|field| field.name.snake() == "fields");
    if taken { "other_fields" } else { "fields" }
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

fn structure(emitter: &Emitter<'_>, def: &TypeDef, shape: &Struct) -> Result<TokenStream, String> {
    let name = ident(&def.name);
    let types = shape::inner_types(def)?;
    let fields = shape
        .fields
        .iter()
        .map(|field| member(emitter, def, field, &types))
        .collect::<Result<Vec<_>, _>>()?;
    let rest = match &shape.rest {
        Rest::Keep(value) => {
            let name = format_ident!("{}", rest_name(shape));
            let ty = rest_type(value);
            let doc = docs::comment(4, "All other members of the object", &[]);
            Some(quote! { #doc #[serde(flatten)] pub #name: #ty, })
        }
        Rest::Ignore | Rest::Deny => None,
    };
    let derive = if has_default(emitter, shape) {
        quote!(Clone, Debug, Default, PartialEq, Serialize, Deserialize)
    } else {
        quote!(Clone, Debug, PartialEq, Serialize, Deserialize)
    };
    let closed = matches!(shape.rest, Rest::Deny).then(|| quote! { #[serde(deny_unknown_fields)] });
    let defaults = default_functions(emitter, def, shape, &types)?;
    Ok(quote! {
        #[derive(#derive)]
        #closed
        pub struct #name { #(#fields)* #rest }
        #defaults
    })
}

fn rest_type(value: &Value) -> TokenStream {
    if let Value::Named(name) = value {
        let name = ident(name);
        quote!(BTreeMap<String, #name>)
    } else {
        quote!(Map)
    }
}

fn member(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    field: &Field,
    types: &BTreeMap<String, syn::Type>,
) -> Result<TokenStream, String> {
    let name = format_ident!("{}", field.name.snake());
    let ty = types.get(&field.name.snake()).ok_or_else(|| {
        format!(
            "{}#{}: typify lost the field `{}`",
            def.source.file, def.source.pointer, field.key
        )
    })?;
    let doc = docs::comment(4, &field.description, &[]);
    let serde = serde_attribute(emitter, def, field)?;
    let ty = field_type(field, ty);
    Ok(quote! { #doc #serde pub #name: #ty, })
}

/// The type of a field whose value has type `ty`.
fn field_type(field: &Field, ty: &syn::Type) -> TokenStream {
    if field.nullable || field.presence == Presence::Optional {
        quote!(Option<#ty>)
    } else {
        quote!(#ty)
    }
}

/// The one serde attribute of a field, if it needs one.
fn serde_attribute(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    field: &Field,
) -> Result<Option<TokenStream>, String> {
    let mut parts = Vec::new();
    if field.key != field.name.snake() {
        let key = &field.key;
        parts.push(quote!(rename = #key));
    }
    let duration = match &field.value {
        Value::Duration { unit, .. } => Some(unit_module(*unit)),
        _ => None,
    };
    match (&field.presence, field.nullable) {
        (Presence::Optional, false) => {
            parts.push(quote!(default, skip_serializing_if = "Option::is_none"));
            match duration {
                Some(unit) => parts.push(with(&format!("optional::{unit}"))),
                None => parts.push(quote!(deserialize_with = "natsgen_runtime::wire::present")),
            }
        }
        (Presence::Optional, true) => {
            return Err(format!(
                "{}#{}/properties/{}: optional and nullable at once: give it `\"default\": null` or drop one",
                def.source.file, def.source.pointer, field.key
            ));
        }
        (Presence::Required, true) => match duration {
            Some(unit) => parts.push(with(&format!("nullable::{unit}"))),
            None => parts.push(quote!(deserialize_with = "natsgen_runtime::wire::nullable")),
        },
        (Presence::Default(value), nullable) => {
            parts.push(default_attribute(emitter, def, field, value));
            if let Some(unit) = duration {
                parts.push(with(&if nullable {
                    format!("nullable::{unit}")
                } else {
                    unit.to_owned()
                }));
            }
        }
        (Presence::Required, false) => parts.extend(duration.map(with)),
    }
    Ok((!parts.is_empty()).then(|| quote! { #[serde(#(#parts),*)] }))
}

fn with(module: &str) -> TokenStream {
    let path = format!("natsgen_runtime::wire::{module}");
    quote!(with = #path)
}

fn unit_module(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Secs => "secs",
        TimeUnit::Millis => "millis",
        TimeUnit::Micros => "micros",
    }
}

fn default_attribute(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    field: &Field,
    value: &Json,
) -> TokenStream {
    if is_rust_default(emitter, field, value) {
        quote!(default)
    } else {
        let path = format!("{}::default_{}", def.name.pascal(), field.name.snake());
        quote!(default = #path)
    }
}

/// Whether the schema's default is what `Default` gives for the field's type.
fn is_rust_default(emitter: &Emitter<'_>, field: &Field, value: &Json) -> bool {
    match (value, &field.value) {
        (Json::Null, _) | (Json::Bool(_), Value::Only(_)) => true,
        (Json::Array(items), Value::Array { .. }) => items.is_empty(),
        (Json::Object(members), Value::Map { .. }) => members.is_empty(),
        (Json::Object(members), Value::Named(name)) => match emitter.ty(name).map(|def| &def.shape)
        {
            Some(Shape::Struct(shape)) => members.is_empty() && has_default(emitter, shape),
            Some(Shape::Alias(Value::Map { .. })) => members.is_empty(),
            _ => false,
        },
        (Json::Array(items), Value::Named(name)) => {
            items.is_empty()
                && matches!(
                    emitter.ty(name).map(|def| &def.shape),
                    Some(Shape::Alias(Value::Array { .. }))
                )
        }
        (Json::Bool(value), Value::Bool) => !value,
        (Json::Number(number), Value::Integer(_) | Value::Number(_) | Value::Duration { .. }) => {
            number.as_f64() == Some(0.0)
        }
        (Json::String(text), Value::Text(_)) => text.is_empty(),
        _ => false,
    }
}

/// Whether every field has a value of its own accord.
fn has_default(emitter: &Emitter<'_>, shape: &Struct) -> bool {
    shape.fields.iter().all(|field| match &field.presence {
        Presence::Optional => true,
        Presence::Default(value) => is_rust_default(emitter, field, value),
        Presence::Required => field.nullable || matches!(field.value, Value::Only(_)),
    })
}

/// Functions for serde that give the defaults that `Default` does not.
fn default_functions(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    shape: &Struct,
    types: &BTreeMap<String, syn::Type>,
) -> Result<Option<TokenStream>, String> {
    let mut functions = Vec::new();
    for field in &shape.fields {
        if let Presence::Default(value) = &field.presence
            && !is_rust_default(emitter, field, value)
        {
            let name = format_ident!("default_{}", field.name.snake());
            let ty = field_type(field, &types[&field.name.snake()]);
            let value = default_value(emitter, field, value).ok_or_else(|| {
                format!(
                    "{}#{}/properties/{}/default: not a default that Rust can write",
                    def.source.file, def.source.pointer, field.key
                )
            })?;
            functions.push(quote! { fn #name() -> #ty { #value } });
        }
    }
    let name = ident(&def.name);
    Ok((!functions.is_empty()).then(|| quote! { impl #name { #(#functions)* } }))
}

fn default_value(emitter: &Emitter<'_>, field: &Field, value: &Json) -> Option<TokenStream> {
    let plain = match (&field.value, value) {
        (Value::Integer(_), Json::Number(number)) => literal(number.as_i128()?),
        (Value::Number(_), Json::Number(number)) => {
            let number = float(number.as_f64()?);
            quote!(#number)
        }
        (Value::Bool, Json::Bool(value)) => quote!(#value),
        (Value::Text(_), Json::String(text)) => quote!(#text.to_owned()),
        (Value::Duration { unit, .. }, Json::Number(number)) => {
            let (from, number) = (
                format_ident!("from_{}", unit_module(*unit)),
                literal(number.as_i128()?),
            );
            quote!(Duration::#from(#number))
        }
        (Value::Named(name), Json::String(text)) => match &emitter.ty(name)?.shape {
            Shape::Enum(values) => {
                let variant = ident(&values.iter().find(|value| value.text == *text)?.name);
                let name = ident(name);
                quote!(#name::#variant)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(if field.nullable {
        quote!(Some(#plain))
    } else {
        plain
    })
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
