//! Tests of the Rust code for the value, the presence and the default of a field.

use natsgen::model::{AdditionalMembers, Integer, Number, Presence, TimeUnit, Value};
use serde_json::{Value as Json, json};

use crate::things::{field, integer, list, map, named, nullable, object, string, text, thing};

/// Checks the Rust type and the row of a field.
fn check_field(value: Value, nullable: bool, presence: Presence, ty: &str, row: &str) {
    let field = field("a_field", value, nullable, presence);
    let text = text(object(vec![field], AdditionalMembers::Ignore), false, None);
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

#[test]
fn field_value_becomes_type_and_row() {
    check_value(string(0, None), "String");
    check_value(
        string(0, Some(1_000_000)),
        "rt::Limited<String, 0, 1_000_000>",
    );
    check_value(string(1, None), "rt::Limited<String, 1>");
    check_value(integer(0, 65_535), "u16");
    check_value(integer(1, 512), "rt::Ranged<u16, 1, 512>");
    check_value(integer(-100, 100), "rt::Ranged<i8, -100, 100>");
    check_value(integer(i64::MIN.into(), i64::MAX.into()), "i64");
    check_value(Value::Number(Number::default()), "f64");
    check_value(Value::Bool, "bool");
    check_value(Value::Only(true), "rt::True");
    check_value(Value::Only(false), "rt::False");
    for (unit, name) in [
        (TimeUnit::Secs, "Secs"),
        (TimeUnit::Millis, "Millis"),
        (TimeUnit::Micros, "Micros"),
        (TimeUnit::Nanos, "Nanos"),
    ] {
        let range = Integer {
            min: 1,
            max: 86_400,
        };
        check_value(
            Value::Duration { unit, range },
            &format!("rt::{name}<1, 86_400>"),
        );
    }
    check_value(Value::Any, "rt::Value");
    check_value(named("Key"), "Key");
    check_value(list(named("Key"), 0, None), "Vec<Key>");
    check_value(list(Value::Any, 0, None), "Vec<rt::Value>");
    check_value(
        list(list(string(0, Some(9)), 1, Some(2)), 0, None),
        "Vec<rt::Limited<Vec<rt::Limited<String, 0, 9>>, 1, 2>>",
    );
    check_value(
        list(nullable(integer(1, 2)), 0, Some(3)),
        "rt::Limited<Vec<Option<rt::Ranged<u8, 1, 2>>>, 0, 3>",
    );
    check_value(map(None, Value::Any, None), "rt::Map");
    check_value(map(None, Value::Any, Some(5)), "rt::Limited<rt::Map, 0, 5>");
    check_value(map(None, Value::Bool, None), "rt::BTreeMap<String, bool>");
    check_value(
        map(Some("Key"), Value::Any, None),
        "rt::BTreeMap<Key, rt::Value>",
    );
    check_value(
        map(Some("Key"), map(None, Value::Any, None), Some(5)),
        "rt::Limited<rt::BTreeMap<Key, rt::Map>, 0, 5>",
    );
    check_value(
        map(None, nullable(string(0, Some(5))), None),
        "rt::BTreeMap<String, Option<rt::Limited<String, 0, 5>>>",
    );
}

#[test]
fn field_presence_becomes_option_or_row_word() {
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
        "Option<rt::Nullable<String>>",
        "optional a_field: rt::Nullable<String>",
    );
    check(
        true,
        null(),
        "Option<String>",
        "default a_field: Option<String>",
    );
}

#[test]
fn field_default_becomes_row_word() {
    let check = |value: Value, nullable, default: Json, word: &str| {
        let field = field("a_field", value, nullable, Presence::Default(default));
        let text = text(object(vec![field], AdditionalMembers::Ignore), false, None);
        assert!(text.contains(&format!("        {word} a_field:")), "{text}");
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
}

#[test]
fn field_that_contains_its_owner_is_boxed() {
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
    check_value(map(None, thing(), None), "rt::BTreeMap<String, Thing>");
    check_value(named("Things"), "Things");
    check_value(named("Holder"), "Box<Holder>");
}
