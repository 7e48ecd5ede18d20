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
            let kind = example.kind;
            let message = format!("the {kind} is not valid: {}", violation.reason);
            let help = format!("correct the {kind} or the schema");
            out.report(kind.code(), source, message, help);
        }
    }
}
