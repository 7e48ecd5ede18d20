//! Generates valid and invalid JSON texts from a seed, so that each failure is reproducible.

/// Numbers inside and outside the JSON grammar, and inside and outside the range of a type.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "9",
    "10",
    "00",
    "01",
    "-01",
    "0.",
    ".5",
    "0.5",
    "1.",
    "1.0",
    "-",
    "+1",
    "1e2",
    "1E+2",
    "1e-2",
    "1e",
    "1e+",
    "1e400",
    "-1e400",
    "1e-400",
    "0e999",
    "5e-324",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "255",
    "256",
    "4294967296",
    "9007199254740991",
    "9007199254740993",
    "999999999999999999",
    "9999999999999999999",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "-9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "0.1",
    "0.30000000000000004",
    "3.141592653589793238462643383279",
    "1.0000000000000000000001",
    "100000000000000000000000",
    "1e22",
    "1e23",
    "0.000001",
    "1234.5678e-3",
    "1e1e1",
    "1.5.5",
    "0x1",
    "1_000",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e18446744073709551616",
    "0.1e-18446744073709551616",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "worker-1",
    "a longer text of more than sixteen bytes",
    "p\u{e4}th",
    "\u{1f600}",
    "\u{2028}",
    "\u{7f}",
    r"\n",
    r"\\",
    r#"\""#,
    r"\/",
    r"\b\f\n\r\t",
    r"\u0000",
    r"\u0041",
    r"\u00e9",
    r"\uD83D\uDE00",
    r"\ud83d\ude00",
    r"\ud83d",
    r"\ude00",
    r"\ud83d\u0041",
    r"\ud83dx",
    r"\ud83d\n",
    r"\u12",
    r"\u12g4",
    r"\x41",
    r"\",
    "\u{1}",
    "\n",
    "\t",
    "12345678",
    "1234567\\n",
    "1234567\u{1f}",
    "\\u+123",
];

const SPACES: &[&str] = &[
    "", "", "", "", " ", "\n", "\t", "\r\n", "  ", "\u{a0}", "\u{c}", "\u{feff}",
];

/// Pseudorandom numbers, the same in each run.
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bound = u64::try_from(bound).unwrap();
        usize::try_from((self.0 >> 11) % bound).unwrap()
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.below(texts.len())]
    }

    /// Generates a JSON text; `oddity` percent of its values are invalid.
    pub(crate) fn text(&mut self, oddity: usize) -> String {
        let mut text = String::new();
        self.value(&mut text, 4, oddity);
        text
    }

    /// Generates the same text with a few bytes changed, inserted, removed, duplicated or cut off.
    pub(crate) fn damage(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(8)).min(bytes.len());
            let byte = *b"{}[],:\"\\0129-+.eEtfnu \x00\x1f\x7f\xff\xc3"
                .get(self.below(28))
                .unwrap_or(&b'"');
            match self.below(5) {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let doubled = bytes[at..end].to_vec();
                    bytes.splice(at..at, doubled);
                }
                _ => bytes.truncate(at),
            }
        }
        bytes
    }

    fn value(&mut self, text: &mut String, depth: usize, oddity: usize) {
        self.space(text, oddity);
        match self.below(if depth == 0 { 5 } else { 9 }) {
            0 => text.push_str(self.one_of_good(
                &["null", "true", "false"],
                &["nul", "True", "x", ""],
                oddity,
            )),
            1 | 2 => self.number(text, oddity),
            3 | 4 => self.string(text, oddity),
            5 | 6 => self.list(text, depth - 1, oddity),
            _ => self.object(text, depth - 1, oddity),
        }
        self.space(text, oddity);
    }

    fn one_of_good(
        &mut self,
        good: &[&'static str],
        bad: &[&'static str],
        oddity: usize,
    ) -> &'static str {
        if self.below(100) < oddity {
            self.one_of(bad)
        } else {
            self.one_of(good)
        }
    }

    fn space(&mut self, text: &mut String, oddity: usize) {
        let space = self.one_of(SPACES);
        if space.is_ascii() && !space.contains('\u{c}') || self.below(100) < oddity {
            text.push_str(space);
        }
    }

    fn number(&mut self, text: &mut String, oddity: usize) {
        let number = self.one_of(NUMBERS);
        let is_good = serde_json::from_str::<f64>(number).is_ok();
        if is_good || self.below(100) < oddity {
            text.push_str(number);
        } else {
            text.push_str(&self.below(100_000).to_string());
        }
    }

    fn string(&mut self, text: &mut String, oddity: usize) {
        text.push('"');
        for _ in 0..self.below(4) {
            let piece = self.one_of(TEXTS);
            let is_good = serde_json::from_str::<String>(&format!("\"{piece}\"")).is_ok();
            if is_good || self.below(100) < oddity {
                text.push_str(piece);
            }
        }
        text.push('"');
    }

    fn list(&mut self, text: &mut String, depth: usize, oddity: usize) {
        text.push('[');
        for index in 0..self.below(5) {
            if index > 0 || self.below(100) < oddity {
                text.push(',');
            }
            self.value(text, depth, oddity);
        }
        text.push(']');
    }

    fn object(&mut self, text: &mut String, depth: usize, oddity: usize) {
        text.push('{');
        for index in 0..self.below(5) {
            if index > 0 || self.below(100) < oddity {
                text.push(',');
            }
            self.space(text, oddity);
            self.string(text, oddity);
            self.space(text, oddity);
            text.push(':');
            self.value(text, depth, oddity);
        }
        text.push('}');
    }
}
