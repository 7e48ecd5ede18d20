//! The writer's output for values of each type, compared with `serde_json`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use natsgen_runtime::assertion::{Assertion, Keyword};
use natsgen_runtime::name;
use natsgen_runtime::{Encode, Map, Number, Value, Writer};
use serde::Serialize;

fn encode(value: &(impl Encode + ?Sized)) -> Result<String, String> {
    let mut writer = Writer::default();
    match value.encode(&mut writer) {
        Ok(()) => Ok(String::from_utf8(writer.into_bytes()).unwrap()),
        Err(violation) => Err(violation.to_string()),
    }
}

fn check<T: Encode + Serialize + ?Sized>(value: &T) {
    assert_eq!(encode(value), Ok(serde_json::to_string(value).unwrap()));
}

#[test]
fn writer_plain_types_equal_serde_json() {
    check(&true);
    check(&false);
    check(&Some(1_u8));
    check(&None::<u8>);
    check(&Box::new(-7_i16));
    check(&[0, 9, 10, 99, 100, u64::MAX][..]);
    check(&vec![0, -1, i64::MIN, i64::MAX]);
    check(&(u8::MAX, i8::MIN).0);
    check(&Vec::<u8>::new());
    check(&BTreeMap::<String, u8>::new());
    check(&BTreeMap::from([("a\n", vec![1_u32]), ("b", vec![])]));
    check(&Cow::Borrowed("x"));
    for float in [
        0.0,
        -0.0,
        0.1,
        1.0,
        1e16,
        1e21,
        1e-7,
        1.5e300,
        f64::MIN_POSITIVE,
        f64::MAX,
        5e-324,
        17.25,
    ] {
        check(&float);
    }
}

#[test]
fn writer_strings_of_any_length_equal_serde_json() {
    for length in 0..40 {
        let text = "abcdefghijklmnopqrstuvwxyz0123456789ABCD"[..length].to_owned();
        check(&text);
        for place in 0..=length {
            for special in ["\"", "\\", "\u{1f}", "\n", "ä", "\u{7f}"] {
                let mut text = text.clone();
                text.insert_str(place, special);
                check(&text);
            }
        }
    }
    let every: String = (0..=0x2ff).filter_map(char::from_u32).collect();
    check(&every);
}

#[test]
fn writer_members_keep_order_and_known_keys_are_copied() {
    let mut writer = Writer::new(b"> ".to_vec());
    writer
        .object(|members| {
            members.named(name!("a"), &1_u8)?;
            members.named(name!("b\\c\""), "d,")?;
            members.member("e\n", &Vec::<u8>::new())?;
            members.named(name!(""), &Map::new())
        })
        .unwrap();
    let expected = r#"> {"a":1,"b\\c\"":"d,","e\n":[],"":{}}"#;
    assert_eq!(writer.as_bytes(), expected.as_bytes());
    let mut writer = Writer::default();
    writer.object(|_| Ok(())).unwrap();
    assert_eq!(writer.into_bytes(), b"{}");
}

#[test]
fn writer_errors_have_their_location() {
    let check = |value: &dyn Fn() -> Value, expected: &str| {
        assert_eq!(encode(&value()), Err(expected.to_owned()));
    };
    let twice = || {
        [("a", 1_u8), ("b", 2), ("a", 3)]
            .into_iter()
            .collect::<Map>()
    };
    let infinite = || Value::Number(Number::Float(f64::INFINITY));
    check(&infinite, "expected a finite number");
    check(
        &|| Value::from(vec![Value::Null, infinite()]),
        "expected a finite number at /1",
    );
    check(&|| Value::from(twice()), "expected one member `a`");
    let mut outer = Map::new();
    outer.insert("x/y", vec![twice()]);
    assert_eq!(
        encode(&outer),
        Err("expected one member `a` at /x~1y/0".to_owned())
    );
    assert_eq!(
        encode(&vec![1.0, f64::NAN]),
        Err("expected a finite number at /1".to_owned())
    );
    assert_eq!(
        encode(&BTreeMap::from([("k", f64::NAN)])),
        Err("expected a finite number at /k".to_owned())
    );
}

#[test]
fn writer_validates_the_encoded_value() {
    static TWO: Assertion = Assertion::new(&[Keyword::MinItems(2)]);
    static NEVER: Assertion = Assertion::new(&[Keyword::Never]);

    struct Validated(Vec<u8>);

    impl Encode for Validated {
        fn encode(&self, writer: &mut Writer) -> Result<(), natsgen_runtime::Violation> {
            writer.validated(&TWO, |writer| {
                writer.validated(&NEVER, |writer| self.0.encode(writer))
            })
        }
    }

    assert_eq!(
        encode(&[Validated(vec![1, 2])][..]),
        Ok("[[1,2]]".to_owned())
    );
    let error = encode(&[Validated(vec![1, 2]), Validated(vec![3])][..]).unwrap_err();
    assert!(error.ends_with(" at /1"), "{error}");
}
