//! What `serde_json` accepts we accept, and with the same meaning; what it refuses we refuse.
//!
//! The differences that are meant:
//!  * a key that an object has twice is refused: which one is meant is anybody's guess;
//!  * depth, length and count have limits that can be set (see `reading`);
//!  * what is read over is as closely looked at as what is kept: a lone surrogate or `1e400` is no JSON there either.

use natsgen_runtime::json::{Json, Reader, Value, Writer};
use natsgen_runtime::{Side, Violation};

use crate::generator::Generator;

fn read(bytes: &[u8]) -> Result<Json<'_>, Violation> {
    let mut reader = Reader::from_bytes(bytes, Side::Request)?;
    let json = reader.json()?;
    reader.finish()?;
    Ok(json)
}

fn skip(bytes: &[u8]) -> Result<(), Violation> {
    let mut reader = Reader::from_bytes(bytes, Side::Request)?;
    reader.skip()?;
    reader.finish()
}

fn compare(bytes: &[u8]) {
    let shown = String::from_utf8_lossy(bytes);
    let ours = read(bytes);
    let theirs = serde_json::from_slice::<serde_json::Value>(bytes);
    assert_eq!(
        skip(bytes).map_err(|error| error.to_string()).is_ok(),
        theirs.is_ok(),
        "read over {shown}"
    );
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours, theirs, "{shown}");
            // Beyond equality: `1.0` is not written as `1`.
            assert_eq!(serde_json::Value::from(ours), theirs, "{shown}");
        }
        (Err(ours), Ok(_)) => assert!(
            ours.reason().starts_with("expected one member"),
            "{shown}: {ours}"
        ),
        (Ok(_), Err(theirs)) => panic!("{shown}: {theirs}"),
        (Err(ours), Err(theirs)) => compare_words(&shown, &ours, &theirs),
    }
}

fn compare_words(shown: &str, ours: &Violation, theirs: &serde_json::Error) {
    // It gives up on such a number at one place or another, not always at its end.
    if ours.reason().contains("number out of range")
        && theirs.to_string().contains("number out of range")
    {
        return;
    }
    if shown.contains('\u{fffd}') || ours.reason().starts_with("expected one member") {
        return;
    }
    assert_eq!(
        ours.to_string(),
        format!("expected JSON, but {theirs}"),
        "{shown}"
    );
}

#[test]
fn generated_texts_mean_the_same() {
    for seed in 0..20_000 {
        let mut generator = Generator::new(seed);
        compare(generator.text(0).as_bytes());
        compare(generator.text(3).as_bytes());
    }
}

#[test]
fn damaged_texts_mean_the_same() {
    for seed in 0..40_000 {
        let mut generator = Generator::new(seed);
        let text = generator.text(0);
        compare(&generator.damage(&text));
    }
}

#[test]
fn every_prefix_is_refused_as_serde_json_does() {
    for seed in 0..500 {
        let text = Generator::new(seed).text(0);
        for end in 0..text.len() {
            compare(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn what_is_written_is_what_serde_json_writes_and_is_read_again() {
    for seed in 0..20_000 {
        let text = Generator::new(seed).text(0);
        let Ok(json) = read(text.as_bytes()) else {
            continue;
        };
        let mut writer = Writer::default();
        writer.json(&json).unwrap();
        let written = writer.into_bytes();
        assert_eq!(written, serde_json::to_vec(&json).unwrap(), "{text}");
        assert_eq!(written, json.to_string().as_bytes(), "{text}");
        assert_eq!(read(&written), Ok(json.clone()), "{text}");
        let through_serde: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(through_serde, json.clone().into_owned(), "{text}");
        assert_eq!(
            Value::from(serde_json::Value::from(json.clone())),
            json.into_owned(),
            "{text}"
        );
    }
}
