//! Parts of the generator that `natsgen-vectors` uses. Not a stable interface.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::Diagnostics;
pub use crate::lower::{characters, pattern};
pub use crate::parallel::map;
use crate::read::{Formats, Schemas};
pub use crate::read::{MANIFEST, escape, whole};
use crate::schema::dialect::DIALECT;
use crate::schema::dialect::is_own_meta_schema;
pub use crate::schema::dialect::{AppliesTo, applies_to};
use crate::schema::reference;
pub use crate::target::go_type;

/// The parsed documents, by path. A document that is not strict JSON has no value. The dialect replaces a meta-schema of
/// natsgen under `$schema`.
#[must_use]
pub fn documents(schemas: &Schemas) -> BTreeMap<&str, Option<Json>> {
    let mut documents = schemas.documents(&mut Diagnostics::default());
    for document in documents.values_mut().flatten() {
        if let Some(uri) = document.get_mut("$schema")
            && uri.as_str().is_some_and(is_own_meta_schema)
        {
            *uri = Json::from(DIALECT);
        }
    }
    documents
}

/// The setting of [`Schemas::formats`].
#[must_use]
pub fn formats(schemas: &Schemas) -> Formats {
    schemas.meaning()
}

/// Resolves the references of a set of documents.
#[derive(Debug)]
pub struct References<'a>(reference::References<'a>);

impl<'a> References<'a> {
    /// Indexes identifiers and anchors.
    #[must_use]
    pub fn new(parsed: &'a BTreeMap<&'a str, Option<Json>>) -> Self {
        let mut out = Diagnostics::default();
        Self(reference::References::new(parsed, &mut out))
    }

    /// File and JSON pointer of the schema that a reference in `file` resolves to.
    #[must_use]
    pub fn target(&self, file: &str, reference: &str) -> Option<(&'a str, String)> {
        self.0.target(file, "", reference).ok().flatten()
    }
}
