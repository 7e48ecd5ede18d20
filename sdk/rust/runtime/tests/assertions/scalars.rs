//! Tables of cases for the keywords for any value, for numbers and for strings.

use natsgen_runtime::assertion::Format;
use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};
use natsgen_runtime::{constant, regex};

use crate::table::{Cases, check};

static ANY: &[(Assertion, Cases)] = &[
    (Assertion::new(&[]), &[("null", ""), ("{}", "")]),
    (
        Assertion::new(&[Keyword::Never]),
        &[
            ("null", ": expected no value"),
            ("[]", ": expected no value"),
        ],
    ),
    (
        Assertion::new(&[Keyword::Type(&[Type::Integer])]),
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
        Assertion::new(&[Keyword::Type(&[Type::Null, Type::Boolean, Type::Number])]),
        &[
            ("null", ""),
            ("false", ""),
            ("0.5", ""),
            ("[]", ": expected null, true or false or a number"),
        ],
    ),
    (
        Assertion::new(&[Keyword::Type(&[Type::String, Type::Array, Type::Object])]),
        &[
            ("\"\"", ""),
            ("[]", ""),
            ("{}", ""),
            ("0", ": expected a string, an array or an object"),
        ],
    ),
    (
        Assertion::new(&[Keyword::Const(constant!(r#"{"a": [1, null], "b": "x"}"#))]),
        &[
            (r#"{"b": "x", "a": [1.0, null]}"#, ""),
            (
                r#"{"a": [1, null]}"#,
                r#": expected `{"a": [1, null], "b": "x"}`"#,
            ),
        ],
    ),
    (
        Assertion::new(&[Keyword::Const(constant!("0"))]),
        &[
            ("0", ""),
            ("-0.0", ""),
            ("0e5", ""),
            ("false", ": expected `0`"),
            ("null", ": expected `0`"),
        ],
    ),
    (
        Assertion::new(&[Keyword::Const(constant!("9007199254740993"))]),
        &[
            ("9007199254740993", ""),
            ("9007199254740992", ": expected `9007199254740993`"),
            ("9007199254740992.0", ": expected `9007199254740993`"),
        ],
    ),
    (
        Assertion::new(&[Keyword::Const(constant!("no JSON"))]),
        &[("0", ": expected `no JSON`")],
    ),
    (
        Assertion::new(&[Keyword::Enum(&[
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

static NUMBERS: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[
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
        Assertion::new(&[
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
        Assertion::new(&[
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
        Assertion::new(&[
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

static MULTIPLES: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[Keyword::MultipleOf(Decimal::new("0.01"))]),
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
        Assertion::new(&[Keyword::MultipleOf(Decimal::new("2"))]),
        &[
            ("18446744073709551614", ""),
            ("-4", ""),
            ("7.0", ": expected a multiple of 2"),
            ("18446744073709551615", ": expected a multiple of 2"),
            ("9007199254740993", ": expected a multiple of 2"),
        ],
    ),
    (
        Assertion::new(&[Keyword::MultipleOf(Decimal::new("1e-8"))]),
        &[
            ("12391239123", ""),
            ("1e-9", ": expected a multiple of 1e-8"),
        ],
    ),
    (
        Assertion::new(&[Keyword::MultipleOf(Decimal::new("0.123456789"))]),
        &[("1e308", ": expected a multiple of 0.123456789")],
    ),
    (
        Assertion::new(&[Keyword::MultipleOf(Decimal::new("36893488147419103000.00"))]),
        &[
            // A number beyond 64 bits is a binary float and counts as its shortest decimal.
            ("36893488147419103232", ""),
            (
                "18446744073709551615",
                ": expected a multiple of 36893488147419103000.00",
            ),
        ],
    ),
    (
        // Two to the power of -140. No integer type of Rust holds its digits.
        Assertion::new(&[Keyword::MultipleOf(Decimal::new(
            "7.174648137343063403129495466444370592154941142407760751396189013e-43",
        ))]),
        &[(
            "0.5",
            ": expected a multiple of 7.174648137343063403129495466444370592154941142407760751396189013e-43",
        )],
    ),
    (
        // Five to the power of 60 divides ten to the power of 60.
        Assertion::new(&[Keyword::MultipleOf(Decimal::new(
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

static TEXTS: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[Keyword::MinLength(2), Keyword::MaxLength(3)]),
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
        Assertion::new(&[Keyword::Pattern(regex!("^a+$", "^a+$"))]),
        &[
            ("\"aaa\"", ""),
            ("\"b\"", ": expected a string that matches ^a+$"),
            ("\"a\\n\"", ": expected a string that matches ^a+$"),
            ("12", ""),
        ],
    ),
    (
        Assertion::new(&[Keyword::Pattern(regex!("(", "("))]),
        &[("\"(\"", ": expected a string that matches (")],
    ),
    (
        Assertion::new(&[Keyword::Format(Format::Ipv4)]),
        &[
            ("\"127.0.0.1\"", ""),
            ("\"127.0.0.256\"", ": expected an IPv4 address"),
            ("127", ""),
        ],
    ),
];

#[test]
fn keywords_for_any_value_follow_the_tables() {
    check(ANY);
}

#[test]
fn keywords_for_numbers_are_exact() {
    check(NUMBERS);
    check(MULTIPLES);
}

#[test]
fn keywords_for_strings_follow_the_tables() {
    check(TEXTS);
}
