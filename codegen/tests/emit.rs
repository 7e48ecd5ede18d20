//! What each shape of the model becomes in Rust.

use std::collections::BTreeMap;

use natsgen::emit::rust::{Options, files};
use natsgen::model::{
    EnumValue, Field, Format, Integer, Length, Name, Number, Pattern, Presence, Protocol, Rest,
    Run, Shape, Source, Struct, Tagging, Text, TimeUnit, TypeDef, Union, Value, Variant,
};
use serde_json::{Value as Json, json};

/// The type `Thing`, and what it may refer to: a text `Key`, an integer `Count`, a list `Things` of things.
fn protocol(shape: Shape, open: bool, rule: Option<&str>) -> Protocol {
    let list = Value::Array {
        item: Box::new(thing()),
        length: Length::default(),
    };
    let types = [
        ("Thing", shape, rule),
        ("Key", Shape::Text(Text::default()), None),
        ("Count", Shape::Integer(Integer { min: 0, max: 255 }), None),
        ("Things", Shape::Alias(list), None),
    ];
    let types = types.map(|(name, shape, rule)| TypeDef {
        name: pascal(name),
        description: format!("A {}.", name.to_lowercase()),
        source: Source {
            file: "types/thing.json".to_owned(),
            pointer: format!("/$defs/{name}"),
        },
        module: "types/thing".to_owned(),
        shape,
        rule: rule.map(pascal),
        open: open && name == "Thing",
        examples: Vec::new(),
    });
    Protocol {
        name: pascal("Things"),
        version: "1.0.0".to_owned(),
        description: "Things.".to_owned(),
        prefix: "acme.things".to_owned(),
        roles: Vec::new(),
        errors: Vec::new(),
        operations: Vec::new(),
        types: types.into(),
        rules: Vec::new(),
        resources: Vec::new(),
    }
}

fn pascal(name: &str) -> Name {
    Name::from_pascal(name).expect("a name")
}

fn emitted(protocol: &Protocol) -> Result<BTreeMap<String, String>, String> {
    let options = Options {
        root: "crate".to_owned(),
        schemas: "schema".to_owned(),
    };
    files(protocol, &options)
}

/// The text of `Thing`, without docs and without the first line of derives.
fn text(shape: Shape, open: bool, rule: Option<&str>) -> String {
    let files = emitted(&protocol(shape, open, rule)).expect("it can be emitted");
    let text = &files["types/thing.rs"];
    let start = text.find("#[derive").expect("the first type");
    let end = text.find("/// A key.").expect("the second type");
    let lines = text[start..end].lines();
    let lines = lines.filter(|line| !line.trim_start().starts_with("///"));
    let lines: Vec<_> = lines.collect();
    lines.join("\n").trim_end().to_owned()
}

fn check(shape: Shape, expected: &str) {
    check_all(shape, false, None, expected);
}

fn check_all(shape: Shape, open: bool, rule: Option<&str>, expected: &str) {
    assert_eq!(text(shape, open, rule), expected.trim());
}

/// A field has this Rust type and this row.
fn check_field(value: Value, nullable: bool, presence: Presence, ty: &str, row: &str) {
    let field = field("a_field", value, nullable, presence);
    let text = text(object(vec![field], Rest::Ignore), false, None);
    let found = text.lines().map(str::trim);
    let expected = [
        format!("pub a_field: {ty},"),
        format!("{row} = \"aField\","),
    ];
    let found: Vec<_> = found.filter(|line| line.contains("a_field")).collect();
    assert_eq!(found, expected);
}

fn check_value(value: Value, ty: &str) {
    let row = format!("required a_field: {ty}");
    check_field(value, false, Presence::Required, ty, &row);
}

fn field(name: &str, value: Value, nullable: bool, presence: Presence) -> Field {
    let name = Name::from_snake(name).expect("a name");
    let pascal = name.pascal();
    Field {
        key: pascal[..1].to_lowercase() + &pascal[1..],
        name,
        description: "A field.".to_owned(),
        value,
        nullable,
        presence,
    }
}

fn required(name: &str, value: Value) -> Field {
    field(name, value, false, Presence::Required)
}

fn object(fields: Vec<Field>, rest: Rest) -> Shape {
    Shape::Struct(Struct { fields, rest })
}

fn named(name: &str) -> Value {
    Value::Named(pascal(name))
}

fn thing() -> Value {
    named("Thing")
}

fn nullable(value: Value) -> Value {
    Value::Nullable(Box::new(value))
}

fn string(min: u64, max: Option<u64>) -> Value {
    let length = Length { min, max };
    Value::Text(Text {
        length,
        ..Text::default()
    })
}

fn integer(min: i128, max: i128) -> Value {
    Value::Integer(Integer { min, max })
}

fn list(item: Value, min: u64, max: Option<u64>) -> Value {
    Value::Array {
        item: Box::new(item),
        length: Length { min, max },
    }
}

fn map(key: Option<&str>, value: Value, max: Option<u64>) -> Value {
    Value::Map {
        key: key.map(pascal),
        value: Box::new(value),
        length: Length { min: 0, max },
    }
}

