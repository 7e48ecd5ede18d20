//! References: resolves `$ref` and `$dynamicRef` to their target schemas.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::bundled::BUNDLED;
use super::dialect::Draft;
use super::resources::{RECURSIVE_ANCHOR, Resource, Resources, local};
use super::uri;
use crate::diagnostic::text::{nearest, quoted};
use crate::diagnostic::{Code, Diagnostics, Problem};
use crate::read::{MANIFEST, Node, escape, steps};

/// The target of a reference.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    pub(crate) node: Node<'a>,
    /// The name of the dynamic anchor, if the reference resolves through a dynamic anchor.
    pub(crate) dynamic: Option<String>,
}

/// All schemas of a protocol by URI, anchor and path, and the bundled meta-schemas.
#[derive(Debug)]
pub(crate) struct References<'a> {
    pub(super) resources: Resources<'a>,
}

impl<'a> References<'a> {
    /// Indexes the identifiers of these documents and reports invalid ones.
    pub(crate) fn new(parsed: &'a BTreeMap<&'a str, Option<Json>>, out: &mut Diagnostics) -> Self {
        let documents = parsed.iter().map(|(file, json)| (*file, json.as_ref()));
        let schemas = documents.filter(|(file, _)| *file != MANIFEST);
        Self {
            resources: Resources::new(schemas, out),
        }
    }

    /// The dialect of the schema at this place.
    pub(crate) fn draft(&self, file: &str, pointer: &str) -> Draft {
        let resource = self.around(file, pointer);
        resource.map_or(Draft::Draft202012, |resource| resource.draft)
    }

    /// Whether the meta-schema of the schema at this place has the validation vocabulary.
    pub(crate) fn validates(&self, file: &str, pointer: &str) -> bool {
        self.around(file, pointer)
            .is_none_or(|resource| resource.validation)
    }

    /// The target of a `$ref` at this place: file and pointer. Returns `None` if the target document could not be read,
    /// which has been reported already.
    ///
    /// The file of a bundled meta-schema is its URI.
    ///
    /// # Errors
    ///
    /// Fails if the reference has no target, and says how to fix it.
    pub(crate) fn target(
        &self,
        file: &str,
        pointer: &str,
        reference: &str,
    ) -> Result<Option<(&'a str, String)>, Problem> {
        let found = self.find(file, pointer, reference)?;
        Ok(found.map(|target| (target.node.file, target.node.pointer)))
    }

