//! Schema resources: schemas with a URI or an anchor, and their places.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value as Json;

use super::dialect::{Draft, Holds};
use super::{uri, vocabulary};
use crate::diagnostic::text::{listed, quoted};
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;
use crate::read::{Node, escape};

/// The name of the anchor that `$recursiveAnchor` of 2019-09 stands for.
pub(super) const RECURSIVE_ANCHOR: &str = "recursive-anchor-of-2019-09";
/// The scheme of the URIs that natsgen derives from the paths of documents.
const LOCAL: &str = "schema:/";

/// A schema with its own URI: a document, or a schema with `$id` inside a document.
#[derive(Debug)]
pub(crate) struct Resource<'a> {
    /// Its URI, without fragment.
    pub(crate) uri: String,
    /// Its root.
    pub(crate) root: Node<'a>,
    pub(crate) draft: Draft,
    /// Whether the meta-schema has the validation vocabulary.
    pub(crate) validation: bool,
    /// The value of `$schema`, if it names no supported dialect.
    meta: Option<Node<'a>>,
    pub(crate) anchors: BTreeMap<&'a str, Anchor>,
}

/// The place in a resource that an anchor names.
#[derive(Debug)]
pub(crate) struct Anchor {
    /// The place in the document.
    pub(crate) pointer: String,
    /// Whether the anchor is a `$dynamicAnchor`.
    pub(crate) dynamic: bool,
}

/// All resources of some documents.
#[derive(Debug, Default)]
pub(super) struct Resources<'a> {
    /// Documents that could not be read. References to them are not reported as errors.
    pub(super) broken: HashSet<&'a str>,
    pub(super) documents: BTreeMap<&'a str, &'a Json>,
    all: Vec<Resource<'a>>,
    /// The resources by URI, with escapes decoded.
    by_uri: HashMap<String, usize>,
    /// The resources of each document, by the pointers of their roots.
    by_file: HashMap<&'a str, Vec<usize>>,
    /// Whether any schema has a `$dynamicAnchor`.
    pub(super) has_dynamic_anchors: bool,
}

impl<'a> Resources<'a> {
    /// Finds the resources of these documents. Reports invalid identifiers.
    pub(super) fn new(
        documents: impl IntoIterator<Item = (&'a str, Option<&'a Json>)>,
        out: &mut Diagnostics,
    ) -> Self {
        let mut found = Self::default();
        for (file, json) in documents {
            let Some(json) = json else {
                found.broken.insert(file);
                continue;
            };
            found.documents.insert(file, json);
            let root = Node {
                file,
                pointer: String::new(),
                json,
            };
            let mut uri = local(file);
            let draft = draft(&root, out).unwrap_or(Draft::Draft202012);
            // The `$id` of the document itself counts even beside a `$ref`, because tools read it there.
            if let Some(id) = root.json.get("$id").and_then(Json::as_str) {
                let own = uri::resolve(&uri, uri::split(id).0);
                if own != uri {
                    found.by_uri.insert(uri::decode(&uri), found.all.len());
                    uri = own;
                }
            }
            let at = found.add(uri, root.clone(), draft, out);
            let mut indexer = Indexer {
                found: &mut found,
                out,
                file,
                pointer: String::new(),
            };
            indexer.schema(json, at);
        }
        found.vocabularies(out);
        let mut anchors = found.all.iter().flat_map(|found| found.anchors.values());
        found.has_dynamic_anchors = anchors.any(|anchor| anchor.dynamic);
        found
    }

    /// Reads the custom meta-schemas of these documents.
    fn vocabularies(&mut self, out: &mut Diagnostics) {
        for at in 0..self.all.len() {
            let Some(meta) = self.all[at].meta.take() else {
                continue;
            };
            let found = meta.json.as_str().and_then(|uri| self.by_uri(uri));
            let found = found.filter(|found| !found.draft.is_before_2019());
            let root = found.map(|found| &found.root);
            self.all[at].validation = vocabulary::validation(&meta, root, out);
        }
    }

    fn add(&mut self, uri: String, root: Node<'a>, draft: Draft, out: &mut Diagnostics) -> usize {
        let at = self.all.len();
        if let Some(&first) = self.by_uri.get(&uri::decode(&uri)) {
            let Source { file, pointer } = self.all[first].root.source();
            let message = format!(
                "duplicate `$id` {}: {} has it too",
                quoted(&uri),
                quoted(&format!("{file}#{pointer}"))
            );
            let id = root.json.get("$id").and_then(Json::as_str);
            let is_anchor = id.is_some_and(|id| !uri::split(id).1.is_empty());
            let code = if draft.is_before_2019() && is_anchor {
                Code::IgnoredId
            } else {
                Code::DuplicateId
            };
            let help = "give each schema an `$id` of its own";
            out.report(code, below(&root, "$id"), message, help);
        } else {
            self.by_uri.insert(uri::decode(&uri), at);
        }
        self.by_file.entry(root.file).or_default().push(at);
        self.all.push(Resource {
            uri,
            meta: meta(&root),
            validation: true,
            root,
            draft,
            anchors: BTreeMap::new(),
        });
        at
    }

