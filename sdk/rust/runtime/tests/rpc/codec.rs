//! Encoding and decoding of payloads.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{
    False, Limited, Limits, Micros, Nullable, Ranged, Secs, Side, True, Value, codec, number,
    object, union,
};

use crate::protocol::Mood;

#[derive(Clone, Debug, Default, PartialEq)]
struct Sheet {
    yes: True,
    no: False,
    wait: Secs<0, { u64::MAX }>,
    rest: Option<Micros<0, { u64::MAX }>>,
    last: Option<Ranged<u64, 5, { u64::MAX as i128 }>>,
    note: Value,
    mark: Option<Nullable<bool>>,
}

object! {
    Sheet {
        required yes: True = "yes",
        required no: False = "no",
        required wait: Secs<0, { u64::MAX }> = "wait_secs",
        optional rest: Micros<0, { u64::MAX }> = "rest_us",
        required last: Option<Ranged<u64, 5, { u64::MAX as i128 }>> = "last",
        default note: Value = "note",
        optional mark: Nullable<bool> = "mark",
    }
}

#[test]
fn encode_writes_members_as_in_the_schema() {
    let sheet = Sheet {
        wait: Duration::from_secs(3).try_into().unwrap(),
        last: Some(u64::MAX.try_into().unwrap()),
        ..Sheet::default()
    };
    let text = r#"{"yes":true,"no":false,"wait_secs":3,"last":18446744073709551615,"note":null}"#;
    assert_eq!(codec::encode(&sheet).unwrap(), text.as_bytes());
    assert_eq!(
        codec::decode::<Sheet>(text.as_bytes(), Side::Request),
        Ok(sheet.clone())
    );
    let sheet = Sheet {
        wait: Duration::from_millis(3_999).try_into().unwrap(),
        mark: Some(Nullable::Null),
        ..sheet
    };
    let text = text.replace("null}", r#"null,"mark":null}"#);
    assert_eq!(codec::encode(&sheet).unwrap(), text.as_bytes());
}

#[test]
fn decode_violations_have_a_pointer_and_hide_the_value() {
    let check = |text: &str, pointer: &str, reason: &str| {
        let error = codec::decode::<Sheet>(text.as_bytes(), Side::Reply).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.reason.as_str()),
            (pointer, reason),
            "{text}"
        );
    };
    let sheet = |members: &str| format!(r#"{{"yes":true,"no":false,{members}}}"#);
    let whole = "expected an integer from 0 to 18446744073709551615";
    check(r#"{"yes":false}"#, "/yes", "expected true");
    check(
        r#"{"yes":true,"no":"a, expected b"}"#,
        "/no",
        "expected true or false",
    );
    check(&sheet(r#""wait_secs":-1"#), "/wait_secs", whole);
    check(&sheet(r#""wait_secs":1.5"#), "/wait_secs", whole);
    check(&sheet(r#""wait_secs":1"#), "", "expected a member `last`");
    check(
        &sheet(r#""wait_secs":1,"last":4"#),
        "/last",
        "expected an integer from 5 to 18446744073709551615",
    );
    check(&sheet(r#""wait_secs":1,"rest_us":null"#), "/rest_us", whole);
    check(
        &sheet(r#""wait_secs":1,"wait_secs":1"#),
        "",
        "expected one member `wait_secs`",
    );
    check("[true,false,1]", "", "expected an object");
}

#[test]
fn decode_keeps_unknown_members_of_newer_peers() {
    let kept = codec::decode::<Mood>(br#""odd""#, Side::Reply).unwrap();
    assert_eq!(kept, Mood::Unknown("odd".to_owned()));
    assert_eq!(
        codec::encode(&kept).unwrap_err().reason,
        "expected one of `good`"
    );
    let refused = codec::decode::<Mood>(br#""odd""#, Side::Request).unwrap_err();
    assert_eq!(refused.reason, "expected one of `good`");
    let disguised = Mood::Unknown("good".to_owned());
    assert!(codec::encode(&disguised).is_err());
    assert_eq!(
        codec::decode::<Mood>(br#""good""#, Side::Request),
        Ok(Mood::Good)
    );
}

#[derive(Clone, Debug, PartialEq)]
enum Vote {
    Success,
    Higher(Sheet),
    Unknown(Value),
}

union! {
    Vote {
        "Success" => Success,
        "Higher" => Higher(Sheet),
    } non_exhaustive
}

#[test]
fn decode_keeps_unknown_but_refuses_invalid_variants() {
    let check = |text: &str, is_right: bool| {
        assert_eq!(
            codec::decode::<Vote>(text.as_bytes(), Side::Reply).is_ok(),
            is_right,
            "{text}"
        );
    };
    check(r#""Success""#, true);
    check(r#""Later""#, true);
    check(r#"{"Later":{"a":1}}"#, true);
    check(r#"{"Higher":{"a":1}}"#, false);
    check(
        r#"{"Higher":{"yes":true,"no":false,"wait_secs":1,"last":null}}"#,
        true,
    );
    check(
        r#"{"Higher":{"yes":true,"no":false,"wait_secs":1,"last":1}}"#,
        false,
    );
    check(r#"{"a":1,"b":2}"#, false);
    check(r#"{"error":"bad request: x"}"#, false);
    check(r#"{"Success":null}"#, false);
    check(r#"["Success"]"#, false);
    check("17", false);
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Part(f64);

number!(Part, 0.0, 1.0);

#[derive(Debug)]
struct Lists {
    numbers: Limited<Vec<Part>, 0, 2>,
    moods: BTreeMap<String, Mood>,
}

object! {
    Lists {
        required numbers: Limited<Vec<Part>, 0, 2> = "numbers",
        required moods: BTreeMap<String, Mood> = "moods",
    }
}

#[test]
fn decode_arrays_and_maps_locate_the_invalid_member() {
    let check = |text: &str, pointer: &str, reason: &str| {
        let error = codec::decode::<Lists>(text.as_bytes(), Side::Request).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.reason.as_str()),
            (pointer, reason),
            "{text}"
        );
    };
    check(
        r#"{"numbers":[1,1,1],"moods":{}}"#,
        "/numbers",
        "expected at most 2 items",
    );
    check(
        r#"{"numbers":[1,2],"moods":{}}"#,
        "/numbers/1",
        "expected a number from 0 to 1",
    );
    check(
        r#"{"numbers":[],"moods":{"a/b~c":"odd"}}"#,
        "/moods/a~1b~0c",
        "expected one of `good`",
    );
}

#[test]
fn decode_limits_can_be_set_for_a_payload() {
    let limits = Limits {
        depth: 2,
        ..Limits::default()
    };
    let check = |text: &str, is_right: bool| {
        let outcome = codec::decode_within::<Value>(text.as_bytes(), Side::Request, limits);
        assert_eq!(outcome.is_ok(), is_right, "{text}");
    };
    check("[[1]]", true);
    check("[[[1]]]", false);
}
