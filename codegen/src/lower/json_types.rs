//! JSON types: the types that the values of a schema can have.

use std::cell::Cell;

use serde_json::Value as Json;

use super::kind::Kind;
use super::schema::Lowering;
use crate::diagnostic::Diagnostics;
use crate::read::Node;

/// The maximal number of schemas that are visited to find the JSON types of a schema.
const VISITS: u32 = 200;

/// The names of the JSON types, in the order of their bits.
const NAMES: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// A set of JSON types; integers are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JsonTypes(u8);

impl JsonTypes {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(0b11_1111);
    pub(super) const NULL: Self = Self(1);
    pub(super) const STRING: Self = Self(1 << 3);
    /// Objects and arrays.
    pub(super) const CONTAINERS: Self = Self(0b11_0000);

    fn named(name: &str) -> Self {
        let name = if name == "integer" { "number" } else { name };
        let at = NAMES.iter().position(|known| *known == name);
        at.map_or(Self::ALL, |at| Self(1 << at))
    }

    pub(super) fn of_kind(kind: Kind) -> Self {
        Self::named(match kind {
            Kind::Text => "string",
            Kind::Integer | Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Array => "array",
            Kind::Object => "object",
        })
    }

    pub(super) fn of_value(json: &Json) -> Self {
        Self::named(match json {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        })
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// The names, separated by spaces.
    pub(super) fn names(self) -> String {
        let bits = NAMES.iter().enumerate();
        let names = bits.filter(|(at, _)| self.0 & (1 << at) != 0);
        names.map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
    }
}

/// The types that the values of a schema can have. In doubt, a type is included.
pub(super) fn json_types<'a>(lowering: &Lowering<'a>, node: &Node<'a>) -> JsonTypes {
    Search {
        lowering,
        visits: Cell::new(VISITS),
    }
    .schema(node)
}

struct Search<'l, 'a> {
    lowering: &'l Lowering<'a>,
    visits: Cell<u32>,
}

impl<'a> Search<'_, 'a> {
    fn schema(&self, node: &Node<'a>) -> JsonTypes {
        let Some(visits) = self.visits.get().checked_sub(1) else {
            return JsonTypes::ALL;
        };
        self.visits.set(visits);
        let Json::Object(members) = node.json else {
            return match node.json {
                Json::Bool(false) => JsonTypes::NONE,
                _ => JsonTypes::ALL,
            };
        };
        let mut found = JsonTypes::ALL;
        if members.contains_key("$ref") {
            if let Some(target) = self.lowering.followed(node) {
                found = found.and(self.schema(&target));
            }
            if self.lowering.draft(node).is_before_2019() {
                return found;
            }
        }
        if !self.lowering.references.validates(node.file, &node.pointer) {
            return JsonTypes::ALL;
        }
        if let Some(ty) = members.get("type") {
            found = found.and(declared(ty));
        }
        if let Some(json) = members.get("const") {
            found = found.and(JsonTypes::of_value(json));
        }
        if let Some(values) = members.get("enum").and_then(Json::as_array) {
            found = found.and(any_of(values.iter().map(JsonTypes::of_value)));
        }
        for branch in branches(node, "allOf").unwrap_or_default() {
            found = found.and(self.schema(&branch));
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(branches) = branches(node, key) {
                found = found.and(any_of(branches.iter().map(|branch| self.schema(branch))));
            }
        }
        found
    }
}

fn branches<'a>(node: &Node<'a>, key: &str) -> Option<Vec<Node<'a>>> {
    let branches = node.members()?.get(key)?.items(&mut Diagnostics::default());
    branches.filter(|branches| !branches.is_empty())
}

fn any_of(types: impl Iterator<Item = JsonTypes>) -> JsonTypes {
    types.fold(JsonTypes::NONE, JsonTypes::or)
}

/// The types that `type` allows.
fn declared(ty: &Json) -> JsonTypes {
    match ty {
        Json::Array(names) => any_of(
            names
                .iter()
                .map(|name| JsonTypes::named(name.as_str().unwrap_or_default())),
        ),
        name => JsonTypes::named(name.as_str().unwrap_or_default()),
    }
}
