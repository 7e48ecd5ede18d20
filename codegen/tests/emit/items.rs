//! Tests of the Rust code for each kind of type: its item and its table.

use natsgen::model::{
    AdditionalMembers, EnumValue, Format, Integer, Length, Name, Number, Pattern, Run, Shape,
    Tagging, Text, Value,
};

use crate::things::{
    integer, list, named, nullable, object, required, string, text, thing, union, variant,
};

fn check(shape: Shape, expected: &str) {
    check_all(shape, false, None, expected);
}

fn check_all(shape: Shape, open: bool, assertion: Option<&str>, expected: &str) {
    assert_eq!(text(shape, open, assertion), expected.trim());
}

#[test]
fn object_becomes_struct_and_table() {
    check(
        object(vec![], AdditionalMembers::Ignore),
        "
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thing {}

rt::object! { Thing {} }",
    );
    check(
        object(
            vec![required("a", Value::Bool), required("b", named("Count"))],
            AdditionalMembers::Deny,
        ),
        "
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thing {
    pub a: bool,
    pub b: Count,
}

rt::object! {
    Thing {
        required a: bool = \"a\",
        required b: Count = \"b\",
    } deny_unknown_fields
}",
    );
    check_all(
        object(
            vec![required("fields", Value::Bool)],
            AdditionalMembers::Flatten(Box::new(integer(0, 7))),
        ),
        false,
        Some("OddThing"),
        "
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Thing {
    pub fields: bool,
    pub other_fields: rt::BTreeMap<String, rt::Ranged<u8, 0, 7>>,
}

rt::object! {
    Thing, ThingRef {
        required fields: bool = \"fields\",
    } flatten other_fields: rt::BTreeMap<String, rt::Ranged<u8, 0, 7>> validate assertion::ODD_THING
}",
    );
}

#[test]
fn item_wider_than_a_line_is_wrapped() {
    let check = |shape: Shape, assertion: Option<&str>, expected: &str| {
        let text = text(shape, false, assertion);
        assert!(text.contains(expected), "{text}");
    };
    let name = "a_name_that_is_as_long_as_names_of_fields_are_in_some_protocols";
    check(
        object(
            vec![required(name, string(0, Some(1_000)))],
            AdditionalMembers::Ignore,
        ),
        None,
        &format!("        required {name}:\n            rt::Limited<String, 0, 1_000> = \""),
    );
    check(
        object(
            vec![],
            AdditionalMembers::Flatten(Box::new(string(0, Some(1_000)))),
        ),
        Some("ThingThatIsJudgedByARuleOfALongName"),
        "    Thing, ThingRef {} flatten fields: rt::BTreeMap<String, rt::Limited<String, 0, 1_000>>\n        validate assertion::",
    );
}

#[test]
fn union_becomes_enum_and_table() {
    let variants = || {
        vec![
            variant("off", None),
            variant("on", Some(integer(1, 9))),
            variant("key", Some(nullable(named("Key")))),
        ]
    };
    check(
        union(Tagging::External, variants()),
        "
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    Off,
    On(rt::Ranged<u8, 1, 9>),
    Key(Option<Key>),
}

rt::union! {
    Thing, ThingRef {
        \"off\" => Off,
        \"on\" => On(rt::Ranged<u8, 1, 9>),
        \"key\" => Key(Option<Key>),
    }
}",
    );
    check_all(
        union(
            Tagging::Member("kind".to_owned()),
            vec![variant("count", Some(named("Count")))],
        ),
        true,
        Some("Thing"),
        "
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    Count(Count),
    Unknown(rt::Value),
}

rt::tagged! {
    Thing, ThingRef by \"kind\" {
        \"count\" => Count(Count),
    } non_exhaustive validate assertion::THING
}",
    );
    let values = ["on", "half-on"].map(|text| EnumValue {
        deprecated: false,
        text: text.to_owned(),
        name: Name::from_wire(text).expect("a name"),
        description: String::new(),
    });
    check(
        Shape::Enum(values.to_vec()),
        "
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    On,
    HalfOn,
}

rt::enumeration! { Thing { \"on\" => On, \"half-on\" => HalfOn } }",
    );
}

#[test]
fn alias_becomes_newtype_and_table() {
    check(
        Shape::Alias(list(named("Count"), 0, Some(3))),
        "
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing(pub rt::Limited<Vec<Count>, 0, 3>);

rt::newtype! { Thing(rt::Limited<Vec<Count>, 0, 3>) }",
    );
    check_all(
        Shape::Alias(Value::Any),
        false,
        Some("Anything"),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing(rt::Value);

rt::newtype! {
    Thing, ThingRef(rt::Value) validate assertion::ANYTHING
}",
    );
    check(
        Shape::Alias(nullable(Value::Bool)),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing(pub Option<bool>);

rt::newtype! { Thing(Option<bool>) }",
    );
    check_all(
        Shape::Integer(Integer { min: 0, max: 1_000 }),
        false,
        Some("Even"),
        "
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(u16);

rt::integer!(Thing, u16, 0, 1_000, validate assertion::EVEN);",
    );
    let number = Number {
        min: Some(-0.5),
        max: None,
    };
    check(
        Shape::Number(number),
        "
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Thing(f64);

rt::number!(Thing, -0.5, f64::INFINITY);",
    );
}

#[test]
fn string_becomes_newtype_with_constraints() {
    let run = Run {
        class: "a-z\\\\".to_owned(),
        min: 1,
        max: Some(20),
    };
    let rule = Text {
        length: Length { min: 1, max: None },
        pattern: Some(Pattern {
            regex: "^[a-z\\\\]{1,20}$".to_owned(),
            runs: vec![run],
        }),
        format: Some(Format::DateTime),
        constant: None,
        sensitive: true,
    };
    check_all(
        Shape::Text(rule),
        false,
        Some("Odd"),
        r#"
#[derive(Clone, PartialEq, Eq)]
pub struct Thing(String);

rt::secret_text!(
    Thing,
    rt::TextConstraint::new()
        .length(1, u64::MAX)
        .pattern("^[a-z\\\\]{1,20}$", &[rt::Run::new("a-z\\\\", 1, Some(20))])
        .format(rt::Format::DateTime),
    validate assertion::ODD
);"#,
    );
    check(
        Shape::Text(Text::default()),
        "
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(String);

rt::text!(Thing, rt::TextConstraint::new());",
    );
}

#[test]
fn union_that_contains_itself_is_boxed() {
    check(
        union(
            Tagging::External,
            vec![
                variant("not", Some(thing())),
                variant("maybe", Some(nullable(thing()))),
                variant("all", Some(named("Things"))),
                variant("held", Some(named("Holder"))),
            ],
        ),
        "
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    Not(Box<Thing>),
    Maybe(Option<Box<Thing>>),
    All(Things),
    Held(Holder),
}

rt::union! {
    Thing {
        \"not\" => Not(Box<Thing>),
        \"maybe\" => Maybe(Option<Box<Thing>>),
        \"all\" => All(Things),
        \"held\" => Held(Holder),
    }
}",
    );
}
