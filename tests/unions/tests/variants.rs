//! Unions without a tag hold the variant that a caller expects, and refuse values of another JSON type.

use natsgen_runtime::{Decode, Side, Value, codec};
use unions::protocol::types::{Commands, Level, Limits, Result, ResultInfo, Source, Tree, Trigger};

fn read<T: for<'a> Decode<'a>>(text: &str) -> T {
    codec::decode(text.as_bytes(), Side::Reply).unwrap()
}

#[test]
fn variant_is_chosen_by_json_type_text_and_order() {
    assert!(matches!(read(r#""make""#), Commands::String(_)));
    assert!(matches!(read(r#"["make"]"#), Commands::List(_)));
    assert!(matches!(read(r#""info""#), Level::Info));
    assert!(matches!(read(r#""loud""#), Level::Other(_)));
    assert!(matches!(read(r#"{"every_secs":1}"#), Trigger::Timer(_)));
    assert!(matches!(read(r#"{"branch":"a"}"#), Trigger::Object(_)));
    assert!(matches!(
        read(r#"{"url":"a","digest":"b"}"#),
        Source::Archive(_)
    ));
    assert!(matches!(
        read(r#"{"url":"a","digest":1}"#),
        Source::Repository(_)
    ));
    assert!(matches!(read(r#"{"seconds":1}"#), Limits::Object(_)));
    assert!(matches!(read("null"), Limits::Other(Value::Null)));
    let result: Result = read(r#"{"kind":"reply","problem":{},"info":3}"#);
    assert!(matches!(result.info, Some(ResultInfo::Other(_))));
}

#[test]
fn variant_with_a_value_of_another_json_type_is_not_written() {
    let object = read::<Value>(r#"{"seconds":0}"#);
    assert!(codec::encode(&Limits::Other(object)).is_err());
    assert!(codec::encode(&Limits::Other(Value::from(true))).is_ok());
}

/// Each level of the text has two attempts, so reading without a limit would take 2^100 steps.
#[test]
fn nested_attempts_end() {
    let levels = r#"{"name":"a","size":1,"tree":"#.repeat(100);
    let text = format!("{levels}true{}", "}".repeat(100));
    assert!(codec::decode::<Tree>(text.as_bytes(), Side::Request).is_err());
}
