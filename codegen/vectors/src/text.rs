//! Strings of a given length that are valid in a schema.

use super::format;
use super::schema::Schema;
use natsgen::internal::{characters, pattern};
use natsgen::model::Run;

/// The default character of a string.
const LETTER: &str = "x";

/// The string keywords of a schema.
pub(super) struct Texts<'s> {
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    shape: Shape<'s>,
    examples: Vec<&'s str>,
}

/// The form of the strings.
enum Shape<'s> {
    Any,
    Runs(Vec<Run>),
    Format(&'s str),
    /// No string can be made; only the schema's examples are valid.
    Opaque,
}

impl<'s> Texts<'s> {
    pub(super) fn new(schema: Schema<'s>) -> Self {
        let regex = schema.get("pattern").and_then(|regex| regex.as_str());
        let format = schema.get("format").and_then(|format| format.as_str());
        let shape = match (regex, format) {
            (Some(regex), None) => {
                pattern::parse(regex).map_or(Shape::Opaque, |pattern| Shape::Runs(pattern.runs))
            }
            (None, Some(name)) if format::cases(name).is_some() => Shape::Format(name),
            (None, _) => Shape::Any,
            _ => Shape::Opaque,
        };
        let (mut min, mut max) = (
            schema.count("minLength").unwrap_or(0),
            schema.count("maxLength"),
        );
        if let Shape::Runs(runs) = &shape {
            let least: u32 = runs.iter().map(|run| run.min).sum();
            let most: Option<u32> = runs.iter().map(|run| run.max).sum();
            min = min.max(usize::try_from(least).unwrap_or(usize::MAX));
            let most = most.and_then(|most| usize::try_from(most).ok());
            max = [max, most].into_iter().flatten().min();
        }
        let examples = schema.texts("examples");
        Self {
            min,
            max,
            shape,
            examples,
        }
    }

    /// Whether only the length is constrained.
    pub(super) fn is_any(&self) -> bool {
        matches!(self.shape, Shape::Any)
    }

    /// A short string.
    pub(super) fn shortest(&self) -> Option<String> {
        match self.shape {
            Shape::Any | Shape::Runs(_) => self.of_length(self.min),
            Shape::Format(name) => format::cases(name)?
                .valid
                .first()
                .map(|text| (*text).to_owned()),
            Shape::Opaque => self.examples.first().map(|text| (*text).to_owned()),
        }
    }

    /// A typical string.
    pub(super) fn typical(&self) -> Option<String> {
        match self.examples.first() {
            Some(text) => Some((*text).to_owned()),
            None => self.of_length(self.min.max(1)).or_else(|| self.shortest()),
        }
    }

    /// A string of the given length in characters. Returns `None` if no pattern or format has such a string.
    pub(super) fn of_length(&self, length: usize) -> Option<String> {
        match &self.shape {
            Shape::Any => Some(LETTER.repeat(length)),
            Shape::Runs(runs) => filled(runs, length),
            Shape::Format(_) | Shape::Opaque => None,
        }
    }

    /// `count` distinct strings. Returns `None` if there are fewer, or if they cannot be made.
    pub(super) fn distinct(&self, count: usize) -> Option<Vec<String>> {
        let runs = match &self.shape {
            Shape::Any => return self.numbered(count),
            Shape::Runs(runs) => runs,
            Shape::Format(_) | Shape::Opaque => return None,
        };
        let widest = runs
            .iter()
            .enumerate()
            .max_by_key(|(_, run)| run.max.unwrap_or(u32::MAX));
        let (place, run) = widest?;
        let alphabet = alphabet(&run.class);
        let part = |run: &Run| alphabet_of(run).repeat(usize::try_from(run.min).unwrap_or(0));
        let before: String = runs[..place].iter().map(part).collect();
        let after: String = runs[place + 1..].iter().map(part).collect();
        let around = before.len() + after.len();
        let width = (0..=usize::try_from(run.max.unwrap_or(64)).ok()?)
            .find(|&width| width + around >= self.min && power(alphabet.len(), width) >= count)?;
        let texts = (0..count)
            .map(|number| format!("{before}{}{after}", written(number, &alphabet, width)));
        Some(texts.collect())
    }

    /// A string of all allowed characters, up to the maximal length and to 64 characters, if a single class describes it.
    pub(super) fn all_characters(&self) -> Option<String> {
        let Shape::Runs(runs) = &self.shape else {
            return None;
        };
        let [run] = &runs[..] else {
            return None;
        };
        let letters = alphabet(&run.class);
        let max = self.max.unwrap_or(letters.len());
        let text: String = letters
            .into_iter()
            .cycle()
            .take(self.min.max(max.min(64)))
            .collect();
        Some(text)
    }

    /// Strings that are nearly valid.
    pub(super) fn near_misses(&self) -> Vec<String> {
        let usual = self.typical().unwrap_or_default();
        let mut wrong = vec![
            String::new(),
            format!("{usual} "),
            format!("{usual}\n"),
            usual.to_uppercase(),
        ];
        if let Some(max) = self.max.filter(|max| *max <= 1_024) {
            let last = usual.chars().last().unwrap_or('x');
            wrong.push(
                usual
                    .chars()
                    .chain(std::iter::repeat(last))
                    .take(max + 1)
                    .collect(),
            );
        }
        wrong
    }

    fn numbered(&self, count: usize) -> Option<Vec<String>> {
        let width = self.min.saturating_sub(1);
        let texts: Vec<String> = (0..count)
            .map(|number| format!("k{number:0width$}"))
            .collect();
        let fits = |text: &String| self.max.is_none_or(|max| text.len() <= max);
        texts.iter().all(fits).then_some(texts)
    }
}

/// A string of the runs, with the given length in characters.
fn filled(runs: &[Run], length: usize) -> Option<String> {
    let least: usize = runs
        .iter()
        .map(|run| usize::try_from(run.min).unwrap_or(0))
        .sum();
    let mut missing = length.checked_sub(least)?;
    let mut text = String::new();
    for run in runs {
        let min = usize::try_from(run.min).ok()?;
        let room = run.max.map_or(usize::MAX, |max| {
            usize::try_from(max - run.min).unwrap_or(0)
        });
        let more = missing.min(room);
        missing -= more;
        text.push_str(&alphabet_of(run).repeat(min + more));
    }
    (missing == 0).then_some(text)
}

/// A short string of the runs.
pub(super) fn of_runs(runs: &[Run]) -> String {
    let least = |run: &Run| usize::try_from(run.min.max(u32::from(run.max.is_none()))).unwrap_or(1);
    runs.iter()
        .map(|run| alphabet_of(run).repeat(least(run)))
        .collect()
}

/// The character that represents a class.
fn alphabet_of(run: &Run) -> String {
    alphabet(&run.class)
        .first()
        .map(char::to_string)
        .unwrap_or_default()
}

/// The characters of a class, lower-case letters first.
fn alphabet(class: &str) -> Vec<char> {
    let set = characters(class);
    let mut found: Vec<char> = (0..128_u8)
        .filter(|letter| set & (1 << letter) != 0)
        .map(char::from)
        .collect();
    found.sort_by_key(|letter| !letter.is_ascii_lowercase());
    found
}

fn power(base: usize, exponent: usize) -> usize {
    (0..exponent).fold(1, |power: usize, _| power.saturating_mul(base))
}

/// A number in the digits of an alphabet.
fn written(mut number: usize, alphabet: &[char], width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        digits.push(alphabet[number % alphabet.len()]);
        number /= alphabet.len();
    }
    digits.into_iter().rev().collect()
}