fn variant(tag: &str, value: Option<Value>) -> Variant {
    Variant {
        tag: tag.to_owned(),
        name: Name::from_wire(tag).expect("a name"),
        description: String::new(),
        value,
    }
}

fn union(tagging: Tagging, variants: Vec<Variant>) -> Shape {
    Shape::Union(Union { tagging, variants })
}

#[test]
fn values() {
    check_value(string(0, None), "String");
    check_value(string(0, Some(1_000_000)), "Limited<String, 0, 1_000_000>");
    check_value(string(1, None), "Limited<String, 1, { usize::MAX }>");
    check_value(integer(0, 65_535), "u16");
    check_value(integer(1, 512), "Ranged<u16, 1, 512>");
    check_value(integer(-100, 100), "Ranged<i8, -100, 100>");
    check_value(integer(i64::MIN.into(), i64::MAX.into()), "i64");
    check_value(Value::Number(Number::default()), "f64");
    check_value(Value::Bool, "bool");
    check_value(Value::Only(true), "True");
    check_value(Value::Only(false), "False");
    for (unit, name) in [
        (TimeUnit::Secs, "Secs"),
        (TimeUnit::Millis, "Millis"),
        (TimeUnit::Micros, "Micros"),
    ] {
        let range = Integer {
            min: 1,
            max: 86_400,
        };
        check_value(
            Value::Duration { unit, range },
            &format!("{name}<1, 86_400>"),
        );
    }
    check_value(Value::Any, "Value");
    check_value(named("Key"), "Key");
    check_value(list(named("Key"), 0, None), "Vec<Key>");
    check_value(list(Value::Any, 0, None), "Vec<Value>");
    check_value(
        list(list(string(0, Some(9)), 1, Some(2)), 0, None),
        "Vec<Limited<Vec<Limited<String, 0, 9>>, 1, 2>>",
    );
    check_value(
        list(nullable(integer(1, 2)), 0, Some(3)),
        "Limited<Vec<Option<Ranged<u8, 1, 2>>>, 0, 3>",
    );
    check_value(map(None, Value::Any, None), "Map");
    check_value(map(None, Value::Any, Some(5)), "Limited<Map, 0, 5>");
    check_value(map(None, Value::Bool, None), "BTreeMap<String, bool>");
    check_value(map(Some("Key"), Value::Any, None), "BTreeMap<Key, Value>");
    check_value(
        map(Some("Key"), map(None, Value::Any, None), Some(5)),
        "Limited<BTreeMap<Key, Map>, 0, 5>",
    );
    check_value(
        map(None, nullable(string(0, Some(5))), None),
        "BTreeMap<String, Option<Limited<String, 0, 5>>>",
    );
}

#[test]
fn presence() {
    let check = |nullable, presence, ty: &str, row: &str| {
        check_field(string(0, None), nullable, presence, ty, row);
    };
    let null = || Presence::Default(Json::Null);
    check(
        false,
        Presence::Required,
        "String",
        "required a_field: String",
    );
    check(
        true,
        Presence::Required,
        "Option<String>",
        "required a_field: Option<String>",
    );
    check(
        false,
        Presence::Optional,
        "Option<String>",
        "optional a_field: String",
    );
    check(
        true,
        Presence::Optional,
        "Option<Nullable<String>>",
        "optional a_field: Nullable<String>",
    );
    check(
        true,
        null(),
        "Option<String>",
        "default a_field: Option<String>",
    );
}

