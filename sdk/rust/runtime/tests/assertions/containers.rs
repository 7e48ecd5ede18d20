//! Tables of cases for the keywords for arrays and objects.

use natsgen_runtime::assertion::{Assertion, Keyword, Type};
use natsgen_runtime::regex;

use crate::table::{Cases, check};

static LISTS: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[
            Keyword::PrefixItems(&[
                Assertion::new(&[Keyword::Type(&[Type::Null])]),
                Assertion::new(&[Keyword::Type(&[Type::String])]),
            ]),
            Keyword::Items {
                after: 2,
                assertion: &Assertion::new(&[Keyword::Type(&[Type::Integer])]),
            },
        ]),
        &[
            ("[]", ""),
            ("[null]", ""),
            ("[null, \"\", 1, 2]", ""),
            ("[null, 1]", "/1: expected a string"),
            ("[null, \"\", 1, null]", "/3: expected an integer"),
            ("{}", ""),
        ],
    ),
    (
        Assertion::new(&[
            Keyword::PrefixItems(&[Assertion::new(&[])]),
            Keyword::Items {
                after: 1,
                assertion: &Assertion::new(&[Keyword::Never]),
            },
        ]),
        &[("[1]", ""), ("[1, 2, 3]", "/1: expected at most 1 items")],
    ),
    (
        Assertion::new(&[Keyword::Contains {
            assertion: &Assertion::new(&[Keyword::Type(&[Type::Null])]),
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
        Assertion::new(&[Keyword::MinItems(1), Keyword::MaxItems(2)]),
        &[
            ("[1]", ""),
            ("[]", ": expected at least 1 items"),
            ("[1, 2, 3]", ": expected at most 2 items"),
        ],
    ),
    (
        Assertion::new(&[Keyword::UniqueItems]),
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

static OBJECTS: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[
            Keyword::Properties(&[
                ("a", Assertion::new(&[Keyword::Type(&[Type::Null])])),
                ("never", Assertion::new(&[Keyword::Never])),
                (
                    "in/ner",
                    Assertion::new(&[Keyword::Properties(&[(
                        "~",
                        Assertion::new(&[Keyword::Type(&[Type::Null])]),
                    )])]),
                ),
            ]),
            Keyword::PatternProperties(&[
                (
                    regex!("^x", "^x"),
                    Assertion::new(&[Keyword::Type(&[Type::String])]),
                ),
                (regex!("y$", "y$"), Assertion::new(&[Keyword::MinLength(1)])),
            ]),
            Keyword::AdditionalProperties {
                names: &["a", "never", "in/ner"],
                patterns: &[regex!("^x", "^x"), regex!("y$", "y$")],
                assertion: &Assertion::new(&[Keyword::Type(&[Type::Boolean])]),
            },
        ]),
        &[
            (r#"{"a": null, "xy": "z", "y": 0, "b": true}"#, ""),
            (r#"{"a": 1}"#, "/a: expected null"),
            (r#"{"never": 1}"#, "/never: expected no value"),
            (r#"{"in/ner": {"~": 1}}"#, "/in~1ner/~0: expected null"),
            (r#"{"xa": 1}"#, "/xa: expected a string"),
            (r#"{"xy": ""}"#, "/xy: expected at least 1 characters"),
            (r#"{"c": 1}"#, "/c: expected true or false"),
        ],
    ),
    (
        Assertion::new(&[Keyword::AdditionalProperties {
            names: &["a", "b"],
            patterns: &[regex!("^x", "^x")],
            assertion: &Assertion::new(&[Keyword::Never]),
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
        Assertion::new(&[
            Keyword::Required(&["a", "b"]),
            Keyword::DependentRequired(&[("c", &["d"])]),
            Keyword::DependentSchemas(&[("e", Assertion::new(&[Keyword::MaxProperties(3)]))]),
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
        Assertion::new(&[
            Keyword::MinProperties(1),
            Keyword::PropertyNames(&Assertion::new(&[Keyword::MaxLength(2)])),
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

#[test]
fn keywords_for_arrays_follow_the_tables() {
    check(LISTS);
}

#[test]
fn keywords_for_objects_follow_the_tables() {
    check(OBJECTS);
}
