//! Untagged unions: alternatives without a tag, which the JSON type or the order tells apart.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::json_types::{JsonTypes, json_types};
use super::keyword;
use super::kind::Kind;
use super::schema::{Attempt, LoweredSchema, Lowering};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{EnumValue, Name, Shape, Tagging, Union, Value, Variant};
use crate::read::{Node, Object};

/// The variants of an untagged union. A value belongs to the first variant that accepts it.
#[derive(Default)]
pub(super) struct Variants {
    all: Vec<(Variant, JsonTypes)>,
    names: HashSet<String>,
}

impl Variants {
    /// Adds a variant for a single string.
    pub(super) fn unit(&mut self, text: &str, node: &Node<'_>, out: &mut Diagnostics) {
        let is_known = |(variant, _): &(Variant, _)| variant.value.is_none() && variant.tag == text;
        if self.all.iter().any(is_known) {
            return;
        }
        let name = Name::of(text);
        let has_own = node.json.get("const").is_some() || is_single(node.json);
        let description = match node.members() {
            Some(object) if has_own => object.annotations(out),
            _ => String::new(),
        };
        self.push(
            (text.to_owned(), JsonTypes::STRING),
            &[name],
            description,
            None,
            node,
        );
    }

    /// Adds a variant with a value. Its name is the first of the possible names that is free.
    pub(super) fn content(
        &mut self,
        types: JsonTypes,
        names: &[Name],
        description: String,
        value: Value,
        node: &Node<'_>,
    ) {
        let description = if description.is_empty() {
            described(types)
        } else {
            description
        };
        self.push(
            (types.names(), types),
            names,
            description,
            Some(value),
            node,
        );
    }

    /// The first of these names that is free. If no name is free, the first name with a number.
    fn free(&self, names: &[Name]) -> Name {
        let is_free = |name: &Name| !self.names.contains(&name.pascal());
        if let Some(name) = names.iter().find(|name| is_free(name)) {
            return name.clone();
        }
        let first = names.first().cloned();
        let first = first.unwrap_or_else(|| Name::new(vec!["option".to_owned()]));
        let mut numbered = (2..).map(|number| first.with(&number.to_string()));
        numbered.find(is_free).unwrap_or(first)
    }

    fn push(
        &mut self,
        (tag, types): (String, JsonTypes),
        names: &[Name],
        description: String,
        value: Option<Value>,
        node: &Node<'_>,
    ) {
        let name = self.free(names);
        self.names.insert(name.pascal());
        let variant = Variant {
            tag,
            name,
            description,
            value,
            deprecated: node.is_deprecated(),
            source: node.source(),
        };
        self.all.push((variant, types));
    }

    /// Whether no variant restricts the values of its JSON types.
    pub(super) fn are_free(&self) -> bool {
        let is_free = |(variant, _): &(Variant, _)| matches!(variant.value, Some(Value::Any));
        self.all.iter().all(is_free)
    }

    fn has_units(&self) -> bool {
        self.all.iter().any(|(variant, _)| variant.value.is_none())
    }

    /// The JSON types of which several variants with a value accept values, or a variant with a value beside single
    /// strings.
    fn shared(&self) -> JsonTypes {
        let mut seen = if self.has_units() {
            JsonTypes::STRING
        } else {
            JsonTypes::NONE
        };
        let mut shared = JsonTypes::NONE;
        for (variant, types) in &self.all {
            if variant.value.is_some() {
                shared = shared.or(seen.and(*types));
                seen = seen.or(*types);
            }
        }
        shared
    }

    /// The union. Variants for single strings precede the variants that accept other strings. Without other variants,
    /// the shape is an enumeration.
    pub(super) fn shape(self) -> Shape {
        if self.all.iter().all(|(variant, _)| variant.value.is_none()) {
            let values = self.all.into_iter().map(|(variant, _)| EnumValue {
                text: variant.tag,
                name: variant.name,
                description: variant.description,
                deprecated: variant.deprecated,
            });
            return Shape::Enum(values.collect());
        }
        let (mut variants, contents): (Vec<_>, Vec<_>) = self
            .all
            .into_iter()
            .map(|(variant, _)| variant)
            .partition(|variant| variant.value.is_none());
        variants.extend(contents);
        Shape::Union(Union {
            tagging: Tagging::Untagged,
            variants,
        })
    }
}

