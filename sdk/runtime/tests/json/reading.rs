//! What is read, value by value, and what is said of what is wrong.

use std::borrow::Cow;
use std::collections::BTreeMap;

use natsgen_runtime::json::{Decode, Key, Kind, Limits, Map, Reader, Value};
use natsgen_runtime::rule::{Keyword, Rule};
use natsgen_runtime::{Side, Violation, name};

/// Reads all of a text with `read`.
fn all<'a, T>(
    text: &'a str,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, String> {
    within(text, Limits::default(), read)
}

fn within<'a, T>(
    text: &'a str,
    limits: Limits,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Violation>,
) -> Result<T, String> {
    let mut reader = Reader::new(text, Side::Request).with_limits(limits);
    read(&mut reader)
        .and_then(|value| reader.finish().map(|()| value))
        .map_err(|violation| violation.to_string())
}

fn decode<'a, T: Decode<'a>>(text: &'a str) -> Result<T, String> {
    all(text, T::decode)
}

#[track_caller]
fn check<'a, T: Decode<'a> + PartialEq + std::fmt::Debug>(
    text: &'a str,
    expected: Result<T, &str>,
) {
    assert_eq!(decode::<T>(text), expected.map_err(str::to_owned), "{text}");
}

#[test]
fn integers_in_every_spelling_and_within_their_bounds() {
    let wrong = Err("expected an integer from 0 to 255");
    check::<u8>("0", Ok(0));
    check::<u8>(" 255\n", Ok(255));
    check::<u8>("2.0", Ok(2));
    check::<u8>("2.5e1", Ok(25));
    check::<u8>("2500e-1", Ok(250));
    check::<u8>("0e99999999999999999999", Ok(0));
    check::<u8>("-0", Ok(0));
    check::<u8>("-0.0", Ok(0));
    check::<u8>("256", wrong);
    check::<u8>("-1", wrong);
    check::<u8>("0.5", wrong);
    check::<u8>("1e-1", wrong);
    check::<u8>("1e-99999999999999999999", wrong);
    check::<u8>("1e3", wrong);
    check::<u8>("\"1\"", wrong);
    check::<u8>("null", wrong);
    check::<u8>("[1]", wrong);
    check::<u8>(
        "01",
        Err("expected JSON, but invalid number at line 1 column 2"),
    );
    check::<u8>(
        "1.",
        Err("expected JSON, but EOF while parsing a value at line 1 column 2"),
    );
    check::<u8>(
        "1e400",
        Err("expected JSON, but number out of range at line 1 column 5"),
    );
    check::<u64>("18446744073709551615", Ok(u64::MAX));
    check::<u64>("18446744073709551615.0", Ok(u64::MAX));
    check::<u64>("1844674407370955161.5e1", Ok(u64::MAX));
    check::<u64>(
        "18446744073709551616",
        Err("expected an integer from 0 to 18446744073709551615"),
    );
    check::<i64>("-9223372036854775808", Ok(i64::MIN));
    check::<i64>("-9223372036854775808.0", Ok(i64::MIN));
    check::<i64>("9223372036854775807", Ok(i64::MAX));
    let wrong = Err("expected an integer from -9223372036854775808 to 9223372036854775807");
    check::<i64>("9223372036854775808", wrong);
    check::<i64>("-9223372036854775809", wrong);
    check::<i8>("-128", Ok(-128));
    check::<i8>("-129", Err("expected an integer from -128 to 127"));
    check::<i8>(
        "-",
        Err("expected JSON, but EOF while parsing a value at line 1 column 1"),
    );
    check::<i8>(
        "-x",
        Err("expected JSON, but invalid number at line 1 column 2"),
    );
}

#[test]
fn floats_are_the_nearest() {
    for text in [
        "0",
        "-1",
        "0.1",
        "1e2",
        "1E+2",
        "123456789.125",
        "9007199254740993",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072011e-308",
        "0.30000000000000004",
        "8.41e21",
        "9214843084008499",
        "-0.0",
        "1e-400",
        "179769313486231570000000000000000000000",
        "0.000000000000000000000000000000000001",
    ] {
        check::<f64>(text, Ok(text.parse().unwrap()));
    }
    check::<f64>("true", Err("expected a number"));
    check::<f64>("\"1\"", Err("expected a number"));
    check::<f64>(
        "1e400",
        Err("expected JSON, but number out of range at line 1 column 5"),
    );
    check::<f64>(
        "NaN",
        Err("expected JSON, but expected value at line 1 column 1"),
    );
}

