//! URI templates of RFC 6570.

use std::sync::LazyLock;

use regex_automata::meta::Regex;

/// The grammar of section 2. Literals include the apostrophe, according to erratum 6937.
const TEMPLATE: &str = r#"(?x) ^ (?:
    [^ \x00-\x20 " % < > \\ \^ ` \{ \| \} \x7F-\u{9F} ]
    | % [0-9A-Fa-f]{2}
    | \{ [ + \# . / ; ? \& = , ! @ | ]? VARIABLE (?: , VARIABLE )* \}
)* $"#;

const VARIABLE: &str = r"
    CHARACTER (?: \.? CHARACTER )* (?: : [1-9][0-9]{0,3} | \* )?
";

const CHARACTER: &str = "(?: [A-Za-z0-9_] | % [0-9A-Fa-f]{2} )";

static IS_TEMPLATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let variable = VARIABLE.replace("CHARACTER", CHARACTER);
    Regex::new(&TEMPLATE.replace("VARIABLE", &variable)).ok()
});

/// Returns true if `text` is a URI template.
pub(super) fn is_template(text: &str) -> bool {
    IS_TEMPLATE
        .as_ref()
        .is_some_and(|template| template.is_match(text))
}
