//! References between schemas.

use serde_json::Value as Json;

use super::schema::{Attempt, LoweredSchema, Lowering};
use super::{keyword, merge};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Shape, Value};
use crate::read::{Node, Object};

/// The maximal length of a chain of references that is followed.
const HOPS: usize = 16;

/// The target of a reference.
#[derive(Debug)]
pub(super) enum Target<'a> {
    /// A schema of these documents.
    Schema(Node<'a>),
    /// A meta-schema, which becomes no type.
    Meta,
}

impl<'a> Lowering<'a> {
    /// The target of a reference. Reports a reference without a target.
    fn target(&self, node: &Node<'a>, out: &mut Diagnostics) -> Option<Target<'a>> {
        let text = node.text(out)?;
        let (file, pointer) = match self.references.target(node.file, &node.pointer, text) {
            Ok(found) => found?,
            Err(problem) => {
                out.add(node.source(), problem);
                return None;
            }
        };
        let Some((file, Some(document))) = self.parsed.get_key_value(file) else {
            return Some(Target::Meta);
        };
        if *file != node.file && !self.places.is_shared(file) {
            let message = format!("{} belongs to another operation", quoted(text));
            let help = "move the type to a document in `types/` and refer to it there";
            out.report(Code::OperationReference, node.source(), message, help);
            return None;
        }
        let json = document.pointer(&pointer)?;
        Some(Target::Schema(Node {
            file,
            pointer,
            json,
        }))
    }

    /// The target of a reference. Does not report errors.
    pub(super) fn followed(&self, node: &Node<'a>) -> Option<Node<'a>> {
        let reference = node.members()?.get("$ref")?;
        match self.target(&reference, &mut Diagnostics::default())? {
            Target::Schema(target) => Some(target),
            Target::Meta => None,
        }
    }

    /// The type of a reference's target.
    pub(super) fn named(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Option<Name> {
        match self.target(node, out)? {
            Target::Schema(target) => Some(self.places.refer(&target)),
            Target::Meta => {
                let message = "a meta-schema does not become a type";
                let help = "define a type that refers to it";
                out.report(Code::MetaSchemaReference, node.source(), message, help);
                None
            }
        }
    }

    /// Lowers a schema with `$ref`.
    pub(super) fn reference(
        &mut self,
        object: &Object<'a>,
        out: &mut Diagnostics,
    ) -> Option<LoweredSchema> {
        let draft = self.draft(&object.node);
        let node = object.get("$ref")?;
        let Target::Schema(target) = self.target(&node, out)? else {
            return Some(LoweredSchema::any());
        };
        let alone = draft.is_before_2019() || keyword::only(object, &["$ref"], None, draft, out)?;
        let fits = alone || keyword::is_scalar(object, draft) && self.is_scalar(&target);
        if !fits {
            return Some(match merge::lower(self, object, out)? {
                Attempt::Lowered(lowered) => lowered,
                Attempt::Unsuitable => LoweredSchema::any(),
            });
        }
        let name = self.places.refer(&target);
        Some(LoweredSchema::new(Shape::Alias(Value::Named(name)), alone))
    }

    /// Whether a schema restricts its values to strings, numbers or booleans.
    pub(super) fn is_scalar(&self, node: &Node<'a>) -> bool {
        let scalar = |json: &Json| {
            matches!(
                json["type"].as_str(),
                Some("string" | "integer" | "number" | "boolean")
            )
        };
        self.somewhere(node, &|node| scalar(node.json))
    }

    /// Whether a condition is true of a schema or of a schema that it refers to.
    pub(super) fn somewhere(&self, node: &Node<'a>, holds: &dyn Fn(&Node<'a>) -> bool) -> bool {
        let mut node = node.clone();
        for _ in 0..HOPS {
            if holds(&node) {
                return true;
            }
            match self.followed(&node) {
                Some(next) => node = next,
                None => return false,
            }
        }
        false
    }

    /// Whether `null` is certainly invalid.
    pub(super) fn excludes_null(&self, node: &Node<'a>) -> bool {
        self.somewhere(node, &|node| match node.json {
            Json::Object(members) => {
                let ty = members.get("type").is_some_and(|ty| match ty {
                    Json::Array(types) => !types.contains(&Json::from("null")),
                    ty => ty != "null",
                });
                let constant = members.get("const").is_some_and(|json| !json.is_null());
                let listed = members.get("enum").and_then(Json::as_array);
                let unlisted = listed.is_some_and(|values| !values.contains(&Json::Null));
                // Before 2019-09, keywords beside a reference have no effect.
                let hidden = members.contains_key("$ref");
                !hidden && (ty || constant || unlisted || self.branches_exclude_null(node))
            }
            json => *json == Json::Bool(false),
        })
    }

    /// Whether no branch of a choice accepts `null`.
    fn branches_exclude_null(&self, node: &Node<'a>) -> bool {
        ["oneOf", "anyOf"].into_iter().any(|key| {
            let object = node.members();
            let branches =
                object.and_then(|object| object.get(key)?.items(&mut Diagnostics::default()));
            branches.is_some_and(|branches| {
                branches
                    .iter()
                    .all(|branch| branch.json.get("$ref").is_none() && self.excludes_null(branch))
            })
        })
    }
}