/// Lowers the branches of `oneOf` or `anyOf`. The other keywords beside it are `type` and annotations only.
pub(super) fn branches<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    (key, branches): (&str, &[Node<'a>]),
    out: &mut Diagnostics,
) -> Option<Attempt> {
    let own = json_types(lowering, &object.node);
    let (nulls, branches): (Vec<&Node<'a>>, Vec<&Node<'a>>) = branches
        .iter()
        .partition(|branch| json_types(lowering, branch) == JsonTypes::NULL);
    let types: Vec<JsonTypes> = branches
        .iter()
        .map(|branch| json_types(lowering, branch))
        .collect();
    let excludes_null = types
        .iter()
        .all(|types| types.and(JsonTypes::NULL).is_none());
    let nullable = !nulls.is_empty();
    let is_pure = |node: &&Node<'_>| node.json.get("type").is_some_and(|ty| ty == "null");
    let fits_null = excludes_null
        && nulls.len() == 1
        && nulls.iter().all(is_pure)
        && !own.and(JsonTypes::NULL).is_none();
    if nullable && !fits_null || types.iter().all(|types| *types == JsonTypes::ALL) {
        return Some(Attempt::Unsuitable);
    }
    let name = lowering.places.name_of(&object.node);
    let mut variants = Variants::default();
    for (branch, types) in branches.iter().zip(&types) {
        let type_name = |variant: &Name| name.join(variant);
        self::branch(lowering, (branch, *types), &mut variants, &type_name, out)?;
    }
    if variants.all.is_empty() {
        return Some(Attempt::Unsuitable);
    }
    let shared = variants.shared();
    let exclusive = shared.is_none() && !repeats_text(&branches);
    let found = types
        .iter()
        .fold(JsonTypes::NONE, |all, types| all.or(*types));
    let declared = object.members.get("type");
    // `integer` beside a branch for any number restricts the numbers.
    let is_wide = declared.is_none_or(|ty| found.without(own).is_none() && !mentions_integer(ty));
    let exact = is_wide
        && match key {
            "oneOf" => exclusive,
            _ => shared.and(JsonTypes::CONTAINERS).is_none(),
        };
    Some(Attempt::Lowered(LoweredSchema {
        nullable,
        ..LoweredSchema::new(variants.shape(), exact)
    }))
}

fn mentions_integer(ty: &Json) -> bool {
    ty == "integer"
        || ty
            .as_array()
            .is_some_and(|types| types.contains(&"integer".into()))
}

/// Adds the variants of a branch: one for each string of an enumeration, or a single one with a value. A type of the
/// value gets the name that `type_name` makes of the variant's name.
pub(super) fn branch<'a>(
    lowering: &mut Lowering<'a>,
    (branch, types): (&Node<'a>, JsonTypes),
    variants: &mut Variants,
    type_name: &dyn Fn(&Name) -> Name,
    out: &mut Diagnostics,
) -> Option<()> {
    if let Some(texts) = texts(branch.json) {
        for text in texts {
            variants.unit(text, branch, out);
        }
        return Some(());
    }
    if types.is_none() {
        return Some(());
    }
    let names = names(lowering, branch, types, variants.has_units());
    lowering
        .places
        .propose(branch, &type_name(&variants.free(&names)));
    let value = lowering.inner(branch, out)?;
    let description = branch.members().map(|object| object.description(out));
    let mut description = description.unwrap_or_default();
    if description.is_empty() {
        description = lowering.target_description(branch);
    }
    variants.content(types, &names, description, value, branch);
    Some(())
}

/// The possible names of a variant with a value, best first.
fn names<'a>(
    lowering: &Lowering<'a>,
    branch: &Node<'a>,
    types: JsonTypes,
    has_units: bool,
) -> Vec<Name> {
    let title = branch.title().and_then(|title| Name::from_wire(&title));
    let reference = branch.json.get("$ref").and_then(Json::as_str);
    let target = reference.and_then(|reference| {
        let last = reference.rsplit(['/', '#']).find(|part| !part.is_empty())?;
        Name::from_wire(last.trim_end_matches(".json"))
    });
    let (tag, key) = if types == JsonTypes::of_kind(Kind::Object) {
        marks(lowering, branch)
    } else {
        (None, None)
    };
    let by_type = Name::new(vec![type_word(types, has_units).to_owned()]);
    let found = [title, target, tag, Some(by_type), key];
    found.into_iter().flatten().collect()
}

/// The word for a kind in names.
pub(super) fn word(kind: Kind) -> &'static str {
    type_word(JsonTypes::of_kind(kind), false)
}

fn type_word(types: JsonTypes, has_units: bool) -> &'static str {
    match &*types.names() {
        "boolean" => "boolean",
        "number" => "number",
        "string" if !has_units => "string",
        "array" => "list",
        "object" => "object",
        _ => "other",
    }
}

/// The description of a variant without a description in the schema.
fn described(types: JsonTypes) -> String {
    match &*types.names() {
        "boolean" => "A boolean.".to_owned(),
        "array" => "An array.".to_owned(),
        "object" => "An object.".to_owned(),
        name if !name.contains(' ') => format!("A {name}."),
        _ => "Any other value.".to_owned(),
    }
}

