//! The table of calls that wait for an answer.
//!
//! A call is a slot, not a channel: entering, answering and leaving cost no allocation, and a call that is dropped or
//! times out frees its slot at once, so calls without an answer leave nothing behind.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::transport::Message;

/// Slots that are kept for reuse while no call waits.
const KEPT_SLOTS: usize = 1_024;

/// How a waiting call ends, if it does not end by its deadline.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// By a message, which may still be one of the server itself.
    Message(Message),
    /// The server did not take the request for this subject.
    Denied,
    /// The connection was lost meanwhile.
    Disconnected,
    /// The connection was closed meanwhile.
    Closed,
}

/// All calls of one connection that wait.
#[derive(Debug, Default)]
pub(crate) struct PendingRequests(Mutex<Slots>);

#[derive(Debug, Default)]
struct Slots {
    all: Vec<Slot>,
    free: Vec<u32>,
    /// Numbers the calls. With the index of the slot it makes a token that does not come again for 2^32 calls, so a
    /// late answer never reaches the slot's next owner.
    last: u32,
    strays: u64,
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

/// One waiting call. Resolves with its answer; dropped, it leaves the table.
#[derive(Debug)]
pub(crate) struct PendingRequest<'a> {
    table: &'a PendingRequests,
    index: u32,
    number: u32,
    done: bool,
}

impl PendingRequests {
    /// Enters a call to `subject` on behalf of the task of `waker`.
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

    /// Gives each message to the call whose token is its subject's last one.
    pub(crate) fn answer(&self, messages: &mut Vec<Message>) {
        let mut wakers = Vec::with_capacity(messages.len());
        let mut slots = self.lock();
        for message in messages.drain(..) {
            let slot = read_token(&message.subject)
                .and_then(|(index, number)| slots.waiting(index, number));
            match slot {
                Some(slot) => wakers.extend(slot.answer(Answer::Message(message))),
                None => slots.strays += 1,
            }
        }
        drop(slots);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// How many messages found no call.
    pub(crate) fn strays(&self) -> u64 {
        self.lock().strays
    }

    /// Ends all calls that wait now.
    pub(crate) fn end_all(&self, answer: &Answer) {
        self.end(answer, |_| true);
    }

    /// Ends the calls to `subject` that wait now.
    pub(crate) fn end_subject(&self, subject: &str, answer: &Answer) {
        let subject = hash(subject);
        self.end(answer, |slot| slot.subject == subject);
    }

    /// Ends the call whose token is the last one of its answer's subject.
    pub(crate) fn end_token(&self, subject: &str, answer: &Answer) {
        let token = read_token(subject);
        let waker = token
            .and_then(|(index, number)| self.lock().waiting(index, number)?.answer(answer.clone()));
        waker.into_iter().for_each(Waker::wake);
    }

    /// How many calls wait.
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
        // A burst of calls should not hold its memory for ever.
        if self.free.len() == self.all.len() && self.all.len() > KEPT_SLOTS {
            self.all = Vec::new();
            self.free = Vec::new();
        }
    }
}

impl Slot {
    /// Takes the first answer; the waker is to be woken once the table is unlocked.
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
    /// The subject under `prefix` by which the answer finds this call.
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
        // Exactly as long as needed: the transport can send it as it is.
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

/// Subjects are kept as hashes, and cheap ones, since this runs with each call: a rare clash ends one more call with an
/// error that says so.
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
