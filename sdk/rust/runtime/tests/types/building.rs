//! Constructors of field types: they refuse invalid values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::codec::{decode, encode};
use natsgen_runtime::{
    Decode, HasBorrowed, Limited, Map, Micros, Millis, Nullable, Ranged, Reader, Secs, Side, True,
    Value, Violation,
};

use crate::shapes::{
    Area, Closed, ClosedRef, Even, Free, Height, Labels, LabelsRef, Name, Pair, Scalar, Share,
    Sheet, SheetRef, Shelf, Short, Size, Token,
};

const WAIT: Secs<1, 60> = Secs::from_static(30);
const LEVEL: Ranged<i8, -5, 5> = Ranged::<i8, -5, 5>::from_static(-5);

fn sheet(id: &str, wait: Duration) -> Result<Sheet, Violation> {
    Ok(Sheet {
        name: Name::try_from(id)?,
        yes: True,
        span: Some(Secs::try_from(wait)?),
        last: None,
        both: Some(Nullable::Value("x".try_into()?)),
        list: vec![Size::Large],
        level: 5.try_into()?,
        title: id.to_uppercase().try_into()?,
        r#type: Value::from("any"),
    })
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, Violation>) -> String {
    outcome.unwrap_err().to_string()
}

#[test]
fn fields_are_built_from_plain_values() {
    let sheet = sheet("a-b", Duration::from_millis(5_999)).unwrap();
    assert_eq!(sheet.name, "a-b");
    assert_eq!(sheet.title, "A-B");
    assert_eq!(sheet.title.len(), 3);
    assert_eq!(sheet.title.to_string() + "!", "A-B!");
    assert_eq!(sheet.level.get() + 1, 6);
    assert_eq!(sheet.span.map(Duration::from), Some(Duration::from_secs(5)));
    assert_eq!(
        reason(super::building::sheet("A", Duration::from_secs(1))),
        "expected a string that matches ^[a-z-]+$"
    );
}

#[test]
fn field_constructors_refuse_values_out_of_bounds() {
    assert_eq!(
        reason(Limited::<String, 1, 2>::try_from("")),
        "expected at least 1 characters"
    );
    assert_eq!(
        reason(Limited::<String, 1, 2>::try_from("äöü".to_owned())),
        "expected at most 2 characters"
    );
    assert_eq!(
        reason(Limited::<_, 0, 1>::try_from(Cow::from("ab"))),
        "expected at most 1 characters"
    );
    assert_eq!(
        reason(Limited::<_, 0, 1>::try_from(vec![1, 2])),
        "expected at most 1 items"
    );
    assert_eq!(
        reason(Limited::<_, 1, 1>::try_from(BTreeMap::<String, u8>::new())),
        "expected at least 1 members"
    );
    assert_eq!(
        reason(Limited::<_, 1, 1>::try_from(Map::new())),
        "expected at least 1 members"
    );
    assert_eq!(
        reason(Ranged::<i8, -5, 5>::try_from(6)),
        "expected an integer from -5 to 5"
    );
    assert_eq!(reason(Secs::<1, 60>::new(0)), "expected 1 to 60 seconds");
    assert_eq!(
        reason(Secs::<1, 60>::try_from(Duration::from_millis(999))),
        "expected 1 to 60 seconds"
    );
    assert_eq!(
        reason(Millis::<0, 60>::try_from(Duration::MAX)),
        "expected 0 to 60 milliseconds"
    );
    assert_eq!(
        reason(Micros::<0, 60>::new(61)),
        "expected 0 to 60 microseconds"
    );
    assert_eq!(
        reason(Shelf::try_from(100)),
        "expected an integer from 0 to 99"
    );
    assert_eq!(reason(Even::try_from(3)), "expected a multiple of 2");
    assert_eq!(
        reason(Share::try_from(f64::NAN)),
        "expected a number from 0 to 1"
    );
    assert_eq!(
        reason(Height::try_from(f64::INFINITY)),
        "expected a number from 0"
    );
    assert_eq!(reason(Height::try_from(1.0)), "expected a multiple of 2");
    assert_eq!(
        reason(Short::try_from("abcd")),
        "expected at most 3 characters"
    );
    assert_eq!(
        reason(Pair::try_from(vec![1, 1])),
        "expected items that differ from each other"
    );
    assert_eq!(
        reason(Scalar::try_from(Value::Null)),
        "expected a string or a number"
    );
}

