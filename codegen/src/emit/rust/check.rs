//! `Checked` implementations: every constraint that the Rust type does not hold by itself.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::{Emitter, shape, structs, types};
use crate::model::{
    EnumValue, Format, Length, Presence, Rest, Shape, Struct, Text, TimeUnit, TypeDef, Union,
    Value, Variant,
};

/// The implementation of `Checked` for a type that is not a newtype with a check of its own.
pub(super) fn implementation(emitter: &Emitter<'_>, def: &TypeDef) -> TokenStream {
    let name = types::ident(&def.name);
    let body = match &def.shape {
        Shape::Struct(shape) => structure(emitter, shape),
        Shape::Enum(_) if def.open => Some(quote!(check.open(self).finish())),
        Shape::Union(Union { variants, .. }) => union(emitter, def, variants),
        Shape::Alias(value) => alias(emitter, value),
        Shape::Enum(_) | Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) => None,
    };
    let body = body.unwrap_or_else(|| quote!(check.finish()));
    let open = match &def.shape {
        Shape::Enum(values) if def.open => Some(open_enum(&name, values)),
        _ => None,
    };
    quote! {
        impl Checked for #name {
            fn check(&self, check: Check<'_>) -> CheckResult { #body }
        }

        #open
    }
}

fn finished(steps: &TokenStream) -> TokenStream {
    quote!(check #steps .finish())
}

fn structure(emitter: &Emitter<'_>, shape: &Struct) -> Option<TokenStream> {
    let mut steps: Vec<_> = shape
        .fields
        .iter()
        .flat_map(|field| {
            let name = format_ident!("{}", field.name.snake());
            let optional = field.nullable || field.presence == Presence::Optional;
            let place = Place {
                key: &field.key,
                reference: quote!(&self.#name),
                value: quote!(self.#name),
                optional,
            };
            steps(emitter, &place, &field.value)
        })
        .collect();
    if let Rest::Keep(value) = &shape.rest {
        let (rest, keys) = (
            format_ident!("{}", structs::rest_name(shape)),
            shape.fields.iter().map(|field| &field.key),
        );
        steps.push(quote!(.keys(&self.#rest, &[#(#keys),*])));
        if needs_check(emitter, value) {
            steps.push(quote!(.field("", &self.#rest)));
        }
    }
    (!steps.is_empty()).then(|| finished(&quote!(#(#steps)*)))
}

/// Where a value to check stands.
struct Place<'a> {
    /// Its key on the wire; empty for the value at hand itself.
    key: &'a str,
    reference: TokenStream,
    value: TokenStream,
    /// Whether an `Option` holds it.
    optional: bool,
}

/// The steps that check one value; none where its type cannot be wrong.
fn steps(emitter: &Emitter<'_>, place: &Place<'_>, value: &Value) -> Vec<TokenStream> {
    let Place {
        key,
        reference,
        value: copy,
        ..
    } = place;
    let own = match value {
        Value::Text(rule)
            if rule.pattern.is_some() || rule.format.is_some() || rule.constant.is_some() =>
        {
            let rule = text_rule(rule);
            Some(quote!(.text(#key, #reference, &#rule)))
        }
        Value::Text(rule) if rule.length != Length::default() => {
            let (min, max) = length(rule.length, &quote!(u64::MAX));
            Some(quote!(.length(#key, #reference, #min, #max)))
        }
        Value::Integer(range) if !shape::is_exact(*range) => {
            let (min, max) = (types::literal(range.min), types::literal(range.max));
            Some(quote!(.range(#key, #copy, #min, #max)))
        }
        Value::Number(range) => {
            let (min, max) = (
                bound(range.min, "NEG_INFINITY"),
                bound(range.max, "INFINITY"),
            );
            Some(quote!(.number(#key, #copy, #min, #max)))
        }
        Value::Duration { unit, range } => {
            let (unit, min, max) = (
                time_unit(*unit),
                types::literal(range.min),
                types::literal(range.max),
            );
            Some(quote!(.duration(#key, #copy, #unit, #min, #max)))
        }
        Value::Array { length: bounds, .. } if *bounds != Length::default() => {
            let (min, max) = length(*bounds, &quote!(usize::MAX));
            Some(quote!(.items(#key, #reference, #min, #max)))
        }
        Value::Map { length: bounds, .. } if *bounds != Length::default() => {
            let (min, max) = length(*bounds, &quote!(usize::MAX));
            Some(quote!(.members(#key, #reference, #min, #max)))
        }
        _ => None,
    };
    own.into_iter()
        .chain(contents(emitter, place, value))
        .collect()
}

/// The step that checks what is inside a value.
fn contents(emitter: &Emitter<'_>, place: &Place<'_>, value: &Value) -> Option<TokenStream> {
    let Place {
        key,
        reference,
        value: access,
        optional,
    } = place;
    if needs_check(emitter, value) {
        return Some(quote!(.field(#key, #reference)));
    }
    let (each, inner) = match value {
        Value::Array { item, .. } => (format_ident!("each"), item),
        Value::Map { value, .. } => (format_ident!("each_member"), value),
        Value::Nullable(inner) => {
            return contents(
                emitter,
                &Place {
                    key,
                    reference: reference.clone(),
                    value: access.clone(),
                    optional: true,
                },
                inner,
            );
        }
        _ => return None,
    };
    let item = Place {
        key: "",
        reference: quote!(item),
        value: quote!(*item),
        optional: matches!(**inner, Value::Nullable(_)),
    };
    let rules = steps(emitter, &item, inner);
    let values = if *optional {
        quote!(#access.iter().flatten())
    } else {
        quote!(#reference)
    };
    (!rules.is_empty())
        .then(|| quote!(.#each(#key, #values, |check, item| check #(#rules)* .finish())))
}

/// The check of a named list, map or free-form value.
fn alias(emitter: &Emitter<'_>, value: &Value) -> Option<TokenStream> {
    let place = Place {
        key: "",
        reference: quote!(&self.0),
        value: quote!(self.0),
        optional: false,
    };
    let steps = steps(emitter, &place, value);
    (!steps.is_empty()).then(|| finished(&quote!(#(#steps)*)))
}

/// Whether a value of this kind can be wrong although its Rust type holds it.
fn needs_check(emitter: &Emitter<'_>, value: &Value) -> bool {
    match value {
        Value::Named(name) => emitter.ty(name).is_some_and(|def| match &def.shape {
            Shape::Struct(_) | Shape::Union(_) | Shape::Alias(_) => true,
            Shape::Enum(_) => def.open,
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) => false,
        }),
        Value::Array { item, .. } | Value::Nullable(item) => needs_check(emitter, item),
        Value::Map { value, .. } => needs_check(emitter, value),
        _ => false,
    }
}

fn open_enum(name: &Ident, values: &[EnumValue]) -> TokenStream {
    let known = values.iter().map(|value| types::ident(&value.name));
    let texts = values.iter().map(|value| &value.text);
    quote! {
        impl Open for #name {
            const KNOWN: &[&str] = &[#(#texts),*];

            fn unknown(&self) -> Option<&str> {
                match self {
                    #(Self::#known)|* => None,
                    Self::Unknown(text) => Some(text),
                }
            }
        }
    }
}

fn union(emitter: &Emitter<'_>, def: &TypeDef, variants: &[Variant]) -> Option<TokenStream> {
    let mut arms = Vec::new();
    let mut plain = Vec::new();
    for variant in variants {
        let name = types::ident(&variant.name);
        let rules = variant.value.as_ref().map(|value| {
            let optional = matches!(value, Value::Nullable(_));
            let place = Place {
                key: &variant.tag,
                reference: quote!(value),
                value: quote!(*value),
                optional,
            };
            steps(emitter, &place, value)
        });
        match rules {
            None => plain.push(quote!(Self::#name)),
            Some(rules) if rules.is_empty() => plain.push(quote!(Self::#name(_))),
            Some(rules) => arms.push(quote!(Self::#name(value) => check #(#rules)* .finish(),)),
        }
    }
    if arms.is_empty() && !def.open {
        return None;
    }
    let plain = (!plain.is_empty()).then(|| quote!(#(#plain)|* => check.finish(),));
    let tags = variants.iter().map(|variant| &variant.tag);
    let unknown = def
        .open
        .then(|| quote!(Self::Unknown(value) => check.unknown(value, &[#(#tags),*]).finish(),));
    Some(quote! { match self { #plain #(#arms)* #unknown } })
}

/// The rule of a text as a constant expression.
pub(super) fn text_rule(rule: &Text) -> TokenStream {
    let mut tokens = quote!(TextRule::new());
    if rule.length != Length::default() {
        let (min, max) = length(rule.length, &quote!(u64::MAX));
        tokens.extend(quote!(.length(#min, #max)));
    }
    if let Some(pattern) = &rule.pattern {
        let regex = &pattern.regex;
        let runs = pattern.runs.iter().map(|run| {
            let (class, min) = (&run.class, types::literal(run.min.into()));
            let max = option(run.max.map(|max| types::literal(max.into())).as_ref());
            quote!(Run::new(#class, #min, #max))
        });
        tokens.extend(quote!(.pattern(#regex, &[#(#runs),*])));
    }
    match rule.format {
        Some(Format::DateTime) => tokens.extend(quote!(.format(Format::DateTime))),
        Some(Format::Uuid) => tokens.extend(quote!(.format(Format::Uuid))),
        _ => {}
    }
    if let Some(constant) = &rule.constant {
        tokens.extend(quote!(.constant(#constant)));
    }
    tokens
}

fn time_unit(unit: TimeUnit) -> TokenStream {
    match unit {
        TimeUnit::Secs => quote!(TimeUnit::Secs),
        TimeUnit::Millis => quote!(TimeUnit::Millis),
        TimeUnit::Micros => quote!(TimeUnit::Micros),
    }
}

/// The bounds of a length, `unbounded` where there is no upper one.
fn length(length: Length, unbounded: &TokenStream) -> (TokenStream, TokenStream) {
    let max = length
        .max
        .map_or_else(|| unbounded.clone(), |max| types::literal(max.into()));
    (types::literal(length.min.into()), max)
}

fn bound(bound: Option<f64>, unbounded: &str) -> TokenStream {
    let unbounded = format_ident!("{unbounded}");
    bound
        .map(types::float)
        .map_or_else(|| quote!(f64::#unbounded), |bound| quote!(#bound))
}

/// `Some(…)` or `None`.
pub(super) fn option<T: ToTokens>(value: Option<&T>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}
