//! The checker: counts the outcomes in a history, and the violations of guarantees.

use natsgen_runtime::NoAnswer;

use crate::history::{Guarantee, History, Operation, Outcome};

/// The results of the checker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Operations that did not finish within their timeout and the grace period.
    pub(crate) calls_without_end: u64,
    /// Acknowledged operations that were not executed.
    pub(crate) acknowledged_lost: u64,
    /// Operations that were executed more than once.
    pub(crate) executed_twice: u64,
    /// Operations that ran into their timeout although their guarantee excludes that.
    pub(crate) silent_drops: u64,
    /// Operations that were executed although the caller got a refusal.
    pub(crate) refused_yet_executed: u64,
    /// Operations that got the reply of another operation, or an unreadable reply.
    pub(crate) mismatched_replies: u64,
    /// Operations that were not acknowledged or not executed although both were guaranteed.
    pub(crate) not_exactly_once: u64,
    /// Operations that failed while no fault was active.
    pub(crate) failed_without_fault: u64,
    /// All operations.
    pub(crate) calls: u64,
    pub(crate) acknowledged: u64,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    pub(crate) undelivered: u64,
    pub(crate) unknown: u64,
    /// Operations with an unknown outcome that were executed.
    pub(crate) unknown_executed: u64,
}

impl Counts {
    /// Checks a history.
    pub(crate) fn of(history: &History) -> Self {
        let mut counts = Self::default();
        history.for_each(|operation| counts.add(operation));
        counts
    }

    /// Whether the checker found no violation.
    pub(crate) fn is_clean(&self) -> bool {
        self.violations().iter().all(|(_, count)| *count == 0)
    }

    /// The counts that must be zero.
    pub(crate) fn violations(&self) -> [(&'static str, u64); 8] {
        [
            ("calls_without_end", self.calls_without_end),
            ("acknowledged_lost", self.acknowledged_lost),
            ("executed_twice", self.executed_twice),
            ("silent_drops", self.silent_drops),
            ("refused_yet_executed", self.refused_yet_executed),
            ("mismatched_replies", self.mismatched_replies),
            ("not_exactly_once", self.not_exactly_once),
            ("failed_without_fault", self.failed_without_fault),
        ]
    }

    /// The counts without a required value.
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

    fn add(&mut self, operation: &Operation) {
        let is_executed = u64::from(operation.executed > 0);
        self.calls += 1;
        self.executed_twice += u64::from(operation.executed > 1);
        self.failed_without_fault += u64::from(operation.is_without_fault);
        match operation.outcome {
            None => self.calls_without_end += 1,
            Some(Outcome::Acknowledged) => {
                self.acknowledged += 1;
                self.acknowledged_lost += 1 - is_executed;
            }
            Some(Outcome::Failed) => self.failed += 1,
            Some(Outcome::Refused) => {
                self.refused += 1;
                self.refused_yet_executed += is_executed;
            }
            Some(Outcome::Undelivered) => {
                self.undelivered += 1;
                self.refused_yet_executed += is_executed;
            }
            Some(Outcome::Unknown(reason)) => {
                self.unknown += 1;
                self.unknown_executed += is_executed;
                let is_silent =
                    operation.guarantee == Guarantee::InTime && reason == NoAnswer::TimedOut;
                self.silent_drops += u64::from(is_silent);
            }
            Some(Outcome::Mismatched) => self.mismatched_replies += 1,
        }
        let is_kept = operation.outcome == Some(Outcome::Acknowledged) && operation.executed == 1;
        self.not_exactly_once +=
            u64::from(operation.guarantee == Guarantee::ExactlyOnce && !is_kept);
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.calls_without_end += other.calls_without_end;
        self.acknowledged_lost += other.acknowledged_lost;
        self.executed_twice += other.executed_twice;
        self.silent_drops += other.silent_drops;
        self.refused_yet_executed += other.refused_yet_executed;
        self.mismatched_replies += other.mismatched_replies;
        self.not_exactly_once += other.not_exactly_once;
        self.failed_without_fault += other.failed_without_fault;
        self.calls += other.calls;
        self.acknowledged += other.acknowledged;
        self.failed += other.failed;
        self.refused += other.refused;
        self.undelivered += other.undelivered;
        self.unknown += other.unknown;
        self.unknown_executed += other.unknown_executed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checker_counts_each_violation() {
        let check = |guarantee, outcome, executed, violation: &str| {
            let history = History::default();
            let number = history.begin(guarantee);
            (0..executed).for_each(|_| history.executed(number));
            if let Some(outcome) = outcome {
                history.finish(number, outcome);
            }
            let violations = Counts::of(&history).violations();
            let found: Vec<_> = violations.iter().filter(|(_, count)| *count > 0).collect();
            let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
            assert_eq!(
                names.join(" "),
                violation,
                "{guarantee:?} {outcome:?} {executed}"
            );
        };
        let lost = Outcome::Unknown(NoAnswer::Disconnected);
        let late = Outcome::Unknown(NoAnswer::TimedOut);
        check(Guarantee::AtMostOnce, None, 0, "calls_without_end");
        check(
            Guarantee::AtMostOnce,
            Some(Outcome::Acknowledged),
            0,
            "acknowledged_lost",
        );
        check(Guarantee::AtMostOnce, Some(Outcome::Acknowledged), 1, "");
        check(Guarantee::AtMostOnce, Some(lost), 2, "executed_twice");
        check(Guarantee::AtMostOnce, Some(late), 1, "");
        check(Guarantee::InTime, Some(late), 1, "silent_drops");
        check(Guarantee::InTime, Some(lost), 1, "");
        check(
            Guarantee::InTime,
            Some(Outcome::Refused),
            1,
            "refused_yet_executed",
        );
        check(
            Guarantee::InTime,
            Some(Outcome::Undelivered),
            1,
            "refused_yet_executed",
        );
        check(
            Guarantee::AtMostOnce,
            Some(Outcome::Mismatched),
            1,
            "mismatched_replies",
        );
        check(Guarantee::ExactlyOnce, Some(Outcome::Acknowledged), 1, "");
        check(Guarantee::ExactlyOnce, Some(lost), 1, "not_exactly_once");
    }
}
