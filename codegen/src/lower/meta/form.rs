//! A meta-schema as a tree. Objects and arrays are descended into, so that all problems of a document are found.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::super::assertion::Assertions;
use crate::diagnostic::Diagnostics;
use crate::model::{AssertionDef, Name, Resource};
use crate::read::Node;
use crate::schema::reference::References;

/// A part of a meta-schema.
#[derive(Debug)]
pub(super) enum Form {
    Object(Object),
    /// An array with the form of its items.
    Array(Box<Form>),
    Value(Value),
}

/// An object with members of its own forms.
#[derive(Debug, Default)]
pub(super) struct Object {
    pub(super) members: BTreeMap<String, Form>,
    /// Each required member, with the help for a document without it.
    pub(super) required: Vec<(String, String)>,
    /// The assertion of additional keys.
    pub(super) keys: Option<Name>,
    /// The form of additional members; without it, there are none.
    pub(super) additional: Option<Box<Form>>,
}

/// A value that is validated as a whole.
#[derive(Debug)]
pub(super) struct Value {
    pub(super) assertion: Name,
    /// Its `type`.
    pub(super) ty: Option<String>,
    /// Whether it is a name in `snake_case`.
    pub(super) is_name: bool,
    /// Description and example.
    pub(super) help: String,
}

/// Builds forms and the assertions of their values.
pub(super) struct Builder<'a> {
    pub(super) references: &'a References<'a>,
    pub(super) assertions: Assertions<'a>,
}

impl<'a> Builder<'a> {
    /// The form of a schema.
    pub(super) fn form(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Form {
        let target = self.followed(node);
        if target.json.get("properties").is_some()
            || target.json["additionalProperties"].is_object()
        {
            return Form::Object(self.object(&target, out));
        }
        if let Some(items) = target.json.get("items") {
            let items = self.form(&target.below("items", items), out);
            return Form::Array(Box::new(items));
        }
        let name = self
            .assertions
            .assertion(node.file, &node.pointer, None, out);
        let ty = target.json["type"].as_str();
        Form::Value(Value {
            assertion: name.expect("the schema exists"),
            ty: ty.map(str::to_owned),
            is_name: target.pointer.ends_with("/SnakeCase"),
            help: self.help(node),
        })
    }

    fn object(&mut self, node: &Node<'a>, out: &mut Diagnostics) -> Object {
        let mut object = Object::default();
        let properties = node.json.get("properties").and_then(Json::as_object);
        let holder = node.below("properties", node.json);
        for (key, json) in properties.into_iter().flatten() {
            let property = holder.below(key, json);
            if node.json["required"]
                .as_array()
                .is_some_and(|keys| keys.contains(&Json::from(key.as_str())))
            {
                let help = format!("add `{key}`: {}", self.help(&property));
                object.required.push((key.clone(), help));
            }
            let form = self.form(&property, out);
            object.members.insert(key.clone(), form);
        }
        let names = node
            .json
            .get("propertyNames")
            .map(|json| node.below("propertyNames", json));
        if let Some(names) = names.map(|names| self.followed(&names)) {
            object.keys = self
                .assertions
                .assertion(names.file, &names.pointer, None, out);
        }
        let additional = node
            .json
            .get("additionalProperties")
            .filter(|json| json.is_object());
        let additional = additional.map(|json| node.below("additionalProperties", json));
        object.additional = additional.map(|node| Box::new(self.form(&node, out)));
        object
    }

    /// The schema that a schema refers to, or the schema itself.
    fn followed(&self, node: &Node<'a>) -> Node<'a> {
        let reference = node.json.get("$ref").and_then(Json::as_str);
        let found = reference.and_then(|reference| {
            let found = self.references.find(node.file, &node.pointer, reference);
            found.ok().flatten()
        });
        found.map_or_else(|| node.clone(), |target| target.node)
    }

    /// The description of a schema, with an example where it has one.
    fn help(&self, node: &Node<'a>) -> String {
        let target = self.followed(node);
        let text = |key: &str| {
            let own = node.json.get(key);
            own.or_else(|| target.json.get(key))
        };
        let description = text("description").and_then(Json::as_str);
        let constant = target
            .json
            .get("const")
            .map(|json| format!("Always {json}."));
        let description = description
            .map(str::to_owned)
            .or(constant)
            .unwrap_or_default();
        let example = text("examples").and_then(|examples| examples.get(0));
        match example.and_then(Json::as_str) {
            Some(example) => format!("{} E.g. `{example}`.", description.trim()),
            None => description,
        }
    }

    /// The assertions of all values of these forms.
    pub(super) fn finish(self, forms: &[&Form]) -> (Vec<AssertionDef>, Vec<Resource>) {
        let mut names = Vec::new();
        for form in forms {
            collect(form, &mut names);
        }
        self.assertions.finish(names.into_iter())
    }
}

/// Collects the names of assertions.
fn collect<'f>(form: &'f Form, names: &mut Vec<&'f Name>) {
    match form {
        Form::Object(object) => {
            names.extend(&object.keys);
            let inner = object.members.values().chain(object.additional.as_deref());
            inner.for_each(|form| collect(form, names));
        }
        Form::Array(item) => collect(item, names),
        Form::Value(value) => names.push(&value.assertion),
    }
}
