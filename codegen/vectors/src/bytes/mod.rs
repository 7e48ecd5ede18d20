//! Payloads that no JSON value can express: malformed JSON, invalid UTF-8, duplicate members, numbers beyond a double.

mod case;
mod document;
mod literal;
mod place;
mod segment;

use std::collections::BTreeMap;

use natsgen::{Schemas, compile};
use serde_json::Value as Json;

pub use case::{ByteCorpus, InvalidBytes, ValidBytes};
pub use segment::Segment;

use super::expected::ExpectedOutput;
use super::{ReferenceValidator, VectorsError, corpora, is_sent, message};
use case::Verdict;
use place::{Place, Search};

/// The byte-level cases of a protocol, sorted by message.
///
/// For each kind of place, the cases use the shortest document of a message that has such a place. `serde_json` and the
/// reference validator validate each payload.
///
/// # Errors
///
/// Fails if [`corpora`] fails, or if one of the two validators contradicts the expected result of a payload.
pub fn byte_corpora(schemas: &Schemas) -> Result<Vec<ByteCorpus>, VectorsError> {
    let (protocol, _) = compile(schemas).map_err(VectorsError::Schemas)?;
    let reference_validator =
        ReferenceValidator::new(schemas).map_err(VectorsError::ReferenceValidator)?;
    let expected = ExpectedOutput::new(&protocol, &reference_validator);
    let mut places: BTreeMap<&'static str, Place<'_>> = BTreeMap::new();
    let corpora = corpora(schemas)?;
    for corpus in &corpora {
        let def = protocol
            .types
            .iter()
            .find(|def| message(def) == corpus.message);
        let Some(def) = def.filter(|def| is_sent(&protocol, def)) else {
            continue;
        };
        let validator = reference_validator
            .of(&corpus.schema)
            .map_err(VectorsError::ReferenceValidator)?;
        let written = |document: &Json| expected.of(def, document);
        Search::new(corpus, def, &validator, &written).collect(&mut places);
    }
    let mut found: BTreeMap<String, ByteCorpus> = BTreeMap::new();
    let mut contradicted = Vec::new();
    for place in places.values() {
        let validator = reference_validator
            .of(&place.corpus.schema)
            .map_err(VectorsError::ReferenceValidator)?;
        let corpus = found
            .entry(place.corpus.message.clone())
            .or_insert_with(|| ByteCorpus::new(place.corpus));
        for case in place.cases() {
            let written = |document: &Json| expected.of(place.def, document);
            contradicted.extend(corpus.add(case, &validator, written).err());
        }
    }
    if contradicted.is_empty() {
        Ok(found.into_values().collect())
    } else {
        Err(VectorsError::Contradicted(contradicted))
    }
}

/// A payload with its expected result.
struct Case {
    name: String,
    bytes: Vec<Segment>,
    verdict: Verdict,
}
