//! The definitions of a bundle: one for each type, and one for each further schema that a reference leads to.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value as Json, json};

use super::{BundleError, BundleForm, reference, strict, translate};
use crate::model::{Name, TypeDef};
use crate::read::{Node, steps};
use crate::schema::dialect::{Holds, is_validation};
use crate::schema::reference::References;

/// Keywords that identify schemas, that only natsgen knows, or that a definition replaces.
const REMOVED: [&str; 13] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$defs",
    "definitions",
    "$comment",
    "title",
    "x-http",
    "x-nats",
    "x-unit",
];
/// Annotations of a member. They stay at the member if its schema becomes a definition.
const OF_MEMBER: [&str; 4] = ["default", "deprecated", "readOnly", "writeOnly"];

/// The place of a schema: file and JSON pointer.
type Place = (String, String);

/// Collects the definitions of a document.
pub(super) struct Definitions<'a> {
    references: &'a References<'a>,
    form: BundleForm,
    /// The schemas that are definitions, with the names of the definitions.
    names: HashMap<Place, String>,
    /// The places of the types by name.
    types: HashMap<&'a Name, Place>,
    taken: HashSet<String>,
    /// Definitions that are not written yet.
    queue: Vec<Node<'a>>,
    queued: HashSet<Place>,
}

impl<'a> Definitions<'a> {
    /// No definitions yet; each type has a name.
    pub(super) fn new(
        references: &'a References<'a>,
        types: &'a [TypeDef],
        form: BundleForm,
    ) -> Self {
        let place = |def: &TypeDef| (def.source.file.clone(), def.source.pointer.clone());
        Self {
            references,
            form,
            names: types
                .iter()
                .filter(|def| !def.partial)
                .map(|def| (place(def), def.name.pascal()))
                .collect(),
            types: types.iter().map(|def| (&def.name, place(def))).collect(),
            taken: types.iter().map(|def| def.name.pascal()).collect(),
            queue: Vec::new(),
            queued: HashSet::new(),
        }
    }

    /// Adds a type.
    pub(super) fn add(&mut self, name: &Name) {
        let place = self.types.get(name);
        let node = place.and_then(|(file, pointer)| self.references.own(file, pointer));
        if let Some(node) = node {
            self.enqueue(&node);
        }
    }

    /// A name that no definition has: this name, if possible.
    pub(super) fn reserve(&mut self, name: &Name) -> String {
        let name = name.pascal();
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.clone()).chain(numbered);
        let free = names.find(|name| !self.taken.contains(name));
        let free = free.unwrap_or(name);
        self.taken.insert(free.clone());
        free
    }

    /// All definitions, sorted by name.
    pub(super) fn finish(mut self) -> Result<BTreeMap<String, Json>, BundleError> {
        let mut definitions = BTreeMap::new();
        while let Some(node) = self.queue.pop() {
            let name = self.names[&place(&node)].clone();
            let mut schema = self.schema(&node)?;
            if let Json::Object(members) = &mut schema {
                for key in OF_MEMBER {
                    members.shift_remove(key);
                }
                if self.form == BundleForm::Strict {
                    strict::definition(members);
                }
                members.shift_insert(0, "title".to_owned(), Json::from(&*name));
            }
            definitions.insert(name, schema);
        }
        Ok(definitions)
    }

    fn enqueue(&mut self, node: &Node<'a>) {
        if self.queued.insert(place(node)) {
            self.queue.push(node.clone());
        }
    }

    /// A schema inside another schema: a reference if the schema is a definition.
    fn inner(&mut self, node: &Node<'a>) -> Result<Json, BundleError> {
        let Some(name) = self.names.get(&place(node)) else {
            return self.schema(node);
        };
        let mut found = json!({ "$ref": reference(name) });
        for key in OF_MEMBER {
            if let Some(json) = node.json.get(key) {
                found[key] = json.clone();
            }
        }
        self.enqueue(node);
        Ok(found)
    }

    /// The keywords of a schema.
    fn schema(&mut self, node: &Node<'a>) -> Result<Json, BundleError> {
        let Some(members) = node.json.as_object() else {
            return Ok(node.json.clone());
        };
        let draft = self.references.draft(node.file, &node.pointer);
        let alone = draft.is_before_2019() && members.contains_key("$ref");
        let validates = self.references.validates(node.file, &node.pointer);
        let mut found = Map::new();
        for (key, value) in members {
            let ignored = alone && key != "$ref" || !validates && is_validation(key);
            if ignored || REMOVED.contains(&&**key) {
                continue;
            }
            let value = node.below(key, value);
            match key.as_str() {
                "$ref" | "$dynamicRef" | "$recursiveRef" => {
                    let target = self.target(key, &value)?;
                    found.extend(target.map(|target| ("$ref".to_owned(), Json::from(target))));
                }
                _ => {
                    if let Some(holds) = draft.holds(key) {
                        found.insert(key.clone(), self.subschemas(holds, &value)?);
                    }
                }
            }
        }
        if draft.is_before_2020() {
            translate::newer(&mut found);
        }
        Ok(match self.form {
            BundleForm::Faithful => Json::Object(found),
            BundleForm::Strict => strict::equivalent(found),
        })
    }

    /// The value of a keyword.
    fn subschemas(&mut self, holds: Holds, node: &Node<'a>) -> Result<Json, BundleError> {
        match (holds, node.json) {
            (Holds::List | Holds::SchemaOrList, Json::Array(items)) => {
                let items = items.iter().enumerate();
                let nodes = items.map(|(at, json)| node.below(&at.to_string(), json));
                nodes.map(|node| self.inner(&node)).collect()
            }
            (Holds::Members | Holds::Dependencies, Json::Object(members)) => {
                let mut found = Map::new();
                for (key, json) in members {
                    found.insert(key.clone(), self.inner(&node.below(key, json))?);
                }
                Ok(Json::Object(found))
            }
            (Holds::Schema | Holds::SchemaOrList, _) => self.inner(node),
            _ => Ok(node.json.clone()),
        }
    }

    /// A local reference in place of `$ref` or `$dynamicRef`. A reference to an official meta-schema stays absolute.
    fn target(&mut self, key: &str, node: &Node<'a>) -> Result<Option<String>, BundleError> {
        let text = node.json.as_str().unwrap_or_default();
        let found = self.references.find_by(key, node, text);
        let Some(target) = found.ok().flatten() else {
            return Ok(None);
        };
        if target.dynamic.is_some() {
            return Err(BundleError::DynamicReference(node.source()));
        }
        let Node { file, pointer, .. } = &target.node;
        let own = self.references.own(file, pointer);
        Ok(Some(match own {
            Some(target) => reference(&self.named(&target)),
            None if pointer.is_empty() => (*file).to_owned(),
            None => format!("{file}#{pointer}"),
        }))
    }

    /// The name of a schema that a reference leads to.
    fn named(&mut self, node: &Node<'a>) -> String {
        self.enqueue(node);
        if let Some(name) = self.names.get(&place(node)) {
            return name.clone();
        }
        let last = steps(&node.pointer).last();
        let key = last.unwrap_or_else(|| node.file.trim_end_matches(".json").to_owned());
        let name = Name::of(&key);
        let name = self.reserve(&name);
        self.names.insert(place(node), name.clone());
        name
    }
}

fn place(node: &Node<'_>) -> Place {
    (node.file.to_owned(), node.pointer.clone())
}
