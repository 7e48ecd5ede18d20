//! Places: the schemas that become types, and their names.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value as Json;

use super::document::{Document, Role};
use super::taken::Taken;
use crate::diagnostic::Diagnostics;
use crate::model::Name;
use crate::read::{Node, steps};

/// A schema, by file and pointer.
type Place<'a> = (&'a str, String);

/// The names of the schemas that become types.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
    names: HashMap<Place<'a>, Name>,
    /// The names of types, and the names that outputs use beside them.
    taken: Taken,
    /// Schemas whose name is taken for them.
    claimed: HashSet<Place<'a>>,
    /// Schemas that are types or are in the queue.
    defined: HashSet<Place<'a>>,
    /// Referenced schemas that become types and are not defined yet.
    waiting: Vec<Node<'a>>,
    /// The fallback name of each document, for schemas without an enclosing name.
    documents: HashMap<&'a str, (Name, &'a Json)>,
    /// The module of each document of types.
    modules: HashMap<&'a str, String>,
}

impl<'a> Places<'a> {
    /// Names the definitions of these documents, with these names already taken. Returns the schemas that become types
    /// even without a reference.
    pub(super) fn new(
        documents: &[Document<'a>],
        taken: Taken,
        out: &mut Diagnostics,
    ) -> (Self, Vec<Node<'a>>) {
        let mut places = Self {
            taken,
            modules: modules(documents),
            ..Self::default()
        };
        let mut types = Vec::new();
        let mut definitions = Vec::new();
        for document in documents {
            let Some(name) = document.name() else {
                continue;
            };
            let root = document.node.clone();
            places
                .documents
                .insert(document.file, (name.clone(), document.node.json));
            let is_schema = document.is_schema();
            if is_schema {
                places.claim(&root, title(&root).unwrap_or(name));
                places.defined.insert(root.place());
                types.push(root);
            }
            for (key, node) in document.definitions(out) {
                match message(document, key) {
                    Some(name) => places.claim(&node, name),
                    None => definitions.push((key, node.clone())),
                }
                if !is_schema {
                    places.defined.insert(node.place());
                    types.push(node);
                }
            }
        }
        // Messages of operations have fixed names, so definitions give way to them.
        for (key, node) in definitions {
            places.claim(&node, Name::of(key));
        }
        (places, types)
    }

    /// Takes a name for a schema: this name, or a similar name if another type has this name.
    fn claim(&mut self, node: &Node<'a>, name: Name) {
        let document = self.documents.get(node.file).map(|(name, _)| name);
        let name = self.taken.claim(name, document, node.source());
        self.claimed.insert(node.place());
        self.names.insert(node.place(), name);
    }

    /// Takes the name of a second type of a schema: the name of its type, followed by a word.
    pub(super) fn second(&mut self, node: &Node<'a>, name: &Name, word: &str) -> Name {
        self.taken.claim(name.with(word), None, node.source())
    }

    /// Reports the types whose name differs from the name that their schema suggests.
    pub(super) fn report(&mut self, out: &mut Diagnostics) {
        self.taken.report(out);
    }

    /// The module of a document: its path without `.json`, in `snake_case`.
    pub(super) fn module(&self, file: &str) -> String {
        let path = file.strip_suffix(".json").unwrap_or(file);
        let module = self.modules.get(file);
        module.map_or_else(|| path.to_owned(), Clone::clone)
    }

    /// Whether all documents can refer to the types of a document.
    pub(super) fn is_shared(&self, file: &str) -> bool {
        self.modules.contains_key(file)
    }

    /// Names a schema in a branch of a choice after the branch's tag, unless the schema has a name. The choice is
    /// `steps` levels above the schema.
    pub(super) fn suggest(&mut self, node: &Node<'a>, steps: usize, tag: &Name) {
        let around = node.pointer.rsplitn(steps + 1, '/').nth(steps);
        let name = self.name(node.file, around.unwrap_or_default()).join(tag);
        self.names.entry(node.place()).or_insert(name);
    }

    /// The name that the type of a schema would have.
    pub(super) fn name_of(&self, node: &Node<'a>) -> Name {
        self.name(node.file, &node.pointer)
    }

    /// Names a schema, unless it has a name.
    pub(super) fn propose(&mut self, node: &Node<'a>, name: &Name) {
        self.names
            .entry(node.place())
            .or_insert_with(|| name.clone());
    }

    /// Makes a schema a type. Returns its name, and whether the caller has to define the type.
    pub(super) fn assign(&mut self, node: &Node<'a>) -> (Name, bool) {
        if !self.claimed.contains(&node.place()) {
            self.claim(node, self.name(node.file, &node.pointer));
        }
        let name = self.names[&node.place()].clone();
        (name, self.defined.insert(node.place()))
    }

    /// The name of a referenced schema. The schema is added to the queue.
    pub(super) fn refer(&mut self, node: &Node<'a>) -> Name {
        let (name, new) = self.assign(node);
        if new {
            self.waiting.push(node.clone());
        }
        name
    }

    /// The next referenced schema that is not defined yet.
    pub(super) fn next(&mut self) -> Option<Node<'a>> {
        self.waiting.pop()
    }

