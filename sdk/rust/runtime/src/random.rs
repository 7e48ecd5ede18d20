//! Random names.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Generates names: a random prefix of 64 bits and a counter.
#[derive(Debug)]
pub(crate) struct Names {
    prefix: String,
    next: AtomicU64,
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut prefix = String::new();
        push_number(&mut prefix, number());
        prefix.push('-');
        Self {
            prefix,
            next: AtomicU64::new(0),
        }
    }

    /// The next name: about fifteen letters, digits and a hyphen.
    pub(crate) fn next(&self) -> String {
        let mut name = String::with_capacity(self.prefix.len() + 11);
        name.push_str(&self.prefix);
        push_number(&mut name, self.next.fetch_add(1, Ordering::Relaxed));
        name
    }
}

/// Returns about 22 ASCII letters and digits with 128 bits of randomness from the operating system.
///
/// # Panics
/// If the operating system supplies no randomness.
#[must_use]
pub fn token() -> String {
    let mut token = String::with_capacity(22);
    push_number(&mut token, number());
    push_number(&mut token, number());
    token
}

/// Random numbers from the operating system, read in blocks. A block costs about as much as a single number.
pub(crate) struct Numbers(Vec<u64>);

/// The number of random numbers in a block.
const BLOCK: usize = 128;

impl Numbers {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the next number, which is used only once.
    pub(crate) fn next(&mut self) -> u64 {
        if let Some(number) = self.0.pop() {
            return number;
        }
        let mut block = [0; BLOCK * 8];
        getrandom::fill(&mut block).expect("the operating system supplies randomness");
        let (words, _) = block.as_chunks::<8>();
        self.0
            .extend(words.iter().map(|word| u64::from_le_bytes(*word)));
        self.0.pop().unwrap_or_else(number)
    }
}

impl fmt::Debug for Numbers {
    /// Shows no number, because the numbers must stay unpredictable.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Numbers")
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self::new()
    }
}

/// A random number from the operating system.
pub(crate) fn number() -> u64 {
    getrandom::u64().expect("the operating system supplies randomness")
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_and_names_do_not_repeat() {
        const COUNT: usize = 100_000;
        let (mut numbers, names) = (Numbers::new(), Names::new());
        let numbers: HashSet<_> = (0..COUNT).map(|_| numbers.next()).collect();
        let names: HashSet<_> = (0..COUNT).map(|_| names.next()).collect();
        assert_eq!((numbers.len(), names.len()), (COUNT, COUNT));
    }
}
