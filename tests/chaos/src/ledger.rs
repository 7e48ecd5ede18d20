//! The books: what was asked, what came of it, and how often it was executed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use natsgen_runtime::{Failure, NoAnswer, Refused, StandardFault};
use tokio::time::sleep;

/// How often to look into the books.
const PAUSE: Duration = Duration::from_millis(5);

/// What a caller may count on, beside that the call ends and is executed at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// Nothing more: it may have to wait until its own time is over.
    Once,
    /// Word before its own time is over, be it that nobody knows.
    Word,
    /// An answer, and that it was executed.
    ExactlyOnce,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was executed.
    Acknowledged,
    /// It failed where it was executed, as its fault says.
    Failed,
    /// The server says that it was not executed.
    Refused,
    /// It reached no server, and so was not executed.
    Undelivered,
    /// Nobody knows.
    Unknown(NoAnswer),
    /// The answer is none to this call.
    Confused,
}

/// The books of one round.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
    /// Odd while all is well, and nobody does anything to it.
    weather: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    promise: Promise,
    /// The weather when it was asked.
    weather: u64,
    /// Whether it failed although all was well all the time.
    is_unprovoked: bool,
    end: Option<End>,
    executed: u64,
}

/// What the books say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Calls that did not end although their time was over.
    pub(crate) calls_without_end: u64,
    /// Acknowledged, and not executed.
    pub(crate) acknowledged_lost: u64,
    /// Executed more than once.
    pub(crate) executed_twice: u64,
    /// No word, where there must be.
    pub(crate) silent_drops: u64,
    /// Executed, although the caller was told that it was not.
    pub(crate) refused_yet_executed: u64,
    /// Answered with what was another's answer, or none at all.
    pub(crate) confused_replies: u64,
    /// Not acknowledged or not executed, where both were promised.
    pub(crate) not_exactly_once: u64,
    /// Failed although nothing was done to anything.
    pub(crate) unprovoked: u64,
    /// All.
    pub(crate) calls: u64,
    pub(crate) acknowledged: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    pub(crate) undelivered: u64,
    pub(crate) unknown: u64,
    /// Those whose outcome is unknown to the caller that were executed.
    pub(crate) unknown_executed: u64,
}

impl End {
    /// What a failure says of the call.
    pub(crate) fn of<F>(failure: &Failure<F>) -> Self {
        match failure {
            Failure::NotEncoded(_) | Failure::NotDelivered(_) => Self::Undelivered,
            Failure::NoAnswer(reason) => Self::Unknown(*reason),
            Failure::Refused(Refused::Standard(fault)) if fault.is_retryable() => Self::Refused,
            Failure::Refused(Refused::Standard(StandardFault::Internal) | Refused::Fault(_)) => {
                Self::Failed
            }
            _ => Self::Confused,
        }
    }
}

impl Ledger {
    /// Notes that something is asked. Its number.
    pub(crate) fn ask(&self, promise: Promise) -> u64 {
        let mut entries = self.entries();
        entries.push(Entry {
            promise,
            weather: self.weather.load(Ordering::SeqCst),
            is_unprovoked: false,
            end: None,
            executed: 0,
        });
        number(entries.len() - 1)
    }

    /// Notes what came of it.
    pub(crate) fn end(&self, number: u64, end: End) {
        let weather = self.weather.load(Ordering::SeqCst);
        self.change(number, |entry| {
            entry.end = Some(end);
            let is_fair = weather % 2 == 1 && weather == entry.weather;
            entry.is_unprovoked = is_fair && end != End::Acknowledged;
        });
    }

    /// From now on all is well, so that no call has a reason to fail until something is done; or no longer.
    pub(crate) fn change_weather(&self) {
        self.weather.fetch_add(1, Ordering::SeqCst);
    }

    /// Notes that it was executed, once more.
    pub(crate) fn executed(&self, number: u64) {
        self.change(number, |entry| entry.executed += 1);
    }

    /// How many have ended.
    pub(crate) fn ended(&self) -> u64 {
        self.count(|end| end.is_some())
    }