    /// The name of a schema: its own name, or a name after the nearest enclosing schema with a name.
    fn name(&self, file: &'a str, pointer: &str) -> Name {
        let mut place = (file, pointer.to_owned());
        let mut name = loop {
            if let Some(name) = self.names.get(&place) {
                break name.clone();
            }
            let Some(at) = place.1.rfind('/') else {
                let document = self.documents.get(file);
                break document.map_or_else(|| word("type"), |(name, _)| name.clone());
            };
            place.1.truncate(at);
        };
        let root = self.documents.get(file).map(|(_, root)| *root);
        let mut json = root.and_then(|root| root.pointer(&place.1));
        let keys: Vec<String> = steps(&pointer[place.1.len()..]).collect();
        let mut keys = &keys[..];
        while let [key, rest @ ..] = keys {
            let (words, taken) = step(key, rest, json);
            name = words.into_iter().fold(name, |name, next| name.join(&next));
            for _ in 0..taken.min(keys.len()) {
                json = json.and_then(|json| inside(json, &keys[0]));
                keys = &keys[1..];
            }
        }
        name
    }
}

fn inside<'j>(json: &'j Json, key: &str) -> Option<&'j Json> {
    match json {
        Json::Array(items) => items.get(key.parse::<usize>().ok()?),
        _ => json.get(key),
    }
}

fn word(text: &str) -> Name {
    Name::new(vec![text.to_owned()])
}

/// The part of the name for a step from a schema to an inner schema, and the number of keys of the step.
fn step(key: &str, rest: &[String], json: Option<&Json>) -> (Option<Name>, usize) {
    let at = rest.first().map_or("", String::as_str);
    let numbered = |kind: &str| (Some(word(&format!("{kind}{at}"))), 2);
    match key {
        "properties" => {
            let titled = json
                .and_then(|json| json.get(key)?.get(at)?.get("title")?.as_str())
                .and_then(Name::from_wire);
            let name = Name::from_wire(at).or(titled);
            (Some(name.unwrap_or_else(|| Name::of(at))), 2)
        }
        "$defs" | "definitions" | "dependentSchemas" | "dependencies" => (Some(Name::of(at)), 2),
        "patternProperties" => (Some(word("value")), 2),
        "prefixItems" => numbered("item"),
        "items" if !at.is_empty() && json.is_some_and(|json| json["items"].is_array()) => {
            numbered("item")
        }
        "items" | "additionalItems" | "unevaluatedItems" | "contains" => (Some(word("item")), 1),
        "additionalProperties" | "unevaluatedProperties" => (Some(word("value")), 1),
        "propertyNames" => (Some(word("key")), 1),
        "allOf" => (None, 2),
        "oneOf" | "anyOf" => {
            let branches = json.and_then(|json| json.get(key)?.as_array());
            let nullable = branches.is_some_and(|branches| {
                branches.len() == 2 && branches.iter().any(|branch| branch["type"] == "null")
            });
            if nullable {
                (None, 2)
            } else {
                numbered("option")
            }
        }
        _ => (Some(Name::of(key)), 1),
    }
}

/// The name that the title of a schema gives.
fn title(node: &Node<'_>) -> Option<Name> {
    Name::from_wire(node.json.get("title")?.as_str()?)
}

/// The name of a message of an operation: `Request` and `Reply` get the name of the operation as a prefix, and `Message`
/// has the name of the operation.
fn message(document: &Document<'_>, key: &str) -> Option<Name> {
    let Role::Operation(operation) = &document.role else {
        return None;
    };
    match key {
        "Request" => Some(operation.with("request")),
        "Reply" => Some(operation.with("reply")),
        "Message" => Some(operation.clone()),
        _ => None,
    }
}

/// The modules of the documents of types. The names of their files may have any characters.
fn modules<'a>(documents: &[Document<'a>]) -> HashMap<&'a str, String> {
    let types = documents.iter();
    let types = types.filter(|document| document.role == Role::Types);
    let names = types.filter_map(|document| Some((document.file, document.name()?)));
    let mut taken = BTreeSet::new();
    let modules = names.map(|(file, name)| {
        let numbered = (2..).map(|number: u32| name.with(&number.to_string()));
        let mut free = std::iter::once(name.clone()).chain(numbered);
        let name = free.find(|name| taken.insert(name.snake()));
        let name = name.expect("numbers do not end").snake();
        (file, format!("types/{name}"))
    });
    modules.collect()
}
