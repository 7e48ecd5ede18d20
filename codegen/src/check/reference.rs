//! Examples and defaults, validated by the reference validator where types accept more than assertions do.

use crate::diagnostic::Diagnostics;
use crate::diagnostic::text::listed;
use crate::lower::Example;
use crate::model::Source;
use crate::parallel;

/// Validates a value against the schema at a reference such as `worker/deploy.json#/$defs/Request`.
///
/// # Errors
/// When the validator does not understand the schema.
pub type ReferenceValidator<'a> =
    dyn Fn(&str, &serde_json::Value) -> Result<Option<Break>, String> + Sync + 'a;

/// The first place of a value that its schema refuses.
#[derive(Debug)]
pub struct Break {
    /// JSON pointer into the value.
    pub pointer: String,
    /// The keywords that refuse it.
    pub keywords: Vec<String>,
}

/// Validates examples and defaults. Those with a diagnostic already are skipped.
pub(crate) fn examples(
    examples: &[Example],
    validator: &ReferenceValidator<'_>,
    out: &mut Diagnostics,
) {
    let noted = |example: &&Example| {
        let source = example.source();
        let mut known = out.as_slice().iter();
        !known.any(|known| known.file == source.file && known.pointer.starts_with(&source.pointer))
    };
    let examples: Vec<&Example> = examples.iter().filter(noted).collect();
    let outcomes = parallel::map(&examples, |example| {
        let Source { file, pointer } = &example.schema;
        validator(&format!("{file}#{pointer}"), &example.json)
    });
    for (example, outcome) in examples.into_iter().zip(outcomes) {
        match outcome {
            Ok(None) => {}
            Ok(Some(found)) => note(example, &found, out),
            Err(_) => {}
        }
    }
}

fn note(example: &Example, found: &Break, out: &mut Diagnostics) {
    let mut source = example.source();
    source.pointer += &found.pointer;
    let kind = example.kind;
    let keywords = listed(&found.keywords);
    let message = format!("the {kind} is not valid: it breaks {keywords}");
    let help = format!("correct the {kind} or the schema");
    out.report(kind.code(), source, message, help);
}