#[test]
fn texts_are_borrowed_unless_they_have_escapes() {
    let check_text = |text: &str, expected: &str, is_borrowed: bool| {
        let read: Cow<'_, str> = decode(text).unwrap();
        assert_eq!(read, expected, "{text}");
        assert_eq!(matches!(read, Cow::Borrowed(_)), is_borrowed, "{text}");
        assert_eq!(decode::<String>(text).unwrap(), expected, "{text}");
    };
    check_text(r#""""#, "", true);
    check_text(
        r#" "a text of more than eight bytes: ä😀" "#,
        "a text of more than eight bytes: ä😀",
        true,
    );
    check_text(r#""a\nb""#, "a\nb", false);
    check_text(
        r#""\"\\\/\b\f\n\r\t\u00e4\uD83D\ude00""#,
        "\"\\/\u{8}\u{c}\n\r\tä😀",
        false,
    );
    check_text(r#""\u0000""#, "\0", false);
    let wrong = |text: &str, what: &str, column: usize| {
        let expected = format!("expected JSON, but {what} at line 1 column {column}");
        assert_eq!(decode::<String>(text), Err(expected), "{text}");
    };
    wrong(r#""a"#, "EOF while parsing a string", 2);
    wrong(r#""\ud800""#, "unexpected end of hex escape", 8);
    wrong(r#""\udc00""#, "lone leading surrogate in hex escape", 7);
    wrong(
        r#""\ud800\ud800""#,
        "lone leading surrogate in hex escape",
        13,
    );
    wrong(r#""\u+123""#, "invalid escape", 7);
    wrong(r#""\x""#, "invalid escape", 3);
    wrong(
        "\"\u{1f}\"",
        "control character (\\u0000-\\u001F) found while parsing a string",
        2,
    );
    wrong("\u{feff}\"\"", "expected value", 1);
    check::<String>("1", Err("expected a text"));
    check::<String>(
        "tru",
        Err("expected JSON, but EOF while parsing a value at line 1 column 3"),
    );
}

#[test]
fn plain_types_say_what_they_are() {
    check::<bool>("true", Ok(true));
    check::<bool>("false", Ok(false));
    check::<bool>("1", Err("expected true or false"));
    check::<bool>(
        "trux",
        Err("expected JSON, but expected ident at line 1 column 4"),
    );
    check::<Option<bool>>("null", Ok(None));
    check::<Option<bool>>("true", Ok(Some(true)));
    check::<Option<bool>>("{}", Err("expected true or false"));
    check::<Box<u8>>("1", Ok(Box::new(1)));
    check::<Vec<u8>>("[]", Ok(Vec::new()));
    check::<Vec<u8>>(" [ 1 , 2 ] ", Ok(vec![1, 2]));
    check::<Vec<u8>>("{}", Err("expected a list"));
    check::<Vec<u8>>("[1,-2]", Err("expected an integer from 0 to 255 at /1"));
    check::<Vec<Vec<u8>>>(
        "[[],[0,1,true]]",
        Err("expected an integer from 0 to 255 at /1/2"),
    );
    check::<Vec<u8>>(
        "[1,]",
        Err("expected JSON, but trailing comma at line 1 column 4"),
    );
    check::<Vec<u8>>(
        "[1 2]",
        Err("expected JSON, but expected `,` or `]` at line 1 column 4"),
    );
    check::<Vec<u8>>(
        "[",
        Err("expected JSON, but EOF while parsing a list at line 1 column 1"),
    );
    check::<Vec<u8>>(
        "[]]",
        Err("expected JSON, but trailing characters at line 1 column 3"),
    );
    check::<Vec<u8>>(
        "[\n\n1,\n x]",
        Err("expected JSON, but expected value at line 4 column 2"),
    );
}

#[test]
fn maps_name_the_member_that_is_wrong() {
    type Counts = BTreeMap<String, u8>;
    let counts = |pairs: &[(&str, u8)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(key, count)| ((*key).to_owned(), *count))
            .collect::<Counts>()
    };
    check::<Counts>("{}", Ok(counts(&[])));
    check::<Counts>(
        r#" { "b" : 1 , "\u0061" : 2 } "#,
        Ok(counts(&[("a", 2), ("b", 1)])),
    );
    check::<Counts>("[]", Err("expected an object"));
    check::<Counts>(
        r#"{"a/b":{}}"#,
        Err("expected an integer from 0 to 255 at /a~1b"),
    );
    check::<Counts>(r#"{"a":1,"\u0061":2}"#, Err("expected one member `a`"));
    check::<Counts>(
        r#"{"a":1,}"#,
        Err("expected JSON, but trailing comma at line 1 column 8"),
    );
    check::<Counts>(
        r#"{"a" 1}"#,
        Err("expected JSON, but expected `:` at line 1 column 6"),
    );
    check::<Counts>(
        "{1:1}",
        Err("expected JSON, but key must be a string at line 1 column 2"),
    );
    check::<Counts>(
        r#"{"a":1"#,
        Err("expected JSON, but EOF while parsing an object at line 1 column 6"),
    );
    check::<Vec<Counts>>(
        r#"[{"a":x}]"#,
        Err("expected JSON, but expected value at line 1 column 7"),
    );
}

#[test]
fn a_wrong_key_is_the_fault_of_its_object() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Short(String);

    impl<'a> Key<'a> for Short {
        fn from_key(key: Cow<'a, str>) -> Result<Self, Violation> {
            if key.len() > 2 {
                return Err(Violation::new("expected at most 2 characters"));
            }
            Ok(Self(key.into_owned()))
        }
    }

    type Shorts = Vec<BTreeMap<Short, u8>>;
    check::<Shorts>(
        r#"[{"a":1,"abc":2}]"#,
        Err("expected at most 2 characters at /0"),
    );
    check::<Shorts>(
        r#"[{"ab":1}]"#,
        Ok(vec![BTreeMap::from([(Short("ab".to_owned()), 1)])]),
    );
}

#[test]
fn duplicate_keys_are_refused_where_members_are_kept() {
    let many: Vec<String> = (0..1_000)
        .map(|number| format!("\"k{number}\":0"))
        .collect();
    let many = many.join(",");
    check::<Map>(r#"{"a":1,"b":2,"a":3}"#, Err("expected one member `a`"));
    check::<Value>(
        r#"[{"a":{"b":1,"b":1}}]"#,
        Err("expected one member `b` at /0/a"),
    );
    let twice = format!("{{{many},\"k500\":1}}");
    check::<Map>(&twice, Err("expected one member `k500`"));
    assert_eq!(
        decode::<Map>(&format!("{{{many}}}")).map(|map| map.len()),
        Ok(1_000)
    );
    assert_eq!(all(r#"{"a":1,"a":{"b":1,"b":1}}"#, Reader::skip), Ok(()));
}

#[test]
fn limits_end_in_a_violation_at_their_place() {
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
fn bytes_are_utf8_or_nothing() {
    let error = Reader::from_bytes(b"{\"a\":\"\xff\"}", Side::Reply).unwrap_err();
    assert_eq!(error.to_string(), "expected UTF-8 at byte 7");
    assert_eq!(
        Reader::from_bytes(b"1", Side::Reply).unwrap().side(),
        Side::Reply
    );
}

#[test]
fn a_look_ahead_moves_nothing() {
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
    check(r#"{"kind":1}"#, Err("expected a text at /kind"));
    check(
        r#"{"a":x}"#,
        Err("expected JSON, but expected value at line 1 column 6"),
    );
}

#[test]
fn the_first_byte_tells_the_kind() {
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
fn a_hint_at_the_order_of_members_changes_nothing_else() {
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
fn a_judged_value_is_judged_once_and_from_the_outside() {
    static TWO: Rule = Rule::new(&[Keyword::MinItems(2)]);
    static NEVER: Rule = Rule::new(&[Keyword::Never]);
    let judged = |text: &str| {
        all(text, |reader| {
            let mut count = 0;
            reader.array(|reader, _| {
                reader.judged(&TWO, |reader| {
                    reader.array(|reader, _| {
                        count += 1;
                        reader.judged(&NEVER, Reader::skip)
                    })
                })
            })?;
            Ok(count)
        })
    };
    assert_eq!(judged("[ [1,2], [3,[4,5]] ]"), Ok(4));
    let error = judged("[[1,2],[3]]").unwrap_err();
    assert!(error.ends_with(" at /1"), "{error}");
    let error = judged("[[1,x],[3]]").unwrap_err();
    assert_eq!(
        error,
        "expected JSON, but expected value at line 1 column 5"
    );
    let error = all("7", |reader| reader.judged(&NEVER, Reader::skip)).unwrap_err();
    assert!(!error.contains('7'), "{error}");
}
