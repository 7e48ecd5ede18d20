//! Rust shapes by typify: what a struct's fields, a union's variants and a newtype hold.
//!
//! typify never sees our schemas and never decides what is valid. It gets one normalised schema per type, written from
//! the model: an object with a property for each place, every reference local, every type known by name. Of its output
//! only the types of the fields are taken. What it does not know, [`constrain`] puts around them: lengths, ranges, units.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use schemars::schema::RootSchema;
use serde_json::{Value as Json, json};
use syn::parse_quote;
use typify::{TypeSpace, TypeSpaceSettings};

use super::literal::literal;
use crate::model::{
    AdditionalMembers, Integer, Length, Shape, Struct, TimeUnit, TypeDef, Union, Value,
};

/// The Rust types inside a named type: of a struct's fields and then of the map that keeps the rest, of those variants
/// that hold something, of what a newtype holds.
pub(super) fn inner_types(def: &TypeDef) -> Result<Vec<syn::Type>, String> {
    let values = places(def);
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let plain = plain_types(def, &values).map_err(|reason| {
        format!(
            "{}#{}: typify gives no Rust type for `{}`: {reason}",
            def.source.file,
            def.source.pointer,
            def.name.pascal()
        )
    })?;
    let types = values.iter().zip(plain).map(|(value, mut ty)| {
        constrain(value, &mut ty);
        ty
    });
    Ok(types.collect())
}

/// The values inside a type.
fn places(def: &TypeDef) -> Vec<Cow<'_, Value>> {
    match &def.shape {
        Shape::Struct(Struct { fields, additional }) => {
            let rest = match additional {
                AdditionalMembers::Flatten(value) => Some(Cow::Owned(Value::Map {
                    key: None,
                    value: value.clone(),
                    length: Length::default(),
                })),
                AdditionalMembers::Ignore | AdditionalMembers::Deny => None,
            };
            let fields = fields.iter().map(|field| Cow::Borrowed(&field.value));
            fields.chain(rest).collect()
        }
        Shape::Union(Union { variants, .. }) => {
            let values = variants.iter().filter_map(|variant| variant.value.as_ref());
            values.map(Cow::Borrowed).collect()
        }
        Shape::Alias(value) => vec![Cow::Borrowed(value)],
        Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => Vec::new(),
    }
}

