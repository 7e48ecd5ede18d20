//! The manifest: name, version, prefix, roles, defaults and the error catalogue.

use std::collections::BTreeMap;

use super::{lint, subject, timespan};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics, Level};
use crate::model::{ErrorKind, Name, Role};
use crate::read::{Node, Object};

/// The allowed members of the manifest.
const MEMBERS: [&str; 9] = [
    "$schema",
    "name",
    "version",
    "description",
    "prefix",
    "roles",
    "defaults",
    "errors",
    "lints",
];
/// The placeholder of the detail in an error text.
const DETAIL: &str = "{detail}";

/// The contents of the manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) name: Name,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) prefix: String,
    pub(super) roles: Vec<Role>,
    /// The default timeout in milliseconds.
    pub(super) timeout_ms: Option<u64>,
    pub(super) errors: Vec<ErrorKind>,
    /// Lint levels by code.
    pub(super) levels: BTreeMap<Code, Level>,
    /// Names of roles and codes of errors with invalid definitions. References to them are not reported.
    pub(super) broken: Vec<Name>,
    /// Whether the roles could not be read.
    pub(super) roles_unread: bool,
    /// Whether the error catalogue could not be read.
    pub(super) errors_unread: bool,
}

/// Lowers the manifest. Missing and invalid members are reported and left empty.
pub(super) fn lower(root: &Object<'_>, out: &mut Diagnostics) -> Manifest {
    root.only("the manifest", &MEMBERS, &[], out);
    root.text("$schema", out);
    let name = root
        .require("name", "name the protocol, e.g. `\"name\": \"shop\"`", out)
        .and_then(|node| snake(&node, out));
    let version = root
        .require(
            "version",
            "write the protocol's version, e.g. `\"version\": \"0.1.0\"`",
            out,
        )
        .and_then(|node| version(&node, out));
    let prefix = root
        .require(
            "prefix",
            "write what all subjects start with, e.g. `\"prefix\": \"acme.shop\"`",
            out,
        )
        .and_then(|node| subject::prefix(&node, out));
    let mut broken = Vec::new();
    let roles = root.require("roles", "name the parties that call and serve", out);
    let roles = roles.and_then(|node| node.object(out));
    let errors = root.get("errors").map(|node| node.object(out));
    let (roles_unread, errors_unread) = (
        roles.is_none(),
        errors.as_ref().is_some_and(Option::is_none),
    );
    let roles = roles
        .map(|object| entries(&object, role, &mut broken, out))
        .unwrap_or_default();
    let errors = errors
        .flatten()
        .map(|object| entries(&object, error, &mut broken, out))
        .unwrap_or_default();
    Manifest {
        name: name.unwrap_or_else(|| Name::new(vec!["protocol".to_owned()])),
        version: version.unwrap_or_default(),
        description: root.description(out),
        prefix: prefix.unwrap_or_default(),
        roles,
        timeout_ms: root.get("defaults").and_then(|node| defaults(&node, out)),
        errors,
        levels: root
            .get("lints")
            .map(|node| lint::levels(&node, out))
            .unwrap_or_default(),
        broken,
        roles_unread,
        errors_unread,
    }
}

/// Reads a `snake_case` string as a name.
fn snake(node: &Node<'_>, out: &mut Diagnostics) -> Option<Name> {
    let text = node.text(out)?;
    let name = Name::from_snake(text);
    if name.is_none() {
        not_snake(text, node, out);
    }
    name
}

fn not_snake(text: &str, node: &Node<'_>, out: &mut Diagnostics) {
    let message = format!("{} is not in snake_case", quoted(text));
    let help = "use lower-case letters, digits and single `_` between words";
    out.report(Code::InvalidName, node.source(), message, help);
}

