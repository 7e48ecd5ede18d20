//! Unions: `oneOf` and `anyOf`.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::choice::tag;
use super::keyword;
use super::schema::{Attempt, LoweredSchema, Lowering};
use super::untagged;
use crate::diagnostic::Diagnostics;
use crate::model::{EnumValue, Name, Shape, Tagging, Union, Variant};
use crate::read::{Node, Object};

/// Lowers `oneOf` or `anyOf` to a nullable value, an enumeration or a union.
pub(super) fn lower<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    out: &mut Diagnostics,
) -> Option<Attempt> {
    let key = match (object.get("oneOf"), object.get("anyOf")) {
        (Some(_), None) => "oneOf",
        (None, Some(_)) => "anyOf",
        _ => return Some(Attempt::Unsuitable),
    };
    let branches = object.get(key)?.items(out)?;
    let draft = lowering.draft(&object.node);
    if let Some(inner) = beside_null(&branches) {
        return match keyword::only(object, &[key], None, draft, &mut Diagnostics::default()) {
            Some(true) => nullable(lowering, inner, out).map(Attempt::Lowered),
            _ => Some(Attempt::Unsuitable),
        };
    }
    let quiet = &mut Diagnostics::default();
    let tags: Option<Vec<_>> = branches.iter().map(|branch| tag(branch, quiet)).collect();
    let shape = if let Some(tags) = tags.filter(|tags| !tags.is_empty()) {
        let values = tags.into_iter().zip(&branches);
        let values = values.map(|((text, name, description), branch)| EnumValue {
            text,
            name,
            description,
            deprecated: branch.is_deprecated(),
        });
        Some((Shape::Enum(values.collect()), "string"))
    } else if branches
        .iter()
        .all(|branch| tag(branch, quiet).is_some() || single(branch).is_some())
    {
        let variants = external(lowering, &branches, out)?;
        Some((union(Tagging::External, variants), "object"))
    } else {
        let member = discriminator(lowering, &branches);
        member.map(|(key, tags)| {
            let variants = by_member(lowering, &branches, &tags, out);
            (union(Tagging::Member(key), variants), "object")
        })
    };
    let Some((shape, ty)) = shape else {
        return match keyword::only(object, &[key, "type"], None, draft, quiet) {
            Some(true) => untagged::branches(lowering, object, (key, &branches), out),
            _ => Some(Attempt::Unsuitable),
        };
    };
    let typed = object.members.get("type").is_none_or(|found| found == ty);
    let only = keyword::only(
        object,
        &[key, "type", "unevaluatedProperties"],
        None,
        draft,
        out,
    )?;
    if !typed || !only {
        return Some(Attempt::Unsuitable);
    }
    let exact = !object.members.contains_key("unevaluatedProperties");
    for branch in &branches {
        if let Some(object) = branch.members() {
            object.annotations(out);
        }
    }
    Some(Attempt::Lowered(LoweredSchema::new(shape, exact)))
}

fn union(tagging: Tagging, variants: Vec<Variant>) -> Shape {
    Shape::Union(Union { tagging, variants })
}

/// The non-null branch, if there are two branches and the other is `null`.
pub(super) fn beside_null<'n, 'a>(branches: &'n [Node<'a>]) -> Option<&'n Node<'a>> {
    let null = |node: &Node<'_>| {
        node.json.as_object().is_some_and(|members| {
            members.len() == 1 && members.get("type").is_some_and(|ty| ty == "null")
        })
    };
    match branches {
        [one, other] if null(other) && !null(one) => Some(one),
        [one, other] if null(one) && !null(other) => Some(other),
        _ => None,
    }
}

/// A nullable value; any value if the branch itself could accept `null`.
fn nullable<'a>(
    lowering: &mut Lowering<'a>,
    inner: &Node<'a>,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    if !lowering.excludes_null(inner) {
        return Some(LoweredSchema::any());
    }
    let mut lowered = lowering.lower(inner, out)?;
    lowered.nullable = true;
    Some(lowered)
}

/// Lowers branches that are a string, or an object with a single key.
fn external<'a>(
    lowering: &mut Lowering<'a>,
    branches: &[Node<'a>],
    out: &mut Diagnostics,
) -> Option<Vec<Variant>> {
    let mut variants = Some(Vec::new());
    for node in branches {
        let variant = match tag(node, out) {
            Some((tag, name, description)) => Some(Variant {
                tag,
                name,
                description,
                value: None,
                deprecated: node.is_deprecated(),
                source: node.source(),
            }),
            None => variant(lowering, node, out),
        };
        variants = variants.zip(variant).map(|(mut variants, variant)| {
            variants.push(variant);
            variants
        });
    }
    variants
}

