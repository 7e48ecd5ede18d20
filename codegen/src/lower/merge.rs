//! `allOf`, and `$ref` with sibling keywords: objects that several schemas describe.

use std::collections::HashSet;

use serde_json::Value as Json;

use super::keyword;
use super::object;
use super::schema::{Attempt, Lowering};
use crate::diagnostic::Diagnostics;
use crate::read::{Node, Object};

/// Lowers a schema if all its parts describe objects, or if it has a single part.
pub(super) fn lower<'a>(
    lowering: &mut Lowering<'a>,
    object: &Object<'a>,
    out: &mut Diagnostics,
) -> Option<Attempt> {
    let draft = lowering.draft(&object.node);
    let branches = match object.get("allOf") {
        Some(node) => node.items(out)?,
        None => Vec::new(),
    };
    let quiet = &mut Diagnostics::default();
    if let [branch] = &branches[..]
        && keyword::only(object, &["allOf"], None, draft, quiet) == Some(true)
    {
        return lowering.lower(branch, out).map(Attempt::Lowered);
    }
    let mut collector = Collector {
        lowering,
        seen: HashSet::new(),
        parts: Vec::new(),
    };
    let mergeable = collector.collect(&object.node).is_some();
    let parts = collector.parts;
    let shaped = |part: &Object<'_>| part.members.get("type").is_some_and(|ty| ty == "object");
    if !mergeable || !parts.iter().any(shaped) {
        return Some(Attempt::Unsuitable);
    }
    object::fields(lowering, &parts, out).map(Attempt::Lowered)
}

/// Finds the parts of an object.
struct Collector<'l, 'a> {
    lowering: &'l Lowering<'a>,
    seen: HashSet<(&'a str, String)>,
    parts: Vec<Object<'a>>,
}

impl<'a> Collector<'_, 'a> {
    /// Collects a schema after its parts. Returns `None` if the schema describes values other than objects.
    fn collect(&mut self, node: &Node<'a>) -> Option<()> {
        if *node.json == Json::Bool(true) {
            return Some(());
        }
        let object = node.members()?;
        if !self.seen.insert(node.place()) {
            return Some(());
        }
        let has = |key: &str| object.members.contains_key(key);
        if has("$ref") {
            self.collect(&self.lowering.followed(node)?)?;
            if self.lowering.draft(node).is_before_2019() {
                return Some(());
            }
        }
        let other = |ty: &Json| ty != "object";
        if has("const") || has("enum") || object.members.get("type").is_some_and(other) {
            return None;
        }
        let quiet = &mut Diagnostics::default();
        let branches = object.get("allOf").map(|node| node.items(quiet));
        for branch in branches.flatten().unwrap_or_default() {
            self.collect(&branch)?;
        }
        self.parts.push(object);
        Some(())
    }
}
