//! Random mutations of documents, of their values and of their bytes.

use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::seeds::Seeds;

/// The separators between JSON values, and similar bytes.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "\\udc00",
    "\\u0000",
    "\\n",
    "null",
    "true",
    "false",
    "nul",
    "-",
    "+",
    ".",
    "e",
    "E",
    "0",
    "00",
    "1",
    "9",
    "-0",
    "-0.0",
    "1e5",
    "1.0",
    "0.1",
    "1e400",
    "1e-400",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    " ",
    "\n",
    "\u{e9}",
    "\u{1f600}",
];

/// Strings that are difficult for decoders.
const TEXTS: [&str; 14] = [
    "",
    "x",
    "unknown",
    "a.b",
    "a b",
    "*",
    ">",
    "\u{0}",
    "\u{e9}",
    "\u{1f600}",
    "registered",
    "Blank",
    "null",
    "2026-01-01T00:00:00Z",
];

/// A mutated document, made of these documents. Most mutations start from a valid document, so that the mutation is
/// often the only error.
pub fn damaged(seeds: &Seeds, random: &mut Random) -> Vec<u8> {
    let documents = &seeds.documents;
    let first = if random.once_in(4) {
        documents
    } else {
        &documents[..seeds.valid]
    };
    let mut document = random.of(first).clone();
    let by_value = random.below(8);
    if by_value > 0 {
        for _ in 0..=random.below(2) {
            let other = random.of(documents);
            value(&mut document, other, random);
        }
    }
    let mut bytes = if random.once_in(4) {
        serde_json::to_vec_pretty(&document).unwrap_or_default()
    } else {
        document.to_string().into_bytes()
    };
    if by_value < 2 {
        for _ in 0..=random.below(4) {
            damage_bytes(&mut bytes, random);
        }
    }
    bytes
}

/// Mutates a random place of a document; parts may come from `other`.
fn value(document: &mut Value, other: &Value, random: &mut Random) {
    let stop = random.once_in(4);
    match document {
        Value::Object(members) if !members.is_empty() && !stop => object(members, other, random),
        Value::Array(items) if !items.is_empty() && !stop => {
            let at = random.below(items.len());
            match random.below(8) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.push(made(other, random)),
                _ => value(&mut items[at], other, random),
            }
        }
        Value::Number(_) if !random.once_in(4) => number(document, random),
        Value::String(text) if !random.once_in(4) => damage_text(text, random),
        _ => *document = made(other, random),
    }
}

fn object(members: &mut Map<String, Value>, other: &Value, random: &mut Random) {
    let at = random.below(members.len());
    let Some(key) = members.keys().nth(at).cloned() else {
        return;
    };
    match random.below(12) {
        0 => drop(members.remove(&key)),
        1 => {
            let renamed = format!("{key}{}", random.of(&TEXTS));
            let moved = members.remove(&key).unwrap_or_default();
            members.insert(renamed, moved);
        }
        2 => drop(members.insert((*random.of(&TEXTS)).to_owned(), made(other, random))),
        3 => {
            if let Value::Object(others) = other {
                members.extend(others.clone());
            }
        }
        _ => {
            if let Some(inner) = members.get_mut(&key) {
                value(inner, other, random);
            }
        }
    }
}

/// A new value, or a part of another document.
fn made(other: &Value, random: &mut Random) -> Value {
    match random.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(false),
        3 => json!(0),
        4 => json!(-1),
        5 => json!(1.5),
        6 => json!(random.draw()),
        7 => json!(*random.of(&[
            u64::MAX,
            1 << 53,
            u64::from(u32::MAX),
            u64::from(u16::MAX) + 1
        ])),
        8 => json!(*random.of(&[
            1e300,
            -1e15,
            1e15,
            5e-324,
            1.0,
            65_536.0,
            18_446_744_073_709_551_616.0
        ])),
        9 => json!(*random.of(&TEXTS)),
        10 => json!("x".repeat(*random.of(&[64, 65, 128, 129, 256, 257, 1_025]))),
        11 => json!([]),
        12 => json!({}),
        _ => part(other, random).clone(),
    }
}

/// A random part of a document.
fn part<'v>(document: &'v Value, random: &mut Random) -> &'v Value {
    let inner = match document {
        Value::Object(members) if !members.is_empty() => {
            members.values().nth(random.below(members.len()))
        }
        Value::Array(items) => items.get(random.below(items.len())),
        _ => None,
    };
    match inner.filter(|_| !random.once_in(3)) {
        Some(inner) => part(inner, random),
        None => document,
    }
}

fn number(document: &mut Value, random: &mut Random) {
    let float = document.as_f64().unwrap_or_default();
    *document = match (random.below(6), document.as_u64()) {
        (0, Some(number)) => json!(number.wrapping_add(1)),
        (1, Some(number)) => json!(number.wrapping_sub(1)),
        (2, _) => json!(float),
        (3, _) => json!(-float),
        (4, _) => json!(float * 10.0),
        _ => json!(float + 0.5),
    };
}

fn damage_text(text: &mut String, random: &mut Random) {
    let mut letters: Vec<char> = text.chars().collect();
    let at = random.below(letters.len() + 1);
    let strange = [
        'a',
        'Z',
        '-',
        '_',
        '.',
        ' ',
        '*',
        '\u{0}',
        '\n',
        '"',
        '\\',
        '/',
        '\u{e9}',
        '\u{1f600}',
    ];
    match random.below(5) {
        0 if !letters.is_empty() => drop(letters.remove(at.min(letters.len() - 1))),
        1 => letters.truncate(at),
        2 => letters = letters.repeat(1 + random.below(40)),
        3 => return text.make_ascii_uppercase(),
        _ => letters.insert(at, *random.of(&strange)),
    }
    *text = letters.into_iter().collect();
}

pub(crate) fn damage_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let end = (at + random.below(8)).min(bytes.len());
    match random.below(10) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        1 if at < bytes.len() => bytes[at] = random.draw().to_le_bytes()[0],
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => {
            let again = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, again);
        }
        5 if at < bytes.len() && bytes[at].is_ascii() => {
            let escaped = format!("\\u{:04x}", bytes[at]);
            bytes.splice(at..=at, escaped.into_bytes());
        }
        6 => {
            let token = random.of(&TOKENS).as_bytes().to_vec();
            bytes.splice(at..end, token);
        }
        7 => again(bytes, random),
        _ => {
            let token = random.of(&TOKENS).as_bytes().to_vec();
            bytes.splice(at..at, token);
        }
    }
}

/// Repeats a member or item that ends at a comma.
fn again(bytes: &mut Vec<u8>, random: &mut Random) {
    let commas: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == b',').collect();
    if commas.len() >= 2 {
        let first = random.below(commas.len() - 1);
        let (from, to) = (commas[first], commas[first + 1]);
        let again = bytes[from..to].to_vec();
        bytes.splice(to..to, again);
    }
}
