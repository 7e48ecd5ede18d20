//! Examples and defaults must be valid in their own schemas.

use crate::diagnostic::Diagnostics;
use crate::lower::Examples;
use crate::parallel;
use crate::validator::{Memory, Validator};

pub(super) fn check(examples: &Examples, out: &mut Diagnostics) {
    let memory = Memory::default();
    let validator = Validator::new(&examples.assertions, &examples.resources, &memory);
    let violations = parallel::map(&examples.values, |(example, name)| {
        validator.validate(name, &example.json).err()
    });
    for ((example, _), violation) in examples.values.iter().zip(violations) {
        let Some(violation) = violation else { continue };
        let mut source = example.source();
        source.pointer += violation.pointer();
        let kind = example.kind;
        let message = format!("the {kind} is not valid: {}", violation.reason());
        let help = format!("correct the {kind} or the schema");
        out.report(kind.code(), source, message, help);
    }
}
