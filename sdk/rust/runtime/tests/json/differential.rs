//! The reader accepts and refuses the same texts as `serde_json`, and decodes the same values.
//!
//! Intended differences:
//! * The reader refuses duplicate keys in an object, because the intended value is ambiguous.
//! * Depth, length and count have limits that can be set (see `reading`).
//! * The reader validates skipped values like decoded values: it refuses a lone surrogate or `1e400` there too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use natsgen_runtime::{Decode, Reader, Value, ValueRef, Writer};
use natsgen_runtime::{Side, Violation};

use crate::generator::Generator;

fn read(bytes: &[u8]) -> Result<ValueRef<'_>, Violation> {
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
            // Stricter than equality: `1.0` must not be written as `1`.
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
    // `serde_json` reports such a number at varying positions, not always at its end.
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
fn reader_generated_texts_agree_with_serde_json() {
    for seed in 0..20_000 {
        let mut generator = Generator::new(seed);
        compare(generator.text(0).as_bytes());
        compare(generator.text(3).as_bytes());
    }
}

#[test]
fn reader_mutated_texts_agree_with_serde_json() {
    for seed in 0..40_000 {
        let mut generator = Generator::new(seed);
        let text = generator.text(0);
        compare(&generator.damage(&text));
    }
}

#[test]
fn decode_of_any_type_refuses_invalid_json() {
    fn check<'a, T: Decode<'a>>(bytes: &'a [u8]) {
        let Ok(mut reader) = Reader::from_bytes(bytes, Side::Request) else {
            return;
        };
        let _ = reader.find("a");
        let outcome = T::decode(&mut reader).and_then(|_| reader.finish());
        if outcome.is_ok() {
            let shown = String::from_utf8_lossy(bytes);
            assert!(serde_json::from_slice::<Value>(bytes).is_ok(), "{shown}");
        }
    }

    for seed in 0..20_000 {
        let mut generator = Generator::new(seed);
        let text = generator.text(1);
        let bytes = generator.damage(&text);
        check::<Vec<Option<u8>>>(&bytes);
        check::<Vec<Vec<f64>>>(&bytes);
        check::<Vec<Cow<'_, str>>>(&bytes);
        check::<BTreeMap<String, ValueRef<'_>>>(&bytes);
        check::<BTreeMap<Cow<'_, str>, Option<String>>>(&bytes);
        check::<bool>(&bytes);
        check::<i64>(&bytes);
        check::<f64>(&bytes);
        check::<String>(&bytes);
    }
}

#[test]
fn reader_refuses_every_prefix_like_serde_json() {
    for seed in 0..500 {
        let text = Generator::new(seed).text(0);
        for end in 0..text.len() {
            compare(&text.as_bytes()[..end]);
        }
    }
}

#[test]
fn writer_output_equals_serde_json_and_round_trips() {
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

/// Decimal digits, optionally with a point and an exponent.
fn decimal(generator: &mut Generator) -> String {
    let mut digits = |most: usize| -> String {
        let count = 1 + generator.below(most);
        (0..count)
            .map(|_| generator.below(10).to_string())
            .collect()
    };
    let (whole, fraction, exponent) = (digits(22), digits(26), digits(3));
    let whole = whole.trim_start_matches('0');
    let mut text = if whole.is_empty() { "0" } else { whole }.to_owned();
    if generator.below(2) == 0 {
        text.insert(0, '-');
    }
    if generator.below(2) == 0 {
        text = text + "." + &fraction;
    }
    if generator.below(3) == 0 {
        text = text + ["e", "E+", "e-"][generator.below(3)] + &exponent;
    }
    text
}

#[test]
fn floats_equal_serde_json_bit_for_bit() {
    for seed in 0..50_000 {
        let text = decimal(&mut Generator::new(seed));
        let ours = Reader::new(&text, Side::Request).number().ok();
        let theirs: Option<f64> = text.parse().ok().filter(|value: &f64| value.is_finite());
        let is_long = text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
        let theirs = theirs.filter(|value| !is_long || format!("{value:.0}") == text);
        assert_eq!(ours.map(f64::to_bits), theirs.map(f64::to_bits), "{text}");
    }
}

#[test]
fn integers_in_every_notation_agree_with_serde_json() {
    for seed in 0..20_000 {
        let mut generator = Generator::new(seed);
        let digits = 1 + generator.below(17);
        let value: i64 = (0..digits).fold(1, |value, _| {
            value * 10 + i64::try_from(generator.below(10)).unwrap()
        });
        let value = if generator.below(2) == 0 {
            value
        } else {
            -value
        };
        let (whole, cut) = (value.to_string(), 1 + generator.below(digits));
        let sign = if value < 0 { "-" } else { "" };
        let magnitude = format!("{:018}", value.unsigned_abs());
        let (front, back) = magnitude.split_at(magnitude.len() - cut);
        let front = match front.trim_start_matches('0') {
            "" => "0",
            front => front,
        };
        for text in [
            whole.clone(),
            format!("{whole}.0"),
            format!("{whole}00e-2"),
            format!("{sign}{front}.{back}E{cut}"),
            format!("{sign}{front}.{back}000e+{cut}"),
        ] {
            let read = Reader::new(&text, Side::Request).signed(i64::MIN, i64::MAX);
            assert_eq!(read, Ok(value), "{text}");
            let read = Reader::new(&text, Side::Request).unsigned(0, u64::MAX);
            assert_eq!(read.ok(), u64::try_from(value).ok(), "{text}");
        }
    }
}