    /// The resource with this URI.
    pub(super) fn by_uri(&self, uri: &str) -> Option<&Resource<'a>> {
        self.by_uri.get(&uri::decode(uri)).map(|&at| &self.all[at])
    }

    /// The resource of a whole document.
    pub(super) fn by_path(&self, file: &str) -> Option<&Resource<'a>> {
        let first = self.by_file.get(file)?.first()?;
        Some(&self.all[*first])
    }

    /// The innermost resource that contains a place.
    pub(super) fn around(&self, file: &str, pointer: &str) -> Option<&Resource<'a>> {
        let holds = |resource: &&Resource<'a>| {
            let rest = pointer.strip_prefix(&*resource.root.pointer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let resources = self.by_file.get(file)?.iter().map(|&at| &self.all[at]);
        resources
            .filter(holds)
            .max_by_key(|resource| resource.root.pointer.len())
    }

    /// The value at a place.
    pub(super) fn node(&self, file: &str, pointer: &str) -> Option<Node<'a>> {
        let (file, document) = self.documents.get_key_value(file)?;
        document.pointer(pointer).map(|json| Node {
            file,
            pointer: pointer.to_owned(),
            json,
        })
    }
}

/// The URI that natsgen derives from the path of a document.
pub(super) fn local(file: &str) -> String {
    if uri::is_absolute(file) {
        return file.to_owned();
    }
    format!("{LOCAL}{file}")
}

fn below(node: &Node<'_>, step: &str) -> Source {
    node.below(step, node.json).source()
}

/// The dialect that `$schema` names. Reports a value that names no known dialect.
fn draft(root: &Node<'_>, out: &mut Diagnostics) -> Option<Draft> {
    let schema = root.json.get("$schema")?;
    let Some(text) = schema.as_str() else {
        let help = "write `https://json-schema.org/draft/2020-12/schema`";
        let message = "`$schema` must be a string";
        out.report(Code::UnexpectedType, below(root, "$schema"), message, help);
        return None;
    };
    Draft::of(text)
}

/// The value of `$schema`, if it names no supported dialect.
fn meta<'a>(root: &Node<'a>) -> Option<Node<'a>> {
    let json = root.json.get("$schema")?;
    let text = json.as_str()?;
    Draft::of(text)
        .is_none()
        .then(|| root.below("$schema", json))
}

/// The traversal of a single document.
struct Indexer<'w, 'a> {
    found: &'w mut Resources<'a>,
    out: &'w mut Diagnostics,
    file: &'a str,
    pointer: String,
}

