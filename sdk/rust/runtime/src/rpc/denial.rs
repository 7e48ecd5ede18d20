//! Attributes the denial of a publish to a call.
//!
//! The server names the subject of a denied message, but not the message. Calls to the same subject that were sent
//! before a change of the permissions may be running, so a denial must not end them as "not delivered". A call is known
//! to be denied in two cases:
//! - No other call can be meant.
//! - A round has shown that all calls that can be meant are denied. During a round no further call to the subject is
//!   sent, and a flush collects the outstanding denials.
//!
//! The server handles the messages of a connection in order. So each reply proves that earlier calls without a denial
//! were accepted.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The time within which a denial arrives at the latest after a reply to a later call, which uses a separate channel.
const SETTLING: Duration = Duration::from_millis(100);

/// The maximum number of abandoned calls that are kept.
const ABANDONED: usize = 256;

/// What is known about the denials of a connection. Subjects are hashes. Calls are numbered from 1 in their order.
#[derive(Debug, Default)]
pub(crate) struct Denials {
    /// Calls up to this number were accepted, unless a denial has arrived.
    accepted: u64,
    /// The newest call with a reply, and the time after which it counts for `accepted`.
    candidate: Option<(u64, Instant)>,
    /// Subject and number of calls that ended without an answer. Their denials may still arrive.
    abandoned: VecDeque<(u64, u64)>,
    /// The newest call that was removed from `abandoned` because of its limit.
    forgotten: u64,
    rounds: Vec<Round>,
}

/// A round for a subject.
#[derive(Debug)]
pub(crate) struct Round {
    subject: u64,
    /// The calls that can be meant.
    oldest: u64,
    newest: u64,
    /// The number of calls that can be meant and have no reply yet; `None` if it is unknown.
    suspects: Option<usize>,
    denials: usize,
}

/// The consequence of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The only pending call to the subject is denied.
    Denied,
    /// A round begins.
    Round,
    /// The denial belongs to a running round, or to a call that has ended.
    Counted,
}

impl Denials {
    /// Handles a reply to a call.
    pub(crate) fn answered(&mut self, subject: u64, order: u64) {
        for round in &mut self.rounds {
            if round.subject == subject && round.concerns(order) {
                round.suspects = round.suspects.map(|suspects| suspects.saturating_sub(1));
            }
        }
    }

    /// Handles replies, the newest of them to the call `order`.
    pub(crate) fn accepted(&mut self, order: u64, now: Instant) {
        self.settle(now);
        if self.candidate.is_none() && order > self.accepted {
            self.candidate = Some((order, now + SETTLING));
        }
    }

    /// Handles a call that ended without an answer.
    pub(crate) fn abandoned(&mut self, subject: u64, order: u64) {
        if order <= self.accepted {
            return;
        }
        if self.abandoned.len() == ABANDONED
            && let Some((_, order)) = self.abandoned.pop_front()
        {
            self.forgotten = self.forgotten.max(order);
        }
        self.abandoned.push_back((subject, order));
    }

    /// Returns the number of the oldest call that a denial can mean now.
    pub(crate) fn oldest_suspect(&mut self, now: Instant) -> u64 {
        self.settle(now);
        self.accepted + 1
    }

    /// Handles a denial, which can mean `pending` calls. `newest` is the number of the newest call.
    pub(crate) fn deny(&mut self, subject: u64, pending: usize, newest: u64) -> Verdict {
        if let Some(round) = self
            .rounds
            .iter_mut()
            .find(|round| round.subject == subject)
        {
            round.denials += 1;
            return Verdict::Counted;
        }
        let oldest = self.accepted + 1;
        let is_complete = self.forgotten < oldest;
        let is_same = |(other, _): &&(u64, u64)| *other == subject;
        let abandoned = self.abandoned.iter().filter(is_same).count();
        if pending == 0 {
            if let Some(first) = self
                .abandoned
                .iter()
                .position(|(other, _)| *other == subject)
            {
                self.abandoned.remove(first);
            }
            return Verdict::Counted;
        }
        if pending == 1 && abandoned == 0 && is_complete {
            return Verdict::Denied;
        }
        self.rounds.push(Round {
            subject,
            oldest,
            newest,
            suspects: is_complete.then_some(pending + abandoned),
            denials: 1,
        });
        Verdict::Round
    }

    pub(crate) fn is_in_round(&self, subject: u64) -> bool {
        self.rounds.iter().any(|round| round.subject == subject)
    }

    /// Ends a round. Its calls have no outstanding denials after that.
    pub(crate) fn end_round(&mut self, subject: u64) -> Option<Round> {
        let index = self
            .rounds
            .iter()
            .position(|round| round.subject == subject)?;
        let round = self.rounds.swap_remove(index);
        self.abandoned
            .retain(|(other, order)| *other != subject || *order > round.newest);
        Some(round)
    }

    fn settle(&mut self, now: Instant) {
        if let Some((order, _)) = self.candidate.take_if(|(_, time)| *time <= now) {
            self.accepted = self.accepted.max(order);
            self.abandoned.retain(|(_, order)| *order > self.accepted);
        }
    }
}

impl Round {
    /// Returns true if each call that can be meant was denied.
    pub(crate) fn denies_all(&self) -> bool {
        self.suspects
            .is_some_and(|suspects| self.denials >= suspects)
    }

    /// Returns true if the call with this number can be meant.
    pub(crate) fn concerns(&self, order: u64) -> bool {
        (self.oldest..=self.newest).contains(&order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Counted, Denied};

    #[test]
    fn denial_of_the_only_call_is_certain() {
        let mut denials = Denials::default();
        assert_eq!(denials.deny(7, 1, 1), Denied);
        assert_eq!(denials.deny(7, 0, 1), Counted);
    }

    #[test]
    fn denial_of_each_call_is_certain_after_a_round() {
        let mut denials = Denials::default();
        assert_eq!(denials.deny(7, 3, 3), Verdict::Round);
        assert!(denials.is_in_round(7) && !denials.is_in_round(8));
        assert_eq!(denials.deny(7, 3, 3), Counted);
        denials.answered(7, 2);
        let round = denials.end_round(7).unwrap();
        assert!(round.denies_all() && round.concerns(1) && !round.concerns(4));
        assert!(!denials.is_in_round(7));
    }

    #[test]
    fn denial_of_some_calls_is_uncertain() {
        let mut denials = Denials::default();
        denials.deny(7, 2, 2);
        assert!(!denials.end_round(7).unwrap().denies_all());
        denials.abandoned(7, 3);
        assert_eq!(
            denials.deny(7, 1, 4),
            Verdict::Round,
            "the abandoned call can be meant"
        );
        assert!(!denials.end_round(7).unwrap().denies_all());
        assert_eq!(denials.deny(7, 1, 5), Denied);
        for order in 0..=ABANDONED as u64 {
            denials.abandoned(8, 10 + order);
        }
        assert_eq!(
            denials.deny(7, 1, 500),
            Verdict::Round,
            "a forgotten call can be meant"
        );
        assert!(!denials.end_round(7).unwrap().denies_all());
    }

    #[test]
    fn denial_concerns_no_call_before_a_reply() {
        let mut denials = Denials::default();
        let now = Instant::now();
        denials.accepted(5, now);
        assert_eq!(denials.oldest_suspect(now), 1);
        assert_eq!(denials.oldest_suspect(now + SETTLING), 6);
        denials.abandoned(7, 4);
        assert_eq!(denials.deny(7, 1, 9), Denied);
    }
}
