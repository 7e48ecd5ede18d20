//! Input and output of the peers in Rust.

use std::sync::Mutex;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines, Stdin};

use crate::Error;

/// An order for a client.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Order {
    case: String,
    pub(crate) operation: String,
    pub(crate) params: Map<String, Json>,
    pub(crate) request: Json,
    /// Whether the operation is an event. Only the raw peer does not know it.
    #[serde(default)]
    pub(crate) is_event: bool,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) cancel_ms: Option<u64>,
    /// The number of calls side by side, or of events one after the other.
    pub(crate) times: Option<usize>,
    /// The pointer of an integer that counts the events from 0.
    pub(crate) number: Option<String>,
}

impl Order {
    /// The result line.
    pub(crate) fn line(&self, mut result: Json) -> Json {
        result["case"] = self.case.as_str().into();
        result
    }
}

/// An answer of a server.
#[derive(Debug, Deserialize)]
struct Entry {
    operation: String,
    request: Json,
    answer: Json,
    #[serde(default)]
    delay_ms: u64,
    #[serde(default)]
    retry_after_ms: u64,
}

/// The answers of a server.
pub(crate) struct Answers(Mutex<Vec<Entry>>);

impl Answers {
    /// Reads answers up to an empty line.
    pub(crate) async fn read(input: &mut Input) -> Result<Self, Error> {
        let mut entries = Vec::new();
        while let Some(line) = input.next_line().await? {
            if line.is_empty() {
                break;
            }
            entries.push(serde_json::from_str(&line)?);
        }
        Ok(Self(Mutex::new(entries)))
    }

    /// The next answer to a request; the last answer stays. Its member `delay_ms` is the time to wait before,
    /// and `retry_after_ms` the time of the next attempt.
    pub(crate) fn take(&self, operation: &str, request: &Json) -> Option<Json> {
        let mut entries = self.0.lock().ok()?;
        let mut places = (0..entries.len()).filter(|place| {
            let entry = &entries[*place];
            entry.operation == operation && is_equal(&entry.request, request)
        });
        let first = places.next()?;
        let is_last = places.next().is_none();
        let entry = &entries[first];
        let mut answer = entry.answer.clone();
        for (member, millis) in [
            ("delay_ms", entry.delay_ms),
            ("retry_after_ms", entry.retry_after_ms),
        ] {
            if millis > 0 {
                answer[member] = millis.into();
            }
        }
        if !is_last {
            entries.remove(first);
        }
        Some(answer)
    }
}

/// The lines of the standard input.
pub(crate) type Input = Lines<BufReader<Stdin>>;

pub(crate) fn input() -> Input {
    BufReader::new(tokio::io::stdin()).lines()
}

/// Prints a line for the runner.
pub(crate) fn print(line: &Json) {
    println!("{line}");
}

/// Whether two values are equal. `1` equals `1.0`.
pub(crate) fn is_equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            let has_float = left.is_f64() || right.is_f64();
            left == right || has_float && left.as_f64() == right.as_f64()
        }
        (Json::Array(left), Json::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(left, right)| is_equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            let is_in_right = |(key, value): (&String, &Json)| {
                right.get(key).is_some_and(|other| is_equal(value, other))
            };
            left.len() == right.len() && left.iter().all(is_in_right)
        }
        _ => left == right,
    }
}
