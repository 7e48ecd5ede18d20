//! One rule with most keywords, and the same as a schema.

use natsgen_runtime::regex;
use natsgen_runtime::rule::{Decimal, Keyword, Rule, Type};

/// The schema that [`RULE`] is, over members that our messages have.
pub(crate) const SCHEMA: &str = r##"{
    "type": "object",
    "properties": {
        "name": { "pattern": "^[a-z]", "not": { "const": "xx" } },
        "source": { "anyOf": [{ "maxLength": 3 }, { "pattern": "e" }] },
        "term": { "multipleOf": 0.5, "exclusiveMaximum": 100 },
        "fields": { "minProperties": 1, "propertyNames": { "maxLength": 4 } },
        "events": { "uniqueItems": true, "contains": { "type": "object" }, "maxContains": 2 },
        "entries": { "items": { "$ref": "#" } },
        "leader_id": { "$ref": "#" },
        "vote": { "unevaluatedProperties": { "type": ["object", "boolean"] }, "properties": { "committed": true } }
    },
    "patternProperties": { "_secs$": { "type": "integer", "minimum": 1 } },
    "dependentRequired": { "name": ["id"] },
    "if": { "required": ["worker_id"] },
    "then": { "required": ["api_key"] },
    "maxProperties": 5
}"##;

static TREE: Rule = Rule::new(&[Keyword::Ref(&RULE)]);

/// The rule.
pub(crate) static RULE: Rule = Rule::new(&[
    Keyword::Type(&[Type::Object]),
    Keyword::Properties(&[
        (
            "name",
            Rule::new(&[
                Keyword::Pattern(regex!("^[a-z]", "^[a-z]")),
                Keyword::Not(&Rule::new(&[Keyword::Const(natsgen_runtime::constant!(
                    "\"xx\""
                ))])),
            ]),
        ),
        (
            "source",
            Rule::new(&[Keyword::AnyOf(&[
                Rule::new(&[Keyword::MaxLength(3)]),
                Rule::new(&[Keyword::Pattern(regex!("e", "e"))]),
            ])]),
        ),
        (
            "term",
            Rule::new(&[
                Keyword::MultipleOf(Decimal::new("0.5")),
                Keyword::ExclusiveMaximum(Decimal::new("100")),
            ]),
        ),
        (
            "fields",
            Rule::new(&[
                Keyword::MinProperties(1),
                Keyword::PropertyNames(&Rule::new(&[Keyword::MaxLength(4)])),
            ]),
        ),
        (
            "events",
            Rule::new(&[
                Keyword::UniqueItems,
                Keyword::Contains {
                    rule: &Rule::new(&[Keyword::Type(&[Type::Object])]),
                    min: 1,
                    max: Some(2),
                },
            ]),
        ),
        (
            "entries",
            Rule::new(&[Keyword::Items {
                after: 0,
                rule: &TREE,
            }]),
        ),
        ("leader_id", Rule::new(&[Keyword::Ref(&TREE)])),
        (
            "vote",
            Rule::new(&[
                Keyword::Properties(&[("committed", Rule::new(&[]))]),
                Keyword::UnevaluatedProperties(&Rule::new(&[Keyword::Type(&[
                    Type::Object,
                    Type::Boolean,
                ])])),
            ]),
        ),
    ]),
    Keyword::PatternProperties(&[(
        regex!("_secs$", "_secs$"),
        Rule::new(&[
            Keyword::Type(&[Type::Integer]),
            Keyword::Minimum(Decimal::new("1")),
        ]),
    )]),
    Keyword::DependentRequired(&[("name", &["id"])]),
    Keyword::If {
        condition: &Rule::new(&[Keyword::Required(&["worker_id"])]),
        then: Some(&Rule::new(&[Keyword::Required(&["api_key"])])),
        otherwise: None,
    },
    Keyword::MaxProperties(5),
]);
