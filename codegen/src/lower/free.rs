//! Free-form values: schemas whose values code holds as any JSON value.

use serde_json::Value as Json;

use super::keyword;
use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Node;
use crate::schema::dialect::Draft;

/// The keywords that prevent a type, with the reason. The first keyword of a schema in this list is the reason.
const REASONS: [(&str, &str); 11] = [
    ("$dynamicRef", "its target depends on the referring schema"),
    (
        "$recursiveRef",
        "its target depends on the referring schema",
    ),
    ("const", "the constant is an object, an array or a fraction"),
    ("enum", "the values are objects, arrays or fractions"),
    ("$ref", "the keywords beside it describe no objects"),
    ("allOf", "its branches describe no objects"),
    ("oneOf", "no branch says which values it accepts"),
    ("anyOf", "no branch says which values it accepts"),
    ("not", "it describes only invalid values"),
    ("if", "it describes only a part of the values"),
    (
        "type",
        "`null` is the only type, or other keywords decide about `null`",
    ),
];

/// Reports that no type describes the values of a schema. `true` and `{}` are intended, and `false` has no values.
pub(super) fn report(node: &Node<'_>, draft: Draft, out: &mut Diagnostics) {
    let Json::Object(members) = node.json else {
        return;
    };
    let source = node.source();
    let is_reported = out.as_slice().iter().any(|found| {
        let code = matches!(found.code, Code::FreeFormValue | Code::UntypedKeyword);
        code && found.file == source.file && found.pointer == source.pointer
    });
    let is_partial = node
        .members()
        .is_some_and(|object| keyword::partial(&object, draft).is_some());
    if is_reported || is_partial {
        return;
    }
    let reason = REASONS.iter().find(|(key, _)| members.contains_key(*key));
    let message = match reason {
        Some((key, reason)) => format!("code holds any JSON value: {}: {reason}", quoted(key)),
        None => "code holds any JSON value: no keyword describes the values".to_owned(),
    };
    let help = "write the `type` of the values, or `true` if any value is intended";
    out.report(Code::FreeFormValue, source, message, help);
}
