//! The table of pending calls.
//!
//! A call uses a slot, not a channel, so adding, answering and removing a call needs no allocation. A call that is
//! dropped or reaches its deadline frees its slot at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::random::Numbers;
use crate::rpc::denial::{Denials, Verdict};
use crate::transport::Message;

/// The number of slots that are kept for reuse while no call is pending.
const KEPT_SLOTS: usize = 1_024;

/// The number of hexadecimal digits of a key in a token.
const KEY_DIGITS: usize = 16;

/// The answer to a pending call, unless it reaches its deadline.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A message, which can also be a status of the server.
    Message(Message),
    /// The server denied the publish of the request.
    Denied,
    /// The server denied the publish of some requests to the subject, perhaps of this request.
    PerhapsDenied,
    /// The connection was lost after the request was sent.
    Disconnected,
    /// The connection was closed after the request was sent.
    Closed,
}

/// All pending calls of a connection.
#[derive(Debug, Default)]
pub(crate) struct PendingRequests(Mutex<Slots>);

#[derive(Debug, Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
    keys: Numbers,
    /// The number of calls so far.
    calls: u64,
    late: u64,
    denials: Denials,
}

#[derive(Debug)]
struct Slot {
    /// A random number. Together with the index of the slot it forms a token, so a peer that knows some tokens cannot
    /// answer other calls, and a late reply never reaches a later call in the same slot.
    key: u64,
    /// The position among all calls of the connection.
    order: u64,
    subject: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Free,
    Waiting(Waker),
    Answered(Answer),
}

/// A pending call. The future resolves with its answer; drop removes the call from the table.
#[derive(Debug)]
pub(crate) struct PendingRequest<'a> {
    table: &'a PendingRequests,
    index: u32,
    key: u64,
    done: bool,
}

