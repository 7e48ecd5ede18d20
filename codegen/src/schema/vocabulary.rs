//! Custom meta-schemas: the vocabularies that they leave out.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::read::Node;

/// The prefixes of the vocabularies of 2020-12 and 2019-09.
const OURS: [&str; 2] = [
    "https://json-schema.org/draft/2020-12/vocab/",
    "https://json-schema.org/draft/2019-09/vocab/",
];
/// The supported vocabularies. In 2019-09, `applicator` contains `unevaluated`, and `format` annotates.
const KNOWN: [&str; 8] = [
    "core",
    "applicator",
    "unevaluated",
    "validation",
    "meta-data",
    "format",
    "format-annotation",
    "content",
];

/// Whether a meta-schema has the validation vocabulary. A required vocabulary that natsgen does not support is reported
/// at the `$schema` that names the meta-schema.
pub(super) fn validation(
    schema: &Node<'_>,
    meta: Option<&Node<'_>>,
    out: &mut Diagnostics,
) -> bool {
    let uri = schema.json.as_str().unwrap_or_default();
    let Some(meta) = meta else {
        let message = format!("unsupported dialect {}", quoted(uri));
        let help =
            "write the URI of a dialect, e.g. `https://json-schema.org/draft/2020-12/schema`";
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
        let known = OURS
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix))
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
    let has = |prefix: &&str| vocabularies.contains_key(&format!("{prefix}validation"));
    OURS.iter().any(has)
}
