//! References: in circles, dynamic ones, and ones that never end.

use std::thread;

use natsgen_runtime::json::Json;
use natsgen_runtime::rule::{Keyword, Resource, Rule, Type};
use natsgen_runtime::{constant, regex};

use crate::table::{Cases, check, verdict};

static PERSON: Rule = Rule::new(&[
    Keyword::Type(&[Type::Object]),
    Keyword::Required(&["name"]),
    Keyword::Properties(&[
        (
            "name",
            Rule::new(&[Keyword::Pattern(regex!("^[a-z]+$", "^[a-z]+$"))]),
        ),
        ("family", Rule::new(&[Keyword::Ref(&FAMILY)])),
    ]),
]);

static FAMILY: Rule = Rule::new(&[Keyword::Items {
    after: 0,
    rule: &Rule::new(&[Keyword::Ref(&PERSON)]),
}]);

static CIRCLE: &[(Rule, Cases)] = &[(
    Rule::new(&[Keyword::Ref(&PERSON)]),
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
            "/family/0/name: expected a text that matches ^[a-z]+$",
        ),
    ],
)];

/// A tree that others may extend, as the `tree` and `strict-tree` of the specification.
static TREE: Rule = Rule::new(&[Keyword::Properties(&[
    ("data", Rule::new(&[])),
    (
        "children",
        Rule::new(&[Keyword::Items {
            after: 0,
            rule: &Rule::new(&[Keyword::DynamicRef {
                anchor: "node",
                rule: &TREE,
            }]),
        }]),
    ),
])])
.within(&TREE_RESOURCE);

static TREE_RESOURCE: Resource = Resource {
    anchors: &[("node", &TREE)],
};

static STRICT_TREE: Rule = Rule::new(&[
    Keyword::Ref(&TREE),
    Keyword::UnevaluatedProperties(&Rule::new(&[Keyword::Never])),
])
.within(&STRICT_RESOURCE);

static STRICT_RESOURCE: Resource = Resource {
    anchors: &[("other", &NOTHING), ("node", &STRICT_TREE)],
};

static NOTHING: Rule = Rule::new(&[Keyword::Never]);

static DYNAMIC: &[(Rule, Cases)] = &[
    (
        Rule::new(&[Keyword::Ref(&TREE)]),
        &[(r#"{"children": [{"daat": 1}]}"#, "")],
    ),
    (
        Rule::new(&[Keyword::Ref(&STRICT_TREE)]),
        &[
            (r#"{"children": [{"data": 1}]}"#, ""),
            (
                r#"{"children": [{"daat": 1}]}"#,
                "/children/0: expected no member `daat`",
            ),
        ],
    ),
    (
        // The strict one is left before the open one is entered.
        Rule::new(&[Keyword::AllOf(&[
            Rule::new(&[Keyword::AnyOf(&[
                Rule::new(&[Keyword::Ref(&STRICT_TREE)]),
                Rule::new(&[]),
            ])]),
            Rule::new(&[Keyword::Ref(&TREE)]),
        ])]),
        &[(r#"{"children": [{"daat": 1}]}"#, "")],
    ),
];

static ENDLESS: Rule = Rule::new(&[Keyword::Not(&Rule::new(&[Keyword::AnyOf(&[
    Rule::new(&[Keyword::Ref(&ENDLESS)]),
    Rule::new(&[]),
])]))]);

static BRANCHING: Rule = Rule::new(&[Keyword::OneOf(&[
    Rule::new(&[Keyword::Items {
        after: 0,
        rule: &BRANCHING,
    }]),
    Rule::new(&[Keyword::Items {
        after: 0,
        rule: &BRANCHING,
    }]),
    Rule::new(&[Keyword::Const(constant!("0"))]),
])]);

static NESTED: Rule = Rule::new(&[
    Keyword::Items {
        after: 0,
        rule: &NESTED,
    },
    Keyword::UniqueItems,
]);

#[test]
fn rules_may_refer_to_each_other_in_circles() {
    check(CIRCLE);
}

#[test]
fn dynamic_references_lead_to_the_outermost_resource() {
    check(DYNAMIC);
}

#[test]
fn endless_references_are_an_error_not_an_overflow() {
    // The stack of a thread of tokio.
    let judged = thread::Builder::new().stack_size(2 << 20);
    let verdict = judged.spawn(|| verdict(&ENDLESS, "[1]")).unwrap();
    assert_eq!(
        verdict.join().unwrap(),
        ": expected a value judged by at most 512 rules inside each other"
    );
}

#[test]
fn branches_inside_branches_are_an_error_not_a_stall() {
    let text = format!("{}{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(
        verdict(&BRANCHING, &text),
        ": expected a value judged in at most 111900 steps"
    );
}

static BRANCHING_UNIQUE: Rule = Rule::new(&[
    Keyword::UniqueItems,
    Keyword::AnyOf(&[
        Rule::new(&[
            Keyword::Items {
                after: 0,
                rule: &BRANCHING_UNIQUE,
            },
            Keyword::MinItems(2),
        ]),
        Rule::new(&[Keyword::Items {
            after: 0,
            rule: &BRANCHING_UNIQUE,
        }]),
    ]),
]);

#[test]
fn comparing_items_again_and_again_is_an_error_not_a_stall() {
    let items: Vec<String> = (0..10_000).map(|item| item.to_string()).collect();
    let text = format!("{}{}{}", "[".repeat(60), items.join(","), "]".repeat(60));
    assert_eq!(
        verdict(&BRANCHING_UNIQUE, &text),
        ": expected a value judged in at most 2111900 steps"
    );
}

#[test]
fn work_may_grow_with_the_value() {
    let many = Json::Array((0..400_000_u64).map(Json::from).collect());
    assert!(NESTED.judge(&many).is_ok());
}
