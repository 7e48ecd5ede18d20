//! Minimal and maximal valid documents of a schema.

use serde_json::{Map, Value as Json, json};

use super::number::Numbers;
use super::schema::Schema;
use super::text::Texts;
use natsgen::internal::{AppliesTo, applies_to};

/// The maximal length of an array of distinct items.
const DISTINCT: usize = 100;

/// The members that a document has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// Only the required members.
    Minimal,
    /// All members; arrays and maps have an item.
    Maximal,
}

/// A document that is valid by the keywords that this function knows. Returns `None` if no such document can be made.
pub(super) fn sample(schema: Schema<'_>, fill: Fill) -> Option<Json> {
    build(schema, fill, &mut Vec::new())
}

/// Follows references that have no sibling keyword with an effect.
pub(super) fn resolve(mut schema: Schema<'_>) -> Schema<'_> {
    let mut left = 32;
    while let Some(target) = schema
        .target()
        .filter(|_| left > 0 && schema.assertions() == ["$ref"])
    {
        schema = target;
        left -= 1;
    }
    schema
}

/// The types that a schema names, or else the type that its keywords apply to.
pub(super) fn types(schema: Schema<'_>) -> Vec<&str> {
    const APPLICABLE: [(AppliesTo, &str); 5] = [
        (AppliesTo::Objects, "object"),
        (AppliesTo::Arrays, "array"),
        (AppliesTo::Texts, "string"),
        (AppliesTo::TextsAndNumbers, "string"),
        (AppliesTo::Numbers, "number"),
    ];
    let named = schema.texts("type");
    if !named.is_empty() {
        return named;
    }
    let keywords = schema.assertions();
    let applies = |of: AppliesTo| keywords.iter().any(|key| applies_to(key) == Some(of));
    let found = APPLICABLE.into_iter().find(|(of, _)| applies(*of));
    found.map(|(_, name)| name).into_iter().collect()
}

type Stack = Vec<*const Json>;

fn build(schema: Schema<'_>, fill: Fill, stack: &mut Stack) -> Option<Json> {
    if schema.is_false() || stack.contains(&schema.identity()) {
        return None;
    }
    if schema.allows_any() {
        return Some(match fill {
            Fill::Minimal => Json::Null,
            Fill::Maximal => json!({ "any": [null, true, 1.5, "x"] }),
        });
    }
    if let Some(constant) = schema.get("const") {
        return Some(constant.clone());
    }
    if let Some(Json::Array(values)) = schema.get("enum") {
        return match fill {
            Fill::Minimal => values.first().cloned(),
            Fill::Maximal => values.last().cloned(),
        };
    }
    stack.push(schema.identity());
    let built = assembled(schema, fill, stack);
    stack.pop();
    built
}

/// A document that satisfies the schema's own keywords and the schemas that it includes.
fn assembled(schema: Schema<'_>, fill: Fill, stack: &mut Stack) -> Option<Json> {
    let mut parts = Vec::new();
    let named = types(schema);
    let wanted = named.iter().find(|name| **name != "null").or(named.first());
    if let Some(name) = wanted {
        parts.push(of_type(schema, name, fill, stack)?);
    }
    if let Some(target) = schema.target() {
        parts.push(build(target, fill, stack)?);
    }
    for part in schema.list("allOf") {
        parts.push(build(part, fill, stack)?);
    }
    for choice in ["oneOf", "anyOf"] {
        let branches = schema.list(choice);
        if branches.is_empty() {
            continue;
        }
        let built = branches
            .into_iter()
            .filter_map(|branch| build(branch, fill, stack));
        let size = |json: &Json| json.to_string().len();
        parts.push(match fill {
            Fill::Minimal => built.min_by_key(size)?,
            Fill::Maximal => built.max_by_key(size)?,
        });
    }
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or(Json::Null);
    Some(parts.fold(first, merged))
}

/// Merges both documents if they are objects or arrays.
fn merged(left: Json, right: Json) -> Json {
    match (left, right) {
        (Json::Object(mut left), Json::Object(right)) => {
            for (key, value) in right {
                let value = match left.remove(&key) {
                    Some(before) => merged(before, value),
                    None => value,
                };
                left.insert(key, value);
            }
            Json::Object(left)
        }
        (Json::Array(left), Json::Array(right)) if left.len() > right.len() => Json::Array(left),
        (_, right) => right,
    }
}

fn of_type(schema: Schema<'_>, name: &str, fill: Fill, stack: &mut Stack) -> Option<Json> {
    match name {
        "null" => Some(Json::Null),
        "boolean" => Some(Json::from(fill == Fill::Maximal)),
        "integer" | "number" => Some(Numbers::new(schema).some()),
        "string" => {
            let texts = Texts::new(schema);
            let text = match fill {
                Fill::Minimal => texts.shortest(),
                Fill::Maximal => texts.typical(),
            };
            text.map(Json::from)
        }
        "array" => array(schema, fill, stack).map(Json::Array),
        "object" => object(schema, fill, stack).map(Json::Object),
        _ => None,
    }
}

fn array(schema: Schema<'_>, fill: Fill, stack: &mut Stack) -> Option<Vec<Json>> {
    let min = schema.count("minItems").unwrap_or(0);
    let max = schema.count("maxItems").unwrap_or(usize::MAX);
    let mut items = Vec::new();
    if let Some(contained) = schema.subschema("contains") {
        for _ in 0..schema.count("minContains").unwrap_or(1) {
            items.push(build(contained, fill, stack)?);
        }
    }
    for (at, first) in schema.list("prefixItems").into_iter().enumerate() {
        if at < min || fill == Fill::Maximal {
            let item = build(first, fill, stack)?;
            items.insert(at.min(items.len()), item);
        }
    }
    let rest = schema.subschema("items");
    let item = match rest {
        Some(rest) => build(rest, fill, stack),
        None => Some(Json::Null),
    };
    let wanted = match (fill, &item) {
        (Fill::Maximal, Some(_)) => min.max(items.len() + 1).min(max),
        _ => min,
    };
    if schema.get("uniqueItems") == Some(&Json::Bool(true)) && items.is_empty() && wanted > 1 {
        return distinct_items(rest, wanted);
    }
    while items.len() < wanted {
        items.push(item.clone()?);
    }
    Some(items)
}

fn object(schema: Schema<'_>, fill: Fill, stack: &mut Stack) -> Option<Map<String, Json>> {
    let required = schema.texts("required");
    let properties = schema.map("properties");
    let mut members = Map::new();
    for (key, property) in &properties {
        let is_required = required.contains(key);
        if is_required || fill == Fill::Maximal {
            match build(*property, fill, stack) {
                Some(json) => drop(members.insert((*key).to_owned(), json)),
                None if is_required => return None,
                None => {}
            }
        }
    }
    let other = |stack: &mut Stack| match schema.subschema("additionalProperties") {
        Some(other) => build(other, fill, stack),
        None => Some(Json::Null),
    };
    for key in required {
        if !members.contains_key(key) {
            members.insert(key.to_owned(), other(stack)?);
        }
    }
    let is_map = properties.is_empty()
        && schema
            .subschema("additionalProperties")
            .is_some_and(|rest| !rest.is_false());
    let max = schema.count("maxProperties").unwrap_or(usize::MAX);
    let least = usize::from(is_map && fill == Fill::Maximal).min(max);
    let wanted = schema.count("minProperties").unwrap_or(0).max(least);
    for key in keys(schema, wanted)? {
        if members.len() < wanted
            && let Some(json) = other(stack)
        {
            members.insert(key, json);
        }
    }
    Some(members)
}

/// `count` keys that are valid in a map.
pub(super) fn keys(schema: Schema<'_>, count: usize) -> Option<Vec<String>> {
    match schema.subschema("propertyNames") {
        Some(names) => Texts::new(resolve(names)).distinct(count),
        None => Some((0..count).map(|number| format!("k{number}")).collect()),
    }
}

/// `count` distinct items.
pub(super) fn distinct_items(item: Option<Schema<'_>>, count: usize) -> Option<Vec<Json>> {
    let count = Some(count).filter(|count| *count <= DISTINCT)?;
    let numbers = || (0..count).map(Json::from).collect();
    let Some(item) = item.map(resolve) else {
        return Some(numbers());
    };
    if let Some(Json::Array(values)) = item.get("enum") {
        return values.get(..count).map(<[Json]>::to_vec);
    }
    match types(item).first() {
        Some(&"string") => {
            let texts = Texts::new(item).distinct(count)?;
            Some(texts.into_iter().map(Json::from).collect())
        }
        Some(&("integer" | "number")) => {
            let least = sample(item, Fill::Minimal)?.as_i64()?;
            (0..count)
                .map(|number| Some(Json::from(least + i64::try_from(number).ok()?)))
                .collect()
        }
        _ => None,
    }
}
