//! Names that nobody else has.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Makes names that are unique to it and, as good as certainly, in the world: a random part and a number.
#[derive(Debug)]
pub(crate) struct Names {
    random: String,
    last: AtomicU64,
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut random = String::new();
        push_number(&mut random, number());
        random.push('-');
        Self {
            random,
            last: AtomicU64::new(0),
        }
    }

    /// One more name: about fifteen letters, digits and a hyphen.
    pub(crate) fn next(&self) -> String {
        let mut name = String::with_capacity(self.random.len() + 11);
        name.push_str(&self.random);
        push_number(&mut name, self.last.fetch_add(1, Ordering::Relaxed));
        name
    }
}

/// About 22 ASCII letters and digits that nobody can guess: a name that nobody else has.
#[must_use]
pub fn token() -> String {
    let mut token = String::with_capacity(22);
    push_number(&mut token, number());
    push_number(&mut token, number());
    token
}

/// The standard library seeds each hash map from the system's randomness; that is all that is needed here.
pub(crate) fn number() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn push_number(text: &mut String, mut number: u64) {
    loop {
        text.push(char::from(
            DIGITS[usize::try_from(number % 62).unwrap_or_default()],
        ));
        number /= 62;
        if number == 0 {
            break;
        }
    }
}
