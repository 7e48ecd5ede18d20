//! The oracle: the `jsonschema` crate, over all documents of a schema directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value as Json, json};

use natsgen::internal::{self, MANIFEST};
use natsgen::{Formats, Schemas};

/// The base of documents without `$id`.
const BASE: &str = "natsgen:///";

/// The keywords that the oracle reports under another name.
const MEANT: [&str; 8] = [
    "required",
    "dependentRequired",
    "dependencies",
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "additionalItems",
    "unevaluatedItems",
];

/// A validator that is not ours, for all types of a schema directory.
#[derive(Debug)]
pub struct Oracle {
    registry: Registry<'static>,
    /// The URI of each document, by its path.
    uris: BTreeMap<String, String>,
    formats: Formats,
}

/// Why the oracle cannot judge.
#[derive(Debug)]
pub struct OracleError(String);

/// What the oracle says of documents of one type.
#[derive(Debug)]
pub struct Verdicts(Validator);

/// What the oracle says of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The offending places, as JSON pointers; none if the document is valid. Inside a union these are the places in
    /// the branch that was meant, where that can be told.
    pub places: BTreeSet<String>,
    /// Every keyword that was broken and where, those in branches of unions included.
    pub broken: BTreeSet<(String, String)>,
}

impl Oracle {
    /// An oracle over these schemas.
    ///
    /// # Errors
    ///
    /// When a document is not JSON, or its references cannot be resolved.
    pub fn new(schemas: &Schemas) -> Result<Self, OracleError> {
        let mut uris = BTreeMap::new();
        let mut registry = Registry::new().draft(Draft::Draft202012);
        for (path, document) in internal::documents(schemas) {
            let Some(document) = document.filter(|_| path != MANIFEST) else {
                continue;
            };
            let id = document.get("$id").and_then(Json::as_str);
            let uri = id
                .filter(|id| id.contains(':'))
                .map_or_else(|| format!("{BASE}{path}"), str::to_owned);
            registry = registry
                .add(uri.clone(), document)
                .map_err(|error| OracleError(format!("{path}: {error}")))?;
            uris.insert(path.to_owned(), uri);
        }
        let registry = registry
            .prepare()
            .map_err(|error| OracleError(error.to_string()))?;
        Ok(Self {
            registry,
            uris,
            formats: internal::formats(schemas),
        })
    }

    /// The judge of one schema, e.g. `worker/deploy.json#/$defs/Request`.
    ///
    /// # Errors
    ///
    /// When there is no such schema, or it is none.
    pub fn of(&self, reference: &str) -> Result<Verdicts, OracleError> {
        let wrong = |error: &dyn fmt::Display| OracleError(format!("{reference}: {error}"));
        let (path, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let uri = self
            .uris
            .get(path)
            .ok_or_else(|| wrong(&"there is no such document"))?;
        let uri = uri.trim_end_matches('#');
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .should_validate_formats(self.formats == Formats::Assert)
            .should_ignore_unknown_formats(true)
            .build(&json!({ "$ref": format!("{uri}#{pointer}") }))
            .map(Verdicts)
            .map_err(|error| wrong(&error))
    }
}

impl Verdicts {
    /// Whether a document is valid.
    #[must_use]
    pub fn accepts(&self, document: &Json) -> bool {
        self.0.is_valid(document)
    }

    /// What is wrong with a document, and where.
    #[must_use]
    pub fn judge(&self, document: &Json) -> Verdict {
        let mut verdict = Verdict::default();
        for error in self.0.iter_errors(document) {
            verdict.places.extend(places(&error));
            broken(&error, &mut verdict.broken);
        }
        verdict
    }
}

/// The errors of each branch, if the error is that no branch fits.
fn branches<'e>(error: &'e ValidationError<'_>) -> Option<&'e [Vec<ValidationError<'static>>]> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            Some(context)
        }
        _ => None,
    }
}

/// The places that an error is about.
///
/// Where no branch of a union fits, the branch that was meant is the only one without an error at the union itself;
/// where its tag is a member, the only one whose errors are not about a constant. Without such a branch, it is what all
/// branches agree on, or else the union itself.
fn places(error: &ValidationError<'_>) -> BTreeSet<String> {
    let own = error.instance_path().as_str().to_owned();
    let Some(branches) = branches(error) else {
        return BTreeSet::from([own]);
    };
    let found: Vec<BTreeSet<String>> = branches
        .iter()
        .map(|errors| errors.iter().flat_map(places).collect())
        .collect();
    let inside: Vec<usize> = (0..found.len())
        .filter(|&branch| !found[branch].contains(&own))
        .collect();
    let meant: Vec<usize> = match &inside[..] {
        [_] => inside,
        _ => inside
            .into_iter()
            .filter(|&branch| !branches[branch].iter().any(is_constant))
            .collect(),
    };
    if let [branch] = meant[..] {
        return found[branch].clone();
    }
    let common = found
        .iter()
        .cloned()
        .reduce(|left, right| &left & &right)
        .unwrap_or_default();
    let deepest = common
        .into_iter()
        .max_by_key(|place| place.matches('/').count());
    BTreeSet::from([deepest.unwrap_or(own)])
}

/// Whether an error says that something is not a constant.
fn is_constant(error: &ValidationError<'static>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }
    )
}

/// Notes all keywords that an error names.
fn broken(error: &ValidationError<'_>, found: &mut BTreeSet<(String, String)>) {
    let pointer = error.instance_path().as_str().to_owned();
    let keyword = match error.kind() {
        // The oracle's name for what another keyword asks for: `dependentRequired`, or a schema that is `false`.
        ValidationErrorKind::FalseSchema | ValidationErrorKind::Required { .. } => {
            let mut path = error.schema_path().as_str().rsplit('/');
            let meant = path.find(|token| MEANT.contains(token));
            meant.unwrap_or_else(|| error.kind().keyword())
        }
        kind => kind.keyword(),
    };
    found.insert((pointer, keyword.to_owned()));
    for error in branches(error).into_iter().flatten().flatten() {
        broken(error, found);
    }
}

impl fmt::Display for OracleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the oracle cannot judge {}", self.0)
    }
}

impl std::error::Error for OracleError {}