    /// The target schema of a reference under this keyword. `$recursiveRef` leads to the root of its resource.
    pub(crate) fn find_by(
        &self,
        key: &str,
        place: &Node<'_>,
        reference: &str,
    ) -> Result<Option<Target<'a>>, Problem> {
        let find = |reference: &str| self.find(place.file, &place.pointer, reference);
        if key == "$recursiveRef" {
            return find(&format!("#{RECURSIVE_ANCHOR}")).or_else(|_| find(reference));
        }
        let found = find(reference)?;
        Ok(found.map(|target| Target {
            dynamic: target.dynamic.filter(|_| key == "$dynamicRef"),
            ..target
        }))
    }

    /// The target schema of a reference.
    pub(crate) fn find(
        &self,
        file: &str,
        pointer: &str,
        reference: &str,
    ) -> Result<Option<Target<'a>>, Problem> {
        let (path, fragment) = uri::split(reference);
        let base = self
            .around(file, pointer)
            .map_or_else(|| local(file), |at| at.uri.clone());
        let uri = uri::resolve(&base, path);
        let resource = match self.resource(&uri) {
            Some(resource) => resource,
            None => match self.by_path(file, path) {
                Ok(Some(resource)) => resource,
                Ok(None) => return Ok(None),
                Err(document) => return Err(self.missing(reference, &document.unwrap_or(uri))),
            },
        };
        let fragment = uri::decode(fragment);
        let target = if fragment.is_empty() || fragment.starts_with('/') {
            self.pointed(resource, &fragment)
        } else {
            self.anchored(resource, &fragment)
        }?;
        if target.node.json.is_object() || target.node.json.is_boolean() {
            return Ok(Some(target));
        }
        let message = format!(
            "the reference {} does not lead to a schema",
            quoted(reference)
        );
        let help = "refer to an object, `true` or `false`";
        Err(unresolved(message, help))
    }

    /// The resource that contains a place.
    pub(crate) fn around(&self, file: &str, pointer: &str) -> Option<&Resource<'a>> {
        let own = self.resources.around(file, pointer);
        own.or_else(|| BUNDLED.around(file, pointer))
    }

    /// The schema at a place.
    pub(crate) fn node(&self, file: &str, pointer: &str) -> Option<Node<'a>> {
        let own = self.resources.node(file, pointer);
        own.or_else(|| BUNDLED.node(file, pointer))
    }

    /// The schema at a place, unless it belongs to a bundled meta-schema.
    pub(crate) fn own(&self, file: &str, pointer: &str) -> Option<Node<'a>> {
        self.resources.node(file, pointer)
    }

    fn resource(&self, uri: &str) -> Option<&Resource<'a>> {
        let bundled: &Resources<'a> = &BUNDLED;
        self.resources.by_uri(uri).or_else(|| bundled.by_uri(uri))
    }

    /// The document at a path relative to another document. Returns `Ok(None)` if the document could not be read.
    /// Fails with the missing path, or without a path if it is outside the schema directory.
    fn by_path(&self, file: &str, path: &str) -> Result<Option<&Resource<'a>>, Option<String>> {
        if path.is_empty() || uri::is_absolute(path) || path.starts_with('/') {
            return Err(None);
        }
        let uri = uri::resolve(&local(file), path);
        let file = uri.strip_prefix(&local("")).map(str::to_owned);
        match &file {
            Some(file) if self.resources.broken.contains(&**file) => Ok(None),
            Some(found) => self.resources.by_path(found).map(Some).ok_or(file),
            None => Err(None),
        }
    }

    /// The diagnostic for a missing document.
    fn missing(&self, reference: &str, document: &str) -> Problem {
        let document = document.strip_prefix(&local("")).unwrap_or(document);
        let help = match nearest(document, self.resources.documents.keys().copied()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None if uri::is_absolute(reference) => {
                "put the document into the schema directory, with this URI as its `$id`; nothing is fetched".to_owned()
            }
            None => "create the document or correct the path".to_owned(),
        };
        unresolved(format!("there is no document {}", quoted(document)), help)
    }

    /// The target of a JSON pointer in a resource.
    fn pointed(&self, resource: &Resource<'a>, fragment: &str) -> Result<Target<'a>, Problem> {
        let keys = steps(fragment).map(|key| escape(&key));
        let root = &resource.root;
        let pointer: String = std::iter::once(root.pointer.clone()).chain(keys).collect();
        if let Some(node) = self.node(root.file, &pointer) {
            let dynamic = None;
            return Ok(Target { node, dynamic });
        }
        let holder = pointer.rsplit_once('/').map_or("", |(holder, _)| holder);
        let key = steps(&pointer).last().unwrap_or_default();
        let keys = self.node(root.file, holder);
        let keys = keys.as_ref().and_then(|node| node.json.as_object());
        let keys = keys.into_iter().flatten().map(|(key, _)| &**key);
        let help = match nearest(&key, keys) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => "define it there, or correct the reference".to_owned(),
        };
        let message = format!("{} has nothing at {}", quoted(root.file), quoted(&pointer));
        Err(unresolved(message, help))
    }

    /// The target of an anchor in a resource.
    fn anchored(&self, resource: &Resource<'a>, name: &str) -> Result<Target<'a>, Problem> {
        let anchor = resource.anchors.get(name);
        let found = anchor.and_then(|anchor| {
            let node = self.node(resource.root.file, &anchor.pointer)?;
            let dynamic = anchor.dynamic.then(|| name.to_owned());
            Some(Target { node, dynamic })
        });
        found.ok_or_else(|| {
            let help = match nearest(name, resource.anchors.keys().copied()) {
                Some(near) => format!("did you mean {}?", quoted(near)),
                None => "write a JSON pointer such as `#/$defs/Type`, or put the anchor there"
                    .to_owned(),
            };
            let message = format!(
                "{} has no anchor {}",
                quoted(resource.root.file),
                quoted(name)
            );
            unresolved(message, help)
        })
    }
}

/// The diagnostic for a reference without a target.
fn unresolved(message: String, help: impl Into<String>) -> Problem {
    Problem::new(Code::UnresolvedReference, message, help)
}
