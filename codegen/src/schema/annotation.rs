//! Annotations of other tools. They say nothing about valid values.

/// The annotations of editors, form generators, code generators and API descriptions, sorted.
const KNOWN: [&str; 54] = [
    "$author",
    "$generated",
    "$license",
    "allowComments",
    "allowTrailingCommas",
    "author",
    "authors",
    "base",
    "comment",
    "copyright",
    "defaultSnippets",
    "deprecationMessage",
    "discriminator",
    "doNotSuggest",
    "editPresentation",
    "enumDescriptions",
    "enumDetails",
    "enumItemLabels",
    "enumNames",
    "enumSortTexts",
    "errorMessage",
    "example",
    "examplesDescriptions",
    "existingJavaType",
    "extendsJavaClass",
    "externalDocs",
    "fragmentResolution",
    "javaEnumNames",
    "javaEnums",
    "javaInterfaces",
    "javaName",
    "javaType",
    "license",
    "links",
    "markdownDeprecationMessage",
    "markdownDescription",
    "markdownEnumDescriptions",
    "media",
    "meta:enum",
    "order",
    "patternErrorMessage",
    "propertyOrder",
    "scope",
    "since",
    "suggestSortText",
    "tags",
    "taplo",
    "tsEnumNames",
    "tsReadonly",
    "tsType",
    "url",
    "version",
    "versions",
    "xml",
];

/// Whether a keyword is an annotation of another tool.
pub(super) fn is_known(key: &str) -> bool {
    KNOWN.binary_search(&key).is_ok()
}

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn annotation_table_is_sorted() {
        assert!(KNOWN.is_sorted());
    }
}
