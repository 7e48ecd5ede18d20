//! Dialects: the keywords, the types that each keyword applies to, and the keywords that contain schemas.

use super::annotation;
use crate::diagnostic::text::{distance, nearest, quoted};
use crate::diagnostic::{Code, Problem};

/// The URI of the dialect 2020-12.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The dialect of a schema resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draft {
    /// Draft-07: `definitions`, arrays under `items`, `dependencies`; `$ref` hides its sibling keywords.
    Draft07,
    /// 2020-12.
    Draft202012,
}

/// The kind of value that a keyword has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A schema.
    Schema,
    /// An array of schemas.
    List,
    /// Schemas by key.
    Members,
    /// A schema, or an array of schemas.
    SchemaOrList,
    /// Schemas or arrays of strings, by key.
    Dependencies,
    /// Data without schemas.
    Data,
}

/// The values that a keyword applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// No values: the keyword names schemas, contains definitions, or is an annotation.
    Nothing,
    /// Values of every type.
    All,
    /// Strings.
    Texts,
    /// Numbers.
    Numbers,
    /// Strings and numbers.
    TextsAndNumbers,
    /// Arrays.
    Arrays,
    /// Objects.
    Objects,
    /// No values: the keyword makes a document an operation.
    Operation,
}

/// The kind of value of a keyword in each dialect.
#[derive(Clone, Copy, Debug)]
enum In {
    Both(Holds),
    Older(Holds),
    Newer(Holds),
    Each(Holds, Holds),
}

/// The vocabulary of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
    /// The validation vocabulary, which meta-schemas can leave out.
    Validation,
    Other,
}

use AppliesTo::{All, Arrays, Nothing, Numbers, Objects, Operation, Texts, TextsAndNumbers};
use Holds::{Data, Dependencies, List, Members, Schema, SchemaOrList};
use In::{Both, Each, Newer, Older};
use Vocabulary::{Other, Validation};

/// Every keyword, sorted.
const KEYWORDS: [(&str, In, AppliesTo, Vocabulary); 63] = [
    ("$anchor", Newer(Data), Nothing, Other),
    ("$comment", Both(Data), Nothing, Other),
    ("$defs", Both(Members), Nothing, Other),
    ("$dynamicAnchor", Newer(Data), Nothing, Other),
    ("$dynamicRef", Newer(Data), All, Other),
    ("$id", Both(Data), Nothing, Other),
    ("$ref", Both(Data), All, Other),
    ("$schema", Both(Data), Nothing, Other),
    ("$vocabulary", Newer(Data), Nothing, Other),
    ("additionalItems", Older(Schema), Arrays, Other),
    ("additionalProperties", Both(Schema), Objects, Other),
    ("allOf", Both(List), All, Other),
    ("anyOf", Both(List), All, Other),
    ("const", Both(Data), All, Validation),
    ("contains", Both(Schema), Arrays, Other),
    ("contentEncoding", Both(Data), Nothing, Other),
    ("contentMediaType", Both(Data), Nothing, Other),
    ("contentSchema", Newer(Schema), Nothing, Other),
    ("default", Both(Data), Nothing, Other),
    ("definitions", Both(Members), Nothing, Other),
    ("dependencies", Older(Dependencies), Objects, Other),
    ("dependentRequired", Newer(Data), Objects, Validation),
    ("dependentSchemas", Newer(Members), Objects, Other),
    ("deprecated", Both(Data), Nothing, Other),
    ("description", Both(Data), Nothing, Other),
    ("else", Both(Schema), All, Other),
    ("enum", Both(Data), All, Validation),
    ("examples", Both(Data), Nothing, Other),
    ("exclusiveMaximum", Both(Data), Numbers, Validation),
    ("exclusiveMinimum", Both(Data), Numbers, Validation),
    ("format", Both(Data), TextsAndNumbers, Other),
    ("if", Both(Schema), All, Other),
    ("items", Each(SchemaOrList, Schema), Arrays, Other),
    ("maxContains", Newer(Data), Arrays, Validation),
    ("maxItems", Both(Data), Arrays, Validation),
    ("maxLength", Both(Data), Texts, Validation),
    ("maxProperties", Both(Data), Objects, Validation),
    ("maximum", Both(Data), Numbers, Validation),
    ("minContains", Newer(Data), Arrays, Validation),
    ("minItems", Both(Data), Arrays, Validation),
    ("minLength", Both(Data), Texts, Validation),
    ("minProperties", Both(Data), Objects, Validation),
    ("minimum", Both(Data), Numbers, Validation),
    ("multipleOf", Both(Data), Numbers, Validation),
    ("not", Both(Schema), All, Other),
    ("oneOf", Both(List), All, Other),
    ("pattern", Both(Data), Texts, Validation),
    ("patternProperties", Both(Members), Objects, Other),
    ("prefixItems", Newer(List), Arrays, Other),
    ("properties", Both(Members), Objects, Other),
    ("propertyNames", Both(Schema), Objects, Other),
    ("readOnly", Both(Data), Nothing, Other),
    ("required", Both(Data), Objects, Validation),
    ("sensitive", Both(Data), Texts, Other),
    ("then", Both(Schema), All, Other),
    ("title", Both(Data), Nothing, Other),
    ("type", Both(Data), All, Validation),
    ("unevaluatedItems", Newer(Schema), Arrays, Other),
    ("unevaluatedProperties", Newer(Schema), Objects, Other),
    ("uniqueItems", Both(Data), Arrays, Validation),
    ("writeOnly", Both(Data), Nothing, Other),
    ("x-nats", Both(Data), Operation, Other),
    ("x-unit", Both(Data), Nothing, Other),
];