impl<'a> Indexer<'_, 'a> {
    /// Adds a schema; `at` is the resource that contains the schema.
    fn schema(&mut self, json: &'a Json, at: usize) {
        let Json::Object(members) = json else { return };
        let mut at = at;
        let hides = self.found.all[at].draft.is_before_2019() && members.contains_key("$ref");
        if hides {
            self.hidden(json, self.found.all[at].draft);
        } else {
            at = self.identified(json, at);
            for (key, dynamic) in [("$anchor", false), ("$dynamicAnchor", true)] {
                if let Some(name) = members.get(key) {
                    self.anchor(key, name, dynamic, at);
                }
            }
            if members.get("$recursiveAnchor") == Some(&Json::Bool(true)) {
                let anchor = Anchor {
                    pointer: self.pointer.clone(),
                    dynamic: true,
                };
                self.found.all[at].anchors.insert(RECURSIVE_ANCHOR, anchor);
            }
        }
        let draft = self.found.all[at].draft;
        for (key, value) in members {
            let Some(holds) = draft.holds(key) else {
                continue;
            };
            if holds != Holds::Data {
                self.step(key, |indexer| indexer.subschemas(value, holds, at));
            }
        }
    }

    /// Adds the schemas under a keyword.
    fn subschemas(&mut self, value: &'a Json, holds: Holds, at: usize) {
        match (holds, value) {
            (Holds::List | Holds::SchemaOrList, Json::Array(items)) => {
                for (place, item) in items.iter().enumerate() {
                    self.step(&place.to_string(), |indexer| indexer.schema(item, at));
                }
            }
            (Holds::Members | Holds::Dependencies, Json::Object(members)) => {
                for (key, value) in members {
                    self.step(key, |indexer| indexer.schema(value, at));
                }
            }
            (Holds::Schema | Holds::SchemaOrList, _) => self.schema(value, at),
            _ => {}
        }
    }

    fn step(&mut self, key: &str, inside: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push_str(&escape(key));
        inside(self);
        self.pointer.truncate(length);
    }

    fn node(&self, json: &'a Json) -> Node<'a> {
        Node {
            file: self.file,
            pointer: self.pointer.clone(),
            json,
        }
    }

    /// Reads `$id`. Returns the resource that the schema starts, or else the resource that contains it.
    fn identified(&mut self, json: &'a Json, at: usize) -> usize {
        let Some(id) = json.get("$id") else { return at };
        let node = self.node(json);
        let Some(id) = id.as_str() else {
            let (message, help) = ("`$id` must be a string", "write a URI, or remove it");
            self.out
                .report(Code::InvalidId, below(&node, "$id"), message, help);
            return at;
        };
        let (own, fragment) = uri::split(id);
        let mut at = at;
        let mut draft = self.found.all[at].draft;
        if !own.is_empty() && !self.pointer.is_empty() {
            draft = self::draft(&node, self.out).unwrap_or(draft);
            let uri = uri::resolve(&self.found.all[at].uri, own);
            at = self.found.add(uri, node.clone(), draft, self.out);
        }
        if !fragment.is_empty() {
            if draft.is_before_2019() && fragment.starts_with('/') {
                let message = format!("the `$id` {} has no effect", quoted(id));
                let help = "remove it; references by JSON pointer work without it";
                self.report(Code::IgnoredId, "$id", message, help);
            } else if draft.is_before_2019() {
                self.name("$id", fragment, false, at);
            } else {
                let message = format!("the `$id` {} has a fragment", quoted(id));
                let help = "write the part after `#` as `$anchor`";
                self.out
                    .report(Code::InvalidId, below(&node, "$id"), message, help);
            }
        }
        at
    }

    /// Reads `$anchor` or `$dynamicAnchor`.
    fn anchor(&mut self, key: &str, name: &'a Json, dynamic: bool, at: usize) {
        match name.as_str() {
            Some(name) => self.name(key, name, dynamic, at),
            None => self.misnamed(key),
        }
    }

    fn name(&mut self, key: &str, name: &'a str, dynamic: bool, at: usize) {
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let characters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        if !starts || !name.chars().all(characters) {
            return self.misnamed(key);
        }
        let anchor = Anchor {
            pointer: self.pointer.clone(),
            dynamic,
        };
        let anchors = &mut self.found.all[at].anchors;
        let before = anchors.insert(name, anchor);
        if let Some(before) = before.filter(|before| before.pointer != self.pointer) {
            let message = format!(
                "duplicate anchor {}: {} has it too",
                quoted(name),
                quoted(&before.pointer)
            );
            let help = "give each place of a schema an anchor of its own";
            self.report(Code::DuplicateAnchor, key, message, help);
        }
    }

    fn misnamed(&mut self, key: &str) {
        let help =
            "start with a letter or `_`, and use only ASCII letters, digits, `-`, `_` and `.`";
        let message = format!("the value of {} is not a name", quoted(key));
        // Before 2019-09, `$id` is no anchor unless its fragment is a name.
        let code = if key == "$id" {
            Code::IgnoredId
        } else {
            Code::InvalidAnchor
        };
        self.report(code, key, message, help);
    }

    /// Warns of the keywords that a `$ref` hides in dialects before 2019-09.
    fn hidden(&mut self, json: &Json, draft: Draft) {
        let silent = [
            "$ref",
            "$comment",
            "title",
            "description",
            "definitions",
            "$defs",
            "$schema",
        ];
        let keys = json
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| &**key);
        let root = self.pointer.is_empty();
        let silent = |key: &&str| silent.contains(key) || root && *key == "$id";
        let hidden: Vec<&str> = keys.filter(|key| !silent(key)).collect();
        if !hidden.is_empty() {
            let message = format!("{} ignores {} beside `$ref`", draft.name(), listed(&hidden));
            let help = "put both into an `allOf`, or write the document in 2020-12";
            let source = self.source("$ref");
            self.out
                .report(Code::IgnoredBesideRef, source, message, help);
        }
    }

    fn report(&mut self, code: Code, key: &str, message: String, help: &str) {
        let source = self.source(key);
        self.out.report(code, source, message, help);
    }

    fn source(&self, key: &str) -> Source {
        Source {
            file: self.file.to_owned(),
            pointer: format!("{}{}", self.pointer, escape(key)),
        }
    }
}
