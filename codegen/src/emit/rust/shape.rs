//! Rust shapes by typify: what a struct's fields and a union's variants hold.
//!
//! typify never sees our schemas and never decides what is valid. It gets one normalised schema per type, written from
//! the model (every reference local, every type known by name), and of its output only the types of fields and
//! variants are taken.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use schemars::schema::RootSchema;
use serde_json::{Value as Json, json};
use typify::{TypeSpace, TypeSpaceSettings};

use crate::model::{Integer, Shape, Struct, TypeDef, Union, Value, Variant};

/// The Rust types inside a named type, by the name of the field or variant; a newtype's is under the empty name.
pub(super) fn inner_types(def: &TypeDef) -> Result<BTreeMap<String, syn::Type>, String> {
    let item = item(def).map_err(|reason| {
        format!(
            "{}#{}: typify gives no Rust type for `{}`: {reason}",
            def.source.file,
            def.source.pointer,
            def.name.pascal()
        )
    })?;
    Ok(match item {
        syn::Item::Struct(item) => item
            .fields
            .into_iter()
            .map(|field| (name_of(field.ident.as_ref()), field.ty))
            .collect(),
        syn::Item::Enum(item) => item.variants.into_iter().filter_map(variant_type).collect(),
        _ => BTreeMap::new(),
    })
}

fn name_of(ident: Option<&syn::Ident>) -> String {
    ident.map(ToString::to_string).unwrap_or_default()
}

fn variant_type(variant: syn::Variant) -> Option<(String, syn::Type)> {
    let field = variant.fields.into_iter().next()?;
    Some((variant.ident.to_string(), field.ty))
}

fn item(def: &TypeDef) -> Result<syn::Item, String> {
    let name = def.name.pascal();
    let mut definitions = serde_json::Map::new();
    let mut settings = TypeSpaceSettings::default();
    settings.with_map_type("BTreeMap");
    let schema = type_schema(def, &mut |reference| {
        settings.with_replacement(reference, reference, std::iter::empty());
        definitions.insert(reference.to_owned(), json!({ "type": "object" }));
    });
    definitions.insert(name.clone(), schema);
    let root: RootSchema = serde_json::from_value(json!({ "definitions": definitions }))
        .map_err(|error| error.to_string())?;
    let mut space = TypeSpace::new(&settings);
    space
        .add_ref_types(root.definitions)
        .map_err(|error| error.to_string())?;
    let found = definition(space.to_stream(), &name);
    let tokens = found.ok_or_else(|| "nothing of that name came out".to_owned())?;
    syn::parse2(bare(tokens)).map_err(|error| error.to_string())
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

/// The normalised schema of a type; `refer` hears of each name that it refers to.
fn type_schema(def: &TypeDef, refer: &mut dyn FnMut(&str)) -> Json {
    match &def.shape {
        Shape::Struct(shape) => struct_schema(shape, refer),
        Shape::Text(_) | Shape::Enum(_) => json!({ "type": "string" }),
        Shape::Integer(range) => integer_schema(*range),
        Shape::Number(_) => json!({ "type": "number" }),
        Shape::Union(Union { variants, .. }) => {
            json!({ "oneOf": variants.iter().map(|variant| variant_schema(variant, refer)).collect::<Vec<_>>() })
        }
        Shape::Alias(value) => value_schema(value, refer),
    }
}

fn struct_schema(shape: &Struct, refer: &mut dyn FnMut(&str)) -> Json {
    let mut properties = serde_json::Map::new();
    for field in &shape.fields {
        properties.insert(field.name.snake(), value_schema(&field.value, refer));
    }
    let required: Vec<_> = properties.keys().cloned().collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn variant_schema(variant: &Variant, refer: &mut dyn FnMut(&str)) -> Json {
    let name = variant.name.pascal();
    match &variant.value {
        None => json!({ "type": "string", "enum": [name] }),
        Some(value) => json!({
            "type": "object",
            "properties": { name.clone(): value_schema(value, refer) },
            "required": [name],
            "additionalProperties": false,
        }),
    }
}

fn value_schema(value: &Value, refer: &mut dyn FnMut(&str)) -> Json {
    let mut named = |name: &str| {
        refer(name);
        json!({ "$ref": format!("#/definitions/{name}") })
    };
    match value {
        Value::Named(name) => named(&name.pascal()),
        Value::Text(_) => json!({ "type": "string" }),
        Value::Integer(range) => integer_schema(*range),
        Value::Number(_) => json!({ "type": "number" }),
        Value::Bool => json!({ "type": "boolean" }),
        Value::Only(true) => named("True"),
        Value::Only(false) => named("False"),
        Value::Duration { .. } => named("Duration"),
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