#[test]
fn field_constructors_keep_the_value() {
    let list = Limited::<Vec<u8>, 1, 3>::try_from(vec![1, 2]).unwrap();
    assert_eq!((list[1], list.iter().sum::<u8>()), (2, 3));
    assert_eq!((&list).into_iter().count(), 2);
    assert_eq!(list, vec![1, 2]);
    assert_eq!(Vec::from(list.clone()), list.into_inner());
    let pair = Pair::try_from(vec![1, 2]).unwrap();
    assert_eq!(pair.first(), Some(&1));
    assert_eq!(pair.into_inner(), [1, 2]);
    assert_eq!(Limited::<Vec<u8>, 0, 2>::up_to(1..9), vec![1, 2]);
    assert_eq!(Limited::<String, 0, 9>::default(), "");
    assert_eq!(Limited::<Vec<u8>, 0, 9>::default(), vec![]);
    assert_eq!(Ranged::<u8, 0, 9>::default().get(), 0);
    assert_eq!(Secs::<0, 9>::default().get(), Duration::ZERO);
    assert!(Labels::default().0.is_empty());
    let labels: Labels = decode(br#"{"a":"b"}"#, Side::Request).unwrap();
    assert_eq!(labels.0.get("a").map(AsRef::as_ref), Some("b"));
    let labels: LabelsRef<'_> = decode(br#"{"a":"b"}"#, Side::Request).unwrap();
    assert_eq!(labels.0.get("a").map(AsRef::as_ref), Some("b"));
    assert_eq!((WAIT.get(), LEVEL.get()), (Duration::from_secs(30), -5));
    assert_eq!(Option::from(Nullable::Value(1)), Some(1));
    assert_eq!(Nullable::<u8>::from(None), Nullable::Null);
    assert_eq!(Size::Large.as_str(), "large");
}

#[test]
fn encode_validates_assertions_that_no_type_holds() {
    let area = Area {
        width: Some(1),
        height: None,
    };
    assert_eq!(
        encode(&area).unwrap_err().reason,
        "expected a member `height` beside `width`"
    );
    let mut free = Free {
        rest: [("a", 1), ("a", 2)].into_iter().collect(),
        ..Free::default()
    };
    let error = encode(&free).unwrap_err();
    assert_eq!(
        (error.pointer.as_str(), error.reason.as_str()),
        ("", "expected one member `a`")
    );
    free.rest = [("known", 1)].into_iter().collect();
    let error = encode(&free).unwrap_err();
    assert_eq!(
        (error.pointer, error.reason),
        (String::new(), "expected one member `known`".to_owned())
    );
}

#[test]
fn borrowed_strings_point_into_the_input() {
    let text = r#"{"name":"ab","yes":true,"last":null,"title":"c\n","type":["d"]}"#;
    let mut reader = Reader::new(text, Side::Request);
    let sheet = SheetRef::decode(&mut reader).unwrap();
    let lies_within = |part: &str| text.as_bytes().as_ptr_range().contains(&part.as_ptr());
    assert!(lies_within(&sheet.name));
    assert!(lies_within(sheet.r#type[0].as_str().unwrap()));
    assert!(matches!(*sheet.title, Cow::Owned(_)));
    assert_eq!(sheet.name, "ab");
    let level = <Ranged<i8, -5, 5>>::try_from(3).unwrap();
    assert_eq!((sheet.level, sheet.list), (level, Vec::new()));
}

#[test]
fn secret_is_hidden_in_all_output_formats() {
    let text = br#"{"token":"hunter2","shares":{}}"#;
    let owned: Closed = decode(text, Side::Request).unwrap();
    let borrowed: ClosedRef<'_> = decode(text, Side::Request).unwrap();
    let converted = owned.clone().into_borrowed();
    for shown in [
        format!("{owned:?}"),
        format!("{borrowed:?}"),
        format!("{converted:?}"),
    ] {
        assert!(
            shown.contains("Token(***)") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
    assert_eq!(owned.token.as_ref().map(Token::expose), Some("hunter2"));
    assert_eq!(borrowed.token.unwrap().expose(), "hunter2");
}