fn keyword(key: &str) -> Option<&'static (&'static str, In, AppliesTo, Vocabulary)> {
    let at = KEYWORDS.binary_search_by(|(known, ..)| known.cmp(&key));
    at.ok().map(|at| &KEYWORDS[at])
}

/// The values that a keyword of any dialect applies to.
#[must_use]
pub fn applies_to(key: &str) -> Option<AppliesTo> {
    keyword(key).map(|(_, _, applies_to, _)| *applies_to)
}

/// Whether a meta-schema can leave this keyword out.
pub(crate) fn is_validation(key: &str) -> bool {
    keyword(key).is_some_and(|(.., vocabulary)| *vocabulary == Validation)
}

/// Whether this is a path or URL of a meta-schema of natsgen: `meta/operation.json` or `meta/types.json`.
pub(crate) fn is_own_meta_schema(uri: &str) -> bool {
    let path = ["meta/operation.json", "meta/types.json"]
        .iter()
        .find_map(|path| uri.strip_suffix(path));
    path.is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

impl Draft {
    /// The dialect that `$schema` names, if natsgen supports the dialect. It may name a meta-schema of natsgen, because an
    /// editor uses the meta-schema that a document names.
    pub(super) fn of(uri: &str) -> Option<Self> {
        let uri = uri.strip_suffix('#').unwrap_or(uri);
        if is_own_meta_schema(uri) {
            return Some(Self::Draft202012);
        }
        let uri = uri.split_once("://")?.1;
        match uri {
            "json-schema.org/draft-07/schema" => Some(Self::Draft07),
            "json-schema.org/draft/2020-12/schema" => Some(Self::Draft202012),
            _ => None,
        }
    }

    /// The name of the dialect in diagnostics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Draft07 => "draft-07",
            Self::Draft202012 => "2020-12",
        }
    }

    /// The kind of value that a keyword has, if the dialect knows the keyword.
    pub(crate) fn holds(self, key: &str) -> Option<Holds> {
        let (_, drafts, ..) = keyword(key)?;
        match (self, *drafts) {
            (_, Both(holds))
            | (Self::Draft07, Older(holds) | Each(holds, _))
            | (Self::Draft202012, Newer(holds) | Each(_, holds)) => Some(holds),
            _ => None,
        }
    }

    /// The values that a keyword applies to, if the dialect knows the keyword.
    pub(crate) fn applies_to(self, key: &str) -> Option<AppliesTo> {
        self.holds(key).and_then(|_| applies_to(key))
    }

    /// The diagnostic for a keyword that the dialect does not know. Returns `None` for annotations of other tools.
    pub(crate) fn unknown(self, key: &str) -> Option<Problem> {
        if annotation::is_known(key) {
            return None;
        }
        let ours = KEYWORDS.iter().map(|(known, ..)| *known);
        let ours = ours.filter(|known| self.holds(known).is_some());
        let meant = nearest(key, ours);
        if let Some(meant) = meant.filter(|meant| resembles(key, meant)) {
            let message = format!("unknown keyword {}", quoted(key));
            let help = format!("did you mean {}?", quoted(meant));
            return Some(Problem::new(Code::UnknownKeyword, message, help));
        }
        if key.starts_with("x-") {
            return None;
        }
        let message = format!("{} is no keyword of {}", quoted(key), self.name());
        let help = self.advice(key);
        Some(Problem::new(Code::IgnoredKeyword, message, help))
    }

    /// What to write in place of a keyword that the dialect does not know.
    fn advice(self, key: &str) -> String {
        let other = match self {
            Self::Draft07 => Self::Draft202012,
            Self::Draft202012 => Self::Draft07,
        };
        match key {
            "dependencies" => {
                "in 2020-12 it is `dependentRequired` or `dependentSchemas`".to_owned()
            }
            "additionalItems" => {
                "in 2020-12 it is `items`, beside a list under `prefixItems`".to_owned()
            }
            "$recursiveRef" | "$recursiveAnchor" => {
                "2020-12 has `$dynamicRef` and `$dynamicAnchor`".to_owned()
            }
            "nullable" => {
                "write `\"type\": [\"string\", \"null\"]`, or `oneOf` with `{\"type\": \"null\"}`"
                    .to_owned()
            }
            _ if other.holds(key).is_some() => {
                format!("it is a keyword of {}; change `$schema`", other.name())
            }
            _ => "remove it, or list it under `annotations` in the manifest".to_owned(),
        }
    }
}

/// Whether a keyword is likely a misspelling of another keyword.
fn resembles(key: &str, keyword: &str) -> bool {
    let edits = match keyword.len() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    };
    (1..=edits).contains(&distance(key, keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialect_of_own_meta_schema_is_2020_12() {
        for (uri, expected) in [
            ("../meta/operation.json", true),
            ("meta/types.json", true),
            ("https://example.com/schema/meta/types.json", true),
            ("../meta/manifest.json", false),
            ("../beta/types.json", false),
            ("submeta/types.json", false),
        ] {
            assert_eq!(Draft::of(uri).is_some(), expected, "{uri}");
        }
    }

    #[test]
    fn keyword_table_is_sorted() {
        assert!(KEYWORDS.is_sorted_by(|one, other| one.0 < other.0));
    }
}