#[test]
fn defaults() {
    let check = |value: Value, nullable, default: Json, word: &str| {
        let field = field("a_field", value, nullable, Presence::Default(default));
        let text = text(object(vec![field], Rest::Ignore), false, None);
        assert!(text.contains(&format!("        {word} a_field:")), "{text}");
        let derived = text.contains("Default");
        assert_eq!(derived, word == "default", "{text}");
    };
    check(Value::Bool, false, json!(false), "default");
    check(Value::Bool, false, json!(true), "default(\"true\")");
    check(Value::Bool, true, json!(false), "default(\"false\")");
    check(Value::Bool, true, json!(null), "default");
    check(integer(0, 9), false, json!(0), "default");
    check(integer(0, 9), false, json!(7), "default(\"7\")");
    check(integer(-9, 9), false, json!(0), "default(\"0\")");
    check(integer(0, 255), false, json!(0.0), "default");
    check(string(0, Some(3)), false, json!(""), "default");
    check(
        string(0, Some(3)),
        false,
        json!("\"é"),
        r#"default("\"\\\"é\"")"#,
    );
    check(list(Value::Bool, 0, Some(1)), false, json!([]), "default");
    check(
        list(Value::Bool, 0, None),
        false,
        json!([true]),
        "default(\"[true]\")",
    );
    check(map(None, Value::Any, None), false, json!({}), "default");
    check(
        map(None, Value::Any, None),
        false,
        json!({ "a": 1 }),
        r#"default("{\"a\":1}")"#,
    );
    check(Value::Any, false, json!(null), "default");
    check(Value::Any, false, json!(1), "default(\"1\")");
    check(named("Things"), false, json!([]), "default");
    check(named("Count"), false, json!(0), "default(\"0\")");
    check(named("Key"), false, json!("a"), r#"default("\"a\"")"#);

    let own = field("own", thing(), false, Presence::Default(json!({})));
    let errors = emitted(&protocol(object(vec![own], Rest::Ignore), false, None));
    let expected = "types/thing.json#/$defs/Thing/properties/own/default: the default holds itself";
    assert!(errors.is_err_and(|error| error.starts_with(expected)));
}

#[test]
fn objects() {
    check(
        object(vec![], Rest::Ignore),
        "
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing {}

object! {
    Thing {}
}",
    );
    check(
        object(
            vec![required("a", Value::Bool), required("b", named("Count"))],
            Rest::Deny,
        ),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    pub a: bool,
    pub b: Count,
}

object! {
    Thing {
        required a: bool = \"a\",
        required b: Count = \"b\",
    } deny
}",
    );
    check_all(
        object(
            vec![required("fields", Value::Bool)],
            Rest::Keep(Box::new(integer(0, 7))),
        ),
        false,
        Some("OddThing"),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    pub fields: bool,
    pub other_fields: BTreeMap<String, Ranged<u8, 0, 7>>,
}

object! {
    Thing, ThingRef {
        required fields: bool = \"fields\",
    } keep other_fields: BTreeMap<String, Ranged<u8, 0, 7>> judged rule::ODD_THING
}",
    );
    let name = "a_name_that_is_as_long_as_names_of_fields_are_in_some_protocols";
    let text = text(
        object(vec![required(name, string(0, Some(1_000)))], Rest::Ignore),
        false,
        None,
    );
    let row = format!("        required {name}:\n            Limited<String, 0, 1_000> = \"");
    assert!(text.contains(&row), "{text}");
}

#[test]
fn choices() {
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
    On(Ranged<u8, 1, 9>),
    Key(Option<Key>),
}

union! {
    Thing, ThingRef {
        \"off\" => Off,
        \"on\" => On(Ranged<u8, 1, 9>),
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
    Unknown(Value),
}

tagged! {
    Thing, ThingRef by \"kind\" {
        \"count\" => Count(Count),
    } open judged rule::THING
}",
    );
    let values = ["on", "half-on"].map(|text| EnumValue {
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

enumeration! {
    Thing {
        \"on\" => On,
        \"half-on\" => HalfOn,
    }
}",
    );
}

#[test]
fn newtypes() {
    check(
        Shape::Alias(list(named("Count"), 0, Some(3))),
        "
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thing(pub Limited<Vec<Count>, 0, 3>);

newtype! { Thing(Limited<Vec<Count>, 0, 3>) }",
    );
    check_all(
        Shape::Alias(Value::Any),
        false,
        Some("Anything"),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing(Value);

newtype! { Thing, ThingRef(Value) judged rule::ANYTHING }",
    );
    check(
        Shape::Alias(nullable(Value::Bool)),
        "
#[derive(Clone, Debug, PartialEq)]
pub struct Thing(pub Option<bool>);

newtype! { Thing(Option<bool>) }",
    );
    check_all(
        Shape::Integer(Integer { min: 0, max: 1_000 }),
        false,
        Some("Even"),
        "
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(u16);

integer!(Thing, u16, 0, 1_000, judged rule::EVEN);",
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

number!(Thing, -0.5, f64::INFINITY);",
    );
}

#[test]
fn texts() {
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

secret_text!(
    Thing,
    TextRule::new()
        .length(1, u64::MAX)
        .pattern("^[a-z\\\\]{1,20}$", &[Run::new("a-z\\\\", 1, Some(20))])
        .format(Format::DateTime),
    judged rule::ODD
);"#,
    );
    check(
        Shape::Text(Text::default()),
        "
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(String);

text!(Thing, TextRule::new());",
    );
}

#[test]
fn types_that_hold_themselves() {
    check_field(
        thing(),
        false,
        Presence::Optional,
        "Option<Box<Thing>>",
        "optional a_field: Box<Thing>",
    );
    check_field(
        thing(),
        true,
        Presence::Required,
        "Option<Box<Thing>>",
        "required a_field: Option<Box<Thing>>",
    );
    check_value(list(thing(), 0, None), "Vec<Thing>");
    check_value(map(None, thing(), None), "BTreeMap<String, Thing>");
    check_value(named("Things"), "Things");
    check(
        union(
            Tagging::External,
            vec![
                variant("not", Some(thing())),
                variant("maybe", Some(nullable(thing()))),
                variant("all", Some(named("Things"))),
            ],
        ),
        "
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    Not(Box<Thing>),
    Maybe(Option<Box<Thing>>),
    All(Things),
}

union! {
    Thing {
        \"not\" => Not(Box<Thing>),
        \"maybe\" => Maybe(Option<Box<Thing>>),
        \"all\" => All(Things),
    }
}",
    );
}
