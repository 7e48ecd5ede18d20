//! Examples and defaults: what a schema shows is what it accepts.

use super::Index;
use super::value::Judge;
use crate::diagnostic::Diagnostics;
use crate::lower::Claim;

pub(super) fn check(index: &Index<'_>, claims: &[Claim], out: &mut Diagnostics) {
    let judge = Judge { index };
    for claim in claims {
        if let Err(violation) = judge.value(&claim.value, &claim.json) {
            let mut source = claim.source();
            source.pointer += &violation.pointer;
            let message = format!("the {} is not valid: {}", claim.what, violation.reason);
            out.error(
                source,
                message,
                format!("correct the {} or the schema", claim.what),
            );
        }
    }
}
