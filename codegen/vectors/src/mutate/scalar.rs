//! Strings and numbers at the limits of their schemas.

use serde_json::{Value as Json, json};

use super::{Depth, Mutator, Position};
use crate::format;
use crate::number::{End, Numbers, whole};
use crate::schema::Schema;
use crate::text::Texts;

/// The longest string that is written without a repetition.
const WRITTEN: usize = 64;
/// A character outside the Basic Multilingual Plane: two code units in UTF-16 and four bytes in UTF-8.
const ASTRAL: &str = "\u{1f600}";
/// Characters that a wrong pattern often accepts. Nested places use only the first two.
const STRANGE: [&str; 12] = [
    " ", "\u{e9}", ".", "*", ">", "/", "@", "[", "`", "{", ":", "\u{0}",
];

impl<'s> Mutator<'s, '_> {
    /// Strings of the maximal length, strings that are too long, and strings that nearly match a pattern or a format.
    pub(super) fn text(&mut self, schema: Schema<'s>, position: &Position) {
        if schema.get("const").is_some() || schema.get("enum").is_some() {
            return;
        }
        let texts = Texts::new(schema);
        self.length(position, &texts, texts.min, None);
        if let Some(short) = texts.min.checked_sub(1) {
            self.length(position, &texts, short, Some("minLength"));
        }
        if let Some(max) = texts.max {
            self.length(position, &texts, max, None);
            let is_max_length = schema.count("maxLength") == Some(max);
            self.length(
                position,
                &texts,
                max + 1,
                Some(if is_max_length {
                    "maxLength"
                } else {
                    "pattern"
                }),
            );
        }
        if texts.is_any() {
            let longest = texts.max.unwrap_or(texts.min.max(1));
            let (unit, times) = if longest > WRITTEN {
                (ASTRAL.to_owned(), Some(longest))
            } else {
                (ASTRAL.repeat(longest), None)
            };
            self.repeated(
                position,
                &format!("{longest} characters of four bytes"),
                json!(unit),
                times,
                None,
            );
        }
        if schema.get("pattern").is_some() {
            self.pattern(position, &texts);
        }
        if let Some(cases) = schema
            .texts("format")
            .first()
            .and_then(|name| format::cases(name))
        {
            for text in cases.valid {
                self.undecided(position, &json!(text).to_string(), json!(text), "format");
            }
            for text in cases.invalid {
                self.broken(position, &json!(text).to_string(), json!(text), "format");
            }
        }
    }

    /// A string of a length, valid or invalid.
    fn length(
        &mut self,
        position: &Position,
        texts: &Texts<'s>,
        length: usize,
        keyword: Option<&'static str>,
    ) {
        let label = format!("{length} characters");
        if texts.is_any() && length > WRITTEN {
            return self.repeated(position, &label, json!("x"), Some(length), keyword);
        }
        match (texts.of_length(length), keyword) {
            (Some(text), None) => self.valid(position, &label, json!(text)),
            (Some(text), Some(keyword)) => self.broken(position, &label, json!(text), keyword),
            (None, Some(keyword)) => {
                let Some(text) = texts.typical() else { return };
                let last = text.chars().last().unwrap_or('x');
                let text: String = text
                    .chars()
                    .chain(std::iter::repeat(last))
                    .take(length)
                    .collect();
                self.undecided(position, &label, json!(text), keyword);
            }
            (None, None) => {}
        }
    }

    /// Strings that nearly match the pattern.
    fn pattern(&mut self, position: &Position, texts: &Texts<'s>) {
        let Some(usual) = texts.typical() else { return };
        if let Some(all) = texts.all_characters() {
            self.valid(position, "every character that may be", json!(all));
        }
        let strange = match self.depth {
            Depth::Own => &STRANGE[..],
            Depth::All => &STRANGE[..2],
        };
        for letter in strange {
            let rest: String = usual.chars().skip(1).collect();
            let text = json!(format!("{letter}{rest}"));
            self.undecided(position, &text.to_string(), text, "pattern");
        }
        let shortened: String = usual.chars().skip(1).collect();
        let text = json!(format!("{shortened}\n"));
        self.undecided(position, "a line feed at the end", text, "pattern");
    }

    /// Numbers at both ends of the range and just beyond, fractions, and integers in the notation of a fraction.
    pub(super) fn number(&mut self, schema: Schema<'s>, position: &Position) {
        if schema.get("const").is_some() || schema.get("enum").is_some() {
            return;
        }
        let numbers = Numbers::new(schema);
        let has_step = schema.get("multipleOf").is_some();
        for end in [End::Least, End::Greatest] {
            let Some(edge) = numbers.edge(end) else {
                continue;
            };
            let (inside, outside) = (edge.inside.to_string(), edge.outside.to_string());
            if has_step {
                self.undecided(position, &inside, edge.inside, "multipleOf");
                self.undecided(position, &outside, edge.outside, edge.keyword);
            } else {
                self.valid(position, &inside, edge.inside);
                self.broken(position, &outside, edge.outside, edge.keyword);
            }
        }
        let some = numbers.some();
        if let Some(float) = whole(&some).and(some.as_f64()) {
            self.valid(position, "an integer with a fraction of zero", json!(float));
        }
        if let Some(step) = schema.get("multipleOf").and_then(Json::as_f64) {
            let float = some.as_f64().unwrap_or_default();
            let fit = match whole(&json!(float + step)) {
                Some(fit) => i64::try_from(fit).map_or(Json::Null, Json::from),
                None => json!(float + step),
            };
            self.undecided(position, "one step further", fit, "multipleOf");
            self.undecided(
                position,
                "half a step further",
                json!(float + step / 2.0),
                "multipleOf",
            );
            self.undecided(
                position,
                "nearly a step further",
                json!(float + step * 0.999),
                "multipleOf",
            );
            if whole(&json!(step)).is_some_and(|step| step > 1) {
                let next = whole(&some).and_then(|number| i64::try_from(number + 1).ok());
                self.undecided(
                    position,
                    "one more",
                    next.map_or(Json::Null, Json::from),
                    "multipleOf",
                );
            }
        }
    }
}
