//! Examples and defaults: values in a schema that the schema itself must accept.

use std::fmt;

use serde_json::Value as Json;

use super::assertion::Assertions;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{AssertionDef, Name, Resource, Source};
use crate::read::Formats;
use crate::schema::reference::References;

/// A value under `examples` or `default`, validated once all types are lowered.
#[derive(Debug)]
pub(crate) struct Example {
    /// The schema that contains it.
    pub(crate) schema: Source,
    /// JSON pointer relative to that schema.
    pub(crate) place: String,
    /// The keyword that contains it.
    pub(crate) kind: ExampleKind,
    /// The value itself.
    pub(crate) json: Json,
}

/// All examples and defaults, with the assertions of their schemas.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    /// Each value with the name of its schema's assertion.
    pub(crate) values: Vec<(Example, Name)>,
    /// The assertions, and those that they refer to.
    pub(crate) assertions: Vec<AssertionDef>,
    /// The resources of the assertions.
    pub(crate) resources: Vec<Resource>,
}

impl Examples {
    /// Lowers the schemas of the examples to assertions. Problems of the schemas are reported elsewhere.
    pub(super) fn lower(
        examples: Vec<Example>,
        references: &References<'_>,
        formats: Formats,
    ) -> Self {
        let mut lowered = Assertions::new(references, formats);
        let quiet = &mut Diagnostics::default();
        let values = examples.into_iter().filter_map(|example| {
            let Source { file, pointer } = &example.schema;
            let name = lowered.assertion(file, pointer, None, quiet)?;
            Some((example, name))
        });
        let values: Vec<(Example, Name)> = values.collect();
        let (assertions, resources) = lowered.finish(values.iter().map(|(_, name)| name));
        Self {
            values,
            assertions,
            resources,
        }
    }
}

/// The keyword that contains an [`Example`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExampleKind {
    /// `examples`.
    Example,
    /// `default`.
    Default,
}

impl Example {
    /// File and pointer of the value.
    pub(crate) fn source(&self) -> Source {
        Source {
            file: self.schema.file.clone(),
            pointer: format!("{}{}", self.schema.pointer, self.place),
        }
    }
}

impl ExampleKind {
    /// The code of a value that is not valid.
    pub(crate) fn code(self) -> Code {
        match self {
            Self::Example => Code::InvalidExample,
            Self::Default => Code::InvalidDefault,
        }
    }
}

impl fmt::Display for ExampleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Example => "example",
            Self::Default => "default",
        })
    }
}
