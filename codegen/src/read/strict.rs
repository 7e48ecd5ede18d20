//! Strict JSON: a repeated key, deep nesting or a byte order mark is an error.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::Source;
use crate::read::{escape, numeral};

/// The maximal nesting depth of objects and arrays.
const DEPTH: usize = 64;

/// Parses a text. Errors are reported, and then there is no document.
pub(super) fn parse(file: &str, text: &[u8], out: &mut Diagnostics) -> Option<Json> {
    let source = |pointer: &str| Source {
        file: file.to_owned(),
        pointer: pointer.to_owned(),
    };
    if text.starts_with(b"\xEF\xBB\xBF") {
        out.report(
            Code::InvalidEncoding,
            source(""),
            "the file starts with a byte order mark",
            "save the file as UTF-8 without a byte order mark",
        );
        return None;
    }
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("invalid UTF-8 at byte {}", error.valid_up_to());
            let help = "save the file as UTF-8";
            out.report(Code::InvalidEncoding, source(""), message, help);
            return None;
        }
    };
    let mut place = Place::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed = Strict {
        place: &mut place,
        depth: DEPTH,
    }
    .deserialize(&mut deserializer);
    match parsed.and_then(|json| deserializer.end().map(|()| json)) {
        Err(_) if place.too_deep => {
            let message = format!("nested deeper than {DEPTH} levels");
            out.report(
                Code::NestingTooDeep,
                source(&place.pointer),
                message,
                "move inner schemas to `$defs` and refer to them",
            );
            None
        }
        Err(error) => {
            let message = format!("invalid JSON: {error}");
            out.report(
                Code::InvalidJson,
                source(&place.pointer),
                message,
                "correct the JSON at this place",
            );
            None
        }
        Ok(json) if place.repeated.is_empty() => {
            report_rounded(file, text, out);
            Some(json)
        }
        Ok(_) => {
            for (pointer, key) in place.repeated {
                let message = format!("duplicate key {}", quoted(&key));
                out.report(
                    Code::DuplicateKey,
                    source(&pointer),
                    message,
                    "remove one of the two members; parsers disagree about which one counts",
                );
            }
            None
        }
    }
}

/// Reports the numbers of a valid text that are rounded.
fn report_rounded(file: &str, text: &str, out: &mut Diagnostics) {
    for (pointer, numeral, rounded) in numeral::rounded(text) {
        let source = Source {
            file: file.to_owned(),
            pointer,
        };
        let message = format!("{} is rounded to {rounded}", quoted(numeral));
        let help = format!("write {rounded}");
        out.report(Code::InexactNumber, source, message, help);
    }
}

/// The position of the parser, and the repeated keys.
#[derive(Default)]
struct Place {
    pointer: String,
    repeated: Vec<(String, String)>,
    too_deep: bool,
}

/// Builds a value and collects repeated keys.
struct Strict<'a> {
    place: &'a mut Place,
    depth: usize,
}

impl Strict<'_> {
    /// The remaining nesting depth inside the next level.
    fn deeper<E: Error>(&mut self) -> Result<usize, E> {
        self.place.too_deep = self.depth == 0;
        self.depth
            .checked_sub(1)
            .ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Json, E> {
        Ok(Json::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Json, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        let length = self.place.pointer.len();
        loop {
            self.place
                .pointer
                .push_str(&escape(&items.len().to_string()));
            let item = access.next_element_seed(Strict {
                place: &mut *self.place,
                depth,
            })?;
            self.place.pointer.truncate(length);
            match item {
                Some(item) => items.push(item),
                None => return Ok(Json::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Json, A::Error> {
        let depth = self.deeper()?;
        let mut members = Map::new();
        let length = self.place.pointer.len();
        while let Some(key) = access.next_key::<String>()? {
            self.place.pointer.push_str(&escape(&key));
            let value = access.next_value_seed(Strict {
                place: &mut *self.place,
                depth,
            })?;
            if members.contains_key(&key) {
                self.place
                    .repeated
                    .push((self.place.pointer.clone(), key.clone()));
            }
            self.place.pointer.truncate(length);
            members.insert(key, value);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(text: &[u8], expected: &[&str]) {
        let mut out = Diagnostics::default();
        let parsed = parse("a.json", text, &mut out);
        assert_eq!(parsed.is_some(), expected.is_empty());
        let lines: Vec<String> = out
            .finish("schema", &BTreeMap::new())
            .into_vec()
            .iter()
            .map(ToString::to_string)
            .collect();
        let lines: Vec<&str> = lines
            .iter()
            .filter_map(|text| text.lines().next())
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn strict_json_keeps_the_order_of_members() {
        let mut out = Diagnostics::default();
        let text = r#"{"b":[1,-2,2.5,18446744073709551615],"a":{"x":null,"y":true,"z":"\u00e9"}}"#;
        let json = parse("a.json", text.as_bytes(), &mut out).map(|json| json.to_string());
        assert_eq!(
            json.as_deref(),
            Some(r#"{"b":[1,-2,2.5,18446744073709551615],"a":{"x":null,"y":true,"z":"é"}}"#)
        );
    }

    #[test]
    fn strict_malformed_text_is_an_error_with_its_place() {
        check(b"{}", &[]);
        check(
            b"\xEF\xBB\xBF{}",
            &["schema/a.json: error[invalid-encoding]: the file starts with a byte order mark"],
        );
        check(
            b"{\"a\":\"\xff\"}",
            &["schema/a.json: error[invalid-encoding]: invalid UTF-8 at byte 6"],
        );
        check(
            b"",
            &[
                "schema/a.json: error[invalid-json]: invalid JSON: EOF while parsing a value at line 1 column 0",
            ],
        );
        check(
            b"{} {}",
            &[
                "schema/a.json: error[invalid-json]: invalid JSON: trailing characters at line 1 column 4",
            ],
        );
        check(
            br#"{"a/b":[0,{"c":tru}]}"#,
            &[
                "schema/a.json#/a~1b/1/c: error[invalid-json]: invalid JSON: expected ident at line 1 column 19",
            ],
        );
        check(
            br#"{"a":{"b":1,"b":2},"a":0}"#,
            &[
                "schema/a.json#/a: error[duplicate-key]: duplicate key `a`",
                "schema/a.json#/a/b: error[duplicate-key]: duplicate key `b`",
            ],
        );
    }

    #[test]
    fn strict_deep_nesting_is_an_error() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        check(nested(DEPTH).as_bytes(), &[]);
        let pointer = "/0".repeat(DEPTH);
        let message = format!(
            "schema/a.json#{pointer}: error[nesting-too-deep]: nested deeper than {DEPTH} levels"
        );
        check(nested(DEPTH + 1).as_bytes(), &[&message]);
        check("[".repeat(100_000).as_bytes(), &[&message]);
    }
}
