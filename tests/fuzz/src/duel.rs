//! Our decoder against the oracle, over damaged messages.

use std::collections::BTreeMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use natsgen::Schemas;
use natsgen_vectors::{Oracle, Verdicts};
use serde_json::Value;

use crate::codec::Codec;
use crate::exception;
use crate::messages::MESSAGES;
use crate::mutate::damaged;
use crate::random::Random;
use crate::seeds::{self, Seeds};

/// How many disagreements are kept in words.
const SHOWN: usize = 20;

/// How many messages to damage, and how.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What all random numbers depend on.
    pub seed: u64,
    /// How many damaged messages.
    pub count: u64,
    /// How many threads work on them; each has its own random numbers, so the number changes what is tried.
    pub threads: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How many damaged messages were judged.
    pub count: u64,
    /// How many of them both accepted.
    pub accepted: u64,
    /// How many were judged otherwise by us than by the oracle, or refused at another place, without a good reason.
    pub disagreements: u64,
    /// How many made us panic.
    pub panics: u64,
    /// How many were judged otherwise for a good reason, by its name.
    pub exceptions: BTreeMap<&'static str, u64>,
    /// The first disagreements and panics in words.
    pub shown: Vec<String>,
}

/// Everything that stands for one message.
struct Opponents {
    codec: &'static Codec,
    verdicts: Verdicts,
    seeds: Seeds,
}

/// Damages messages and compares the verdicts.
///
/// # Errors
/// When schemas or corpora cannot be read.
pub fn run(plan: Plan) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let oracle =
        Oracle::new(&Schemas::read_dir(seeds::path("schema")).map_err(|error| error.to_string())?)?;
    let mut opponents = Vec::new();
    for seeds in seeds::seeds()? {
        let codec = MESSAGES.iter().find(|codec| codec.message == seeds.message);
        opponents.push(Opponents {
            codec: codec.ok_or_else(|| format!("{} has no type", seeds.message))?,
            verdicts: oracle.of(&seeds.schema)?,
            seeds,
        });
    }
    let share = |thread: u64| {
        let mut random = Random::new(
            plan.seed
                .wrapping_add(thread.wrapping_mul(0x5851_F42D_4C95_7F2D)),
        );
        let mut outcome = Outcome::default();
        let mine = plan.count / plan.threads + u64::from(thread < plan.count % plan.threads);
        for _ in 0..mine {
            let opponents = random.of(&opponents);
            let bytes = damaged(&opponents.seeds, &mut random);
            outcome.judge(opponents, &bytes);
        }
        outcome
    };
    let outcomes: Vec<Outcome> = thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads)
            .map(|thread| scope.spawn(move || share(thread)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    Ok(outcomes.into_iter().fold(Outcome::default(), Outcome::with))
}

impl Outcome {
    fn judge(&mut self, opponents: &Opponents, bytes: &[u8]) {
        self.count += 1;
        let show = |what: &str| {
            let text = String::from_utf8_lossy(bytes);
            format!("{what}: {}: {text}", opponents.codec.message)
        };
        let Ok(ours) = catch_unwind(AssertUnwindSafe(|| ours(opponents.codec, bytes))) else {
            self.panics += 1;
            return self.show(show("panic"));
        };
        let document = serde_json::from_slice::<Value>(bytes).ok();
        let document = document.as_ref();
        let is_valid = document.is_some_and(|document| opponents.verdicts.accepts(document));
        let what = match (ours, document) {
            (Ok(Ours::Accepted), _) if is_valid => {
                self.accepted += 1;
                return;
            }
            (Ok(Ours::Accepted), _) => "wrongly accepted".to_owned(),
            (Ok(Ours::Refused(_)), _) if is_valid => "wrongly refused".to_owned(),
            (Ok(Ours::Refused(_)), None) => return,
            (Ok(Ours::Refused(pointer)), Some(document)) => {
                // Where several things are wrong, any of them will do.
                let broken = opponents.verdicts.judge(document).broken;
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
            self.show(show(&what));
        }
    }

    fn show(&mut self, line: String) {
        if self.shown.len() < SHOWN {
            self.shown.push(line);
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.count += other.count;
        self.accepted += other.accepted;
        self.disagreements += other.disagreements;
        self.panics += other.panics;
        for (reason, count) in other.exceptions {
            *self.exceptions.entry(reason).or_default() += count;
        }
        other.shown.into_iter().for_each(|line| self.show(line));
        self
    }
}

/// What we say of a message.
enum Ours {
    Accepted,
    /// It is refused at this place.
    Refused(String),
}

/// What we say of a message; the way in that says otherwise than `decode`, if one does.
fn ours(codec: &Codec, bytes: &[u8]) -> Result<Ours, &'static str> {
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
        (Ok(written), Ok(owned)) if owned == written => Ok(Ours::Accepted),
        (Err(_), Err(error)) => Ok(Ours::Refused(error.pointer)),
        _ => Err("serde"),
    }
}