impl PendingRequests {
    /// Adds a call to `subject` for the task of `waker`. Returns `None` while a round for `subject` is running.
    pub(crate) fn enter(&self, subject: &str, waker: &Waker) -> Option<PendingRequest<'_>> {
        let subject = hash(subject);
        let mut slots = self.lock();
        if slots.denials.is_in_round(subject) {
            return None;
        }
        slots.calls += 1;
        let key = slots.keys.next();
        let slot = Slot {
            key,
            order: slots.calls,
            subject,
            state: State::Waiting(waker.clone()),
        };
        let index = if let Some(index) = slots.free.pop() {
            slots.all[index as usize] = slot;
            index
        } else {
            slots.all.push(slot);
            u32::try_from(slots.all.len() - 1).expect("fewer than 2^32 calls wait at once")
        };
        Some(PendingRequest {
            table: self,
            index,
            key,
            done: false,
        })
    }

    /// Delivers each message to the call whose token is the last token of the subject.
    pub(crate) fn answer(&self, messages: &mut Vec<Message>) {
        let mut wakers = Vec::with_capacity(messages.len());
        let mut newest = 0;
        let mut slots = self.lock();
        let Slots {
            all, late, denials, ..
        } = &mut *slots;
        for message in messages.drain(..) {
            let slot = read_token(&message.subject).and_then(|token| waiting(all, token));
            let Some(slot) = slot else {
                *late += 1;
                continue;
            };
            newest = newest.max(slot.order);
            denials.answered(slot.subject, slot.order);
            wakers.extend(slot.answer(Answer::Message(message)));
        }
        if newest > 0 {
            denials.accepted(newest, Instant::now());
        }
        drop(slots);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Returns the number of messages that matched no call.
    pub(crate) fn late(&self) -> u64 {
        self.lock().late
    }

    /// Ends all pending calls.
    pub(crate) fn end_all(&self, answer: &Answer) {
        end(self.lock(), answer, |_| true);
    }

    /// Handles the denial of a request to `subject`. If a single call can be meant, the call ends as denied. Returns
    /// true if a round begins: further calls to the subject must wait, and the caller must flush the connection and then
    /// end the round.
    pub(crate) fn deny(&self, subject: &str) -> bool {
        let subject = hash(subject);
        let mut slots = self.lock();
        let Slots {
            all,
            calls,
            denials,
            ..
        } = &mut *slots;
        let oldest = denials.oldest_suspect(Instant::now());
        let is_suspect = |slot: &&Slot| slot.is_waiting_for(subject) && slot.order >= oldest;
        let suspects = all.iter().filter(is_suspect).count();
        match denials.deny(subject, suspects, *calls) {
            Verdict::Denied => {
                let concerns = |slot: &Slot| slot.subject == subject && slot.order >= oldest;
                end(slots, &Answer::Denied, concerns);
                false
            }
            Verdict::Round => true,
            Verdict::Counted => false,
        }
    }

    /// Returns true while a round for `subject` is running.
    pub(crate) fn is_in_round(&self, subject: &str) -> bool {
        self.lock().denials.is_in_round(hash(subject))
    }

    /// Ends the round for `subject` after a flush. All denials of requests before the flush have arrived, unless the
    /// flush failed.
    pub(crate) fn end_round(&self, subject: &str, is_flushed: bool) {
        let subject = hash(subject);
        let mut slots = self.lock();
        let Some(round) = slots.denials.end_round(subject) else {
            return;
        };
        let answer = if is_flushed && round.denies_all() {
            Answer::Denied
        } else {
            Answer::PerhapsDenied
        };
        let concerns = |slot: &Slot| slot.subject == subject && round.concerns(slot.order);
        end(slots, &answer, concerns);
    }

    /// Ends the call whose token is the last token of `subject`.
    pub(crate) fn end_token(&self, subject: &str, answer: &Answer) {
        let waker = read_token(subject)
            .and_then(|token| waiting(&mut self.lock().all, token)?.answer(answer.clone()));
        waker.into_iter().for_each(Waker::wake);
    }

    /// Returns the number of pending calls.
    pub(crate) fn len(&self) -> usize {
        let slots = self.lock();
        slots.all.len() - slots.free.len()
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the pending calls that `concerns` selects, and unlocks the table.
fn end(mut slots: MutexGuard<'_, Slots>, answer: &Answer, concerns: impl Fn(&Slot) -> bool) {
    let waiting = slots.all.iter_mut().filter(|slot| concerns(slot));
    let wakers: Vec<_> = waiting
        .filter_map(|slot| slot.answer(answer.clone()))
        .collect();
    drop(slots);
    wakers.into_iter().for_each(Waker::wake);
}

/// Returns the slot of a token, if its call waits.
fn waiting(slots: &mut [Slot], (index, key): (u32, u64)) -> Option<&mut Slot> {
    slots
        .get_mut(index as usize)
        .filter(|slot| slot.key == key && matches!(slot.state, State::Waiting(_)))
}

impl Slots {
    fn leave(&mut self, index: u32) {
        self.all[index as usize].state = State::Free;
        self.free.push(index);
        // Frees the memory of an earlier burst of calls.
        if self.free.len() == self.all.len() && self.all.len() > KEPT_SLOTS {
            self.all = Vec::new();
            self.free = Vec::new();
        }
    }
}

impl Slot {
    fn is_waiting_for(&self, subject: u64) -> bool {
        self.subject == subject && matches!(self.state, State::Waiting(_))
    }

    /// Stores the first answer. The caller wakes the waker after it unlocks the table.
    fn answer(&mut self, answer: Answer) -> Option<Waker> {
        if !matches!(self.state, State::Waiting(_)) {
            return None;
        }
        match std::mem::replace(&mut self.state, State::Answered(answer)) {
            State::Waiting(waker) => Some(waker),
            State::Free | State::Answered(_) => None,
        }
    }
}

impl PendingRequest<'_> {
    /// Returns the reply subject of this call below `prefix`: 16 hexadecimal digits of the key, then the index.
    pub(crate) fn subject(&self, prefix: &str) -> String {
        let mut digits = [0; KEY_DIGITS + 8];
        let (key, index) = digits.split_at_mut(KEY_DIGITS);
        write_hex(self.key, key);
        let mut first = write_hex(self.index.into(), index);
        first = first.min(index.len() - 1);
        let index = &index[first..];
        // The exact capacity lets the transport use the string without a reallocation.
        let mut subject = Vec::with_capacity(prefix.len() + KEY_DIGITS + index.len());
        for part in [prefix.as_bytes(), key, index] {
            subject.extend_from_slice(part);
        }
        String::from_utf8(subject).expect("digits are ASCII")
    }
}

/// Fills `digits` with the last hexadecimal digits of `number`. Returns the number of leading zeros.
fn write_hex(mut number: u64, digits: &mut [u8]) -> usize {
    let mut zeros = digits.len();
    for (index, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
        if *digit != b'0' {
            zeros = index;
        }
    }
    zeros
}

impl Future for PendingRequest<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let mut slots = self.table.lock();
        let slot = &mut slots.all[self.index as usize];
        if let State::Waiting(waker) = &mut slot.state {
            waker.clone_from(context.waker());
            return Poll::Pending;
        }
        let state = std::mem::replace(&mut slot.state, State::Free);
        slots.leave(self.index);
        drop(slots);
        self.done = true;
        match state {
            State::Answered(answer) => Poll::Ready(answer),
            State::Free | State::Waiting(_) => {
                unreachable!("a slot is free only after its call ended")
            }
        }
    }
}

impl Drop for PendingRequest<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let mut slots = self.table.lock();
        let slot = &slots.all[self.index as usize];
        let (subject, order) = (slot.subject, slot.order);
        if matches!(slot.state, State::Waiting(_)) {
            slots.denials.abandoned(subject, order);
        }
        slots.leave(self.index);
    }
}

/// Returns index and key of a token.
fn read_token(subject: &str) -> Option<(u32, u64)> {
    let (_, token) = subject.rsplit_once('.')?;
    let (key, index) = token.split_at_checked(KEY_DIGITS)?;
    let index = u32::from_str_radix(index, 16).ok()?;
    Some((index, u64::from_str_radix(key, 16).ok()?))
}

/// Subjects are stored as hashes. The hash is fast, because it runs for each call. A collision is rare; it makes a
/// denial ambiguous.
fn hash(subject: &str) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = subject.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(subject.len() as u64, |hash, word| {
        mix(hash, u64::from_le_bytes(*word))
    });
    rest.iter()
        .fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}
