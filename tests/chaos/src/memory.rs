//! The memory use of processes over time.

use std::collections::BTreeMap;
use std::fs;

use crate::Failure;

/// The growth that still counts as flat: a tenth plus 2,048 KiB.
const DIVISOR: u64 = 10;
const SLACK: u64 = 2_048;

/// The resident memory of process `id`, in KiB.
pub(crate) fn resident(id: u32) -> Result<u64, Failure> {
    of(id, "VmRSS:")
}

/// The largest resident memory that process `id` had, in KiB.
pub(crate) fn peak(id: u32) -> Result<u64, Failure> {
    of(id, "VmHWM:")
}

fn of(id: u32, value: &str) -> Result<u64, Failure> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let size = status.lines().find_map(|line| line.strip_prefix(value));
    let kib = size.and_then(|size| size.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("no resident memory")?.parse()?)
}

/// Samples of the resident memory of processes, in KiB.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<String, Vec<u64>>);

/// The average memory use of a process.
#[derive(Debug)]
pub(crate) struct Trend {
    pub(crate) process: String,
    /// In the middle third of the samples, in KiB.
    pub(crate) middle: u64,
    /// In the last third of the samples, in KiB.
    pub(crate) last: u64,
}

impl Memory {
    /// Takes a sample of process `id`.
    pub(crate) fn sample(&mut self, process: &str, id: u32) -> Result<(), Failure> {
        let samples = self.0.entry(process.to_owned()).or_default();
        samples.push(resident(id)?);
        Ok(())
    }

    /// The averages of each process.
    pub(crate) fn trends(&self) -> impl Iterator<Item = Trend> {
        self.0.iter().map(|(process, samples)| {
            let third = samples.len() / 3;
            let (rest, last) = samples.split_at(samples.len() - third);
            Trend {
                process: process.clone(),
                middle: mean(&rest[rest.len() - third..]),
                last: mean(last),
            }
        })
    }
}

impl Trend {
    /// Whether the memory use has not grown.
    pub(crate) fn is_flat(&self) -> bool {
        self.last <= self.middle + self.middle / DIVISOR + SLACK
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
    fn memory_growth_to_the_end_is_not_flat() {
        let trend = |samples: Vec<u64>| {
            let memory = Memory([("p".to_owned(), samples)].into());
            memory.trends().next().expect("a process")
        };
        let grows_early = trend([vec![10_000; 10], vec![50_000; 20]].concat());
        assert_eq!((grows_early.middle, grows_early.last), (50_000, 50_000));
        assert!(grows_early.is_flat());
        let grows_steadily = trend((0..30).map(|second| second * 2_000).collect());
        assert_eq!(
            (grows_steadily.middle, grows_steadily.last),
            (29_000, 49_000)
        );
        assert!(!grows_steadily.is_flat());
    }

    #[test]
    fn memory_sample_of_this_process_is_not_zero() {
        let mut memory = Memory::default();
        memory.sample("this", std::process::id()).expect("a sample");
        assert!(memory.0["this"][0] > 0);
    }
}
