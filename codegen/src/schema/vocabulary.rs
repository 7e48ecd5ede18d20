//! Custom meta-schemas: the vocabularies of 2020-12 that they leave out.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Node;

/// The prefix of the vocabularies of 2020-12.
const OURS: &str = "https://json-schema.org/draft/2020-12/vocab/";
/// The supported vocabularies.
const KNOWN: [&str; 7] = [
    "core",
    "applicator",
    "unevaluated",
    "validation",
    "meta-data",
    "format-annotation",
    "content",
];

/// Whether a meta-schema of 2020-12 has the validation vocabulary. A required vocabulary that natsgen does not support is reported
/// at the `$schema` that names the meta-schema.
pub(super) fn validation(
    schema: &Node<'_>,
    meta: Option<&Node<'_>>,
    out: &mut Diagnostics,
) -> bool {
    let uri = schema.json.as_str().unwrap_or_default();
    let Some(meta) = meta else {
        let message = format!("unsupported dialect {}", quoted(uri));
        let help = "write `https://json-schema.org/draft/2020-12/schema` or `http://json-schema.org/draft-07/schema#`";
        out.report(Code::UnsupportedDialect, schema.source(), message, help);
        return true;
    };
    let Some(vocabularies) = meta
        .json
        .get("$vocabulary")
        .and_then(|json| json.as_object())
    else {
        return true;
    };
    for (name, required) in vocabularies {
        let known = name
            .strip_prefix(OURS)
            .is_some_and(|name| KNOWN.contains(&name));
        if !known && required != false {
            let message = format!(
                "unsupported vocabulary {} of the meta-schema {}",
                quoted(name),
                quoted(uri)
            );
            let help = "remove it, or set it to `false` if it may be ignored";
            out.report(Code::UnsupportedVocabulary, schema.source(), message, help);
        }
    }
    vocabularies.contains_key(&format!("{OURS}validation"))
}