/// The names that a constant member and the first required member give an object.
fn marks<'a>(lowering: &Lowering<'a>, branch: &Node<'a>) -> (Option<Name>, Option<Name>) {
    let target = lowering.followed(branch);
    let json = target.as_ref().unwrap_or(branch).json;
    let constant = |json: &Json| {
        let one = json["enum"].as_array().filter(|values| values.len() == 1);
        let text = json["const"].as_str().or_else(|| one?[0].as_str());
        text.and_then(Name::from_wire)
    };
    let properties = json["properties"].as_object();
    let tag = properties.and_then(|properties| properties.values().find_map(constant));
    let required = json["required"]
        .as_array()
        .and_then(|keys| keys.first()?.as_str());
    (tag, required.and_then(Name::from_wire))
}

/// The strings of a branch that is only a list of strings.
fn texts(json: &Json) -> Option<Vec<&str>> {
    const KNOWN: [&str; 7] = [
        "const",
        "enum",
        "type",
        "title",
        "description",
        "$comment",
        "deprecated",
    ];
    let members = json.as_object()?;
    let known = members.keys().all(|key| KNOWN.contains(&&**key));
    let typed = members.get("type").is_none_or(|ty| ty == "string");
    let texts: Vec<&str> = match (members.get("const"), members.get("enum")) {
        (Some(text), None) => vec![text.as_str()?],
        (None, Some(texts)) => texts
            .as_array()?
            .iter()
            .map(Json::as_str)
            .collect::<Option<_>>()?,
        _ => return None,
    };
    (known && typed && !texts.is_empty()).then_some(texts)
}

/// Whether a schema is an enumeration of a single value.
fn is_single(json: &Json) -> bool {
    json["enum"]
        .as_array()
        .is_some_and(|values| values.len() == 1)
}

/// Whether several branches list the same string.
fn repeats_text(branches: &[&Node<'_>]) -> bool {
    let mut seen = HashSet::new();
    let mut lists = branches.iter().filter_map(|branch| texts(branch.json));
    lists.any(|texts| {
        let own: HashSet<&str> = texts.into_iter().collect();
        own.into_iter().any(|text| !seen.insert(text))
    })
}

/// The variants of an enumeration of values of several JSON types. Returns also whether they hold no other values.
pub(super) fn values(
    values: &[&Json],
    node: &Node<'_>,
    out: &mut Diagnostics,
) -> Option<(Shape, bool)> {
    let mut variants = Variants::default();
    let mut exact = true;
    let mut others: Vec<(JsonTypes, Vec<&Json>)> = Vec::new();
    for json in values {
        let types = JsonTypes::of_value(json);
        match (
            json.as_str(),
            others.iter_mut().find(|(known, _)| *known == types),
        ) {
            (Some(text), _) => variants.unit(text, node, out),
            (None, Some((_, values))) => values.push(json),
            (None, None) => others.push((types, vec![json])),
        }
    }
    for (types, values) in others {
        let inline = super::choice::inline(&values);
        exact &= inline.as_ref().is_some_and(|(_, all)| *all);
        let value = inline.map_or(Value::Any, |(value, _)| value);
        let names = [Name::new(vec![type_word(types, false).to_owned()])];
        variants.content(types, &names, String::new(), value, node);
    }
    (!variants.are_free()).then(|| (variants.shape(), exact))
}

/// Lowers a schema whose values have several JSON types: the kinds, and `other` for values of further types, which no
/// keyword constrains.
pub(super) fn kinds<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    kinds: &[Kind],
    other: JsonTypes,
    out: &mut Diagnostics,
) -> Option<LoweredSchema> {
    let node = &object.node;
    let name = lowering.places.name_of(node);
    let mut variants = Variants::default();
    for kind in kinds {
        let types = JsonTypes::of_kind(*kind);
        let names = [Name::new(vec![word(*kind).to_owned()])];
        let mut found = Diagnostics::default();
        let lowered = lowering.of_kind(object, *kind, &mut found);
        forward(&found, node, out);
        let value = lowering.part(node, (&name, *kind), lowered?, out);
        variants.content(types, &names, String::new(), value, node);
    }
    if !other.is_none() {
        let names = [Name::new(vec!["other".to_owned()])];
        variants.content(other, &names, String::new(), Value::Any, node);
    }
    let draft = lowering.draft(node);
    let is_open = !other.is_none();
    let exact = !is_open || !keyword::concerns_others(object, kinds, draft);
    Some(LoweredSchema::new(variants.shape(), exact))
}

/// Reports what was found, except keywords of the schema itself that apply to other kinds.
fn forward(found: &Diagnostics, node: &Node<'_>, out: &mut Diagnostics) {
    for diagnostic in found.as_slice() {
        let own = diagnostic.file == node.file
            && diagnostic
                .pointer
                .rsplit_once('/')
                .is_some_and(|(above, _)| above == node.pointer);
        let elsewhere = own && diagnostic.code == Code::IneffectiveKeyword;
        if !elsewhere && !out.as_slice().contains(diagnostic) {
            out.push(diagnostic.clone());
        }
    }
}
