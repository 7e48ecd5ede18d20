//! The official meta-schemas, which any schema can refer to.

use std::sync::LazyLock;

use serde_json::Value as Json;

use super::normalize::normalize;
use super::resources::Resources;
use crate::diagnostic::Diagnostics;
use crate::read::Contents;

/// Each document with its URI.
const DOCUMENTS: [(&str, &str); 19] = [
    (
        "https://json-schema.org/draft/2020-12/schema",
        include_str!("metaschema/draft2020-12/schema.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/core",
        include_str!("metaschema/draft2020-12/core.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/applicator",
        include_str!("metaschema/draft2020-12/applicator.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/unevaluated",
        include_str!("metaschema/draft2020-12/unevaluated.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/validation",
        include_str!("metaschema/draft2020-12/validation.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/meta-data",
        include_str!("metaschema/draft2020-12/meta-data.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/format-annotation",
        include_str!("metaschema/draft2020-12/format-annotation.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/format-assertion",
        include_str!("metaschema/draft2020-12/format-assertion.json"),
    ),
    (
        "https://json-schema.org/draft/2020-12/meta/content",
        include_str!("metaschema/draft2020-12/content.json"),
    ),
    (
        "http://json-schema.org/draft-07/schema",
        include_str!("metaschema/draft-07.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/schema",
        include_str!("metaschema/draft2019-09/schema.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/applicator",
        include_str!("metaschema/draft2019-09/applicator.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/content",
        include_str!("metaschema/draft2019-09/content.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/core",
        include_str!("metaschema/draft2019-09/core.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/format",
        include_str!("metaschema/draft2019-09/format.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/meta-data",
        include_str!("metaschema/draft2019-09/meta-data.json"),
    ),
    (
        "https://json-schema.org/draft/2019-09/meta/validation",
        include_str!("metaschema/draft2019-09/validation.json"),
    ),
    (
        "http://json-schema.org/draft-04/schema",
        include_str!("metaschema/draft-04.json"),
    ),
    (
        "http://json-schema.org/draft-06/schema",
        include_str!("metaschema/draft-06.json"),
    ),
];

static PARSED: LazyLock<Vec<(&str, Json)>> = LazyLock::new(|| {
    let parsed = DOCUMENTS.into_iter().map(|(uri, text)| {
        let json = serde_json::from_str(text);
        let mut json = json.expect("the bundled meta-schemas are JSON");
        let quiet = &mut Diagnostics::default();
        normalize(uri, &mut json, Contents::Protocol, quiet);
        (uri, json)
    });
    parsed.collect()
});

/// The resources of the bundled documents. The file name of each resource is its URI.
pub(super) static BUNDLED: LazyLock<Resources<'static>> = LazyLock::new(|| {
    let documents = PARSED.iter().map(|(uri, json)| (*uri, Some(json)));
    Resources::new(documents, &mut Diagnostics::default())
});
