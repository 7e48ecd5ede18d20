//! Dependent members: the members of an object that only branches declare, such as those of `oneOf`, `if` or
//! `dependentSchemas`.

use std::cell::Cell;

use serde_json::Value as Json;

use super::json_types::{JsonTypes, json_types};
use super::schema::Lowering;
use super::untagged::{self, Variants};
use crate::diagnostic::Diagnostics;
use crate::model::{Name, Shape, Value};
use crate::read::{Node, Object};

/// The maximal number of schemas that are visited to find the members of an object.
const VISITS: u32 = 500;
/// The maximal number of different schemas of a member. A member with more schemas has any value.
const SCHEMAS: usize = 16;

/// A member that branches declare.
#[derive(Clone, Debug)]
pub(super) struct DependentMember<'a> {
    pub(super) key: &'a str,
    /// The schemas of the branches; each value of the member satisfies one of them if `is_covered`.
    pub(super) schemas: Vec<Node<'a>>,
    is_covered: bool,
}

/// The members that a schema declares.
#[derive(Clone, Debug, Default)]
struct Declared<'a> {
    members: Vec<DependentMember<'a>>,
    /// Whether the schema allows no other members.
    is_closed: bool,
}

/// The members that the branches of these parts of an object declare.
pub(super) fn members<'a>(
    lowering: &Lowering<'a>,
    parts: &[Object<'a>],
) -> Vec<DependentMember<'a>> {
    let search = Search {
        lowering,
        visits: Cell::new(VISITS),
    };
    let mut found = Declared::default();
    for part in parts {
        if parts.len() == 1 {
            found = search
                .list(part, "allOf")
                .into_iter()
                .fold(found, Declared::and);
        }
        found = search.groups(part).into_iter().fold(found, Declared::and);
    }
    found.members
}

struct Search<'l, 'a> {
    lowering: &'l Lowering<'a>,
    visits: Cell<u32>,
}

impl<'a> Search<'_, 'a> {
    /// The members that a schema declares, with those of its branches.
    fn schema(&self, node: &Node<'a>) -> Declared<'a> {
        let object = match (node.members(), self.visits.get().checked_sub(1)) {
            (Some(object), Some(visits)) => {
                self.visits.set(visits);
                object
            }
            _ => {
                return Declared {
                    is_closed: *node.json == Json::Bool(false),
                    ..Declared::default()
                };
            }
        };
        let mut found = Declared::default();
        if object.members.contains_key("$ref") {
            if let Some(target) = self.lowering.followed(node) {
                found = self.schema(&target);
            }
            if self.lowering.draft(node).is_before_2019() {
                return found;
            }
        }
        found = found.and(own(&object));
        let parts = self.list(&object, "allOf").into_iter();
        parts.chain(self.groups(&object)).fold(found, Declared::and)
    }

    /// The members that each choice between branches declares.
    fn groups(&self, object: &Object<'a>) -> Vec<Declared<'a>> {
        let mut groups = Vec::new();
        for key in ["oneOf", "anyOf"] {
            let branches = self.list(object, key);
            groups.extend(branches.into_iter().reduce(Declared::or));
        }
        if object.members.contains_key("if") {
            let branch = |key| object.get(key).map(|node| self.schema(&node));
            let (then, other) = (branch("then"), branch("else"));
            groups.push(then.unwrap_or_default().or(other.unwrap_or_default()));
        }
        for key in ["dependentSchemas", "dependencies"] {
            let all = object.get(key).and_then(|node| node.members());
            for (_, node) in all.iter().flat_map(Object::entries) {
                if !node.json.is_array() {
                    groups.push(self.schema(&node).or(Declared::default()));
                }
            }
        }
        groups
    }

    fn list(&self, object: &Object<'a>, key: &str) -> Vec<Declared<'a>> {
        let nodes = object
            .get(key)
            .and_then(|node| node.items(&mut Diagnostics::default()));
        let nodes = nodes.unwrap_or_default();
        nodes.iter().map(|node| self.schema(node)).collect()
    }
}

/// The members under `properties`.
fn own<'a>(object: &Object<'a>) -> Declared<'a> {
    let properties = object.get("properties").and_then(|node| node.members());
    let members = properties.iter().flat_map(Object::entries);
    let members = members.map(|(key, node)| DependentMember {
        key,
        // A member with the schema `false` is absent.
        schemas: if *node.json == Json::Bool(false) {
            Vec::new()
        } else {
            vec![node]
        },
        is_covered: true,
    });
    let has_patterns = object.members.contains_key("patternProperties");
    Declared {
        members: members.collect(),
        is_closed: object.members.get("additionalProperties") == Some(&Json::Bool(false))
            && !has_patterns,
    }
}

