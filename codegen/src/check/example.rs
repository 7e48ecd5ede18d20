//! Examples and defaults: what a schema shows is what it accepts.

use super::Index;
use super::value::Judge;
use crate::diagnostic::Diagnostics;
use crate::lower::Example;

pub(super) fn check(index: &Index<'_>, examples: &[Example], out: &mut Diagnostics) {
    let judge = Judge { index };
    for example in examples {
        if let Err(violation) = judge.value(&example.value, &example.json) {
            let mut source = example.source();
            source.pointer += &violation.pointer;
            let message = format!("the {} is not valid: {}", example.kind, violation.reason);
            out.error(
                source,
                message,
                format!("correct the {} or the schema", example.kind),
            );
        }
    }
}
