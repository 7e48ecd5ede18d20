//! The validator and the reference validator agree on random schemas and values.

use std::collections::BTreeMap;

use super::random::{Random, document};
use crate::diagnostic::Diagnostics;
use crate::lower::Assertions;
use crate::read::Formats;
use crate::schema::reference::References;
use crate::validator::{Memory, Validator};

const FILE: &str = "types/thing.json";

#[test]
fn validator_agrees_with_the_reference_on_random_schemas() {
    let mut random = Random(3);
    let (mut valid, mut invalid) = (0, 0);
    for _ in 0..4_000 {
        let document = document(random.schema(3));
        let parsed = BTreeMap::from([(FILE, Some(document.clone()))]);
        let mut out = Diagnostics::default();
        let references = References::new(&parsed, &mut out);
        let mut lowered = Assertions::new(&references, Formats::Assert);
        let name = lowered.assertion(FILE, "", None, &mut out);
        let Some(name) = name.filter(|_| !out.has_errors()) else {
            continue;
        };
        let (assertions, resources) = lowered.finish([&name].into_iter());
        let memory = Memory::default();
        let validator = Validator::new(&assertions, &resources, &memory);
        let reference = jsonschema::validator_for(&document).expect("natsgen accepts the schema");
        for _ in 0..20 {
            let value = random.like(&document, &document, 4);
            let found = validator.validate(&name, &value);
            let expected = reference.is_valid(&value);
            assert_eq!(found.is_ok(), expected, "{value}\n{document:#}\n{found:?}");
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 10_000 && invalid > 10_000, "{valid} {invalid}");
}
