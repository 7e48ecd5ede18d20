//! Visits each place of a schema and derives valid and invalid values for it.

mod array;
mod choice;
mod kind;
mod object;
mod scalar;

use serde_json::{Map, Value as Json};

use super::case::Repeat;
use super::cases::{Cases, Claim};
use super::oracle::Verdicts;
use super::sample::{Fill, plain, sample, types};
use super::schema::Schema;
use natsgen::internal::escape;

/// The maximal number of items, members or characters in a document. A larger document does not fit into a message.
const LARGEST: usize = 2_000_000;
/// Below this depth, fewer invalid values are derived, because named types have corpora of their own.
const DEEP: usize = 1;

/// How references to named types are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Named types are visited completely.
    All,
    /// Named types are visited only in their own corpora.
    Own,
}

/// The candidates for the corpus of a schema.
pub(super) fn cases<'o>(verdicts: &'o Verdicts, root: Schema<'_>, depth: Depth) -> Cases<'o> {
    let mut walk = Walk {
        cases: Cases::new(verdicts),
        depth,
        stack: Vec::new(),
    };
    walk.root(root);
    walk.cases
}

struct Walk<'s, 'o> {
    cases: Cases<'o>,
    depth: Depth,
    /// The schemas that contain the current schema. They stop the recursion at a type that contains itself.
    stack: Vec<Schema<'s>>,
}

/// A place in a valid document.
#[derive(Clone)]
struct Spot {
    document: Json,
    pointer: String,
    /// Whether the result of a keyword here decides about the document: no keyword above, such as `not`, can change it.
    sure: bool,
    /// Whether other schemas constrain the same place, so that the result of a wrong type is uncertain.
    shared: bool,
}

impl Spot {
    /// Whether the place is nested deeply in the document.
    fn is_deep(&self) -> bool {
        self.pointer.matches('/').count() > DEEP
    }

    fn value(&self) -> &Json {
        self.document.pointer(&self.pointer).unwrap_or(&Json::Null)
    }

    fn members(&self) -> Option<&Map<String, Json>> {
        self.value().as_object()
    }

    /// The document with another value at the place.
    fn replaced(&self, value: Json) -> Json {
        let mut document = self.document.clone();
        if let Some(place) = document.pointer_mut(&self.pointer) {
            *place = value;
        }
        document
    }

    /// The same place with another value.
    fn with(&self, value: Json) -> Self {
        Self {
            document: self.replaced(value),
            ..self.clone()
        }
    }

    /// A member or item of the value.
    fn child(&self, key: &str) -> Self {
        Self {
            pointer: format!("{}{}", self.pointer, escape(key)),
            shared: false,
            ..self.clone()
        }
    }

    /// The same place with a member. A missing member is added.
    fn member(&self, key: &str, value: impl FnOnce() -> Option<Json>) -> Option<Self> {
        let mut members = self.members()?.clone();
        if !members.contains_key(key) {
            members.insert(key.to_owned(), value()?);
        }
        Some(self.with(Json::Object(members)).child(key))
    }

    /// The same place, with an uncertain result.
    fn unsure(&self) -> Self {
        Self {
            sure: false,
            ..self.clone()
        }
    }

    /// The same place, which other schemas constrain too.
    fn shared(&self) -> Self {
        Self {
            shared: true,
            ..self.clone()
        }
    }

    fn named(&self, what: &str) -> String {
        if self.pointer.is_empty() {
            what.to_owned()
        } else {
            format!("{}: {what}", self.pointer)
        }
    }
}

impl<'s> Walk<'s, '_> {
    fn root(&mut self, root: Schema<'s>) {
        let least = sample(root, Fill::Least);
        let most = sample(root, Fill::Most);
        let meant = plain(root);
        let examples = [root, meant]
            .into_iter()
            .flat_map(|schema| schema.values("examples"));
        let examples: Vec<Json> = examples.cloned().collect();
        for (at, example) in examples.iter().enumerate() {
            let name = format!("example {}", at + 1);
            self.cases.add(name, example.clone(), None, Claim::Valid);
        }
        for (name, made) in [("least", &least), ("most", &most)] {
            if let Some(json) = made.as_ref().filter(|json| self.cases.accepts(json)) {
                self.cases
                    .add(name.to_owned(), json.clone(), None, Claim::Valid);
            }
        }
        let bases = least.into_iter().chain(examples).chain(most);
        for document in bases {
            if self.cases.accepts(&document) {
                let spot = Spot {
                    document,
                    pointer: String::new(),
                    sure: true,
                    shared: false,
                };
                return self.schema(root, &spot);
            }
        }
    }

    /// Derives values for all keywords of a schema at a place.
    fn schema(&mut self, schema: Schema<'s>, spot: &Spot) {
        let is_on_the_way = self
            .stack
            .iter()
            .any(|other| other.identity() == schema.identity());
        if is_on_the_way || !self.cases.accepts(&spot.document) {
            return;
        }
        self.stack.push(schema);
        if let Some(target) = schema.target() {
            self.target(target, spot);
        }
        self.kinds(schema, spot);
        for name in types(schema) {
            match name {
                "string" => self.text(schema, spot),
                "integer" | "number" => self.number(schema, spot),
                "array" => self.array(schema, spot),
                "object" => self.object(schema, spot),
                _ => {}
            }
        }
        self.choices(schema, spot);
        self.stack.pop();
    }

    /// Derives values for the target of a reference.
    fn target(&mut self, target: Schema<'s>, spot: &Spot) {
        let is_root = self.stack.len() == 1;
        if self.depth == Depth::All || is_root || spot.shared {
            self.schema(target, spot);
        } else {
            self.kinds(plain(target), spot);
        }
    }

    /// Adds a valid document.
    fn valid(&mut self, spot: &Spot, what: &str, value: Json) {
        self.repeated(spot, what, value, None, None);
    }

    /// Adds a document that breaks a keyword at the place.
    fn broken(&mut self, spot: &Spot, what: &str, value: Json, keyword: &'static str) {
        self.repeated(spot, what, value, None, Some(keyword));
    }

    /// Adds a document that possibly breaks a keyword.
    fn open(&mut self, spot: &Spot, what: &str, value: Json, keyword: &'static str) {
        let claim = Claim::Open { keyword };
        self.cases
            .add(spot.named(what), spot.replaced(value), None, claim);
    }

    /// Adds a document in which the value at the place is repeated.
    fn repeated(
        &mut self,
        spot: &Spot,
        what: &str,
        value: Json,
        times: Option<usize>,
        keyword: Option<&'static str>,
    ) {
        if times.is_some_and(|times| times > LARGEST) {
            return;
        }
        let pointer = spot.pointer.clone();
        let claim = match keyword {
            None if spot.sure => Claim::Valid,
            Some(keyword) if spot.sure => Claim::Broken {
                pointer: pointer.clone(),
                keyword,
            },
            keyword => Claim::Open {
                keyword: keyword.unwrap_or("type"),
            },
        };
        let repeat = times.map(|times| Repeat { pointer, times });
        self.cases
            .add(spot.named(what), spot.replaced(value), repeat, claim);
    }
}
