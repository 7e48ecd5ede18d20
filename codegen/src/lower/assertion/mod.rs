//! Assertions: the part of a schema that a type cannot express.

mod array;
mod logic;
mod name;
mod object;
mod regex;
mod schema;
mod value;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use self::name::Names;
use crate::diagnostic::Diagnostics;
use crate::model::{self, AssertionDef, Name};
use crate::read::{Formats, Node};
use crate::schema::reference::References;

/// The assertions of a protocol, collected on demand.
#[derive(Debug)]
pub(crate) struct Assertions<'a> {
    references: &'a References<'a>,
    formats: Formats,
    names: Names,
    /// The name of each assertion, by file and pointer of its schema.
    noted: BTreeMap<(&'a str, String), Name>,
    /// Named assertions that are not lowered yet.
    waiting: VecDeque<(Name, Node<'a>)>,
    read: Vec<AssertionDef>,
    /// The resources with dynamic anchors, by URI.
    scopes: BTreeMap<String, model::Resource>,
}

impl<'a> Assertions<'a> {
    pub(crate) fn new(references: &'a References<'a>, formats: Formats) -> Self {
        Self {
            references,
            formats,
            names: Names::default(),
            noted: BTreeMap::new(),
            waiting: VecDeque::new(),
            read: Vec::new(),
            scopes: BTreeMap::new(),
        }
    }

    /// The name of the assertion for the schema at this place. The assertion and all that it refers to are lowered
    /// once; `name` is the preferred name.
    pub(crate) fn assertion(
        &mut self,
        file: &str,
        pointer: &str,
        name: Option<&Name>,
        out: &mut Diagnostics,
    ) -> Option<Name> {
        let node = self.references.own(file, pointer)?;
        let name = self.note(node, name);
        while let Some((name, node)) = self.waiting.pop_front() {
            let assertion = self.definition(&node, out);
            let resource = self.scope(&node);
            self.read.push(AssertionDef {
                name,
                source: node.source(),
                resource,
                assertion,
            });
        }
        Some(name)
    }

    /// The assertions that types need, with all that they refer to, sorted by place; and their resources.
    pub(crate) fn finish<'n>(
        self,
        judged: impl Iterator<Item = &'n Name>,
    ) -> (Vec<AssertionDef>, Vec<model::Resource>) {
        let assertions: HashMap<&Name, &AssertionDef> =
            self.read.iter().map(|def| (&def.name, def)).collect();
        let scopes: HashMap<&Name, &model::Resource> = self
            .scopes
            .values()
            .map(|scope| (&scope.name, scope))
            .collect();
        let mut reached = HashSet::new();
        let mut waiting: Vec<&Name> = judged.collect();
        while let Some(name) = waiting.pop() {
            let Some(def) = assertions
                .get(name)
                .filter(|def| reached.insert(def.name.clone()))
            else {
                continue;
            };
            waiting.extend(def.assertion.references());
            if let Some(scope) = def.resource.as_ref().and_then(|name| scopes.get(name))
                && reached.insert(scope.name.clone())
            {
                waiting.extend(scope.anchors.iter().map(|(_, name)| name));
            }
        }
        let mut assertions = self.read;
        assertions.retain(|def| reached.contains(&def.name));
        assertions.sort_by(|one, other| one.source.cmp(&other.source));
        let scopes = self.scopes.into_values();
        let scopes = scopes.filter(|scope| reached.contains(&scope.name));
        (assertions, scopes.collect())
    }

    /// The name of the assertion at a place. A new assertion is added to the queue.
    fn note(&mut self, node: Node<'a>, name: Option<&Name>) -> Name {
        let place = (node.file, node.pointer.clone());
        if let Some(name) = self.noted.get(&place) {
            return name.clone();
        }
        let name = match name {
            Some(name) => self.names.unique(name.clone()),
            None => self.names.unique(name::of(&node)),
        };
        self.noted.insert(place, name.clone());
        self.waiting.push_back((name.clone(), node));
        name
    }

    /// The resource that contains a place, if it has dynamic anchors. The schemas at these anchors get assertions too.
    fn scope(&mut self, node: &Node<'a>) -> Option<Name> {
        let resource = self.references.around(node.file, &node.pointer)?;
        let (uri, root) = (resource.uri.clone(), resource.root.clone());
        let anchors = resource.anchors.iter().filter(|(_, anchor)| anchor.dynamic);
        let anchors: Vec<(String, String)> = anchors
            .map(|(name, anchor)| ((*name).to_owned(), anchor.pointer.clone()))
            .collect();
        if anchors.is_empty() {
            return None;
        }
        if let Some(known) = self.scopes.get(&uri) {
            return Some(known.name.clone());
        }
        let place = (root.file, root.pointer.clone());
        let known = self.noted.get(&place).cloned();
        let name = known.unwrap_or_else(|| name::of(&root));
        let name = self.names.unique(name.with("resource"));
        let anchors = anchors.into_iter().filter_map(|(anchor, pointer)| {
            let node = self.references.node(root.file, &pointer)?;
            Some((anchor, self.note(node, None)))
        });
        let anchors = anchors.collect();
        let scope = model::Resource {
            name: name.clone(),
            anchors,
        };
        self.scopes.insert(uri, scope);
        Some(name)
    }
}
