//! Builds assertions from schemas at run time; the memory is never freed. The conversion is literal and knows only the
//! names of the JSON Schema keywords.

use natsgen_runtime::assertion::{
    Assertion, Constant, ConstantCache, Decimal, Keyword, Regex, RegexCache, Type,
};
use serde_json::{Map, Value};

/// Builds the assertion for `schema`. References resolve to the `$defs` in `defs`.
pub(crate) fn assertion(
    schema: &Value,
    defs: &[&'static Assertion<'static>],
) -> Assertion<'static> {
    match schema {
        Value::Bool(true) => Assertion::new(&[]),
        Value::Object(members) => {
            let mut keywords: Vec<Keyword> = members
                .iter()
                .filter_map(|(name, value)| keyword(name, value, members, defs))
                .collect();
            // Unevaluated keywords come last, because they depend on the other keywords. The sort is stable.
            keywords.sort_by_key(|keyword| {
                matches!(
                    keyword,
                    Keyword::UnevaluatedItems(_) | Keyword::UnevaluatedProperties(_)
                )
            });
            Assertion::new(keywords.leak())
        }
        _ => Assertion::new(&[Keyword::Never]),
    }
}

fn keyword(
    name: &str,
    value: &Value,
    beside: &Map<String, Value>,
    defs: &[&'static Assertion<'static>],
) -> Option<Keyword<'static>> {
    plain(name, value)
        .or_else(|| container(name, value, beside, defs))
        .or_else(|| combination(name, value, beside, defs))
}

/// A keyword without subschemas.
fn plain(name: &str, value: &Value) -> Option<Keyword<'static>> {
    let size = || value.as_u64().unwrap_or_default();
    let decimal = || Decimal::new(text(&value.to_string()));
    Some(match name {
        "type" if value.is_string() => Keyword::Type(vec![type_of(value)].leak()),
        "type" => Keyword::Type(items(value).iter().map(type_of).collect::<Vec<_>>().leak()),
        "const" => Keyword::Const(constant(value)),
        "enum" => Keyword::Enum(items(value).iter().map(constant).collect::<Vec<_>>().leak()),
        "minimum" => Keyword::Minimum(decimal()),
        "maximum" => Keyword::Maximum(decimal()),
        "exclusiveMinimum" => Keyword::ExclusiveMinimum(decimal()),
        "exclusiveMaximum" => Keyword::ExclusiveMaximum(decimal()),
        "multipleOf" => Keyword::MultipleOf(decimal()),
        "minLength" => Keyword::MinLength(size()),
        "maxLength" => Keyword::MaxLength(size()),
        "pattern" => Keyword::Pattern(pattern(value.as_str()?)),
        "minItems" => Keyword::MinItems(size()),
        "maxItems" => Keyword::MaxItems(size()),
        "uniqueItems" if *value == true => Keyword::UniqueItems,
        "required" => Keyword::Required(texts(value)),
        "minProperties" => Keyword::MinProperties(size()),
        "maxProperties" => Keyword::MaxProperties(size()),
        "dependentRequired" => Keyword::DependentRequired(
            object(value)
                .iter()
                .map(|(name, others)| (text(name), texts(others)))
                .collect::<Vec<_>>()
                .leak(),
        ),
        _ => return None,
    })
}

