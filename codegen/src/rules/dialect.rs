//! Dialects: which keywords there are, and which of them hold schemas.

use crate::diagnostic::{nearest, quoted};

/// The dialect of a schema resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draft {
    /// Draft-07: `definitions`, lists under `items`, `dependencies`; `$ref` hides what stands beside it.
    Draft07,
    /// 2020-12.
    Draft202012,
}

/// What stands under a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A schema.
    Schema,
    /// A list of schemas.
    List,
    /// Schemas by key.
    Members,
    /// A schema, or a list of them.
    SchemaOrList,
    /// Schemas or lists of texts by key.
    Dependencies,
    /// No schema.
    Data,
}

/// What a keyword is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Names and references, and schemas in schemas: always understood.
    Structure,
    /// Says what is valid: meta-schemas may leave it out.
    Validation,
    /// Says nothing about what is valid.
    Annotation,
}

impl Draft {
    /// The dialect that `$schema` names, if it is one of ours.
    pub(super) fn of(uri: &str) -> Option<Self> {
        let uri = uri.strip_suffix('#').unwrap_or(uri);
        let uri = uri.split_once("://")?.1;
        match uri {
            "json-schema.org/draft-07/schema" => Some(Self::Draft07),
            "json-schema.org/draft/2020-12/schema" => Some(Self::Draft202012),
            _ => None,
        }
    }

    /// What the dialect is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Draft07 => "draft-07",
            Self::Draft202012 => "2020-12",
        }
    }

    /// What stands under a keyword and what it is for; `None` where the dialect does not know it.
    pub(super) fn keyword(self, key: &str) -> Option<(Holds, Purpose)> {
        use Purpose::{Annotation, Structure, Validation};
        let known = match key {
            "$schema" | "$id" | "$ref" | "x-nats" | "format" => (Holds::Data, Structure),
            "$defs" | "definitions" | "properties" | "patternProperties" => {
                (Holds::Members, Structure)
            }
            "additionalProperties"
            | "propertyNames"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else" => (Holds::Schema, Structure),
            "allOf" | "anyOf" | "oneOf" => (Holds::List, Structure),
            "type" | "const" | "enum" | "multipleOf" | "maximum" | "exclusiveMaximum"
            | "minimum" | "exclusiveMinimum" | "maxLength" | "minLength" | "pattern"
            | "maxItems" | "minItems" | "uniqueItems" | "maxProperties" | "minProperties"
            | "required" => (Holds::Data, Validation),
            "$comment" | "title" | "description" | "examples" | "default" | "deprecated"
            | "readOnly" | "writeOnly" | "contentEncoding" | "contentMediaType" | "sensitive" => {
                (Holds::Data, Annotation)
            }
            _ => return self.own(key),
        };
        Some(known)
    }

    /// Whether the dialect has this keyword.
    pub(crate) fn knows(self, key: &str) -> bool {
        self.keyword(key).is_some()
    }

    /// The same for keywords that the other dialect lacks or reads otherwise.
    fn own(self, key: &str) -> Option<(Holds, Purpose)> {
        use Purpose::{Annotation, Structure, Validation};
        let known = match (self, key) {
            (Self::Draft07, "items") => (Holds::SchemaOrList, Structure),
            (Self::Draft07, "additionalItems") => (Holds::Schema, Structure),
            (Self::Draft07, "dependencies") => (Holds::Dependencies, Structure),
            (Self::Draft202012, "$anchor" | "$dynamicAnchor" | "$dynamicRef" | "$vocabulary") => {
                (Holds::Data, Structure)
            }
            (Self::Draft202012, "prefixItems") => (Holds::List, Structure),
            (Self::Draft202012, "items" | "unevaluatedItems" | "unevaluatedProperties") => {
                (Holds::Schema, Structure)
            }
            (Self::Draft202012, "dependentSchemas") => (Holds::Members, Structure),
            (Self::Draft202012, "maxContains" | "minContains" | "dependentRequired") => {
                (Holds::Data, Validation)
            }
            (Self::Draft202012, "contentSchema") => (Holds::Schema, Annotation),
            _ => return None,
        };
        Some(known)
    }

    /// What is wrong with a keyword that the dialect does not know, and what to do.
    pub(crate) fn unknown(self, key: &str) -> (String, String) {
        let message = format!("the keyword {} is not supported", quoted(key));
        let other = match self {
            Self::Draft07 => Self::Draft202012,
            Self::Draft202012 => Self::Draft07,
        };
        let help = match (key, nearest(key, WORDS)) {
            ("dependencies", _) => {
                "2020-12 calls it `dependentRequired` or `dependentSchemas`".to_owned()
            }
            ("additionalItems", _) => {
                "2020-12 calls it `items`, behind a list under `prefixItems`".to_owned()
            }
            ("$recursiveRef" | "$recursiveAnchor", _) => {
                "2020-12 has `$dynamicRef` and `$dynamicAnchor`".to_owned()
            }
            ("nullable", _) => {
                "write `\"type\": [\"string\", \"null\"]`, or `oneOf` with `{\"type\": \"null\"}`"
                    .to_owned()
            }
            _ if other.keyword(key).is_some() => {
                let (theirs, ours) = (other.name(), self.name());
                format!("{theirs} has it, but `$schema` says {ours}")
            }
            (_, Some(meant)) => format!("did you mean {}?", quoted(meant)),
            _ => {
                "remove it; `schema/README.md` lists the keywords, and nothing is silently ignored"
                    .to_owned()
            }
        };
        (message, help)
    }
}

/// The keywords that a misspelt one may have meant.
const WORDS: [&str; 45] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "default",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "description",
    "else",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "required",
    "title",
    "type",
    "unevaluatedProperties",
    "uniqueItems",
];
