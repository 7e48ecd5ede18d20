//! Dynamic JSON values.

use natsgen_runtime::Side;
use natsgen_runtime::{Map, MapRef, Number, Reader, Value, ValueRef};

fn value(text: &str) -> Value {
    read(text).into_owned()
}

fn read(text: &str) -> ValueRef<'_> {
    Reader::new(text, Side::Request).json().unwrap()
}

#[test]
fn value_equality_follows_json_schema() {
    let many = |order: &dyn Fn(u32) -> u32| -> Map {
        let members = (0..100).map(order);
        members.map(|number| (number.to_string(), number)).collect()
    };
    let equal = |left: &str, right: &str, expected: bool| {
        assert_eq!(read(left) == read(right), expected, "{left} and {right}");
        assert_eq!(read(right) == read(left), expected, "{right} and {left}");
    };
    equal("1", "1.0", true);
    equal("1e2", "100", true);
    equal("-1", "-1.0", true);
    equal("0", "-0", true);
    equal("-0.0", "0.0", true);
    equal("0.5", "5e-1", true);
    equal("1", "1.5", false);
    equal("1", "-1", false);
    equal("9007199254740993", "9007199254740992.0", false);
    equal("9007199254740992", "9007199254740992.0", true);
    equal("18446744073709551615", "18446744073709551616", false);
    equal("18446744073709551616", "18446744073709551616.0", true);
    equal("1e300", "10e299", true);
    equal("1", "1e300", false);
    equal("1", "5e-324", false);
    equal("1", "true", false);
    equal("null", "0", false);
    equal("\"a\"", "\"\\u0061\"", true);
    equal("[1,2]", "[2,1]", false);
    equal(r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#, true);
    equal(r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false);
    equal(r#"{"a":1,"b":2}"#, r#"{"a":1,"c":2}"#, false);
    assert_eq!(many(&|number| number), many(&|number| 99 - number));
    assert_ne!(many(&|number| number), many(&|number| number + 1));
}

#[test]
fn value_accessors_return_the_content() {
    let json = value(r#"{"a":[1,-2,3.5,4.0],"b":{"c/d":"text","~":true,"e":null},"":0}"#);
    assert_eq!(json["a"][0].as_u64(), Some(1));
    assert_eq!(json["a"][1].as_u64(), None);
    assert_eq!(json["a"][1].as_i64(), Some(-2));
    assert_eq!(json["a"][2].as_i64(), None);
    assert_eq!(json["a"][2].as_f64(), Some(3.5));
    assert_eq!(json["a"][3].as_u64(), Some(4));
    assert_eq!(json["a"][1].as_f64(), Some(-2.0));
    assert_eq!(json["a"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["b"].as_object().map(Map::len), Some(3));
    assert!(json["b"]["e"].is_null());
    assert!(json["a"][9].is_null());
    assert!(json["x"]["y"].is_null());
    assert_eq!(json.get("x"), None);
    for (pointer, expected) in [
        ("", Some(&json)),
        ("/", Some(&Value::from(0_u8))),
        ("/b/c~1d", Some(&Value::from("text"))),
        ("/b/~0", Some(&Value::from(true))),
        ("/a/1", Some(&Value::from(-2_i8))),
        ("/a/01", None),
        ("/a/+1", None),
        ("/a/4", None),
        ("/b/x", None),
        ("/b/~1", None),
        ("b", None),
    ] {
        assert_eq!(json.pointer(pointer), expected, "{pointer}");
    }
    assert_eq!(
        Value::from(u64::MAX).as_f64(),
        Some(18_446_744_073_709_551_615.0)
    );
    assert_eq!(Value::from(i64::MIN).as_i64(), Some(i64::MIN));
}

#[test]
fn map_keeps_its_order() {
    let mut map = Map::new();
    assert_eq!(map.insert("b", 1_u8), None);
    assert_eq!(map.insert("a", vec!["x"]), None);
    assert_eq!(map.insert("b", Value::Null), Some(Value::from(1_u8)));
    assert_eq!(map.to_string(), r#"{"b":null,"a":["x"]}"#);
    assert_eq!(map.keys().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(map.remove("b"), Some(Value::Null));
    assert_eq!(map.remove("b"), None);
    assert!(map.contains_key("a") && !map.is_empty());
    *map.get_mut("a").unwrap() = Some(2_i32).into();
    assert_eq!(map.values().collect::<Vec<_>>(), [&Value::from(2_u8)]);
    let borrowed: MapRef<'_> = map.borrowed();
    assert_eq!(borrowed.into_owned(), map);
}

#[test]
fn value_serde_formats_agree_and_refuse_duplicate_keys() {
    let text = r#"{"a":[null,true,1,-1,0.5,"x"],"a":{"b":18446744073709551615}}"#;
    let repeated: Value = serde_json::from_str(text).unwrap();
    assert_eq!(repeated.to_string(), text);
    let error = serde_json::to_string(&repeated).unwrap_err();
    assert_eq!(error.to_string(), "expected one member `a`");
    let map: Map = serde_json::from_str(text).unwrap();
    assert_eq!(map.len(), 2);
    assert_eq!(
        serde_json::from_str::<Number>("1.0").unwrap(),
        Number::Unsigned(1)
    );
    assert!(serde_json::from_str::<Number>("\"1\"").is_err());
    assert!(serde_json::from_str::<Map>("[]").is_err());
    let not_a_number = Number::Float(f64::NAN);
    assert_eq!(Value::Number(not_a_number).to_string(), "null");
    assert!(serde_json::to_string(&not_a_number).is_err());
    for number in [Number::Unsigned(1), Number::Signed(-1), Number::Float(0.5)] {
        let bytes = postcard::to_allocvec(&number).unwrap();
        assert_eq!(postcard::from_bytes::<Number>(&bytes).unwrap(), number);
    }
    assert!(postcard::to_allocvec(&not_a_number).is_err());
}

#[test]
fn value_equality_with_serde_json_values() {
    let text = r#"{"a":[null,true,1,-1,0.5,"x"],"b":{}}"#;
    let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(value(text), theirs);
    assert_ne!(value(r#"{"a":[]}"#), theirs);
    assert_eq!(serde_json::Value::from(value(text)), theirs);
    assert_eq!(Value::from(theirs.clone()), value(text));
    let members: Map = theirs.as_object().unwrap().clone().into();
    assert_eq!(members, *theirs.as_object().unwrap());
}