impl<'a> Declared<'a> {
    fn find(&self, key: &str) -> Option<&DependentMember<'a>> {
        self.members.iter().find(|member| member.key == key)
    }

    fn find_mut(&mut self, key: &str) -> Option<&mut DependentMember<'a>> {
        self.members.iter_mut().find(|member| member.key == key)
    }

    fn covers(&self, key: &str) -> bool {
        self.find(key)
            .map_or(self.is_closed, |member| member.is_covered)
    }

    /// The members if both schemas apply.
    fn and(mut self, other: Self) -> Self {
        for member in other.members {
            match self.find_mut(member.key) {
                Some(known) if known.is_covered => {}
                Some(known) if member.is_covered => *known = member,
                Some(known) => known.schemas.extend(member.schemas),
                None => self.members.push(member),
            }
        }
        self.is_closed |= other.is_closed;
        self
    }

    /// The members if either schema applies.
    fn or(mut self, other: Self) -> Self {
        for member in &mut self.members {
            member.is_covered &= other.covers(member.key);
        }
        let is_closed = self.is_closed;
        for member in other.members {
            match self.find_mut(member.key) {
                Some(known) => known.schemas.extend(member.schemas),
                None => self.members.push(DependentMember {
                    is_covered: member.is_covered && is_closed,
                    ..member
                }),
            }
        }
        self.is_closed &= other.is_closed;
        self
    }
}

/// The value of a dependent member, and whether `null` is valid. A union gets this name.
pub(super) fn value<'a>(
    lowering: &mut Lowering<'a>,
    member: &DependentMember<'a>,
    name: &Name,
    out: &mut Diagnostics,
) -> Option<(Value, bool)> {
    let schemas = distinct(&member.schemas);
    let types: Vec<JsonTypes> = schemas
        .iter()
        .map(|node| json_types(lowering, node))
        .collect();
    let is_free = types.contains(&JsonTypes::ALL);
    match &schemas[..] {
        [schema] if member.is_covered => {
            lowering.places.propose(schema, name);
            return lowering.value(schema, out);
        }
        _ if is_free || schemas.is_empty() || schemas.len() > SCHEMAS => {
            return Some((Value::Any, false));
        }
        _ => {}
    }
    let mut variants = Variants::default();
    for (schema, types) in schemas.iter().zip(types) {
        let variant = |free: &Name| name.join(free);
        untagged::branch(lowering, (schema, types), &mut variants, &variant, out)?;
    }
    let node = schemas.first()?;
    if !member.is_covered {
        let names = [Name::new(vec!["other".to_owned()])];
        variants.content(JsonTypes::ALL, &names, String::new(), Value::Any, node);
    }
    if variants.are_free() {
        return Some((Value::Any, false));
    }
    let shape: Shape = variants.shape();
    Some((lowering.union_part(node, name, shape), false))
}

/// The schemas without repetitions; annotations make no difference.
fn distinct<'a>(schemas: &[Node<'a>]) -> Vec<Node<'a>> {
    let mut found: Vec<(Json, &Node<'a>)> = Vec::new();
    for node in schemas {
        let mut json = node.json.clone();
        if let Json::Object(members) = &mut json {
            for key in ["title", "description", "examples", "default", "$comment"] {
                members.shift_remove(key);
            }
        }
        let is_known = |(known, other): &(Json, &Node<'a>)| {
            *known == json && (other.file == node.file || json.get("$ref").is_none())
        };
        if !found.iter().any(is_known) {
            found.push((json, node));
        }
    }
    found.into_iter().map(|(_, node)| node.clone()).collect()
}
