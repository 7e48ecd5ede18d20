//! Examples and defaults: values in a schema that the schema itself must accept.

use std::fmt;

use serde_json::Value as Json;

use crate::diagnostic::Code;
use crate::model::{Source, Value};

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
    /// The lowered schema.
    pub(crate) value: Value,
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