    /// How many were acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.count(|end| end == Some(End::Acknowledged))
    }

    /// Waits until so many were acknowledged.
    pub(crate) async fn until_acknowledged(&self, calls: u64) {
        while self.acknowledged() < calls {
            sleep(PAUSE).await;
        }
    }

    /// What the books say now.
    pub(crate) fn settle(&self) -> Counts {
        let mut counts = Counts::default();
        for entry in self.entries().iter() {
            counts.add(entry);
        }
        counts
    }

    fn count(&self, is_counted: impl Fn(Option<End>) -> bool) -> u64 {
        let entries = self.entries();
        number(entries.iter().filter(|entry| is_counted(entry.end)).count())
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(entry) = self.entries().get_mut(index) {
            change(entry);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Whether nothing happened that must not.
    pub(crate) fn is_clean(&self) -> bool {
        self.violations().iter().all(|(_, count)| *count == 0)
    }

    /// What must be zero.
    pub(crate) fn violations(&self) -> [(&'static str, u64); 8] {
        [
            ("calls_without_end", self.calls_without_end),
            ("acknowledged_lost", self.acknowledged_lost),
            ("executed_twice", self.executed_twice),
            ("silent_drops", self.silent_drops),
            ("refused_yet_executed", self.refused_yet_executed),
            ("confused_replies", self.confused_replies),
            ("not_exactly_once", self.not_exactly_once),
            ("unprovoked", self.unprovoked),
        ]
    }

    /// What may be anything.
    pub(crate) fn outcomes(&self) -> [(&'static str, u64); 7] {
        [
            ("calls", self.calls),
            ("acknowledged", self.acknowledged),
            ("failed", self.failed),
            ("refused", self.refused),
            ("undelivered", self.undelivered),
            ("unknown", self.unknown),
            ("unknown_executed", self.unknown_executed),
        ]
    }

    fn add(&mut self, entry: &Entry) {
        let is_executed = u64::from(entry.executed > 0);
        self.calls += 1;
        self.executed_twice += u64::from(entry.executed > 1);
        self.unprovoked += u64::from(entry.is_unprovoked);
        match entry.end {
            None => self.calls_without_end += 1,
            Some(End::Acknowledged) => {
                self.acknowledged += 1;
                self.acknowledged_lost += 1 - is_executed;
            }
            Some(End::Failed) => self.failed += 1,
            Some(End::Refused) => {
                self.refused += 1;
                self.refused_yet_executed += is_executed;
            }
            Some(End::Undelivered) => {
                self.undelivered += 1;
                self.refused_yet_executed += is_executed;
            }
            Some(End::Unknown(reason)) => {
                self.unknown += 1;
                self.unknown_executed += is_executed;
                let is_silent = entry.promise == Promise::Word && reason == NoAnswer::TimedOut;
                self.silent_drops += u64::from(is_silent);
            }
            Some(End::Confused) => self.confused_replies += 1,
        }
        let is_kept = entry.end == Some(End::Acknowledged) && entry.executed == 1;
        self.not_exactly_once += u64::from(entry.promise == Promise::ExactlyOnce && !is_kept);
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.calls_without_end += other.calls_without_end;
        self.acknowledged_lost += other.acknowledged_lost;
        self.executed_twice += other.executed_twice;
        self.silent_drops += other.silent_drops;
        self.refused_yet_executed += other.refused_yet_executed;
        self.confused_replies += other.confused_replies;
        self.not_exactly_once += other.not_exactly_once;
        self.unprovoked += other.unprovoked;
        self.calls += other.calls;
        self.acknowledged += other.acknowledged;
        self.failed += other.failed;
        self.refused += other.refused;
        self.undelivered += other.undelivered;
        self.unknown += other.unknown;
        self.unknown_executed += other.unknown_executed;
    }
}

fn number(index: usize) -> u64 {
    u64::try_from(index).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_breach_is_counted_as_what_it_is() {
        let check = |promise, end, executed, breach: &str| {
            let ledger = Ledger::default();
            let number = ledger.ask(promise);
            (0..executed).for_each(|_| ledger.executed(number));
            if let Some(end) = end {
                ledger.end(number, end);
            }
            let violations = ledger.settle().violations();
            let found: Vec<_> = violations.iter().filter(|(_, count)| *count > 0).collect();
            let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
            assert_eq!(names.join(" "), breach, "{promise:?} {end:?} {executed}");
        };
        let lost = End::Unknown(NoAnswer::Disconnected);
        let late = End::Unknown(NoAnswer::TimedOut);
        check(Promise::Once, None, 0, "calls_without_end");
        check(
            Promise::Once,
            Some(End::Acknowledged),
            0,
            "acknowledged_lost",
        );
        check(Promise::Once, Some(End::Acknowledged), 1, "");
        check(Promise::Once, Some(lost), 2, "executed_twice");
        check(Promise::Once, Some(late), 1, "");
        check(Promise::Word, Some(late), 1, "silent_drops");
        check(Promise::Word, Some(lost), 1, "");
        check(Promise::Word, Some(End::Refused), 1, "refused_yet_executed");
        check(
            Promise::Word,
            Some(End::Undelivered),
            1,
            "refused_yet_executed",
        );
        check(Promise::Once, Some(End::Confused), 1, "confused_replies");
        check(Promise::ExactlyOnce, Some(End::Acknowledged), 1, "");
        check(Promise::ExactlyOnce, Some(lost), 1, "not_exactly_once");
    }
}