fn version(node: &Node<'_>, out: &mut Diagnostics) -> Option<String> {
    let text = node.text(out)?;
    let numbers: Vec<&str> = text.split('.').collect();
    let plain = |number: &&str| {
        number
            .parse::<u32>()
            .is_ok_and(|parsed| parsed.to_string() == **number)
    };
    if numbers.len() == 3 && numbers.iter().all(plain) {
        return Some(text.to_owned());
    }
    let message = format!("{} is not a version", quoted(text));
    let help = "write three numbers, e.g. `0.1.0`";
    out.report(Code::InvalidValue, node.source(), message, help);
    None
}

/// The default timeout. An invalid timeout has been reported already.
fn defaults(node: &Node<'_>, out: &mut Diagnostics) -> Option<u64> {
    let object = node.object(out)?;
    object.only("`defaults`", &["timeout"], &[], out);
    Some(timespan::milliseconds(&object.get("timeout")?, out).unwrap_or(timespan::DEFAULT))
}

/// Reads an object with names as keys, sorted by name.
fn entries<T>(
    object: &Object<'_>,
    lower: impl Fn(Name, &Object<'_>, &mut Diagnostics) -> Option<T>,
    broken: &mut Vec<Name>,
    out: &mut Diagnostics,
) -> Vec<T> {
    let mut found = Vec::new();
    for (key, node) in object.entries() {
        let Some(name) = Name::from_snake(key) else {
            not_snake(key, &node, out);
            continue;
        };
        match node
            .object(out)
            .and_then(|object| lower(name.clone(), &object, out))
        {
            Some(entry) => found.push((name, entry)),
            None => broken.push(name),
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn role(name: Name, object: &Object<'_>, out: &mut Diagnostics) -> Option<Role> {
    object.only("a role", &["description", "instance"], &[], out);
    let description = object.description(out);
    let instance = match object.get("instance") {
        Some(node) => Some(snake(&node, out)?),
        None => None,
    };
    Some(Role {
        name,
        description,
        instance,
    })
}

fn error(code: Name, object: &Object<'_>, out: &mut Diagnostics) -> Option<ErrorKind> {
    object.only("an error", &["description", "status", "text"], &[], out);
    let description = object.description(out);
    let status = object.require(
        "status",
        "write a number in the manner of HTTP, e.g. 404",
        out,
    );
    let status = status.and_then(|node| status_code(&node, out));
    let text = object.require(
        "text",
        "write what the error says, e.g. `\"not found: {detail}\"`",
        out,
    );
    let (text, has_detail) = text.and_then(|node| error_text(&node, out))?;
    Some(ErrorKind {
        code,
        description,
        status: status?,
        text,
        has_detail,
        source: object.node.source(),
    })
}

fn status_code(node: &Node<'_>, out: &mut Diagnostics) -> Option<u16> {
    let status = node.count(out)?;
    let code = u16::try_from(status)
        .ok()
        .filter(|code| (400..=599).contains(code));
    if code.is_none() {
        let message = format!("the status {status} is not an error");
        let help = "use 400 to 499 for errors of the caller, 500 to 599 for errors of the server";
        out.report(Code::InvalidValue, node.source(), message, help);
    }
    code
}

/// The text of an error without `{detail}`, and whether the text had the placeholder.
fn error_text(node: &Node<'_>, out: &mut Diagnostics) -> Option<(String, bool)> {
    let text = node.text(out)?;
    let (fixed, has_detail) = match text.strip_suffix(DETAIL) {
        Some(fixed) => (fixed, true),
        None => (text, false),
    };
    let (message, help) = if fixed.trim().is_empty() {
        (
            format!("the text {} has no fixed part", quoted(text)),
            "write a fixed text first; it identifies errors of peers that send no code",
        )
    } else if fixed.contains(['{', '}']) {
        (
            format!("the text {} has a brace in its fixed part", quoted(text)),
            "write `{detail}` once, at the end, or not at all",
        )
    } else if fixed.contains(|c: char| c.is_control()) || text != text.trim() {
        (
            format!("the text {} is not a single trimmed line", quoted(text)),
            "remove line breaks, control characters and surrounding spaces; the text is sent in a header",
        )
    } else {
        return Some((fixed.to_owned(), has_detail));
    };
    out.report(Code::InvalidValue, node.source(), message, help);
    None
}
