//! Visits each place of a schema and derives valid and invalid values for it.

mod applicator;
mod array;
mod object;
mod scalar;
mod wrong_type;

use serde_json::{Map, Value as Json};

use super::case::Repeat;
use super::cases::{Cases, Expectation};
use super::reference_validator::TypeValidator;
use super::sample::{Fill, resolve, sample, types};
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
pub(super) fn cases<'o>(validator: &'o TypeValidator, root: Schema<'_>, depth: Depth) -> Cases<'o> {
    let mut mutator = Mutator {
        cases: Cases::new(validator),
        depth,
        stack: Vec::new(),
    };
    mutator.root(root);
    mutator.cases
}

struct Mutator<'s, 'o> {
    cases: Cases<'o>,
    depth: Depth,
    /// The schemas that contain the current schema. They stop the recursion at a type that contains itself.
    stack: Vec<Schema<'s>>,
}

/// A place in a valid document.
#[derive(Clone)]
struct Position {
    document: Json,
    pointer: String,
    /// Whether the result of a keyword here decides about the document: no keyword above, such as `not`, can change it.
    sure: bool,
    /// Whether other schemas constrain the same place, so that the result of a wrong type is uncertain.
    shared: bool,
}

impl Position {
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

    fn named(&self, label: &str) -> String {
        if self.pointer.is_empty() {
            label.to_owned()
        } else {
            format!("{}: {label}", self.pointer)
        }
    }
}

impl<'s> Mutator<'s, '_> {
    fn root(&mut self, root: Schema<'s>) {
        let least = sample(root, Fill::Minimal);
        let most = sample(root, Fill::Maximal);
        let meant = resolve(root);
        let examples = [root, meant]
            .into_iter()
            .flat_map(|schema| schema.values("examples"));
        let examples: Vec<Json> = examples.cloned().collect();
        for (at, example) in examples.iter().enumerate() {
            let name = format!("example {}", at + 1);
            self.cases
                .add(name, example.clone(), None, Expectation::Valid);
        }
        for (name, made) in [("least", &least), ("most", &most)] {
            if let Some(json) = made.as_ref().filter(|json| self.cases.accepts(json)) {
                self.cases
                    .add(name.to_owned(), json.clone(), None, Expectation::Valid);
            }
        }
        let bases = least.into_iter().chain(examples).chain(most);
        for document in bases {
            if self.cases.accepts(&document) {
                let position = Position {
                    document,
                    pointer: String::new(),
                    sure: true,
                    shared: false,
                };
                return self.schema(root, &position);
            }
        }
    }

    /// Derives values for all keywords of a schema at a place.
    fn schema(&mut self, schema: Schema<'s>, position: &Position) {
        let is_on_the_way = self
            .stack
            .iter()
            .any(|other| other.identity() == schema.identity());
        if is_on_the_way || !self.cases.accepts(&position.document) {
            return;
        }
        self.stack.push(schema);
        if let Some(target) = schema.target() {
            self.target(target, position);
        }
        self.wrong_types(schema, position);
        for name in types(schema) {
            match name {
                "string" => self.text(schema, position),
                "integer" | "number" => self.number(schema, position),
                "array" => self.array(schema, position),
                "object" => self.object(schema, position),
                _ => {}
            }
        }
        self.applicators(schema, position);
        self.stack.pop();
    }

    /// Derives values for the target of a reference.
    fn target(&mut self, target: Schema<'s>, position: &Position) {
        let is_root = self.stack.len() == 1;
        if self.depth == Depth::All || is_root || position.shared {
            self.schema(target, position);
        } else {
            self.wrong_types(resolve(target), position);
        }
    }

    /// Adds a valid document.
    fn valid(&mut self, position: &Position, label: &str, value: Json) {
        self.repeated(position, label, value, None, None);
    }

    /// Adds a document that breaks a keyword at the place.
    fn broken(&mut self, position: &Position, label: &str, value: Json, keyword: &'static str) {
        self.repeated(position, label, value, None, Some(keyword));
    }

    /// Adds a document that possibly breaks a keyword.
    fn undecided(&mut self, position: &Position, label: &str, value: Json, keyword: &'static str) {
        let expectation = Expectation::Undecided { keyword };
        self.cases.add(
            position.named(label),
            position.replaced(value),
            None,
            expectation,
        );
    }

    /// Adds a document in which the value at the place is repeated.
    fn repeated(
        &mut self,
        position: &Position,
        label: &str,
        value: Json,
        times: Option<usize>,
        keyword: Option<&'static str>,
    ) {
        if times.is_some_and(|times| times > LARGEST) {
            return;
        }
        let pointer = position.pointer.clone();
        let expectation = match keyword {
            None if position.sure => Expectation::Valid,
            Some(keyword) if position.sure => Expectation::Broken {
                pointer: pointer.clone(),
                keyword,
            },
            keyword => Expectation::Undecided {
                keyword: keyword.unwrap_or("type"),
            },
        };
        let repeat = times.map(|times| Repeat { pointer, times });
        self.cases.add(
            position.named(label),
            position.replaced(value),
            repeat,
            expectation,
        );
    }
}