/// The key, its name and its schema, if a branch is an object with only this key.
fn single<'a>(node: &Node<'a>) -> Option<(&'a str, Name, Node<'a>)> {
    const KNOWN: [&str; 8] = [
        "type",
        "required",
        "properties",
        "additionalProperties",
        "title",
        "description",
        "$comment",
        "deprecated",
    ];
    let object = node.members()?;
    let known = object.members.keys().all(|key| KNOWN.contains(&&**key));
    let properties = object.get("properties")?.members()?;
    let (key, below) = properties.entries().next()?;
    let required = object.members.get("required")?.as_array()?;
    let closed = *object.members.get("additionalProperties")? == Json::Bool(false);
    let shaped = object.members.get("type").is_some_and(|ty| ty == "object");
    let only = properties.members.len() == 1 && required[..] == [Json::from(key)];
    (known && closed && shaped && only).then(|| (key, Name::of(key), below))
}

/// Lowers a branch that is an object with a single key.
fn variant<'a>(
    lowering: &mut Lowering<'a>,
    node: &Node<'a>,
    out: &mut Diagnostics,
) -> Option<Variant> {
    let (key, name, below) = single(node)?;
    lowering.places.suggest(&below, 4, &name);
    let value = lowering.inner(&below, out)?;
    let mut description = node.members()?.annotations(out);
    if description.is_empty() {
        description = lowering.target_description(&below);
    }
    Some(Variant {
        tag: key.to_owned(),
        name,
        description,
        value: Some(value),
        deprecated: node.is_deprecated(),
        source: node.source(),
    })
}

/// The key of a member that every branch requires with a distinct constant string, and these strings.
fn discriminator<'a>(
    lowering: &Lowering<'a>,
    branches: &[Node<'a>],
) -> Option<(String, Vec<String>)> {
    let tags: Vec<Vec<(&str, &str)>> = branches
        .iter()
        .map(|branch| {
            let direct = branch.json.get("$ref").is_none();
            let node = if direct {
                Some(branch.clone())
            } else {
                plain(lowering, branch)
            };
            node.map(|node| constants(&node)).unwrap_or_default()
        })
        .collect();
    let (first, others) = tags.split_first()?;
    first.iter().find_map(|(key, tag)| {
        let mut found = vec![(*tag).to_owned()];
        for tags in others {
            let (_, tag) = tags.iter().find(|(other, _)| other == key)?;
            found.push((*tag).to_owned());
        }
        let distinct: HashSet<&String> = found.iter().collect();
        (distinct.len() == found.len()).then(|| ((*key).to_owned(), found))
    })
}

/// The target of a branch that is only a reference.
fn plain<'a>(lowering: &Lowering<'a>, branch: &Node<'a>) -> Option<Node<'a>> {
    let draft = lowering.draft(branch);
    let object = branch.members()?;
    let quiet = &mut Diagnostics::default();
    let alone = keyword::only(&object, &["$ref"], None, draft, quiet) == Some(true);
    lowering.followed(branch).filter(|_| alone)
}

/// The members that an object schema requires with a constant string.
fn constants<'a>(node: &Node<'a>) -> Vec<(&'a str, &'a str)> {
    let Some(members) = node.json.as_object().filter(|members| {
        members.get("type").is_some_and(|ty| ty == "object") && !members.contains_key("$ref")
    }) else {
        return Vec::new();
    };
    let required = members.get("required").and_then(Json::as_array);
    let properties = members.get("properties").and_then(Json::as_object);
    let found = properties.into_iter().flatten().filter_map(|(key, json)| {
        let one = json.get("enum").and_then(Json::as_array);
        let one = one.and_then(|texts| <&[Json; 1]>::try_from(&texts[..]).ok());
        let text = json.get("const").or(one.map(|[text]| text))?.as_str()?;
        let required = required?.contains(&Json::from(key.as_str()));
        required.then_some((&**key, text))
    });
    found.collect()
}

/// The variants of branches with a tag member. Each variant has its own type.
fn by_member<'a>(
    lowering: &mut Lowering<'a>,
    branches: &[Node<'a>],
    tags: &[String],
    out: &mut Diagnostics,
) -> Vec<Variant> {
    let variants = branches.iter().zip(tags).filter_map(|(branch, tag)| {
        let name = Name::of(tag);
        lowering.places.suggest(branch, 2, &name);
        let value = lowering.inner(branch, out)?;
        let mut description = branch.members()?.description(out);
        if description.is_empty() {
            description = lowering.target_description(branch);
        }
        Some(Variant {
            tag: tag.clone(),
            name,
            description,
            value: Some(value),
            deprecated: branch.is_deprecated(),
            source: branch.source(),
        })
    });
    variants.collect()
}
