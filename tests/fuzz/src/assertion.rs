//! An assertion with most keywords, and the equal schema.

use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};
use natsgen_runtime::regex;

/// The schema that equals [`ASSERTION`], over members of the protocol's messages.
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

static RECURSIVE: Assertion = Assertion::new(&[Keyword::Ref(&ASSERTION)]);

/// The assertion.
pub(crate) static ASSERTION: Assertion = Assertion::new(&[
    Keyword::Type(&[Type::Object]),
    Keyword::Properties(&[
        (
            "name",
            Assertion::new(&[
                Keyword::Pattern(regex!("^[a-z]", "^[a-z]")),
                Keyword::Not(&Assertion::new(&[Keyword::Const(
                    natsgen_runtime::constant!("\"xx\""),
                )])),
            ]),
        ),
        (
            "source",
            Assertion::new(&[Keyword::AnyOf(&[
                Assertion::new(&[Keyword::MaxLength(3)]),
                Assertion::new(&[Keyword::Pattern(regex!("e", "e"))]),
            ])]),
        ),
        (
            "term",
            Assertion::new(&[
                Keyword::MultipleOf(Decimal::new("0.5")),
                Keyword::ExclusiveMaximum(Decimal::new("100")),
            ]),
        ),
        (
            "fields",
            Assertion::new(&[
                Keyword::MinProperties(1),
                Keyword::PropertyNames(&Assertion::new(&[Keyword::MaxLength(4)])),
            ]),
        ),
        (
            "events",
            Assertion::new(&[
                Keyword::UniqueItems,
                Keyword::Contains {
                    assertion: &Assertion::new(&[Keyword::Type(&[Type::Object])]),
                    min: 1,
                    max: Some(2),
                },
            ]),
        ),
        (
            "entries",
            Assertion::new(&[Keyword::Items {
                after: 0,
                assertion: &RECURSIVE,
            }]),
        ),
        ("leader_id", Assertion::new(&[Keyword::Ref(&RECURSIVE)])),
        (
            "vote",
            Assertion::new(&[
                Keyword::Properties(&[("committed", Assertion::new(&[]))]),
                Keyword::UnevaluatedProperties(&Assertion::new(&[Keyword::Type(&[
                    Type::Object,
                    Type::Boolean,
                ])])),
            ]),
        ),
    ]),
    Keyword::PatternProperties(&[(
        regex!("_secs$", "_secs$"),
        Assertion::new(&[
            Keyword::Type(&[Type::Integer]),
            Keyword::Minimum(Decimal::new("1")),
        ]),
    )]),
    Keyword::DependentRequired(&[("name", &["id"])]),
    Keyword::If {
        condition: &Assertion::new(&[Keyword::Required(&["worker_id"])]),
        then: Some(&Assertion::new(&[Keyword::Required(&["api_key"])])),
        otherwise: None,
    },
    Keyword::MaxProperties(5),
]);
