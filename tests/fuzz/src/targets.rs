//! The fuzz targets. Each accepts any bytes and panics at a failure.

use std::path::PathBuf;
use std::sync::LazyLock;

use natsgen::{Language, Schemas, compile};
use natsgen_runtime::{Reader, ValueRef};
use natsgen_runtime::{Side, Value, codec};
use natsgen_vectors::{ReferenceValidator, TypeValidator};

use crate::assertion::{ASSERTION, SCHEMA};
use crate::exception;
use crate::messages::MESSAGES;
use crate::mutate::{damage_bytes, damaged};
use crate::random::Random;
use crate::seeds;

static SEEDS: LazyLock<Vec<seeds::Seeds>> =
    LazyLock::new(|| seeds::seeds().expect("corpora are readable"));

static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let folder = seeds::path("tests/invalid/base");
    let files = [
        "manifest.json",
        "lamp/dim.json",
        "panel/glow.json",
        "types/lamp.json",
    ];
    let read =
        |file: &str| std::fs::read(folder.join(PathBuf::from(file))).expect("schemas are readable");
    files.map(|file| (file.to_owned(), read(file))).into()
});

static REFERENCE: LazyLock<TypeValidator> = LazyLock::new(|| {
    let reference = ReferenceValidator::new(&Schemas::from_texts([("assertion.json", SCHEMA)]));
    reference
        .and_then(|reference| reference.of("assertion.json"))
        .expect("the schema is one")
});

/// The bytes unchanged, or the seed of a mutation: the place of a message and its bytes.
fn message(bytes: &[u8]) -> (usize, Vec<u8>) {
    let (first, rest) = bytes
        .split_first()
        .map_or((0, bytes), |(first, rest)| (*first, rest));
    let place = usize::from(first >> 1) % SEEDS.len();
    if first % 2 == 0 {
        return (place, rest.to_vec());
    }
    let mut random = Random::new(number(rest));
    (place, damaged(&SEEDS[place], &mut random))
}

/// A number that depends on all bytes.
fn number(bytes: &[u8]) -> u64 {
    let start = 0xCBF2_9CE4_8422_2325;
    bytes.iter().fold(start, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
    })
}

/// The reader accepts the same documents as `serde_json`, returns the same values, and writes the same bytes.
///
/// # Panics
/// If they differ without a known reason.
pub fn reader(bytes: &[u8]) {
    let (_, bytes) = message(bytes);
    let ours = codec::decode::<Value>(&bytes, Side::Request);
    let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
    let skipped = Reader::from_bytes(&bytes, Side::Request).and_then(|mut reader| {
        reader.skip()?;
        reader.finish()
    });
    let text = String::from_utf8_lossy(&bytes);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            let written = codec::encode(&ours).expect("what was read can be written");
            assert_eq!(
                written,
                serde_json::to_vec(&theirs).expect("JSON"),
                "{text}"
            );
            assert_eq!(ours, Value::from(theirs), "{text}");
            assert_eq!(skipped, Ok(()), "{text}");
        }
        (Err(_), Err(_)) => {}
        (Err(_), Ok(_)) if exception::of(&bytes).is_some() => {}
        (ours, theirs) => panic!("{ours:?} and {theirs:?}: {text}"),
    }
}

/// A message that is decoded and encoded is equal when it is decoded again, by every way of decoding.
///
/// # Panics
/// If it is not equal.
pub fn messages(bytes: &[u8]) {
    let (place, bytes) = message(bytes);
    let codec = MESSAGES
        .iter()
        .find(|codec| codec.message == SEEDS[place].message);
    let codec = codec.expect("each message has a type");
    let owned = (codec.reread)(&bytes);
    let borrowed = (codec.borrowed)(&bytes);
    assert_eq!(owned.as_ref().err(), borrowed.as_ref().err());
    if let (Ok(written), Ok([borrowed, owned])) = (owned, borrowed) {
        assert_eq!([&written, &written], [&borrowed, &owned]);
        assert_eq!((codec.reread)(&written), Ok(written));
    }
}

/// The validator accepts the same documents as the reference validator, and names a place that the reference validator
/// names.
///
/// # Panics
/// If they differ without a known reason.
pub fn validate(bytes: &[u8]) {
    let (_, bytes) = message(bytes);
    let Ok(document) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
        return;
    };
    if exception::of(&bytes).is_some() {
        return;
    }
    let text = String::from_utf8_lossy(&bytes);
    let ours = codec::decode::<Value>(&bytes, Side::Request).expect("JSON");
    let validation = REFERENCE.validate(&document);
    match ASSERTION.validate(&ValueRef::from(ours.borrowed())) {
        Ok(()) => assert!(validation.broken.is_empty(), "{validation:?}: {text}"),
        Err(violation) => {
            let is_named = |(place, _): &(String, String)| place == violation.pointer();
            assert!(
                validation.broken.iter().any(is_named),
                "{violation} {validation:?}: {text}"
            );
        }
    }
}

/// The generator returns a result for every schema.
///
/// # Panics
/// If a compiled protocol cannot be emitted.
pub fn schemas(bytes: &[u8]) {
    let mut files = FILES.clone();
    let mut random = Random::new(number(bytes));
    for _ in 0..=random.below(3) {
        let file = random.below(files.len());
        for _ in 0..=random.below(3) {
            damage_bytes(&mut files[file].1, &mut random);
        }
    }
    if let Some((first, rest)) = bytes.split_first() {
        let text = &mut files[usize::from(*first) % 4].1;
        let at = random.below(text.len() + 1);
        text.splice(at..at, rest.iter().copied());
    }
    if let Ok((protocol, _)) = compile(&Schemas::from_texts(files)) {
        drop(natsgen::emit(Language::Rust, &protocol, "schema"));
    }
}

/// The seeds: recorded messages and every small document of the corpora, in the form of the targets.
///
/// # Panics
/// If they cannot be read.
#[must_use]
pub fn inputs() -> Vec<Vec<u8>> {
    let folder = seeds::path("tests/vectors/varpulis-0.11/payloads");
    let recorded = std::fs::read_dir(folder).expect("recordings are readable");
    let recorded = recorded.map(|entry| {
        std::fs::read(entry.expect("a file").path()).expect("recordings are readable")
    });
    let places = 0..u8::try_from(SEEDS.len()).unwrap_or(u8::MAX);
    let of_place = |place: u8| {
        let documents = SEEDS[usize::from(place)].documents.iter();
        documents
            .map(move |document| [vec![place << 1], document.to_string().into_bytes()].concat())
    };
    let recorded = recorded.map(|payload| [vec![0], payload].concat());
    recorded.chain(places.flat_map(of_place)).collect()
}
