//! Structs: fields with their serde attributes and defaults.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value as Json;

use super::types::{float, ident, literal};
use super::{Emitter, docs, shape};
use crate::model::{Field, Presence, Rest, Shape, Struct, TimeUnit, TypeDef, Value};

/// The name of the struct member that keeps what the schema does not name.
pub(super) fn rest_name(shape: &Struct) -> &'static str {
    let taken = shape
        .fields
        .iter()
        .any(|field| field.name.snake() == "fields");
    if taken { "other_fields" } else { "fields" }
}

/// The struct of an object, with the functions that give its defaults.
pub(super) fn definition(
    emitter: &Emitter<'_>,
    def: &TypeDef,
    shape: &Struct,
) -> Result<TokenStream, String> {
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
