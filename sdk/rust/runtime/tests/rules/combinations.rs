//! Tables of cases for the keywords that apply others, and for those that ask what the others looked at.

use natsgen_runtime::rule::{Decimal, Keyword, Rule, Type};
use natsgen_runtime::{constant, regex};

use crate::table::{Cases, check};

static COMBINATIONS: &[(Rule, Cases)] = &[
    (
        Rule::new(&[Keyword::AllOf(&[
            Rule::new(&[Keyword::MinLength(1)]),
            Rule::new(&[Keyword::Required(&["a"])]),
        ])]),
        &[
            ("\"x\"", ""),
            ("\"\"", ": expected at least 1 characters"),
            ("{}", ": expected a member `a`"),
        ],
    ),
    (
        Rule::new(&[
            Keyword::AnyOf(&[
                Rule::new(&[Keyword::Type(&[Type::String])]),
                Rule::new(&[Keyword::Minimum(Decimal::new("2"))]),
            ]),
            Keyword::Not(&Rule::new(&[Keyword::Const(constant!("3"))])),
        ]),
        &[
            ("\"\"", ""),
            ("2", ""),
            ("1", ": expected a value that one of 2 schemas allows"),
            ("3", ": expected a value that `not` allows"),
        ],
    ),
    (
        Rule::new(&[Keyword::OneOf(&[
            Rule::new(&[Keyword::MultipleOf(Decimal::new("2"))]),
            Rule::new(&[Keyword::MultipleOf(Decimal::new("3"))]),
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
        Rule::new(&[Keyword::If {
            condition: &Rule::new(&[Keyword::Type(&[Type::Array])]),
            then: Some(&Rule::new(&[Keyword::MinItems(1)])),
            otherwise: Some(&Rule::new(&[Keyword::Type(&[Type::Null])])),
        }]),
        &[
            ("[1]", ""),
            ("null", ""),
            ("[]", ": expected at least 1 items"),
            ("1", ": expected null"),
        ],
    ),
    (
        Rule::new(&[Keyword::If {
            condition: &Rule::new(&[Keyword::Never]),
            then: Some(&Rule::new(&[Keyword::Never])),
            otherwise: None,
        }]),
        &[("1", "")],
    ),
];

static UNEVALUATED: &[(Rule, Cases)] = &[
    (
        Rule::new(&[
            Keyword::AllOf(&[Rule::new(&[Keyword::Properties(&[("a", Rule::new(&[]))])])]),
            Keyword::AnyOf(&[
                Rule::new(&[
                    Keyword::Properties(&[("b", Rule::new(&[Keyword::Type(&[Type::Null])]))]),
                    Keyword::Required(&["b"]),
                ]),
                Rule::new(&[
                    Keyword::Properties(&[("c", Rule::new(&[]))]),
                    Keyword::Required(&["c"]),
                ]),
                Rule::new(&[]),
            ]),
            Keyword::If {
                condition: &Rule::new(&[
                    Keyword::Properties(&[("d", Rule::new(&[Keyword::Const(constant!("1"))]))]),
                    Keyword::Required(&["d"]),
                ]),
                then: Some(&Rule::new(&[Keyword::Properties(&[("e", Rule::new(&[]))])])),
                otherwise: None,
            },
            Keyword::DependentSchemas(&[(
                "a",
                Rule::new(&[Keyword::PatternProperties(&[(
                    regex!("^x", "^x"),
                    Rule::new(&[]),
                )])]),
            )]),
            Keyword::Not(&Rule::new(&[Keyword::Not(&Rule::new(&[
                Keyword::Properties(&[("n", Rule::new(&[]))]),
            ]))])),
            Keyword::UnevaluatedProperties(&Rule::new(&[Keyword::Never])),
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
        // What the schema around it looked at does not count for the one inside.
        Rule::new(&[
            Keyword::Properties(&[("a", Rule::new(&[]))]),
            Keyword::AllOf(&[Rule::new(&[Keyword::UnevaluatedProperties(&Rule::new(&[
                Keyword::Type(&[Type::Null]),
            ]))])]),
            Keyword::UnevaluatedProperties(&Rule::new(&[Keyword::Never])),
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
        Rule::new(&[
            Keyword::PrefixItems(&[Rule::new(&[])]),
            Keyword::Contains {
                rule: &Rule::new(&[Keyword::Type(&[Type::Null])]),
                min: 0,
                max: None,
            },
            Keyword::OneOf(&[
                Rule::new(&[
                    Keyword::PrefixItems(&[
                        Rule::new(&[Keyword::Const(constant!("1"))]),
                        Rule::new(&[Keyword::Const(constant!("2"))]),
                    ]),
                    Keyword::MinItems(2),
                ]),
                Rule::new(&[Keyword::MaxItems(1)]),
            ]),
            Keyword::UnevaluatedItems(&Rule::new(&[Keyword::Type(&[Type::Boolean])])),
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
        Rule::new(&[
            Keyword::Items {
                after: 0,
                rule: &Rule::new(&[]),
            },
            Keyword::UnevaluatedItems(&Rule::new(&[Keyword::Never])),
        ]),
        &[("[1, 2]", ""), ("1", "")],
    ),
];

#[test]
fn keywords_that_combine() {
    check(COMBINATIONS);
}

#[test]
fn keywords_about_what_others_looked_at() {
    check(UNEVALUATED);
}
