//! No schema causes a panic of the generator: tests valid schemas with random mutations, and texts with random bytes.
//!
//! The mutations are the same in every run. `MUTATIONS=100000 cargo test --release -p natsgen --test mutations` runs
//! more of them.

mod protocol;

use natsgen::{Language, Schemas, compile};
use protocol::Protocol;
use serde_json::{Value as Json, json};

/// A generator with a fixed seed (`SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bound = u64::try_from(bound.max(1)).expect("a bound of 64 bits");
        usize::try_from((mixed ^ (mixed >> 31)) % bound).expect("less than the bound")
    }

    fn of<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }
}

/// The number of mutations.
fn mutations() -> usize {
    let count = std::env::var("MUTATIONS");
    count.map_or(2_000, |count| count.parse().expect("MUTATIONS is a number"))
}

/// Values that are likely to cause errors in schemas.
fn values() -> Vec<Json> {
    vec![
        Json::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e300),
        json!(""),
        json!("string"),
        json!("integer"),
        json!("^[a-z]+$"),
        json!("^(((("),
        json!("^[\u{e9}-$"),
        json!("^\\"),
        json!("^a{4294967296}$"),
        json!("#/$defs/Request"),
        json!("#/$defs/Reply"),
        json!("#/$defs/Outcome"),
        json!("../types/lamp.json#/$defs/Color"),
        json!("{prefix}.{lamp_id}.{lamp_id}"),
        json!("{prefix}.cmd.all.{lamp_id}"),
        json!("\u{0}\n\u{1f4a1}"),
        json!("type"),
        json!([]),
        json!({}),
        json!(["string", "null"]),
        json!({"type": "null"}),
        json!({"$ref": "#/$defs/Request"}),
        json!({"$ref": "../types/lamp.json#/$defs/Scene"}),
        json!({"oneOf": [{"const": "a"}, {"type": "null"}]}),
        json!({"type": "object", "additionalProperties": {"$ref": "#/$defs/Reply"}}),
        json!({"type": "array", "items": {"type": "array", "items": true}}),
        json!({"type": "object", "properties": {"x": true}, "required": ["x"], "additionalProperties": false}),
        json!({"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind", "x"], "minProperties": 1}),
        json!([{"$ref": "#"}, {"type": "object", "properties": {"x": {"$ref": "#/$defs/Request"}}}]),
        json!([{"const": "a"}, {"type": "string"}, {"type": "null"}]),
        json!([{"type": "object", "properties": {"kind": {"const": "a"}}, "required": ["kind"]}]),
        json!({"^a|b$": {"type": "integer"}, "x": false}),
        json!({"x": ["y"]}),
        json!({"$dynamicRef": "#node", "$dynamicAnchor": "node"}),
        json!("http://json-schema.org/draft-07/schema#"),
        json!("https://json-schema.org/draft/2020-12/schema"),
        json!("a|b"),
        json!("email"),
        json!(["a", 1, null, {"b": []}]),
    ]
}

/// Keys with a meaning in schemas or annotations.
const KEYS: [&str; 54] = [
    "$ref",
    "$dynamicRef",
    "$anchor",
    "$dynamicAnchor",
    "$id",
    "$defs",
    "definitions",
    "$schema",
    "type",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties",
    "unevaluatedItems",
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "minContains",
    "uniqueItems",
    "maxItems",
    "pattern",
    "minLength",
    "minimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "default",
    "examples",
    "sensitive",
    "format",
    "title",
    "fade_ms",
    "_ms",
    "Request",
    "fields",
    "unknown",
    "\u{e9}~/",
];

