//! Reads the journals of the scenario `connector` while its processes append to them, and checks them.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use crate::Failure;
use crate::event_processes::LANES;
use crate::history::{Guarantee, History, Outcome};

/// The events of a round.
#[derive(Debug, Default)]
pub(crate) struct EventJournals {
    /// The number of events that are stored.
    pub(crate) stored: u64,
    /// The number of events that are consumed.
    pub(crate) consumed: u64,
    /// The number of deliveries that repeat an earlier delivery.
    pub(crate) redelivered: u64,
    /// The number of events that were first consumed after a later event of their subject.
    pub(crate) out_of_order: u64,
    /// The places in the stream of each consumed event.
    places: HashSet<(u64, u64)>,
    known: HashSet<u64>,
    /// The highest event of each subject.
    highest: BTreeMap<u64, u64>,
    ends: [u64; 2],
}

impl EventJournals {
    /// Begins an operation in the history for each event.
    pub(crate) fn begin(events: u64, history: &History) -> Self {
        for _ in 0..events {
            history.begin(Guarantee::ExactlyOnce);
        }
        Self::default()
    }

    /// Reads the new lines of both journals.
    pub(crate) fn read(
        &mut self,
        producer: &Path,
        consumer: &Path,
        history: &History,
    ) -> Result<(), Failure> {
        for line in new_lines(producer, &mut self.ends[0])? {
            self.stored += 1;
            history.finish(line.parse()?, Outcome::Acknowledged);
        }
        for line in new_lines(consumer, &mut self.ends[1])? {
            let (number, place) = line.split_once(' ').ok_or("a line without a place")?;
            self.consume(number.parse()?, place.parse()?, history);
        }
        Ok(())
    }

    /// Counts a delivery. An event with two places in the stream was stored twice.
    fn consume(&mut self, number: u64, place: u64, history: &History) {
        if !self.places.insert((number, place)) {
            self.redelivered += 1;
            return;
        }
        history.executed(number);
        if self.known.insert(number) {
            self.consumed += 1;
            let highest = self.highest.entry(number % LANES).or_default();
            self.out_of_order += u64::from(number < *highest);
            *highest = number.max(*highest);
        }
    }
}

/// Returns the complete lines after `end`, and moves `end` behind them.
fn new_lines(journal: &Path, end: &mut u64) -> io::Result<Vec<String>> {
    let mut file = File::open(journal)?;
    file.seek(SeekFrom::Start(*end))?;
    let mut reader = BufReader::new(file);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let bytes = reader.read_line(&mut line)?;
        if !line.ends_with('\n') {
            return Ok(lines);
        }
        *end += u64::try_from(bytes).map_err(io::Error::other)?;
        line.pop();
        lines.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::Counts;

    #[test]
    fn event_journals_count_each_violation() {
        let check = |deliveries: &[(u64, u64)], expected: [u64; 4]| {
            let history = History::default();
            let mut journals = EventJournals::begin(2 * LANES, &history);
            for (number, place) in deliveries {
                journals.consume(*number, *place, &history);
            }
            let EventJournals {
                consumed,
                redelivered,
                out_of_order,
                ..
            } = journals;
            let twice = Counts::of(&history).executed_twice;
            assert_eq!(
                [consumed, redelivered, out_of_order, twice],
                expected,
                "{deliveries:?}"
            );
        };
        check(&[(0, 1), (1, 2), (LANES, 3)], [3, 0, 0, 0]);
        check(&[(0, 1), (0, 1)], [1, 1, 0, 0]);
        check(&[(0, 1), (0, 2)], [1, 0, 0, 1]);
        check(&[(LANES, 1), (1, 2), (0, 3)], [3, 0, 1, 0]);
    }
}
