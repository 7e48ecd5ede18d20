//! Dialects: the keywords, the types that each keyword applies to, and the keywords that contain schemas.

use super::annotation;
use crate::diagnostic::text::{distance, nearest, quoted};
use crate::diagnostic::{Code, Problem};

/// The URI of the dialect 2020-12.
pub(crate) const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The dialect of a schema resource, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Draft {
    /// Draft-04: `id`, and `exclusiveMinimum` as a flag. Read as in draft-06, see [`super::normalize`].
    Draft04,
    /// Draft-06.
    Draft06,
    /// Draft-07: `definitions`, arrays under `items`, `dependencies`; `$ref` hides its sibling keywords.
    Draft07,
    /// 2019-09: `$recursiveRef`, and keywords beside `$ref`.
    Draft201909,
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
    /// In all dialects.
    All(Holds),
    /// From a dialect on.
    From(Draft, Holds),
    /// Up to a dialect.
    To(Draft, Holds),
    /// In a single dialect.
    Only(Draft, Holds),
    /// Another kind from 2020-12 on.
    Changed(Holds, Holds),
}

/// The vocabulary of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
    /// The validation vocabulary, which meta-schemas can leave out.
    Validation,
    Other,
}

use AppliesTo::{Arrays, Nothing, Numbers, Objects, Operation, Texts, TextsAndNumbers};
use Draft::{Draft04, Draft06, Draft07, Draft201909, Draft202012};
use Holds::{Data, Dependencies, List, Members, Schema, SchemaOrList};
use In::{Changed, From, Only, To};
use Vocabulary::{Other, Validation};

