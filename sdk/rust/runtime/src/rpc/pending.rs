//! The table of pending calls.
//!
//! A call uses a slot, not a channel, so adding, answering and removing a call needs no allocation. A call that is
//! dropped or reaches its deadline frees its slot at once.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::transport::Message;

/// The number of slots that are kept for reuse while no call is pending.
const KEPT_SLOTS: usize = 1_024;

/// The answer to a pending call, unless it reaches its deadline.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A message, which can also be a status of the server.
    Message(Message),
    /// The server denied the publish of the request.
    Denied,
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
    /// The number of the last call. Together with the index of the slot it forms a token that does not repeat for 2^32
    /// calls. So a late reply never reaches a later call in the same slot.
    last: u32,
    late: u64,
}

#[derive(Debug)]
struct Slot {
    number: u32,
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
    number: u32,
    done: bool,
}

impl PendingRequests {
    /// Adds a call to `subject` for the task of `waker`.
    pub(crate) fn enter(&self, subject: &str, waker: &Waker) -> PendingRequest<'_> {
        let subject = hash(subject);
        let mut slots = self.lock();
        slots.last = slots.last.wrapping_add(1);
        let slot = Slot {
            number: slots.last,
            subject,
            state: State::Waiting(waker.clone()),
        };
        let number = slot.number;
        let index = if let Some(index) = slots.free.pop() {
            slots.all[index as usize] = slot;
            index
        } else {
            slots.all.push(slot);
            u32::try_from(slots.all.len() - 1).expect("fewer than 2^32 calls wait at once")
        };
        PendingRequest {
            table: self,
            index,
            number,
            done: false,
        }
    }

    /// Delivers each message to the call whose token is the last token of the subject.
    pub(crate) fn answer(&self, messages: &mut Vec<Message>) {
        let mut wakers = Vec::with_capacity(messages.len());
        let mut slots = self.lock();
        for message in messages.drain(..) {
            let slot = read_token(&message.subject)
                .and_then(|(index, number)| slots.waiting(index, number));
            match slot {
                Some(slot) => wakers.extend(slot.answer(Answer::Message(message))),
                None => slots.late += 1,
            }
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
        self.end(answer, |_| true);
    }

    /// Ends all pending calls to `subject`.
    pub(crate) fn end_subject(&self, subject: &str, answer: &Answer) {
        let subject = hash(subject);
        self.end(answer, |slot| slot.subject == subject);
    }

    /// Ends the call whose token is the last token of `subject`.
    pub(crate) fn end_token(&self, subject: &str, answer: &Answer) {
        let token = read_token(subject);
        let waker = token
            .and_then(|(index, number)| self.lock().waiting(index, number)?.answer(answer.clone()));
        waker.into_iter().for_each(Waker::wake);
    }

    /// Returns the number of pending calls.
    pub(crate) fn len(&self) -> usize {
        let slots = self.lock();
        slots.all.len() - slots.free.len()
    }

    fn end(&self, answer: &Answer, concerns: impl Fn(&Slot) -> bool) {
        let mut slots = self.lock();
        let waiting = slots.all.iter_mut().filter(|slot| concerns(slot));
        let wakers: Vec<_> = waiting
            .filter_map(|slot| slot.answer(answer.clone()))
            .collect();
        drop(slots);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Slots> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn waiting(&mut self, index: u32, number: u32) -> Option<&mut Slot> {
        self.all
            .get_mut(index as usize)
            .filter(|slot| slot.number == number && matches!(slot.state, State::Waiting(_)))
    }

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
    /// Returns the reply subject of this call below `prefix`.
    pub(crate) fn subject(&self, prefix: &str) -> String {
        let mut digits = [0; 16];
        let mut token = u64::from(self.number) << 32 | u64::from(self.index);
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b"0123456789abcdef"[(token & 15) as usize];
            token >>= 4;
            if token == 0 {
                break;
            }
        }
        let token = &digits[start..];
        // The exact capacity lets the transport use the string without a reallocation.
        let mut subject = String::with_capacity(prefix.len() + token.len());
        subject.push_str(prefix);
        subject.extend(token.iter().map(|digit| char::from(*digit)));
        subject
    }
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
        if !self.done {
            self.table.lock().leave(self.index);
        }
    }
}

fn read_token(subject: &str) -> Option<(u32, u32)> {
    let (_, token) = subject.rsplit_once('.')?;
    let token = u64::from_str_radix(token, 16).ok()?;
    let index = u32::try_from(token & u64::from(u32::MAX)).ok()?;
    Some((index, u32::try_from(token >> 32).ok()?))
}

/// Subjects are stored as hashes. The hash is fast, because it runs for each call. A collision is rare; it ends a
/// further call with a denial error.
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
