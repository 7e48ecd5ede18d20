//! The reader's limits, lookahead and validation.

use std::borrow::Cow;

use natsgen_runtime::assertion::{Assertion, Keyword};
use natsgen_runtime::{Decode, Kind, Limits, Reader, Value};
use natsgen_runtime::{Side, name};

use crate::support::{all, decode, within};

#[test]
fn reader_limits_report_their_location() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let depths = |text: &str| {
        let place = "/0".repeat(127);
        let expected = format!("expected at most 127 levels at {place}");
        assert_eq!(decode::<Value>(text).map(|_| ()), Err(expected.clone()));
        assert_eq!(all(text, Reader::skip), Err(expected));
    };
    for depth in [126, 127] {
        assert!(decode::<Value>(&nested(depth)).is_ok(), "{depth}");
        assert_eq!(all(&nested(depth), Reader::skip), Ok(()), "{depth}");
    }
    depths(&nested(128));
    depths(&nested(1_000_000));
    depths(&"[".repeat(1_000_000));

    let limits = Limits {
        depth: u32::MAX,
        ..Limits::default()
    };
    assert!(within(&nested(255), limits, Value::decode).is_ok());
    let error = within(&"{\"a\":".repeat(1_000_000), limits, Value::decode).unwrap_err();
    assert_eq!(
        error,
        format!("expected at most 255 levels at {}", "/a".repeat(255))
    );

    let limits = Limits {
        count: 3,
        ..Limits::default()
    };
    assert!(within("[1,2,3]", limits, Value::decode).is_ok());
    let expected = Err("expected at most 3 values in all".to_owned());
    assert_eq!(
        within("[1,2,3,4]", limits, Vec::<u8>::decode).map(|_| ()),
        expected
    );
    assert_eq!(within("[1,2,3,4]", limits, Reader::skip), expected);
    let expected = Err("expected at most 3 values in all at /a".to_owned());
    assert_eq!(within(r#"{"a":[1,2]}"#, limits, Reader::skip), expected);
    assert!(within(r#"{"a":1,"b":2}"#, limits, Reader::skip).is_err());

    let limits = Limits {
        length: 4,
        ..Limits::default()
    };
    assert!(within("1234", limits, Value::decode).is_ok());
    let expected = Err("expected at most 4 bytes".to_owned());
    assert_eq!(within("12345", limits, u64::decode).map(|_| ()), expected);
    assert_eq!(within("12345", limits, Reader::skip), expected);
}

#[test]
fn reader_new_limits_count_from_the_start() {
    let mut reader = Reader::new("[1,2]", Side::Request);
    assert!(reader.array(|reader, _| reader.skip()).is_ok());
    let limits = Limits {
        length: 4,
        ..Limits::default()
    };
    let error = reader.limits(limits).skip().unwrap_err();
    assert_eq!(error.to_string(), "expected at most 4 bytes");
}

#[test]
fn reader_refuses_bytes_that_are_not_utf8() {
    let error = Reader::from_bytes(b"{\"a\":\"\xff\"}", Side::Reply).unwrap_err();
    assert_eq!(error.to_string(), "expected UTF-8 at byte 7");
    assert_eq!(
        Reader::from_bytes(b"1", Side::Reply).unwrap().side(),
        Side::Reply
    );
}

#[test]
fn reader_lookahead_keeps_the_position() {
    let check = |text: &str, expected: Result<Option<&str>, &str>| {
        let mut reader = Reader::new(text, Side::Request);
        let found = reader
            .find("kind")
            .map_err(|violation| violation.to_string());
        let expected = expected.map(|found| found.map(Cow::Borrowed));
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
        assert_eq!(
            reader.skip().is_ok(),
            serde_json::from_str::<Value>(text).is_ok(),
            "{text}"
        );
    };
    check(r#"{"kind":"circle"}"#, Ok(Some("circle")));
    check(
        r#" {"a":[{"kind":"b"}] , "\u006bind" : "c\u0069rcle","kind":1}"#,
        Ok(Some("circle")),
    );
    check("{}", Ok(None));
    check(r#"{"a":1}"#, Ok(None));
    check("[]", Err("expected an object"));
    check(r#"{"kind":1}"#, Err("expected a string at /kind"));
    check(
        r#"{"a":x}"#,
        Err("expected JSON, but expected value at line 1 column 6"),
    );
}

#[test]
fn reader_peek_returns_the_kind() {
    for (text, kind) in [
        ("null", Kind::Null),
        (" true", Kind::Bool),
        ("\n-1", Kind::Number),
        ("\"\"", Kind::Text),
        ("[", Kind::Array),
        ("{", Kind::Object),
    ] {
        assert_eq!(Reader::new(text, Side::Request).peek(), Ok(kind), "{text}");
    }
    assert!(Reader::new("", Side::Request).peek().is_err());
    assert!(Reader::new("?", Side::Request).peek().is_err());
}

#[test]
fn reader_member_order_hint_does_not_change_the_result() {
    let hinted = |text: &str| {
        let mut seen = String::new();
        let names = const {
            &[
                name!("a"),
                name!("long_name_of_a_member"),
                name!("c\\d"),
                name!("ab"),
            ]
        };
        let outcome = all(text, |reader| {
            reader.members(names, |reader, key| {
                seen.push_str(&key);
                seen.push(' ');
                reader.skip()
            })
        });
        (outcome, seen)
    };
    let plain = |text: &str| {
        let mut seen = String::new();
        let outcome = all(text, |reader| {
            reader.object(|reader, key| {
                seen.push_str(&key);
                seen.push(' ');
                reader.skip()
            })
        });
        (outcome, seen)
    };
    for text in [
        "{}",
        r#"{"a":1,"long_name_of_a_member":2,"c\\d":3,"ab":4}"#,
        r#"{"ab":1,"c\\d":2,"long_name_of_a_member":3,"a":4}"#,
        r#"{ "a" : 1 , "long_name_of_a_member" : 2 }"#,
        r#"{"a":1,"a":2,"long_name_of_a_member":3,"x":[]}"#,
        r#"{"long_name_of_a_membex":1,"long_name_of_a_member2":1,"\u0061":1}"#,
        r#"{"a":x}"#,
        r#"{"a":1,}"#,
        r#"{"a""#,
        r#"{"a":"#,
        r#"{"a":1"#,
        "[]",
    ] {
        assert_eq!(hinted(text), plain(text), "{text}");
    }
}

#[test]
fn reader_validates_once_from_the_outermost_value() {
    static TWO: Assertion = Assertion::new(&[Keyword::MinItems(2)]);
    static NEVER: Assertion = Assertion::new(&[Keyword::Never]);
    let validated = |text: &str| {
        all(text, |reader| {
            let mut count = 0;
            reader.array(|reader, _| {
                reader.validated(&TWO, |reader| {
                    reader.array(|reader, _| {
                        count += 1;
                        reader.validated(&NEVER, Reader::skip)
                    })
                })
            })?;
            Ok(count)
        })
    };
    assert_eq!(validated("[ [1,2], [3,[4,5]] ]"), Ok(4));
    let error = validated("[[1,2],[3]]").unwrap_err();
    assert!(error.ends_with(" at /1"), "{error}");
    let error = validated("[[1,x],[3]]").unwrap_err();
    assert_eq!(
        error,
        "expected JSON, but expected value at line 1 column 5"
    );
    let error = all("7", |reader| reader.validated(&NEVER, Reader::skip)).unwrap_err();
    assert!(!error.contains('7'), "{error}");
}
