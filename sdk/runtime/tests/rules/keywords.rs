//! Tables of cases for every keyword.

use natsgen_runtime::json::{Json, Reader};
use natsgen_runtime::rule::{Decimal, Keyword, Rule, Type};
use natsgen_runtime::{Format, Side, constant, regex};

/// Values, and what is said of each: nothing if it is right, else pointer and reason.
pub(crate) type Cases = &'static [(&'static str, &'static str)];

/// What `rule` says of the value that is written so.
pub(crate) fn verdict(rule: &'static Rule, text: &str) -> String {
    let json: Json<'_> = Reader::new(text, Side::Reply).json().unwrap();
    let verdict = rule.judge(&json);
    verdict.map_or_else(
        |violation| format!("{}: {}", violation.pointer(), violation.reason()),
        |()| String::new(),
    )
}

#[track_caller]
pub(crate) fn check(table: &'static [(Rule, Cases)]) {
    for (rule, cases) in table {
        for (text, expected) in *cases {
            assert_eq!(verdict(rule, text), *expected, "{rule:?} of {text}");
        }
    }
}

static ANY: &[(Rule, Cases)] = &[
    (Rule::new(&[]), &[("null", ""), ("{}", "")]),
    (
        Rule::new(&[Keyword::Never]),
        &[
            ("null", ": expected no value"),
            ("[]", ": expected no value"),
        ],
    ),
    (
        Rule::new(&[Keyword::Type(&[Type::Integer])]),
        &[
            ("1", ""),
            ("-1", ""),
            ("1.0", ""),
            ("1e3", ""),
            ("1e300", ""),
            ("18446744073709551615", ""),
            ("1.5", ": expected an integer"),
            ("\"1\"", ": expected an integer"),
            ("true", ": expected an integer"),
        ],
    ),
    (
        Rule::new(&[Keyword::Type(&[Type::Null, Type::Boolean, Type::Number])]),
        &[
            ("null", ""),
            ("false", ""),
            ("0.5", ""),
            ("[]", ": expected null, true or false or a number"),
        ],
    ),
    (
        Rule::new(&[Keyword::Type(&[Type::String, Type::Array, Type::Object])]),
        &[
            ("\"\"", ""),
            ("[]", ""),
            ("{}", ""),
            ("0", ": expected a text, a list or an object"),
        ],
    ),
    (
        Rule::new(&[Keyword::Const(constant!(r#"{"a": [1, null], "b": "x"}"#))]),
        &[
            (r#"{"b": "x", "a": [1.0, null]}"#, ""),
            (
                r#"{"a": [1, null]}"#,
                r#": expected `{"a": [1, null], "b": "x"}`"#,
            ),
        ],
    ),
    (
        Rule::new(&[Keyword::Const(constant!("0"))]),
        &[
            ("0", ""),
            ("-0.0", ""),
            ("0e5", ""),
            ("false", ": expected `0`"),
            ("null", ": expected `0`"),
        ],
    ),
    (
        Rule::new(&[Keyword::Const(constant!("9007199254740993"))]),
        &[
            ("9007199254740993", ""),
            ("9007199254740992", ": expected `9007199254740993`"),
            ("9007199254740992.0", ": expected `9007199254740993`"),
        ],
    ),
    (
        Rule::new(&[Keyword::Const(constant!("no JSON"))]),
        &[("0", ": expected `no JSON`")],
    ),
    (
        Rule::new(&[Keyword::Enum(&[
            constant!("\"a\""),
            constant!("1"),
            constant!("[false]"),
        ])]),
        &[
            ("\"a\"", ""),
            ("1.0", ""),
            ("[false]", ""),
            ("[0]", ": expected one of `a`, `1`, `[false]`"),
            ("\"A\"", ": expected one of `a`, `1`, `[false]`"),
        ],
    ),
];

static NUMBERS: &[(Rule, Cases)] = &[
    (
        Rule::new(&[
            Keyword::Minimum(Decimal::new("-1.5")),
            Keyword::Maximum(Decimal::new("2e1")),
        ]),
        &[
            ("-1.5", ""),
            ("20", ""),
            ("20.0", ""),
            ("0", ""),
            ("-1.5000000000000002", ": expected a number from -1.5"),
            ("-2", ": expected a number from -1.5"),
            ("20.000000000000004", ": expected a number up to 2e1"),
            ("21", ": expected a number up to 2e1"),
            ("\"21\"", ""),
        ],
    ),
    (
        Rule::new(&[
            Keyword::ExclusiveMinimum(Decimal::new("0")),
            Keyword::ExclusiveMaximum(Decimal::new("1.0")),
        ]),
        &[
            ("0.5", ""),
            ("5e-324", ""),
            ("0", ": expected a number above 0"),
            ("-0.0", ": expected a number above 0"),
            ("1", ": expected a number below 1.0"),
            ("1.0", ": expected a number below 1.0"),
        ],
    ),
    (
        Rule::new(&[
            Keyword::Minimum(Decimal::new("9007199254740993")),
            Keyword::Maximum(Decimal::new("18446744073709551615.5")),
        ]),
        &[
            ("9007199254740993", ""),
            ("18446744073709551615", ""),
            (
                "9007199254740992",
                ": expected a number from 9007199254740993",
            ),
            (
                "9007199254740992.0",
                ": expected a number from 9007199254740993",
            ),
            (
                "18446744073709551616",
                ": expected a number up to 18446744073709551615.5",
            ),
        ],
    ),
    (
        Rule::new(&[
            Keyword::Maximum(Decimal::new("1e400")),
            Keyword::Minimum(Decimal::new("-1e99999999999999999999")),
            Keyword::ExclusiveMinimum(Decimal::new("-100000000000000000000000000000000000000000")),
        ]),
        &[
            ("1e308", ""),
            (
                "-1e41",
                ": expected a number above -100000000000000000000000000000000000000000",
            ),
            ("-99999999999999990000000000000000000000000", ""),
        ],
    ),
];

static MULTIPLES: &[(Rule, Cases)] = &[
    (
        Rule::new(&[Keyword::MultipleOf(Decimal::new("0.01"))]),
        &[
            ("19.99", ""),
            ("0.07", ""),
            ("4.35", ""),
            ("0", ""),
            ("-3", ""),
            ("1e300", ""),
            ("0.075", ": expected a multiple of 0.01"),
            ("1e-300", ": expected a multiple of 0.01"),
        ],
    ),
    (
        Rule::new(&[Keyword::MultipleOf(Decimal::new("2"))]),
        &[
            ("18446744073709551614", ""),
            ("-4", ""),
            ("7.0", ": expected a multiple of 2"),
            ("18446744073709551615", ": expected a multiple of 2"),
            ("9007199254740993", ": expected a multiple of 2"),
        ],
    ),
    (
        Rule::new(&[Keyword::MultipleOf(Decimal::new("1e-8"))]),
        &[
            ("12391239123", ""),
            ("1e-9", ": expected a multiple of 1e-8"),
        ],
    ),
    (
        Rule::new(&[Keyword::MultipleOf(Decimal::new("0.123456789"))]),
        &[("1e308", ": expected a multiple of 0.123456789")],
    ),
    (
        Rule::new(&[Keyword::MultipleOf(Decimal::new("36893488147419103000.00"))]),
        &[
            // Beyond 64 bits a number is a binary one, and counts as its shortest decimal.
            ("36893488147419103232", ""),
            (
                "18446744073709551615",
                ": expected a multiple of 36893488147419103000.00",
            ),
        ],
    ),
    (
        // Two to the power of -140, the digits of which fit into no integer of Rust.
        Rule::new(&[Keyword::MultipleOf(Decimal::new(
            "7.174648137343063403129495466444370592154941142407760751396189013e-43",
        ))]),
        &[(
            "0.5",
            ": expected a multiple of 7.174648137343063403129495466444370592154941142407760751396189013e-43",
        )],
    ),
    (
        // Five to the power of 60 divides ten to the power of 60.
        Rule::new(&[Keyword::MultipleOf(Decimal::new(
            "867361737988403547205962240695953369140625",
        ))]),
        &[
            ("1e60", ""),
            ("3e61", ""),
            (
                "1e59",
                ": expected a multiple of 867361737988403547205962240695953369140625",
            ),
        ],
    ),
];

static TEXTS: &[(Rule, Cases)] = &[
    (
        Rule::new(&[Keyword::MinLength(2), Keyword::MaxLength(3)]),
        &[
            ("\"ab\"", ""),
            ("\"äöü\"", ""),
            ("\"\\ud83d\\ude00😀\"", ""),
            ("\"😀\"", ": expected at least 2 characters"),
            ("\"abcd\"", ": expected at most 3 characters"),
            ("[1]", ""),
        ],
    ),
    (
        Rule::new(&[Keyword::Pattern(regex!("^a+$", "^a+$"))]),
        &[
            ("\"aaa\"", ""),
            ("\"b\"", ": expected a text that matches ^a+$"),
            ("\"a\\n\"", ": expected a text that matches ^a+$"),
            ("12", ""),
        ],
    ),
    (
        Rule::new(&[Keyword::Pattern(regex!("(", "("))]),
        &[("\"(\"", ": expected a text that matches (")],
    ),
    (
        Rule::new(&[Keyword::Format(Format::Ipv4)]),
        &[
            ("\"127.0.0.1\"", ""),
            ("\"127.0.0.256\"", ": expected an IPv4 address"),
            ("127", ""),
        ],
    ),
];

static LISTS: &[(Rule, Cases)] = &[
    (
        Rule::new(&[
            Keyword::PrefixItems(&[
                Rule::new(&[Keyword::Type(&[Type::Null])]),
                Rule::new(&[Keyword::Type(&[Type::String])]),
            ]),
            Keyword::Items {
                after: 2,
                rule: &Rule::new(&[Keyword::Type(&[Type::Integer])]),
            },
        ]),
        &[
            ("[]", ""),
            ("[null]", ""),
            ("[null, \"\", 1, 2]", ""),
            ("[null, 1]", "/1: expected a text"),
            ("[null, \"\", 1, null]", "/3: expected an integer"),
            ("{}", ""),
        ],
    ),
    (
        Rule::new(&[
            Keyword::PrefixItems(&[Rule::new(&[])]),
            Keyword::Items {
                after: 1,
                rule: &Rule::new(&[Keyword::Never]),
            },
        ]),
        &[("[1]", ""), ("[1, 2, 3]", "/1: expected at most 1 items")],
    ),
    (
        Rule::new(&[Keyword::Contains {
            rule: &Rule::new(&[Keyword::Type(&[Type::Null])]),
            min: 1,
            max: Some(2),
        }]),
        &[
            ("[1, null]", ""),
            ("[null, null]", ""),
            ("[]", ": expected at least 1 items that `contains` asks for"),
            (
                "[null, null, null]",
                ": expected at most 2 items that `contains` asks for",
            ),
        ],
    ),
    (
        Rule::new(&[Keyword::MinItems(1), Keyword::MaxItems(2)]),
        &[
            ("[1]", ""),
            ("[]", ": expected at least 1 items"),
            ("[1, 2, 3]", ": expected at most 2 items"),
        ],
    ),
    (
        Rule::new(&[Keyword::UniqueItems]),
        &[
            ("[]", ""),
            ("[1, \"1\", true, [1], {\"a\": 1}]", ""),
            ("[0, false, null, \"\"]", ""),
            ("[9007199254740992, 9007199254740993]", ""),
            ("[[1, 2], [2, 1]]", ""),
            (
                "[1, 2, 1.0]",
                ": expected items that differ from each other",
            ),
            ("[0, -0.0]", ": expected items that differ from each other"),
            (
                "[18446744073709551615, 1, 18446744073709551615]",
                ": expected items that differ from each other",
            ),
            (
                r#"[{"a": 1, "b": [2]}, {"b": [2.0], "a": 1e0}]"#,
                ": expected items that differ from each other",
            ),
        ],
    ),
];

static OBJECTS: &[(Rule, Cases)] = &[
    (
        Rule::new(&[
            Keyword::Properties(&[
                ("a", Rule::new(&[Keyword::Type(&[Type::Null])])),
                ("never", Rule::new(&[Keyword::Never])),
                (
                    "in/ner",
                    Rule::new(&[Keyword::Properties(&[(
                        "~",
                        Rule::new(&[Keyword::Type(&[Type::Null])]),
                    )])]),
                ),
            ]),
            Keyword::PatternProperties(&[
                (
                    regex!("^x", "^x"),
                    Rule::new(&[Keyword::Type(&[Type::String])]),
                ),
                (regex!("y$", "y$"), Rule::new(&[Keyword::MinLength(1)])),
            ]),
            Keyword::AdditionalProperties {
                names: &["a", "never", "in/ner"],
                patterns: &[regex!("^x", "^x"), regex!("y$", "y$")],
                rule: &Rule::new(&[Keyword::Type(&[Type::Boolean])]),
            },
        ]),
        &[
            (r#"{"a": null, "xy": "z", "y": 0, "b": true}"#, ""),
            (r#"{"a": 1}"#, "/a: expected null"),
            (r#"{"never": 1}"#, "/never: expected no value"),
            (r#"{"in/ner": {"~": 1}}"#, "/in~1ner/~0: expected null"),
            (r#"{"xa": 1}"#, "/xa: expected a text"),
            (r#"{"xy": ""}"#, "/xy: expected at least 1 characters"),
            (r#"{"c": 1}"#, "/c: expected true or false"),
        ],
    ),
    (
        Rule::new(&[Keyword::AdditionalProperties {
            names: &["a", "b"],
            patterns: &[regex!("^x", "^x")],
            rule: &Rule::new(&[Keyword::Never]),
        }]),
        &[
            (r#"{"a": 1, "b": 2, "x": 3}"#, ""),
            (
                r#"{"a": 1, "c": 2}"#,
                ": expected no member but `a`, `b`, those that match ^x",
            ),
        ],
    ),
    (
        Rule::new(&[
            Keyword::Required(&["a", "b"]),
            Keyword::DependentRequired(&[("c", &["d"])]),
            Keyword::DependentSchemas(&[("e", Rule::new(&[Keyword::MaxProperties(3)]))]),
        ]),
        &[
            (r#"{"b": null, "a": null}"#, ""),
            (r#"{"b": 1}"#, ": expected a member `a`"),
            (r#"{"a": 1, "b": 1, "c": 1, "d": 1}"#, ""),
            (
                r#"{"a": 1, "b": 1, "c": 1}"#,
                ": expected a member `d` beside `c`",
            ),
            (r#"{"a": 1, "b": 1, "e": 1}"#, ""),
            (
                r#"{"a": 1, "b": 1, "e": 1, "f": 1}"#,
                ": expected at most 3 members",
            ),
            ("[]", ""),
        ],
    ),
    (
        Rule::new(&[
            Keyword::MinProperties(1),
            Keyword::PropertyNames(&Rule::new(&[Keyword::MaxLength(2)])),
        ]),
        &[
            (r#"{"ab": 1}"#, ""),
            ("{}", ": expected at least 1 members"),
            (
                r#"{"abc": 1}"#,
                ": expected at most 2 characters as the name of each member",
            ),
        ],
    ),
];

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
fn keywords_about_any_value() {
    check(ANY);
}

#[test]
fn keywords_about_numbers_are_exact() {
    check(NUMBERS);
    check(MULTIPLES);
}

#[test]
fn keywords_about_texts() {
    check(TEXTS);
}

#[test]
fn keywords_about_lists() {
    check(LISTS);
}

#[test]
fn keywords_about_objects() {
    check(OBJECTS);
}

#[test]
fn keywords_that_combine() {
    check(COMBINATIONS);
}

#[test]
fn keywords_about_what_others_looked_at() {
    check(UNEVALUATED);
}
