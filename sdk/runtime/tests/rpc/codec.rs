//! Payloads in and out.

use std::time::Duration;

use natsgen_runtime::{Check, CheckResult, Checked, False, Side, True, Value, codec};
use serde::{Deserialize, Serialize};

use crate::protocol::Mood;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sheet {
    yes: True,
    no: False,
    #[serde(rename = "wait_secs", with = "natsgen_runtime::wire::secs")]
    wait: Duration,
    #[serde(
        rename = "rest_us",
        with = "natsgen_runtime::wire::optional::micros",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    rest: Option<Duration>,
    #[serde(deserialize_with = "natsgen_runtime::wire::nullable")]
    last: Option<u64>,
    #[serde(default)]
    note: Option<Value>,
}

impl Checked for Sheet {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check
            .range("last", self.last, 5, i128::from(u64::MAX))
            .finish()
    }
}

#[test]
fn members_are_written_as_the_schema_says() {
    let sheet = Sheet {
        wait: Duration::from_secs(3),
        last: Some(u64::MAX),
        ..Sheet::default()
    };
    let text = r#"{"yes":true,"no":false,"wait_secs":3,"last":18446744073709551615,"note":null}"#;
    assert_eq!(codec::encode(&sheet).unwrap(), text);
    assert_eq!(
        codec::decode::<Sheet>(text.as_bytes(), Side::Request),
        Ok(sheet.clone())
    );
    let sheet = Sheet {
        wait: Duration::from_millis(3_999),
        ..sheet
    };
    assert_eq!(codec::encode(&sheet).unwrap(), text);
}

#[test]
fn every_violation_has_its_pointer_and_says_nothing_of_the_value() {
    let check = |text: &str, pointer: &str, reason: &str| {
        let error = codec::decode::<Sheet>(text.as_bytes(), Side::Reply).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.reason.as_str()),
            (pointer, reason),
            "{text}"
        );
    };
    let sheet = |members: &str| format!(r#"{{"yes":true,"no":false,{members}}}"#);
    check(r#"{"yes":false}"#, "/yes", "expected true");
    check(
        r#"{"yes":true,"no":"a, expected b"}"#,
        "/no",
        "expected false",
    );
    check(&sheet(r#""wait_secs":-1"#), "/wait_secs", "expected u64");
    check(&sheet(r#""wait_secs":1.5"#), "/wait_secs", "expected u64");
    check(&sheet(r#""wait_secs":1"#), "", "expected a member `last`");
    check(
        &sheet(r#""wait_secs":1,"last":4"#),
        "/last",
        "expected an integer from 5 to 18446744073709551615",
    );
    check(
        &sheet(r#""wait_secs":1,"rest_us":null"#),
        "/rest_us",
        "expected u64",
    );
}

#[test]
fn what_is_unknown_is_kept_where_it_is_read_from_a_newer_peer() {
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Vote {
    Success,
    Higher(Sheet),
    #[serde(untagged)]
    Unknown(Value),
}

impl Checked for Vote {
    fn check(&self, check: Check<'_>) -> CheckResult {
        match self {
            Self::Success => check.finish(),
            Self::Higher(value) => check.field("Higher", value).finish(),
            Self::Unknown(value) => check.unknown(value, &["Success", "Higher"]).finish(),
        }
    }
}

#[test]
fn an_unknown_variant_is_kept_but_not_a_known_one_gone_wrong() {
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
    check("17", false);
}

#[test]
fn a_list_and_a_map_lead_to_the_member_that_is_wrong() {
    #[derive(Debug, Deserialize)]
    struct Lists {
        numbers: Vec<f64>,
        moods: std::collections::BTreeMap<String, Mood>,
    }

    impl Checked for Lists {
        fn check(&self, check: Check<'_>) -> CheckResult {
            check
                .items("numbers", &self.numbers, 0, 2)
                .each("numbers", &self.numbers, |check, item| {
                    check.number("", *item, 0.0, 1.0).finish()
                })
                .field("moods", &self.moods)
                .finish()
        }
    }

    let check = |text: &str, pointer: &str, reason: &str| {
        let error = codec::decode::<Lists>(text.as_bytes(), Side::Request).unwrap_err();
        assert_eq!(
            (error.pointer.as_str(), error.reason.as_str()),
            (pointer, reason),
            "{text}"
        );
    };
    check(
        r#"{"numbers":[1,2,3],"moods":{}}"#,
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