/// Every keyword, sorted.
const KEYWORDS: [(&str, In, AppliesTo, Vocabulary); 66] = [
    ("$anchor", From(Draft201909, Data), Nothing, Other),
    ("$comment", In::All(Data), Nothing, Other),
    ("$defs", In::All(Members), Nothing, Other),
    ("$dynamicAnchor", From(Draft202012, Data), Nothing, Other),
    (
        "$dynamicRef",
        From(Draft202012, Data),
        AppliesTo::All,
        Other,
    ),
    ("$id", In::All(Data), Nothing, Other),
    ("$recursiveAnchor", Only(Draft201909, Data), Nothing, Other),
    (
        "$recursiveRef",
        Only(Draft201909, Data),
        AppliesTo::All,
        Other,
    ),
    ("$ref", In::All(Data), AppliesTo::All, Other),
    ("$schema", In::All(Data), Nothing, Other),
    ("$vocabulary", From(Draft201909, Data), Nothing, Other),
    ("additionalItems", To(Draft201909, Schema), Arrays, Other),
    ("additionalProperties", In::All(Schema), Objects, Other),
    ("allOf", In::All(List), AppliesTo::All, Other),
    ("anyOf", In::All(List), AppliesTo::All, Other),
    ("const", From(Draft06, Data), AppliesTo::All, Validation),
    ("contains", From(Draft06, Schema), Arrays, Other),
    ("contentEncoding", In::All(Data), Nothing, Other),
    ("contentMediaType", In::All(Data), Nothing, Other),
    ("contentSchema", From(Draft201909, Schema), Nothing, Other),
    ("default", In::All(Data), Nothing, Other),
    ("definitions", In::All(Members), Nothing, Other),
    ("dependencies", To(Draft07, Dependencies), Objects, Other),
    (
        "dependentRequired",
        From(Draft201909, Data),
        Objects,
        Validation,
    ),
    (
        "dependentSchemas",
        From(Draft201909, Members),
        Objects,
        Other,
    ),
    ("deprecated", In::All(Data), Nothing, Other),
    ("description", In::All(Data), Nothing, Other),
    ("else", From(Draft07, Schema), AppliesTo::All, Other),
    ("enum", In::All(Data), AppliesTo::All, Validation),
    ("examples", In::All(Data), Nothing, Other),
    ("exclusiveMaximum", In::All(Data), Numbers, Validation),
    ("exclusiveMinimum", In::All(Data), Numbers, Validation),
    ("format", In::All(Data), TextsAndNumbers, Other),
    ("if", From(Draft07, Schema), AppliesTo::All, Other),
    ("items", Changed(SchemaOrList, Schema), Arrays, Other),
    ("maxContains", From(Draft201909, Data), Arrays, Validation),
    ("maxItems", In::All(Data), Arrays, Validation),
    ("maxLength", In::All(Data), Texts, Validation),
    ("maxProperties", In::All(Data), Objects, Validation),
    ("maximum", In::All(Data), Numbers, Validation),
    ("minContains", From(Draft201909, Data), Arrays, Validation),
    ("minItems", In::All(Data), Arrays, Validation),
    ("minLength", In::All(Data), Texts, Validation),
    ("minProperties", In::All(Data), Objects, Validation),
    ("minimum", In::All(Data), Numbers, Validation),
    ("multipleOf", In::All(Data), Numbers, Validation),
    ("not", In::All(Schema), AppliesTo::All, Other),
    ("oneOf", In::All(List), AppliesTo::All, Other),
    ("pattern", In::All(Data), Texts, Validation),
    ("patternProperties", In::All(Members), Objects, Other),
    ("prefixItems", From(Draft202012, List), Arrays, Other),
    ("properties", In::All(Members), Objects, Other),
    ("propertyNames", From(Draft06, Schema), Objects, Other),
    ("readOnly", In::All(Data), Nothing, Other),
    ("required", In::All(Data), Objects, Validation),
    ("sensitive", In::All(Data), Texts, Other),
    ("then", From(Draft07, Schema), AppliesTo::All, Other),
    ("title", In::All(Data), Nothing, Other),
    ("type", In::All(Data), AppliesTo::All, Validation),
    ("unevaluatedItems", From(Draft201909, Schema), Arrays, Other),
    (
        "unevaluatedProperties",
        From(Draft201909, Schema),
        Objects,
        Other,
    ),
    ("uniqueItems", In::All(Data), Arrays, Validation),
    ("writeOnly", In::All(Data), Nothing, Other),
    ("x-http", In::All(Data), Operation, Other),
    ("x-nats", In::All(Data), Operation, Other),
    ("x-unit", In::All(Data), Nothing, Other),
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
            "json-schema.org/draft-04/schema" => Some(Self::Draft04),
            "json-schema.org/draft-06/schema" => Some(Self::Draft06),
            "json-schema.org/draft-07/schema" => Some(Self::Draft07),
            "json-schema.org/draft/2019-09/schema" => Some(Self::Draft201909),
            "json-schema.org/draft/2020-12/schema" => Some(Self::Draft202012),
            _ => None,
        }
    }

    /// All dialects, oldest first.
    const ALL: [Self; 5] = [Draft04, Draft06, Draft07, Draft201909, Draft202012];

    /// The name of the dialect in diagnostics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Draft04 => "draft-04",
            Self::Draft06 => "draft-06",
            Self::Draft07 => "draft-07",
            Self::Draft201909 => "2019-09",
            Self::Draft202012 => "2020-12",
        }
    }

    /// Whether `$ref` hides the keywords beside it, and a fragment in `$id` is an anchor.
    pub(crate) fn is_before_2019(self) -> bool {
        self < Draft201909
    }

    /// Whether `items` can be an array, with `additionalItems` for further items.
    pub(crate) fn is_before_2020(self) -> bool {
        self < Draft202012
    }

    /// The kind of value that a keyword has, if the dialect knows the keyword.
    pub(crate) fn holds(self, key: &str) -> Option<Holds> {
        let (_, drafts, ..) = keyword(key)?;
        let (is_known, holds) = match *drafts {
            In::All(holds) => (true, holds),
            From(first, holds) => (self >= first, holds),
            To(last, holds) => (self <= last, holds),
            Only(draft, holds) => (self == draft, holds),
            Changed(older, _) if self.is_before_2020() => (true, older),
            Changed(_, newer) => (true, newer),
        };
        is_known.then_some(holds)
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
        let is_core = |key: &str| key.starts_with('$');
        let is_misspelled = |meant: &&str| resembles(key, meant) && is_core(key) == is_core(meant);
        if let Some(meant) = meant.filter(is_misspelled) {
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
        match key {
            "dependencies" => {
                "from 2019-09 on it is `dependentRequired` or `dependentSchemas`".to_owned()
            }
            "additionalItems" if self == Self::Draft202012 => {
                "in 2020-12 it is `items`, beside a list under `prefixItems`".to_owned()
            }
            "$recursiveRef" | "$recursiveAnchor" if self == Self::Draft202012 => {
                "2020-12 has `$dynamicRef` and `$dynamicAnchor`".to_owned()
            }
            "nullable" => {
                "write `\"type\": [\"string\", \"null\"]`, or `oneOf` with `{\"type\": \"null\"}`"
                    .to_owned()
            }
            _ => {
                let mut drafts = Self::ALL.into_iter();
                match drafts.rfind(|draft| draft.holds(key).is_some()) {
                    Some(draft) => format!("it is a keyword of {}; change `$schema`", draft.name()),
                    None => "remove it, or list it under `annotations` in the manifest".to_owned(),
                }
            }
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
