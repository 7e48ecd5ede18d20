//! The meta-schemas of natsgen: they define which manifests and which `x-nats` are valid.

mod form;
#[rustfmt::skip]
#[expect(
    dead_code,
    clippy::struct_field_names,
    reason = "the meta-schemas define the members; some are only validated"
)]
mod types;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use self::form::Form;
pub(super) use self::types::{Error, Http, HttpReply, Manifest, Publish, Request};
use super::assertion::Assertions;
use crate::diagnostic::text::{listed, nearest, quoted};
use crate::diagnostic::{Code, Diagnostics, Problem};
use crate::model::{AssertionDef, Resource};
use crate::read::{Formats, Node};
use crate::schema::reference::References;
use crate::validator::{Memory, Validator};

/// The meta-schemas by file.
const DOCUMENTS: [(&str, &str); 2] = [
    ("meta/manifest.json", include_str!("manifest.json")),
    ("meta/operation.json", include_str!("operation.json")),
];

/// The parsed meta-schemas.
static META: LazyLock<Meta> = LazyLock::new(Meta::new);

/// The kinds of documents and annotations that have a meta-schema.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// The manifest.
    Manifest,
    /// The `x-nats` of a request.
    Request,
    /// The `x-nats` of a publication.
    Publish,
    /// The `x-http` of an operation.
    Http,
}

struct Meta {
    manifest: Form,
    request: Form,
    publish: Form,
    http: Form,
    assertions: Vec<AssertionDef>,
    resources: Vec<Resource>,
}

impl Meta {
    fn new() -> Self {
        let parse = |text| serde_json::from_str::<Json>(text).expect("a meta-schema is JSON");
        let parsed: BTreeMap<&str, Option<Json>> =
            BTreeMap::from(DOCUMENTS.map(|(file, text)| (file, Some(parse(text)))));
        let out = &mut Diagnostics::default();
        let references = References::new(&parsed, out);
        let mut builder = form::Builder {
            references: &references,
            assertions: Assertions::new(&references, Formats::Assert),
        };
        let mut form = |file, pointer| {
            let node = references.node(file, pointer);
            builder.form(&node.expect("the meta-schema has this definition"), out)
        };
        let manifest = form("meta/manifest.json", "");
        let request = form("meta/operation.json", "/$defs/Request");
        let publish = form("meta/operation.json", "/$defs/Publish");
        let http = form("meta/operation.json", "/$defs/Http");
        let (assertions, resources) = builder.finish(&[&manifest, &request, &publish, &http]);
        Self {
            manifest,
            request,
            publish,
            http,
            assertions,
            resources,
        }
    }
}

/// Explains why a value is not valid, where more can be said than the meta-schema says.
pub(super) type Explain<'e> = dyn Fn(&Node<'_>) -> Option<Problem> + 'e;

/// Validates values against the meta-schemas and reports all problems.
pub(super) struct MetaValidator<'s>(Validator<'s>);

impl<'s> MetaValidator<'s> {
    pub(super) fn new(memory: &'s Memory<'s>) -> Self {
        Self(Validator::new(&META.assertions, &META.resources, memory))
    }

    /// Deserializes a valid value. Reports the problems of an invalid one.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        kind: Kind,
        node: &Node<'_>,
        explain: &Explain<'_>,
        out: &mut Diagnostics,
    ) -> Option<T> {
        let (form, label) = match kind {
            Kind::Manifest => (&META.manifest, "the manifest"),
            Kind::Request => (&META.request, "a request"),
            Kind::Publish => (&META.publish, "a publication"),
            Kind::Http => (&META.http, "`x-http`"),
        };
        let valid = self.check(form, node, label, explain, out);
        valid
            .then(|| serde_json::from_value(node.json.clone()).ok())
            .flatten()
    }

    /// Reports all problems of a value; whether it is valid.
    fn check(
        &self,
        form: &Form,
        node: &Node<'_>,
        label: &str,
        explain: &Explain<'_>,
        out: &mut Diagnostics,
    ) -> bool {
        match form {
            Form::Object(form) => self.object(form, node, label, explain, out),
            Form::Array(item) => {
                let Some(items) = node.items(out) else {
                    return false;
                };
                let mut valid = true;
                for node in items {
                    valid &= self.check(item, &node, label, explain, out);
                }
                valid
            }
            Form::Value(form) => {
                let typed = match form.ty.as_deref() {
                    Some("string") => node.text(out).is_some(),
                    Some("integer") => node.count(out).is_some(),
                    Some("boolean") => node.boolean(out).is_some(),
                    _ => true,
                };
                let violation = self.0.validate(&form.assertion, node.json).err();
                let violation = violation.filter(|_| typed);
                if let Some(violation) = &violation {
                    let problem = explain(node).unwrap_or_else(|| {
                        let value = node
                            .json
                            .as_str()
                            .map_or_else(|| node.json.to_string(), str::to_owned);
                        let value = quoted(&value);
                        if form.is_name {
                            return not_snake_case(&value);
                        }
                        let message = format!("{value} is not valid: {}", violation.reason());
                        Problem::new(Code::InvalidValue, message, form.help.clone())
                    });
                    out.add(node.source(), problem);
                }
                typed && violation.is_none()
            }
        }
    }

    fn object(
        &self,
        form: &form::Object,
        node: &Node<'_>,
        label: &str,
        explain: &Explain<'_>,
        out: &mut Diagnostics,
    ) -> bool {
        let Some(object) = node.object(out) else {
            return false;
        };
        let mut valid = true;
        for (key, help) in &form.required {
            valid &= object.require(key, help, out).is_some();
        }
        for (key, member) in object.entries() {
            let named = form.members.get(key).or(form.additional.as_deref());
            let Some(inner) = named else {
                let known: Vec<&str> = form.members.keys().map(String::as_str).collect();
                let help = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => format!("remove it; the members are {}", listed(&known)),
                };
                let message = format!("{label} has no member {}", quoted(key));
                out.report(Code::UnknownMember, member.source(), message, help);
                valid = false;
                continue;
            };
            if let Some(name) = &form.keys
                && !form.members.contains_key(key)
                && self.0.validate(name, &Json::from(key)).is_err()
            {
                out.add(member.source(), not_snake_case(&quoted(key)));
                valid = false;
            }
            valid &= self.check(inner, &member, &quoted(key), explain, out);
        }
        valid
    }
}

fn not_snake_case(value: &str) -> Problem {
    let message = format!("{value} is not in snake_case");
    let help = "use lower-case letters, digits and single `_` between words";
    Problem::new(Code::InvalidName, message, help)
}

/// The last step of a node's pointer.
pub(super) fn key<'n>(node: &'n Node<'_>) -> &'n str {
    node.pointer.rsplit('/').next().unwrap_or_default()
}
