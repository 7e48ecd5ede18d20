//! How much memory processes have over time.

use std::collections::BTreeMap;
use std::fs;

use crate::Failure;

/// How much more than before is still flat: by part, and in KiB.
const PART: u64 = 10;
const SLACK: u64 = 2_048;

/// Samples of the resident memory of processes, in KiB.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<String, Vec<u64>>);

/// What a process had on average.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) process: String,
    /// In the middle third, in KiB.
    pub(crate) middle: u64,
    /// In the last third.
    pub(crate) last: u64,
}

impl Memory {
    /// Takes a sample of the process `id`.
    pub(crate) fn sample(&mut self, process: &str, id: u32) -> Result<(), Failure> {
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.ok_or("no resident memory")?.trim();
        let kib = resident.strip_suffix(" kB").ok_or("an unknown unit")?;
        let samples = self.0.entry(process.to_owned()).or_default();
        samples.push(kib.parse()?);
        Ok(())
    }

    /// How it went with each.
    pub(crate) fn courses(&self) -> impl Iterator<Item = Course> {
        self.0.iter().map(|(process, samples)| {
            let third = samples.len() / 3;
            let (rest, last) = samples.split_at(samples.len() - third);
            Course {
                process: process.clone(),
                middle: mean(&rest[rest.len() - third..]),
                last: mean(last),
            }
        })
    }
}

impl Course {
    /// Whether it has not grown.
    pub(crate) fn is_flat(&self) -> bool {
        self.last <= self.middle + self.middle / PART + SLACK
    }
}

fn mean(samples: &[u64]) -> u64 {
    let count = u64::try_from(samples.len()).unwrap_or(u64::MAX);
    samples.iter().sum::<u64>() / count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_to_the_end_is_not_flat() {
        let course = |samples: Vec<u64>| {
            let memory = Memory([("p".to_owned(), samples)].into());
            memory.courses().next().expect("a process")
        };
        let grows_first = course([vec![10_000; 10], vec![50_000; 20]].concat());
        assert_eq!((grows_first.middle, grows_first.last), (50_000, 50_000));
        assert!(grows_first.is_flat());
        let grows_on = course((0..30).map(|second| second * 2_000).collect());
        assert_eq!((grows_on.middle, grows_on.last), (29_000, 49_000));
        assert!(!grows_on.is_flat());
    }

    #[test]
    fn a_process_has_memory() {
        let mut memory = Memory::default();
        memory.sample("this", std::process::id()).expect("a sample");
        assert!(memory.0["this"][0] > 0);
    }
}
