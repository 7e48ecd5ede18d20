//! Examples and defaults must be valid in their own schemas.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostics};
use crate::lower::Examples;
use crate::model::{Presence, Protocol, Shape, Source, TypeDef};
use crate::parallel;
use crate::read::escape;
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

/// Removes the examples and defaults that are reported as invalid. A member without its default is optional.
pub(super) fn remove_invalid(protocol: &mut Protocol, out: &Diagnostics) {
    let codes = [
        Code::InvalidExample,
        Code::InvalidDefault,
        Code::EndlessDefault,
    ];
    let reported = out.as_slice().iter();
    let reported = reported.filter(|found| codes.contains(&found.code));
    let mut invalid = HashSet::new();
    for found in reported {
        // The pointer leads into the value, so each of its beginnings can be the value itself.
        for (at, _) in found.pointer.match_indices('/').skip(1) {
            invalid.insert((&*found.file, &found.pointer[..at]));
        }
        invalid.insert((&*found.file, &*found.pointer));
    }
    if invalid.is_empty() {
        return;
    }
    let is_invalid = |source: &Source, place: &str| {
        let pointer = format!("{}{place}", source.pointer);
        invalid.contains(&(&*source.file, &*pointer))
    };
    for def in &mut protocol.types {
        let TypeDef {
            source,
            shape,
            examples,
            ..
        } = def;
        let mut at = 0..;
        examples.retain(|_| {
            let place = escape(&at.next().unwrap_or_default().to_string());
            !is_invalid(source, &format!("/examples{place}"))
        });
        if let Shape::Struct(shape) = shape {
            for field in &mut shape.fields {
                let has_default = matches!(field.presence, Presence::Default(_));
                if has_default && is_invalid(&field.source, "/default") {
                    field.presence = Presence::Optional;
                }
            }
        }
    }
}