/// Removes, replaces, adds or moves a single random node of a document.
fn damage(json: &mut Json, random: &mut Random, values: &[Json]) {
    let stop = random.below(4) == 0;
    match json {
        Json::Object(members) if !members.is_empty() && !stop => {
            let key = members
                .keys()
                .nth(random.below(members.len()))
                .cloned()
                .unwrap_or_default();
            match random.below(12) {
                0 => drop(members.shift_remove(&key)),
                1 => {
                    drop(members.insert((*random.of(&KEYS)).to_owned(), random.of(values).clone()));
                }
                2 => {
                    let moved = members.shift_remove(&key).unwrap_or_default();
                    members.insert((*random.of(&KEYS)).to_owned(), moved);
                }
                _ => {
                    if let Some(inner) = members.get_mut(&key) {
                        damage(inner, random, values);
                    }
                }
            }
        }
        Json::Array(items) if !items.is_empty() && !stop => match random.below(4) {
            0 => drop(items.remove(random.below(items.len()))),
            1 => items.push(random.of(values).clone()),
            _ => {
                let at = random.below(items.len());
                damage(&mut items[at], random, values);
            }
        },
        _ => *json = random.of(values).clone(),
    }
}

#[test]
fn mutated_schemas_cause_no_panic() {
    const SEEDS: usize = 4;
    let each = mutations().div_ceil(SEEDS);
    let counts = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=SEEDS as u64)
            .map(|seed| scope.spawn(move || rounds(seed, each)))
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().expect("no round panics"));
        joined.fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1))
    });
    let all = SEEDS * each;
    assert_eq!(counts.0 + counts.1, all);
    assert!(
        counts.0 > all / 50 && counts.1 > all / 4,
        "{counts:?} compiled and were refused"
    );
}

/// The number of mutated protocols that compiled, and the number of refused protocols.
fn rounds(seed: u64, rounds: usize) -> (usize, usize) {
    let values = values();
    let base = Protocol::base();
    let paths: Vec<String> = base.files.keys().cloned().collect();
    let mut random = Random(seed);
    let (mut compiled, mut refused) = (0, 0);
    for round in 0..rounds {
        let mut protocol = base.clone();
        for _ in 0..=random.below(3) {
            let path = random.of(&paths);
            protocol
                .files
                .get_mut(path)
                .into_iter()
                .for_each(|json| damage(json, &mut random, &values));
        }
        match compile(&protocol.schemas()) {
            Ok((model, _)) => {
                compiled += 1;
                // Emission takes longer than the check, so only some of the protocols are emitted.
                if compiled % 16 == 0 {
                    for (path, text) in natsgen::emit(Language::Rust, &model, "schema") {
                        let parsed = syn::parse_file(&text).map(drop);
                        assert!(
                            parsed.is_ok(),
                            "seed {seed}, round {round}, {path}: {parsed:?}\n{:#?}",
                            protocol.files
                        );
                    }
                }
            }
            Err(diagnostics) => {
                refused += 1;
                assert!(diagnostics.has_errors() && !diagnostics.to_string().is_empty());
            }
        }
    }
    (compiled, refused)
}

#[test]
fn mutated_texts_cause_no_panic() {
    let base = Protocol::base();
    let texts: Vec<(String, Vec<u8>)> = base
        .files
        .iter()
        .map(|(path, json)| (path.clone(), json.to_string().into_bytes()))
        .collect();
    let mut random = Random(7);
    for _ in 0..mutations() {
        let mut texts = texts.clone();
        let file = random.below(texts.len());
        let text = &mut texts[file].1;
        for _ in 0..=random.below(3) {
            let at = random.below(text.len());
            match random.below(4) {
                0 => text.truncate(at),
                1 => drop(text.remove(at.min(text.len() - 1))),
                2 => text.insert(at, *random.of(b"{}[]\",:0-\\\xff\x00u")),
                _ => text[at] = *random.of(b"{}[]\",:0-\\\xff\x00e."),
            }
            if text.is_empty() {
                break;
            }
        }
        drop(compile(&Schemas::from_texts(texts)));
    }
}

#[test]
fn output_is_independent_of_the_order_of_files() {
    let base = Protocol::base();
    let texts: Vec<(String, String)> = base
        .files
        .iter()
        .map(|(path, json)| (path.clone(), json.to_string()))
        .collect();
    let shown = |texts: Vec<(String, String)>| {
        let (protocol, _) = compile(&Schemas::from_texts(texts)).expect("the base is valid");
        serde_json::to_string(&protocol).expect("a model is JSON")
    };
    let reversed = texts.iter().rev().cloned().collect();
    assert_eq!(shown(texts), shown(reversed));
}
