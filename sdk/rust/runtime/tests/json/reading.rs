//! Decodes values of each type, and checks the violations of invalid texts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use natsgen_runtime::Violation;
use natsgen_runtime::{Key, Map, Reader, Value};

use crate::support::{all, check, decode};

#[test]
fn reader_integers_accept_every_notation_within_bounds() {
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
fn reader_floats_are_the_nearest() {
    for text in [
        "0",
        "-1",
        "0.1",
        "1e2",
        "1E+2",
        "123456789.125",
        "9007199254740993.0",
        "98249283749234923498293171823948729348710298301928331",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072011e-308",
        "0.30000000000000004",
        "8.41e21",
        "9214843084008499.0",
        "-0.0",
        "1e-400",
        "179769313486231570000000000000000000000",
        "0.000000000000000000000000000000000001",
    ] {
        check::<f64>(text, Ok(text.parse().unwrap()));
    }
    // An integer of up to 64 bits is not rounded, because peers could hold it exactly.
    for text in [
        "9007199254740993",
        "-9007199254740993",
        "18446744073709551615",
    ] {
        let rounded = "expected a number that 64-bit floating point represents exactly";
        check::<f64>(text, Err(rounded));
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
fn reader_strings_are_borrowed_unless_they_have_escapes() {
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
    check::<String>("1", Err("expected a string"));
    check::<String>(
        "tru",
        Err("expected JSON, but EOF while parsing a value at line 1 column 3"),
    );
}

#[test]
fn reader_violations_name_the_expected_type() {
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
    check::<Vec<u8>>("{}", Err("expected an array"));
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
fn reader_maps_locate_the_invalid_member() {
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
fn reader_invalid_key_is_reported_at_its_object() {
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
fn reader_refuses_duplicate_keys_of_kept_members() {
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
