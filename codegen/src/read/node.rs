//! A place in a document, and objects with a closed list of members.

use serde_json::{Map, Number, Value as Json};

use super::number::whole;
use super::pointer::escape;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;

/// A value of a document together with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) file: &'a str,
    pub(crate) pointer: String,
    pub(crate) json: &'a Json,
}

/// An object of a document.
#[derive(Clone, Debug)]
pub(crate) struct Object<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) members: &'a Map<String, Json>,
}

/// The type of a JSON value, in words.
fn kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

impl<'a> Node<'a> {
    /// The place, for diagnostics.
    pub(crate) fn source(&self) -> Source {
        Source {
            file: self.file.to_owned(),
            pointer: self.pointer.clone(),
        }
    }

    /// The place, as a map key.
    pub(crate) fn place(&self) -> (&'a str, String) {
        (self.file, self.pointer.clone())
    }

    /// The `title` of a schema.
    pub(crate) fn title(&self) -> Option<String> {
        let title = self.json.get("title").and_then(Json::as_str);
        title.map(str::to_owned)
    }

    /// Whether a schema is marked `deprecated`.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.json.get("deprecated") == Some(&Json::Bool(true))
    }

    /// The schema as an object, if it is an object.
    pub(crate) fn members(&self) -> Option<Object<'a>> {
        self.json.as_object().map(|members| Object {
            node: self.clone(),
            members,
        })
    }

    /// A value below this value.
    pub(crate) fn below(&self, step: &str, json: &'a Json) -> Self {
        Self {
            file: self.file,
            pointer: format!("{}{}", self.pointer, escape(step)),
            json,
        }
    }

    /// Returns `found`, or reports that the value has another type than `expected`.
    fn expected<T>(&self, found: Option<T>, expected: &str, out: &mut Diagnostics) -> Option<T> {
        if found.is_none() {
            let name = self.pointer.rsplit('/').next().unwrap_or_default();
            let what = if name.is_empty() {
                "the document".to_owned()
            } else {
                quoted(name)
            };
            let message = format!("{what} must be {expected}, not {}", kind(self.json));
            let help = format!("write {expected}");
            out.report(Code::UnexpectedType, self.source(), message, help);
        }
        found
    }

    /// The value as an object.
    pub(crate) fn object(&self, out: &mut Diagnostics) -> Option<Object<'a>> {
        self.expected(self.members(), "an object", out)
    }

    /// The value as a string.
    pub(crate) fn text(&self, out: &mut Diagnostics) -> Option<&'a str> {
        self.expected(self.json.as_str(), "a string", out)
    }

    /// The value as a boolean.
    pub(crate) fn boolean(&self, out: &mut Diagnostics) -> Option<bool> {
        self.expected(self.json.as_bool(), "true or false", out)
    }

    /// The value as a number.
    pub(crate) fn number(&self, out: &mut Diagnostics) -> Option<&'a Number> {
        self.expected(self.json.as_number(), "a number", out)
    }

    /// The value as a count.
    pub(crate) fn count(&self, out: &mut Diagnostics) -> Option<u64> {
        let value = whole(self.json).and_then(|count| u64::try_from(count).ok());
        if value.is_none() {
            let message = format!(
                "{} is not a non-negative integer",
                quoted(&self.json.to_string())
            );
            let help = "write an integer from 0 on";
            out.report(Code::UnexpectedType, self.source(), message, help);
        }
        value
    }

    /// The values of an array.
    pub(crate) fn items(&self, out: &mut Diagnostics) -> Option<Vec<Self>> {
        let items = self.expected(self.json.as_array(), "an array", out)?;
        let nodes = items.iter().enumerate();
        Some(
            nodes
                .map(|(at, json)| self.below(&at.to_string(), json))
                .collect(),
        )
    }
}

impl<'a> Object<'a> {
    /// A member, if it is present.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.members.get(key).map(|json| self.node.below(key, json))
    }

    /// A required member.
    pub(crate) fn require(&self, key: &str, help: &str, out: &mut Diagnostics) -> Option<Node<'a>> {
        let member = self.get(key);
        if member.is_none() {
            let message = format!("the member {} is missing", quoted(key));
            out.report(Code::MissingMember, self.node.source(), message, help);
        }
        member
    }

    /// A string member, if it is present.
    pub(crate) fn text(&self, key: &str, out: &mut Diagnostics) -> Option<&'a str> {
        self.get(key)?.text(out)
    }

    /// The `description`; empty if it is absent.
    pub(crate) fn description(&self, out: &mut Diagnostics) -> String {
        self.text("description", out)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Checks the annotations without an effect on values, and returns the description.
    pub(crate) fn annotations(&self, out: &mut Diagnostics) -> String {
        for key in ["title", "$comment"] {
            self.text(key, out);
        }
        self.get("deprecated").and_then(|node| node.boolean(out));
        self.description(out)
    }

    /// All members.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> + use<'a> {
        let node = self.node.clone();
        self.members
            .iter()
            .map(move |(key, json)| (&**key, node.below(key, json)))
    }
}