/// A keyword for the content of arrays and objects.
fn container(
    name: &str,
    value: &Value,
    beside: &Map<String, Value>,
    defs: &[&'static Assertion<'static>],
) -> Option<Keyword<'static>> {
    let one = || leak(assertion(value, defs));
    Some(match name {
        "prefixItems" => Keyword::PrefixItems(many(value, defs)),
        "items" => Keyword::Items {
            after: beside
                .get("prefixItems")
                .map_or(0, |prefix| items(prefix).len()),
            assertion: one(),
        },
        "contains" => Keyword::Contains {
            assertion: one(),
            min: beside
                .get("minContains")
                .and_then(Value::as_u64)
                .unwrap_or(1),
            max: beside.get("maxContains").and_then(Value::as_u64),
        },
        "unevaluatedItems" => Keyword::UnevaluatedItems(one()),
        "properties" => Keyword::Properties(members(value, defs)),
        "patternProperties" => Keyword::PatternProperties(
            object(value)
                .iter()
                .map(|(name, schema)| (pattern(name), assertion(schema, defs)))
                .collect::<Vec<_>>()
                .leak(),
        ),
        "additionalProperties" => Keyword::AdditionalProperties {
            names: beside.get("properties").map_or(&[], names),
            patterns: beside.get("patternProperties").map_or(&[], |patterns| {
                object(patterns)
                    .keys()
                    .map(|name| pattern(name))
                    .collect::<Vec<_>>()
                    .leak()
            }),
            assertion: one(),
        },
        "propertyNames" => Keyword::PropertyNames(one()),
        "dependentSchemas" => Keyword::DependentSchemas(members(value, defs)),
        "unevaluatedProperties" => Keyword::UnevaluatedProperties(one()),
        _ => return None,
    })
}

/// A keyword that applies subschemas to the same value.
fn combination(
    name: &str,
    value: &Value,
    beside: &Map<String, Value>,
    defs: &[&'static Assertion<'static>],
) -> Option<Keyword<'static>> {
    let one = || leak(assertion(value, defs));
    Some(match name {
        "allOf" => Keyword::AllOf(many(value, defs)),
        "anyOf" => Keyword::AnyOf(many(value, defs)),
        "oneOf" => Keyword::OneOf(many(value, defs)),
        "not" => Keyword::Not(one()),
        "if" => {
            let branch = |name| beside.get(name).map(|schema| leak(assertion(schema, defs)));
            Keyword::If {
                condition: one(),
                then: branch("then"),
                otherwise: branch("else"),
            }
        }
        "$ref" => {
            let index = value.as_str()?.strip_prefix("#/$defs/")?;
            Keyword::Ref(defs[index.parse::<usize>().ok()?])
        }
        _ => return None,
    })
}

fn many(value: &Value, defs: &[&'static Assertion<'static>]) -> &'static [Assertion<'static>] {
    let assertions = items(value).iter().map(|item| assertion(item, defs));
    assertions.collect::<Vec<_>>().leak()
}

fn leak(assertion: Assertion<'static>) -> &'static Assertion<'static> {
    Box::leak(Box::new(assertion))
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("the keyword has members")
}

fn texts(value: &Value) -> &'static [&'static str] {
    items(value)
        .iter()
        .filter_map(Value::as_str)
        .map(text)
        .collect::<Vec<_>>()
        .leak()
}

fn names(value: &Value) -> &'static [&'static str] {
    object(value)
        .keys()
        .map(|name| text(name))
        .collect::<Vec<_>>()
        .leak()
}

fn members(
    value: &Value,
    defs: &[&'static Assertion<'static>],
) -> &'static [(&'static str, Assertion<'static>)] {
    let members = object(value).iter();
    members
        .map(|(name, schema)| (text(name), assertion(schema, defs)))
        .collect::<Vec<_>>()
        .leak()
}

fn constant(value: &Value) -> Constant<'static> {
    Constant::new(
        text(&value.to_string()),
        Box::leak(Box::new(ConstantCache::new())),
    )
}

fn pattern(source: &str) -> Regex<'static> {
    let source = text(source);
    Regex::new(source, source, Box::leak(Box::new(RegexCache::new())))
}

fn type_of(value: &Value) -> Type {
    match value.as_str() {
        Some("null") => Type::Null,
        Some("boolean") => Type::Boolean,
        Some("integer") => Type::Integer,
        Some("number") => Type::Number,
        Some("string") => Type::String,
        Some("array") => Type::Array,
        _ => Type::Object,
    }
}
