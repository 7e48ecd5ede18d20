//! What a field's value, presence and default become.

use natsgen::model::{AdditionalMembers, Integer, Number, Presence, TimeUnit, Value};
use serde_json::{Value as Json, json};

use crate::things::{
    emitted, field, integer, list, map, named, nullable, object, protocol, string, text, thing,
};

/// A field has this Rust type and this row.
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
fn values() {
    check_value(string(0, None), "String");
    check_value(string(0, Some(1_000_000)), "Limited<String, 0, 1_000_000>");
    check_value(string(1, None), "Limited<String, 1>");
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
        let text = text(object(vec![field], AdditionalMembers::Ignore), false, None);
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
    let errors = emitted(&protocol(
        object(vec![own], AdditionalMembers::Ignore),
        false,
        None,
    ));
    let expected = "types/thing.json#/$defs/Thing/properties/own/default: the default holds itself";
    assert!(errors.is_err_and(|error| error.starts_with(expected)));
}

#[test]
fn values_that_hold_their_owner() {
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
    check_value(named("Holder"), "Box<Holder>");
}
