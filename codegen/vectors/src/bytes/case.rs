//! Byte-level cases of a message and their file format.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Case;
use super::segment::{Segment, payload};
use crate::case::{Corpus, write_file};
use crate::reference_validator::TypeValidator;

/// Byte-level cases of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByteCorpus {
    /// The message, e.g. `worker/deploy#Request`.
    pub message: String,
    /// The schema of the message, as a reference from the schema directory.
    pub schema: String,
    /// Payloads that are valid.
    pub valid: Vec<ValidBytes>,
    /// Payloads that are invalid.
    pub invalid: Vec<InvalidBytes>,
}

/// A payload that is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValidBytes {
    /// The property that the payload tests; unique in the file.
    pub name: String,
    /// The payload.
    pub bytes: Vec<Segment>,
    /// The expected output after reading the payload.
    pub written: Json,
}

/// A payload that is invalid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvalidBytes {
    /// The error; unique in the file.
    pub name: String,
    /// The payload.
    pub bytes: Vec<Segment>,
    /// The invalid place, as a JSON pointer. Empty if the payload is not JSON. Absent if readers may name any place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// The expected result of a payload.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    Valid,
    /// The payload is not JSON.
    Malformed,
    /// The payload is not JSON, and a reader may find another error before.
    Unreadable,
    /// The payload is JSON, and a reader refuses it at this place.
    Refused(String),
}

impl ByteCorpus {
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self {
            message: corpus.message.clone(),
            schema: corpus.schema.clone(),
            valid: Vec::new(),
            invalid: Vec::new(),
        }
    }

    /// Adds a case. Fails if `serde_json` or the reference validator contradicts its result.
    pub(super) fn add(
        &mut self,
        case: Case,
        validator: &TypeValidator,
        expected: impl Fn(&Json) -> Json,
    ) -> Result<(), String> {
        let read = serde_json::from_slice::<Json>(&payload(&case.bytes));
        let Case { name, bytes, .. } = case;
        let contradicted = |what: &str| Err(format!("{}: {name}: {what}", self.message));
        let pointer = match (case.verdict, read) {
            (Verdict::Valid, Ok(document)) if validator.accepts(&document) => {
                self.valid.push(ValidBytes {
                    written: expected(&document),
                    name,
                    bytes,
                });
                return Ok(());
            }
            (Verdict::Valid, _) => return contradicted("the payload is not valid"),
            (Verdict::Malformed | Verdict::Unreadable, Ok(_)) => {
                return contradicted("the payload is JSON");
            }
            (Verdict::Malformed, Err(_)) => Some(String::new()),
            (Verdict::Unreadable, Err(_)) => None,
            (Verdict::Refused(_), Err(_)) => return contradicted("the payload is not JSON"),
            (Verdict::Refused(pointer), Ok(_)) => Some(pointer),
        };
        self.invalid.push(InvalidBytes {
            name,
            bytes,
            pointer,
        });
        Ok(())
    }

    /// Path of the file below the output directory.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.json", self.message.replace('#', "."))
    }
}

impl fmt::Display for ByteCorpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_file(f, &self.message, &self.schema, &self.valid, &self.invalid)
    }
}
