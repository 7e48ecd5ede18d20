//! Named string and number types.

use natsgen_runtime::{
    Decode, Encode, Limited, Map, Micros, Millis, Ranged, Secs, Side, Value, codec,
};

use crate::agreement::Expected::{Refuses, Takes};
use crate::agreement::both;
use crate::shapes::{Anything, Distant, Even, Height, Id, Name, Share, Shelf, Short, Third, Token};

#[test]
fn string_follows_its_assertion() {
    both::<Name>(r#""a-b""#, Takes(r#""a-b""#));
    both::<Name>(r#""""#, Refuses("", "expected at least 1 characters"));
    both::<Name>(
        r#""abcdefghi""#,
        Refuses("", "expected at most 8 characters"),
    );
    both::<Name>(
        r#""a b""#,
        Refuses("", "expected a string that matches ^[a-z-]+$"),
    );
    both::<Name>("7", Refuses("", "expected a string"));
    both::<Token>(r#""12\t4""#, Takes(r#""12\t4""#));
    both::<Token>(r#""123""#, Refuses("", "expected at least 4 characters"));
    both::<Id>(r#""x""#, Refuses("", "expected a UUID"));
    both::<Short>(r#""äöü""#, Takes(r#""äöü""#));
    both::<Short>(r#""abcd""#, Refuses("", "expected at most 3 characters"));
}

#[test]
fn decode_stops_at_the_maximum_length() {
    type List = Limited<Vec<u8>, 0, 2>;
    type One = Limited<Map, 0, 1>;
    both::<List>("[1,2]", Takes("[1,2]"));
    both::<List>(r#"[1,2,"x"]"#, Refuses("", "expected at most 2 items"));
    both::<Limited<Vec<List>, 0, 1>>("[[1,2]]", Takes("[[1,2]]"));
    both::<One>(
        r#"{"a":[{"b":1,"c":2}]}"#,
        Takes(r#"{"a":[{"b":1,"c":2}]}"#),
    );
    both::<One>(
        r#"{"a":1,"a":2}"#,
        Refuses("", "expected at most 1 members"),
    );
    // A limit applies only to a value of the expected type; another type is a type violation.
    both::<List>(r#"{"a":1,"b":2,"c":3}"#, Refuses("", "expected an array"));
    both::<Limited<String, 0, 2>>("[1,2,3]", Refuses("", "expected a string"));
}

#[test]
fn length_counts_characters_if_bytes_are_inconclusive() {
    for (text, expected) in [
        (r#""""#, Refuses("", "expected at least 2 characters")),
        (r#""é""#, Refuses("", "expected at least 2 characters")),
        (r#""𝄞""#, Refuses("", "expected at least 2 characters")),
        (
            r#""\ud834\udd1e""#,
            Refuses("", "expected at least 2 characters"),
        ),
        (r#""éé""#, Takes(r#""éé""#)),
        (r#""𝄞𝄞𝄞""#, Takes(r#""𝄞𝄞𝄞""#)),
        (r#""日本語!""#, Refuses("", "expected at most 3 characters")),
    ] {
        both::<Limited<String, 2, 3>>(text, expected);
    }
    both::<Limited<Vec<u8>, 1, { usize::MAX }>>("[]", Refuses("", "expected at least 1 items"));
}

#[test]
fn integer_is_determined_by_value() {
    for (text, expected) in [
        ("7", Takes("7")),
        ("7.0", Takes("7")),
        ("70e-1", Takes("7")),
        ("0.7e1", Takes("7")),
        ("99", Takes("99")),
        ("100", Refuses("", "expected an integer from 0 to 99")),
        ("-1", Refuses("", "expected an integer from 0 to 99")),
        ("7.5", Refuses("", "expected an integer from 0 to 99")),
        (r#""7""#, Refuses("", "expected an integer from 0 to 99")),
    ] {
        both::<Shelf>(text, expected);
        both::<Ranged<u32, 0, 99>>(text, expected);
        both::<Secs<0, 99>>(text, expected);
        both::<Millis<0, 99>>(text, expected);
        both::<Micros<0, 99>>(text, expected);
    }
    both::<Even>("-4", Takes("-4"));
    both::<Even>("12", Refuses("", "expected an integer from -10 to 10"));
    both::<Even>("3", Refuses("", "expected a multiple of 2"));
    both::<Ranged<u64, 0, { u64::MAX as i128 }>>(
        "18446744073709551615",
        Takes("18446744073709551615"),
    );
    both::<Ranged<i64, { i64::MIN as i128 }, 0>>(
        "-9223372036854775808",
        Takes("-9223372036854775808"),
    );
}

#[test]
fn number_range_is_enforced() {
    both::<Share>("1", Takes("1.0"));
    both::<Share>("0.25", Takes("0.25"));
    both::<Share>("1.0001", Refuses("", "expected a number from 0 to 1"));
    both::<Share>("-1e-300", Refuses("", "expected a number from 0 to 1"));
    both::<Share>(r#""1""#, Refuses("", "expected a number"));
    both::<Height>("4", Takes("4.0"));
    both::<Height>("-4", Refuses("", "expected a number from 0"));
    both::<Height>("5", Refuses("", "expected a multiple of 2"));
}

#[test]
fn number_bounds_beyond_floats_are_exact() {
    let rounded = "expected a number that 64-bit floating point represents exactly";
    for (text, expected) in [
        (
            "9007199254740992",
            Refuses("", "expected a number from 9007199254740993"),
        ),
        (
            "9007199254740992.0",
            Refuses("", "expected a number from 9007199254740993"),
        ),
        ("9007199254740993", Refuses("", rounded)),
        (
            "9007199254740993.0",
            Refuses("", "expected a number from 9007199254740993"),
        ),
        ("9007199254740994", Takes("9007199254740994.0")),
        ("18446744073709551615", Refuses("", rounded)),
        ("1e300", Takes("1e+300")),
        ("-9007199254740993", Refuses("", rounded)),
    ] {
        both::<Distant>(text, expected);
    }
    assert!(reread::<f64>("9007199254740992"));
    for text in ["-9007199254740993", "9223372036854775807"] {
        assert!(
            !reread::<f64>(text) && !reread::<Option<f64>>(text),
            "{text}"
        );
    }
}

/// A number that was read and written again satisfies the same assertion.
#[test]
fn number_that_is_read_and_written_is_read_again() {
    let mut texts: Vec<String> = [
        "0.1",
        "1e22",
        "123456789012345678901234567890",
        "0.30000000000000000001",
    ]
    .map(str::to_owned)
    .into();
    for power in [53, 54, 63, 64] {
        for offset in -5_i128..=5 {
            let number = (1 << power) + offset;
            texts.extend([
                format!("{number}"),
                format!("-{number}"),
                format!("{number}.0"),
                format!("{number}e0"),
            ]);
        }
    }
    let mut taken = 0;
    for text in &texts {
        for validated in [
            reread::<Distant>,
            reread::<Height>,
            reread::<Third>,
            reread::<f64>,
        ] {
            taken += usize::from(validated(text));
        }
    }
    assert!(taken > 100, "{taken}");
}

/// Whether `text` is read. If it is, the written text is read too.
fn reread<T: for<'a> Decode<'a> + Encode>(text: &str) -> bool {
    let Ok(read) = codec::decode::<T>(text.as_bytes(), Side::Request) else {
        return false;
    };
    let written = codec::encode(&read).unwrap();
    let again = codec::decode::<T>(&written, Side::Request);
    assert!(
        again.is_ok(),
        "{text} {}",
        String::from_utf8_lossy(&written)
    );
    true
}

#[test]
fn value_accepts_any_json() {
    let text = r#"{"b":[null,true,-1,1.5,"x"],"a":{}}"#;
    both::<Anything>(text, Takes(text));
    both::<Value>(text, Takes(text));
    both::<Map>(text, Takes(text));
    both::<Anything>(
        "[1,]",
        Refuses("", "expected JSON, but trailing comma at line 1 column 4"),
    );
}
