//! Tables of cases for applicator keywords and for keywords that depend on evaluated members and items.

use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};
use natsgen_runtime::{constant, regex};

use crate::table::{Cases, check};

static COMBINATIONS: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[Keyword::AllOf(&[
            Assertion::new(&[Keyword::MinLength(1)]),
            Assertion::new(&[Keyword::Required(&["a"])]),
        ])]),
        &[
            ("\"x\"", ""),
            ("\"\"", ": expected at least 1 characters"),
            ("{}", ": expected a member `a`"),
        ],
    ),
    (
        Assertion::new(&[
            Keyword::AnyOf(&[
                Assertion::new(&[Keyword::Type(&[Type::String])]),
                Assertion::new(&[Keyword::Minimum(Decimal::new("2"))]),
            ]),
            Keyword::Not(&Assertion::new(&[Keyword::Const(constant!("3"))])),
        ]),
        &[
            ("\"\"", ""),
            ("2", ""),
            ("1", ": expected a value that one of 2 schemas allows"),
            ("3", ": expected a value that `not` allows"),
        ],
    ),
    (
        Assertion::new(&[Keyword::OneOf(&[
            Assertion::new(&[Keyword::MultipleOf(Decimal::new("2"))]),
            Assertion::new(&[Keyword::MultipleOf(Decimal::new("3"))]),
        ])]),
        &[
            ("2", ""),
            ("3", ""),
            (
                "6",
                ": expected a value that exactly one of 2 schemas allows",
            ),
            (
                "7",
                ": expected a value that exactly one of 2 schemas allows",
            ),
        ],
    ),
    (
        Assertion::new(&[Keyword::If {
            condition: &Assertion::new(&[Keyword::Type(&[Type::Array])]),
            then: Some(&Assertion::new(&[Keyword::MinItems(1)])),
            otherwise: Some(&Assertion::new(&[Keyword::Type(&[Type::Null])])),
        }]),
        &[
            ("[1]", ""),
            ("null", ""),
            ("[]", ": expected at least 1 items"),
            ("1", ": expected null"),
        ],
    ),
    (
        Assertion::new(&[Keyword::If {
            condition: &Assertion::new(&[Keyword::Never]),
            then: Some(&Assertion::new(&[Keyword::Never])),
            otherwise: None,
        }]),
        &[("1", "")],
    ),
];

static UNEVALUATED: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[
            Keyword::AllOf(&[Assertion::new(&[Keyword::Properties(&[(
                "a",
                Assertion::new(&[]),
            )])])]),
            Keyword::AnyOf(&[
                Assertion::new(&[
                    Keyword::Properties(&[("b", Assertion::new(&[Keyword::Type(&[Type::Null])]))]),
                    Keyword::Required(&["b"]),
                ]),
                Assertion::new(&[
                    Keyword::Properties(&[("c", Assertion::new(&[]))]),
                    Keyword::Required(&["c"]),
                ]),
                Assertion::new(&[]),
            ]),
            Keyword::If {
                condition: &Assertion::new(&[
                    Keyword::Properties(&[(
                        "d",
                        Assertion::new(&[Keyword::Const(constant!("1"))]),
                    )]),
                    Keyword::Required(&["d"]),
                ]),
                then: Some(&Assertion::new(&[Keyword::Properties(&[(
                    "e",
                    Assertion::new(&[]),
                )])])),
                otherwise: None,
            },
            Keyword::DependentSchemas(&[(
                "a",
                Assertion::new(&[Keyword::PatternProperties(&[(
                    regex!("^x", "^x"),
                    Assertion::new(&[]),
                )])]),
            )]),
            Keyword::Not(&Assertion::new(&[Keyword::Not(&Assertion::new(&[
                Keyword::Properties(&[("n", Assertion::new(&[]))]),
            ]))])),
            Keyword::UnevaluatedProperties(&Assertion::new(&[Keyword::Never])),
        ]),
        &[
            ("{}", ""),
            (r#"{"a": 1, "b": null, "c": 1, "d": 1, "e": 1, "x": 1}"#, ""),
            (r#"{"b": 1}"#, ": expected no member `b`"),
            (r#"{"x": 1}"#, ": expected no member `x`"),
            (r#"{"d": 2}"#, ": expected no member `d`"),
            (r#"{"e": 1}"#, ": expected no member `e`"),
            (r#"{"n": 1}"#, ": expected no member `n`"),
        ],
    ),
    (
        // The inner schema does not see members that the outer schema evaluated.
        Assertion::new(&[
            Keyword::Properties(&[("a", Assertion::new(&[]))]),
            Keyword::AllOf(&[Assertion::new(&[Keyword::UnevaluatedProperties(
                &Assertion::new(&[Keyword::Type(&[Type::Null])]),
            )])]),
            Keyword::UnevaluatedProperties(&Assertion::new(&[Keyword::Never])),
        ]),
        &[
            (r#"{"a": null, "b": null}"#, ""),
            (
                r#"{"a": 1}"#,
                ": expected what `unevaluatedProperties` asks for in `a`",
            ),
        ],
    ),
    (
        Assertion::new(&[
            Keyword::PrefixItems(&[Assertion::new(&[])]),
            Keyword::Contains {
                assertion: &Assertion::new(&[Keyword::Type(&[Type::Null])]),
                min: 0,
                max: None,
            },
            Keyword::OneOf(&[
                Assertion::new(&[
                    Keyword::PrefixItems(&[
                        Assertion::new(&[Keyword::Const(constant!("1"))]),
                        Assertion::new(&[Keyword::Const(constant!("2"))]),
                    ]),
                    Keyword::MinItems(2),
                ]),
                Assertion::new(&[Keyword::MaxItems(1)]),
            ]),
            Keyword::UnevaluatedItems(&Assertion::new(&[Keyword::Type(&[Type::Boolean])])),
        ]),
        &[
            ("[0]", ""),
            ("[1, 2, null, true]", ""),
            (
                "[1, 2, null, 3]",
                ": expected what `unevaluatedItems` asks for at 3",
            ),
        ],
    ),
    (
        Assertion::new(&[
            Keyword::Items {
                after: 0,
                assertion: &Assertion::new(&[]),
            },
            Keyword::UnevaluatedItems(&Assertion::new(&[Keyword::Never])),
        ]),
        &[("[1, 2]", ""), ("1", "")],
    ),
];

#[test]
fn keywords_applicators_follow_the_tables() {
    check(COMBINATIONS);
}

#[test]
fn keywords_unevaluated_follow_the_tables() {
    check(UNEVALUATED);
}
