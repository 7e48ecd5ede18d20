//! Parts of the generator that `natsgen-vectors` uses. Not a stable interface.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::diagnostic::Diagnostics;
pub use crate::lower::{characters, pattern};
pub use crate::parallel::map;
use crate::read::{Formats, Schemas};
pub use crate::read::{MANIFEST, escape, whole};
pub use crate::schema::dialect::{AppliesTo, applies_to};
use crate::schema::reference;

/// The parsed documents, by path. A document that is not strict JSON has no value.
#[must_use]
pub fn documents(schemas: &Schemas) -> BTreeMap<&str, Option<Json>> {
    schemas.documents(&mut Diagnostics::default())
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
