//! References: cyclic, dynamic and endless.

use std::thread;

use natsgen_runtime::ValueRef;
use natsgen_runtime::assertion::{Assertion, Keyword, Resource, Type};
use natsgen_runtime::{constant, regex};

use crate::table::{Cases, check, result};

static PERSON: Assertion = Assertion::new(&[
    Keyword::Type(&[Type::Object]),
    Keyword::Required(&["name"]),
    Keyword::Properties(&[
        (
            "name",
            Assertion::new(&[Keyword::Pattern(regex!("^[a-z]+$", "^[a-z]+$"))]),
        ),
        ("family", Assertion::new(&[Keyword::Ref(&FAMILY)])),
    ]),
]);

static FAMILY: Assertion = Assertion::new(&[Keyword::Items {
    after: 0,
    assertion: &Assertion::new(&[Keyword::Ref(&PERSON)]),
}]);

static CIRCLE: &[(Assertion, Cases)] = &[(
    Assertion::new(&[Keyword::Ref(&PERSON)]),
    &[
        (
            r#"{"name": "a", "family": [{"name": "b", "family": []}]}"#,
            "",
        ),
        (
            r#"{"name": "a", "family": [{"name": "b"}, {"name": "c", "family": [{}]}]}"#,
            "/family/1/family/0: expected a member `name`",
        ),
        (
            r#"{"name": "a", "family": [{"name": "B"}]}"#,
            "/family/0/name: expected a string that matches ^[a-z]+$",
        ),
    ],
)];

/// An extensible tree, like `tree` and `strict-tree` of the specification.
static TREE: Assertion = Assertion::new(&[Keyword::Properties(&[
    ("data", Assertion::new(&[])),
    (
        "children",
        Assertion::new(&[Keyword::Items {
            after: 0,
            assertion: &Assertion::new(&[Keyword::DynamicRef {
                anchor: "node",
                assertion: &TREE,
            }]),
        }]),
    ),
])])
.within(&TREE_RESOURCE);

static TREE_RESOURCE: Resource = Resource {
    anchors: &[("node", &TREE)],
};

static STRICT_TREE: Assertion = Assertion::new(&[
    Keyword::Ref(&TREE),
    Keyword::UnevaluatedProperties(&Assertion::new(&[Keyword::Never])),
])
.within(&STRICT_RESOURCE);

static STRICT_RESOURCE: Resource = Resource {
    anchors: &[("other", &NOTHING), ("node", &STRICT_TREE)],
};

static NOTHING: Assertion = Assertion::new(&[Keyword::Never]);

static DYNAMIC: &[(Assertion, Cases)] = &[
    (
        Assertion::new(&[Keyword::Ref(&TREE)]),
        &[(r#"{"children": [{"daat": 1}]}"#, "")],
    ),
    (
        Assertion::new(&[Keyword::Ref(&STRICT_TREE)]),
        &[
            (r#"{"children": [{"data": 1}]}"#, ""),
            (
                r#"{"children": [{"daat": 1}]}"#,
                "/children/0: expected no member `daat`",
            ),
        ],
    ),
    (
        // Validation leaves the strict tree before it enters the open tree.
        Assertion::new(&[Keyword::AllOf(&[
            Assertion::new(&[Keyword::AnyOf(&[
                Assertion::new(&[Keyword::Ref(&STRICT_TREE)]),
                Assertion::new(&[]),
            ])]),
            Assertion::new(&[Keyword::Ref(&TREE)]),
        ])]),
        &[(r#"{"children": [{"daat": 1}]}"#, "")],
    ),
];

static ENDLESS: Assertion = Assertion::new(&[Keyword::Not(&Assertion::new(&[Keyword::AnyOf(&[
    Assertion::new(&[Keyword::Ref(&ENDLESS)]),
    Assertion::new(&[]),
])]))]);

static BRANCHING: Assertion = Assertion::new(&[Keyword::OneOf(&[
    Assertion::new(&[Keyword::Items {
        after: 0,
        assertion: &BRANCHING,
    }]),
    Assertion::new(&[Keyword::Items {
        after: 0,
        assertion: &BRANCHING,
    }]),
    Assertion::new(&[Keyword::Const(constant!("0"))]),
])]);

static NESTED: Assertion = Assertion::new(&[
    Keyword::Items {
        after: 0,
        assertion: &NESTED,
    },
    Keyword::UniqueItems,
]);

#[test]
fn references_may_be_cyclic() {
    check(CIRCLE);
}

#[test]
fn references_dynamic_resolve_to_the_outermost_resource() {
    check(DYNAMIC);
}

#[test]
fn references_without_end_are_an_error() {
    // The stack size of a tokio thread.
    let validated = thread::Builder::new().stack_size(2 << 20);
    let result = validated.spawn(|| result(&ENDLESS, "[1]")).unwrap();
    assert_eq!(
        result.join().unwrap(),
        ": expected a value validated by at most 512 assertions inside each other"
    );
}

#[test]
fn validator_nested_branches_reach_the_work_limit() {
    let text = format!("{}{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(
        result(&BRANCHING, &text),
        ": expected a value validated in at most 111900 steps"
    );
}

static BRANCHING_UNIQUE: Assertion = Assertion::new(&[
    Keyword::UniqueItems,
    Keyword::AnyOf(&[
        Assertion::new(&[
            Keyword::Items {
                after: 0,
                assertion: &BRANCHING_UNIQUE,
            },
            Keyword::MinItems(2),
        ]),
        Assertion::new(&[Keyword::Items {
            after: 0,
            assertion: &BRANCHING_UNIQUE,
        }]),
    ]),
]);

#[test]
fn validator_repeated_comparisons_reach_the_work_limit() {
    let items: Vec<String> = (0..10_000).map(|item| item.to_string()).collect();
    let text = format!("{}{}{}", "[".repeat(60), items.join(","), "]".repeat(60));
    assert_eq!(
        result(&BRANCHING_UNIQUE, &text),
        ": expected a value validated in at most 2111900 steps"
    );
}

#[test]
fn validator_work_limit_grows_with_the_value() {
    let many = ValueRef::Array((0..400_000_u64).map(ValueRef::from).collect());
    assert!(NESTED.validate(&many).is_ok());
}
