//! Random names.

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