/// What typify makes of the values, without their constraints.
fn plain_types(def: &TypeDef, values: &[Cow<'_, Value>]) -> Result<Vec<syn::Type>, String> {
    let name = def.name.pascal();
    let mut definitions = serde_json::Map::new();
    let mut settings = TypeSpaceSettings::default();
    settings.with_map_type("BTreeMap");
    let mut refer = |name: &str| {
        let placeholder = format!("Other{}", definitions.len());
        settings.with_replacement(&placeholder, name, std::iter::empty());
        definitions.insert(placeholder.clone(), json!({ "type": "object" }));
        placeholder
    };
    let properties: serde_json::Map<_, _> = values
        .iter()
        .enumerate()
        .map(|(place, value)| (property(place), value_schema(value, &mut refer)))
        .collect();
    let required: Vec<_> = properties.keys().cloned().collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    definitions.insert(ASKED.to_owned(), schema);
    let root: RootSchema = serde_json::from_value(json!({ "definitions": definitions }))
        .map_err(|error| error.to_string())?;
    let mut space = TypeSpace::new(&settings);
    space
        .add_ref_types(root.definitions)
        .map_err(|error| error.to_string())?;
    let found = definition(space.to_stream(), ASKED);
    let tokens = found.ok_or_else(|| "nothing of that name came out".to_owned())?;
    let item: syn::ItemStruct = syn::parse2(bare(tokens)).map_err(|error| error.to_string())?;
    let fields = item.fields.into_iter();
    let mut types: BTreeMap<_, _> = fields
        .filter_map(|field| Some((field.ident?.to_string(), field.ty)))
        .collect();
    let types = (0..values.len()).map(|place| {
        types
            .remove(&property(place))
            .ok_or_else(|| format!("place {place} of `{name}` is lost"))
    });
    types.collect()
}

/// What typify calls the type that it is asked for. Those that this one refers to have placeholders for names, too, so
/// that none is taken for another.
const ASKED: &str = "Asked";

/// What typify calls a place.
fn property(place: usize) -> String {
    format!("place{place}")
}

/// Puts into a type what typify does not know: lengths, ranges, units of time.
fn constrain(value: &Value, ty: &mut syn::Type) {
    match value {
        Value::Text(text) => limit(text.length, ty),
        Value::Integer(range) if !is_exact(*range) => {
            let (min, max) = (literal(range.min), literal(range.max));
            *ty = parse_quote!(Ranged<#ty, #min, #max>);
        }
        Value::Duration { unit, range } => {
            let (min, max) = (literal(range.min), literal(range.max));
            *ty = match unit {
                TimeUnit::Secs => parse_quote!(Secs<#min, #max>),
                TimeUnit::Millis => parse_quote!(Millis<#min, #max>),
                TimeUnit::Micros => parse_quote!(Micros<#min, #max>),
                TimeUnit::Nanos => parse_quote!(Nanos<#min, #max>),
            };
        }
        Value::Array { item, length } => {
            constrain_argument(item, ty);
            limit(*length, ty);
        }
        Value::Map { value, length, .. } => {
            constrain_argument(value, ty);
            limit(*length, ty);
        }
        Value::Nullable(inner) => constrain_argument(inner, ty),
        Value::Named(_)
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Bool
        | Value::Only(_)
        | Value::Any => {}
    }
}

/// Constrains what a list, a map or an option holds: its last argument, if it has any.
fn constrain_argument(value: &Value, ty: &mut syn::Type) {
    if let Some(inner) = last_argument(ty) {
        constrain(value, inner);
    }
}

/// The last generic argument of a type.
pub(super) fn last_argument(ty: &mut syn::Type) -> Option<&mut syn::Type> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    match &mut path.path.segments.last_mut()?.arguments {
        syn::PathArguments::AngleBracketed(arguments) => match arguments.args.last_mut()? {
            syn::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// A type as people write it.
pub(super) fn source(ty: &syn::Type) -> String {
    fn write(tokens: TokenStream, text: &mut String) {
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => text.push_str(", "),
                TokenTree::Group(group) => {
                    text.push_str("{ ");
                    write(group.stream(), text);
                    text.push_str(" }");
                }
                token => text.push_str(&token.to_string()),
            }
        }
    }
    let mut text = String::new();
    write(ty.to_token_stream(), &mut text);
    text
}

fn limit(length: Length, ty: &mut syn::Type) {
    if length != Length::default() {
        let min = literal(length.min.into());
        let max = length.max.map(|max| literal(max.into()));
        let max = max.map(|max| quote!(, #max));
        *ty = parse_quote!(Limited<#ty, #min #max>);
    }
}

/// The definition of the type `name` among typify's items. Only this is parsed: most of the rest is builders and
/// conversions that nobody asked for.
fn definition(items: TokenStream, name: &str) -> Option<TokenStream> {
    let tokens: Vec<_> = items.into_iter().collect();
    let is_start = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(keyword), TokenTree::Ident(ident)] => {
            (keyword == "struct" || keyword == "enum") && ident == name
        }
        _ => false,
    };
    let is_end = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    };
    let start = tokens.windows(2).position(is_start)?;
    let length = tokens[start..].iter().position(is_end)? + 1;
    Some(tokens.into_iter().skip(start).take(length).collect())
}

/// Shortens `::std::vec::Vec` to `Vec`: the bare names are imported on top.
fn bare(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inside_path = matches!(out.last(), Some(TokenTree::Ident(ident)) if ident != "pub");
        if is_colons(&tokens, at) && !inside_path {
            at += 2;
            while is_colons(&tokens, at + 1)
                && matches!(tokens.get(at + 3), Some(TokenTree::Ident(_)))
            {
                at += 3;
            }
            continue;
        }
        out.push(match &tokens[at] {
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(group.delimiter(), bare(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            token => token.clone(),
        });
        at += 1;
    }
    without_map_generics(out)
}

/// The runtime's `Map` is always that of texts to values.
fn without_map_generics(tokens: Vec<TokenTree>) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let is_map = matches!(&token, TokenTree::Ident(ident) if ident == "Map");
        out.push(token);
        if is_map {
            // `<String, Value>`
            tokens.by_ref().take(5).for_each(drop);
        }
    }
    out.into_iter().collect()
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    colon(tokens.get(at)) && colon(tokens.get(at + 1))
}

/// The normalised schema of a value; `refer` gives a placeholder for each name that it refers to.
fn value_schema(value: &Value, refer: &mut dyn FnMut(&str) -> String) -> Json {
    let mut named = |name: &str| {
        let placeholder = refer(name);
        json!({ "$ref": format!("#/definitions/{placeholder}") })
    };
    match value {
        Value::Named(name) => named(&name.pascal()),
        Value::Text(_) => json!({ "type": "string" }),
        Value::Integer(range) => integer_schema(*range),
        Value::Number(_) => json!({ "type": "number" }),
        Value::Bool => json!({ "type": "boolean" }),
        Value::Only(true) => named("True"),
        Value::Only(false) => named("False"),
        Value::Duration { .. } => named("Secs"),
        Value::Array { item, .. } => json!({ "type": "array", "items": value_schema(item, refer) }),
        Value::Map { key, value, .. } => {
            let keys = key.as_ref().map(|key| named(&key.pascal()));
            let mut schema =
                json!({ "type": "object", "additionalProperties": value_schema(value, refer) });
            if let (Some(keys), Some(object)) = (keys, schema.as_object_mut()) {
                object.insert("propertyNames".to_owned(), keys);
            }
            schema
        }
        Value::Any => json!(true),
        Value::Nullable(value) => nullable(&value_schema(value, refer)),
    }
}

fn nullable(schema: &Json) -> Json {
    json!({ "oneOf": [schema, { "type": "null" }] })
}

fn integer_schema(range: Integer) -> Json {
    let rust = integer(range);
    let format = rust.replace('i', "int").replace('u', "uint");
    json!({ "type": "integer", "format": format })
}

/// The smallest integer type that holds `range`.
pub(super) fn integer(range: Integer) -> &'static str {
    const TYPES: [(&str, i128, i128); 8] = [
        ("u8", 0, u8::MAX as i128),
        ("u16", 0, u16::MAX as i128),
        ("u32", 0, u32::MAX as i128),
        ("u64", 0, u64::MAX as i128),
        ("i8", i8::MIN as i128, i8::MAX as i128),
        ("i16", i16::MIN as i128, i16::MAX as i128),
        ("i32", i32::MIN as i128, i32::MAX as i128),
        ("i64", i64::MIN as i128, i64::MAX as i128),
    ];
    let holds = |(_, min, max): &&(&str, i128, i128)| *min <= range.min && range.max <= *max;
    TYPES.iter().find(holds).map_or("i128", |(name, ..)| name)
}

/// Whether the integer type of `range` holds nothing but the range.
pub(super) fn is_exact(range: Integer) -> bool {
    let (sign, bits) = integer(range).split_at(1);
    let (bits, signed) = (bits.parse().unwrap_or(128), sign == "i");
    let wide = |shift: u32| 1i128.checked_shl(shift).unwrap_or(i128::MAX);
    let exact = if signed {
        (-wide(bits - 1), wide(bits - 1) - 1)
    } else {
        (0, wide(bits) - 1)
    };
    exact == (range.min, range.max)
}
