//! The decoder against the reference validator, over mutated messages.

use std::collections::BTreeMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use natsgen::Schemas;
use natsgen_vectors::{ReferenceValidator, TypeValidator};
use serde_json::Value;

use crate::codec::Codec;
use crate::exception;
use crate::messages::MESSAGES;
use crate::mutate::damaged;
use crate::random::Random;
use crate::seeds::{self, Seeds};

/// The number of disagreements that are described.
const MAX_EXAMPLES: usize = 20;

/// The number of mutations and their seed.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The seed of all random numbers.
    pub seed: u64,
    /// The number of mutated messages.
    pub count: u64,
    /// The number of threads. Each thread has random numbers of its own, so the number changes the mutations.
    pub threads: u64,
}

/// The results.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The number of validated messages.
    pub count: u64,
    /// The number of messages that both sides accepted.
    pub accepted: u64,
    /// The number of messages with different results, or refused at different places, without a known reason.
    pub disagreements: u64,
    /// The number of panics of the decoder.
    pub panics: u64,
    /// The number of messages with different results for a known reason, by the name of the reason.
    pub exceptions: BTreeMap<&'static str, u64>,
    /// The first disagreements and panics, as text.
    pub examples: Vec<String>,
}

/// The state of the comparison for a message type.
struct TypeComparison {
    codec: &'static Codec,
    validator: TypeValidator,
    seeds: Seeds,
}

/// Mutates messages and compares the results.
///
/// # Errors
/// If schemas or corpora cannot be read.
pub fn run(plan: Plan) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let reference = ReferenceValidator::new(
        &Schemas::read_dir(seeds::path("schema")).map_err(|error| error.to_string())?,
    )?;
    let mut comparisons = Vec::new();
    for seeds in seeds::seeds()? {
        let codec = MESSAGES.iter().find(|codec| codec.message == seeds.message);
        comparisons.push(TypeComparison {
            codec: codec.ok_or_else(|| format!("{} has no type", seeds.message))?,
            validator: reference.of(&seeds.schema)?,
            seeds,
        });
    }
    let run_thread = |thread: u64| {
        let mut random = Random::new(
            plan.seed
                .wrapping_add(thread.wrapping_mul(0x5851_F42D_4C95_7F2D)),
        );
        let mut outcome = Outcome::default();
        let count = plan.count / plan.threads + u64::from(thread < plan.count % plan.threads);
        for _ in 0..count {
            let comparison = random.of(&comparisons);
            let bytes = damaged(&comparison.seeds, &mut random);
            outcome.compare(comparison, &bytes);
        }
        outcome
    };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads)
            .map(|thread| scope.spawn(move || run_thread(thread)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    Ok(outcomes
        .into_iter()
        .fold(Outcome::default(), Outcome::merge))
}

impl Outcome {
    fn compare(&mut self, comparison: &TypeComparison, bytes: &[u8]) {
        self.count += 1;
        let describe = |difference: &str| {
            let text = String::from_utf8_lossy(bytes);
            format!("{difference}: {}: {text}", comparison.codec.message)
        };
        let Ok(decoded) = catch_unwind(AssertUnwindSafe(|| decode(comparison.codec, bytes))) else {
            self.panics += 1;
            return self.add_example(describe("panic"));
        };
        let document = serde_json::from_slice::<Value>(bytes).ok();
        let document = document.as_ref();
        let is_valid = document.is_some_and(|document| comparison.validator.accepts(document));
        let difference = match (decoded, document) {
            (Ok(DecoderResult::Accepted), _) if is_valid => {
                self.accepted += 1;
                return;
            }
            (Ok(DecoderResult::Accepted), _) => "wrongly accepted".to_owned(),
            (Ok(DecoderResult::Refused(_)), _) if is_valid => "wrongly refused".to_owned(),
            (Ok(DecoderResult::Refused(_)), None) => return,
            (Ok(DecoderResult::Refused(pointer)), Some(document)) => {
                // If a document has several errors, any of their places is right.
                let broken = comparison.validator.validate(document).broken;
                if broken.iter().any(|(place, _)| *place == pointer) {
                    return;
                }
                format!("refused at {pointer:?} instead of {broken:?}")
            }
            (Err(way), _) => format!("{way} differs from decode"),
        };
        if let Some(reason) = exception::of(bytes) {
            *self.exceptions.entry(reason).or_default() += 1;
        } else {
            self.disagreements += 1;
            self.add_example(describe(&difference));
        }
    }

    fn add_example(&mut self, line: String) {
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(line);
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.count += other.count;
        self.accepted += other.accepted;
        self.disagreements += other.disagreements;
        self.panics += other.panics;
        for (reason, count) in other.exceptions {
            *self.exceptions.entry(reason).or_default() += count;
        }
        other
            .examples
            .into_iter()
            .for_each(|line| self.add_example(line));
        self
    }
}

/// The result of the decoder on a message.
enum DecoderResult {
    Accepted,
    /// The message is refused at this place.
    Refused(String),
}

/// The result of the decoder on a message. If a way of decoding differs from `decode`, the name of that way.
fn decode(codec: &Codec, bytes: &[u8]) -> Result<DecoderResult, &'static str> {
    let owned = (codec.reread)(bytes);
    let borrowed = (codec.borrowed)(bytes);
    let is_same = match (&owned, &borrowed) {
        (Ok(written), Ok(borrowed)) => borrowed.iter().all(|borrowed| borrowed == written),
        (Err(error), Err(borrowed)) => error == borrowed,
        _ => false,
    };
    if !is_same {
        return Err("borrowed");
    }
    match ((codec.serde)(bytes), owned) {
        (Ok(written), Ok(owned)) if owned == written => Ok(DecoderResult::Accepted),
        (Err(_), Err(error)) => Ok(DecoderResult::Refused(error.pointer)),
        _ => Err("serde"),
    }
}
