//! The reference validator: the `jsonschema` crate, over all documents of a schema directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value as Json, json};

use natsgen::internal::{self, MANIFEST};
use natsgen::{Formats, Schemas};

/// The base URI of documents without `$id`.
const BASE: &str = "natsgen:///";

/// The keywords that the reference validator reports under another name.
const MISREPORTED: [&str; 8] = [
    "required",
    "dependentRequired",
    "dependencies",
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "additionalItems",
    "unevaluatedItems",
];

/// A reference validator, independent of natsgen, for all types of a schema directory.
#[derive(Debug)]
pub struct ReferenceValidator {
    registry: Registry<'static>,
    /// The URI of each document, by its path.
    uris: BTreeMap<String, String>,
    formats: Formats,
}

/// The reason why the reference validator cannot be built.
#[derive(Debug)]
pub struct ReferenceValidatorError(String);

/// A reference validator for documents of a single type.
#[derive(Debug)]
pub struct TypeValidator(Validator);

/// The result of the reference validator for a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validation {
    /// The invalid places, as JSON pointers; empty if the document is valid. If no branch of a union matches, these are
    /// the places inside the intended branch, if that branch is known.
    pub places: BTreeSet<String>,
    /// Each broken keyword and its place, including keywords in branches of unions.
    pub broken: BTreeSet<(String, String)>,
}

impl ReferenceValidator {
    /// A reference validator for these schemas.
    ///
    /// # Errors
    ///
    /// Fails if a document is not JSON, or if a reference cannot be resolved.
    pub fn new(schemas: &Schemas) -> Result<Self, ReferenceValidatorError> {
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
                .map_err(|error| ReferenceValidatorError(format!("{path}: {error}")))?;
            uris.insert(path.to_owned(), uri);
        }
        let registry = registry
            .prepare()
            .map_err(|error| ReferenceValidatorError(error.to_string()))?;
        Ok(Self {
            registry,
            uris,
            formats: internal::formats(schemas),
        })
    }

    /// A reference validator for a single schema, e.g. `worker/deploy.json#/$defs/Request`.
    ///
    /// # Errors
    ///
    /// Fails if the schema does not exist, or if it is not a valid schema.
    pub fn of(&self, reference: &str) -> Result<TypeValidator, ReferenceValidatorError> {
        let wrong =
            |error: &dyn fmt::Display| ReferenceValidatorError(format!("{reference}: {error}"));
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
            .map(TypeValidator)
            .map_err(|error| wrong(&error))
    }
}

impl TypeValidator {
    /// Whether a document is valid.
    #[must_use]
    pub fn accepts(&self, document: &Json) -> bool {
        self.0.is_valid(document)
    }

    /// Validates a document. Returns the broken keywords and their places.
    #[must_use]
    pub fn validate(&self, document: &Json) -> Validation {
        let mut validation = Validation::default();
        for error in self.0.iter_errors(document) {
            validation.places.extend(places(&error));
            broken(&error, &mut validation.broken);
        }
        validation
    }
}

/// The errors of each branch, if the error says that no branch matches.
fn branches<'e>(error: &'e ValidationError<'_>) -> Option<&'e [Vec<ValidationError<'static>>]> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            Some(context)
        }
        _ => None,
    }
}

/// The places of an error.
///
/// If no branch of a union matches, the intended branch is the only branch without an error at the union itself. If the
/// tag of the union is a member, the intended branch is the only branch without an error about a constant. If there is
/// no such branch, the places are those that all branches share, or else the union itself.
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

/// Whether an error says that a value differs from a constant.
fn is_constant(error: &ValidationError<'static>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }
    )
}

/// Adds all keywords that an error names.
fn broken(error: &ValidationError<'_>, found: &mut BTreeSet<(String, String)>) {
    let pointer = error.instance_path().as_str().to_owned();
    let keyword = match error.kind() {
        // The reference validator reports `dependentRequired` and a `false` schema under this name.
        ValidationErrorKind::FalseSchema | ValidationErrorKind::Required { .. } => {
            let mut path = error.schema_path().as_str().rsplit('/');
            let meant = path.find(|token| MISREPORTED.contains(token));
            meant.unwrap_or_else(|| error.kind().keyword())
        }
        kind => kind.keyword(),
    };
    found.insert((pointer, keyword.to_owned()));
    for error in branches(error).into_iter().flatten().flatten() {
        broken(error, found);
    }
}

impl fmt::Display for ReferenceValidatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reference validator cannot be built: {}", self.0)
    }
}

impl std::error::Error for ReferenceValidatorError {}
