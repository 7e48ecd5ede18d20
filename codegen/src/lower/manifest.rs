//! The manifest: name, version, prefix, roles, defaults and the error catalogue.

use std::collections::{BTreeMap, BTreeSet};

use super::meta::{self, MetaValidator};
use super::{lint, timespan};
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics, Level, Problem};
use crate::model::{ErrorForm, ErrorKind, Name, Role, Source};
use crate::read::{MANIFEST, Node, Object, escape};
use crate::target::Language;

/// The placeholder at the end of an error's text.
const DETAIL: &str = "{detail}";

/// The manifest of a protocol.
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
    pub(super) error_form: Option<ErrorForm>,
    /// Keywords of other tools.
    pub(super) annotations: BTreeSet<String>,
    /// Lint levels by code.
    pub(super) levels: BTreeMap<Code, Level>,
    /// The languages that the protocol is checked for; empty without the member `languages`.
    pub(super) languages: BTreeSet<Language>,
    /// Whether the manifest is valid. Otherwise references to its roles and errors are not checked.
    pub(super) valid: bool,
}

impl Manifest {
    /// The manifest of documents that define only types. Its prefix is empty, and it has no roles.
    pub(super) fn types() -> Self {
        Self {
            name: Name::new(vec!["types".to_owned()]),
            version: String::new(),
            description: "Types from JSON Schema.".to_owned(),
            prefix: String::new(),
            roles: Vec::new(),
            timeout_ms: None,
            errors: Vec::new(),
            error_form: None,
            annotations: BTreeSet::new(),
            levels: BTreeMap::new(),
            languages: BTreeSet::new(),
            valid: true,
        }
    }
}

/// Lowers the manifest. An invalid manifest has no roles and no errors.
pub(super) fn lower(
    root: &Object<'_>,
    meta: &MetaValidator<'_>,
    out: &mut Diagnostics,
) -> Manifest {
    let levels = root.get("lints").map(|node| lint::levels(&node, out));
    let read = meta.read::<meta::Manifest>(meta::Kind::Manifest, &root.node, &explain, out);
    let valid = read.is_some();
    let read = read.unwrap_or_else(|| meta::Manifest {
        name: "protocol".to_owned(),
        version: String::new(),
        description: Some(root.description(&mut Diagnostics::default())),
        prefix: String::new(),
        roles: BTreeMap::new(),
        defaults: None,
        errors: BTreeMap::new(),
        error_form: None,
        languages: Vec::new(),
        annotations: Vec::new(),
        lints: BTreeMap::new(),
        schema: None,
    });
    let roles = read.roles.into_iter().filter_map(|(name, role)| {
        Some(Role {
            name: Name::from_snake(&name)?,
            description: trimmed(role.description),
            instance: role.instance.as_deref().and_then(Name::from_snake),
        })
    });
    let error_form = read.error_form.map(|form| ErrorForm {
        text: form.text,
        code: form.code,
        status: form.status,
        when: form.when.into_iter().collect(),
        unless: form.unless.into_iter().collect(),
    });
    let has_codes = error_form.as_ref().is_some_and(|form| form.code.is_some());
    let errors = read
        .errors
        .iter()
        .filter_map(|(code, error)| error_kind(code, error, has_codes, out));
    let mut errors: Vec<ErrorKind> = errors.collect();
    let mut roles: Vec<Role> = roles.collect();
    roles.sort_by(|one, other| one.name.cmp(&other.name));
    errors.sort_by(|one, other| one.code.cmp(&other.code));
    let languages = read.languages.iter();
    let languages = languages.filter_map(|name| Language::from_name(name));
    let timeout = read.defaults.and_then(|defaults| defaults.timeout);
    Manifest {
        name: Name::from_snake(&read.name).unwrap_or_else(|| Name::new(vec!["protocol".into()])),
        version: read.version,
        description: trimmed(read.description),
        prefix: read.prefix,
        valid: valid && errors.len() == read.errors.len(),
        roles,
        timeout_ms: timeout.as_deref().and_then(timespan::parse),
        errors,
        error_form,
        languages: languages.collect(),
        annotations: read.annotations.into_iter().collect(),
        levels: levels.unwrap_or_default(),
    }
}

/// Explains a value that the meta-schema does not allow.
fn explain(node: &Node<'_>) -> Option<Problem> {
    let text = node.json.as_str()?;
    match meta::key(node) {
        "timeout" => Some(timespan::invalid(text)),
        "text" if node.pointer.starts_with("/errors/") => error_text(text, false).err(),
        "prefix" if text.starts_with("_INBOX") => {
            let message = format!(
                "the prefix {} is reserved for replies of NATS",
                quoted(text)
            );
            let help = "choose another prefix, e.g. `acme.shop`";
            Some(Problem::new(Code::InvalidValue, message, help))
        }
        _ => None,
    }
}

fn trimmed(text: Option<String>) -> String {
    text.unwrap_or_default().trim().to_owned()
}

/// An entry of the error catalogue. `has_codes`: replies have a code, which identifies the error.
fn error_kind(
    code: &str,
    error: &meta::Error,
    has_codes: bool,
    out: &mut Diagnostics,
) -> Option<ErrorKind> {
    let source = Source {
        file: MANIFEST.to_owned(),
        pointer: format!("/errors{}", escape(code)),
    };
    match error_text(&error.text, has_codes) {
        Ok((text, has_detail)) => Some(ErrorKind {
            code: Name::from_snake(code)?,
            description: trimmed(error.description.clone()),
            status: u16::try_from(error.status).ok()?,
            text,
            has_detail,
            wire_code: error.code.clone(),
            source,
        }),
        Err(problem) => {
            let pointer = format!("{}/text", source.pointer);
            out.add(Source { pointer, ..source }, problem);
            None
        }
    }
}

/// Splits the text of an error into its fixed part and whether `{detail}` follows. If replies have codes, the fixed part
/// may be empty.
fn error_text(text: &str, has_codes: bool) -> Result<(String, bool), Problem> {
    let (fixed, has_detail) = match text.strip_suffix(DETAIL) {
        Some(fixed) => (fixed, true),
        None => (text, false),
    };
    let (message, help) = if fixed.trim().is_empty() && !(has_codes && has_detail) {
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
        return Ok((fixed.to_owned(), has_detail));
    };
    Err(Problem::new(Code::InvalidValue, message, help))
}
