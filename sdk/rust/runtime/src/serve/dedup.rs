//! Which requests were executed, so that one that is sent again is not executed again.
//!
//! A request is known by its caller, its subject, its id and what it carries; of these only a hash is kept, seeded per
//! process, so that nobody can make two requests meet. The caller is the inbox that the answer goes to, whose name
//! cannot be guessed: nobody gets an answer that is not theirs by using their ids.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Answer;
use crate::rpc::fault::StandardFault;
use crate::rpc::fault::write_standard;

/// How much of the past a server remembers, so that a request that is sent again is executed once.
///
/// What is older than that, or was followed by more requests than that, is forgotten, the oldest first, and would be
/// executed again. Replies are forgotten sooner than requests where they need more room than there is: such a request is
/// answered with [`StandardFault::ReplyForgotten`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DedupOptions {
    requests: usize,
    bytes: usize,
    age: Duration,
}

impl Default for DedupOptions {
    fn default() -> Self {
        Self {
            requests: 65_536,
            bytes: 16 << 20,
            age: Duration::from_mins(10),
        }
    }
}

impl DedupOptions {
    /// The last 65,536 requests, 16 MiB of replies, for ten minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Remembers up to this many executed requests, at least one; each takes about 100 bytes beside its reply. As many
    /// may wait for the answers of those that run; what comes beyond is refused as `overloaded`.
    #[must_use]
    pub fn requests(mut self, requests: usize) -> Self {
        self.requests = requests.max(1);
        self
    }

    /// Keeps up to this many bytes of replies, headers included.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Remembers a request for so long after it was executed.
    #[must_use]
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

/// Which request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name(u64, u64);

/// What is known of a request that has come.
#[derive(Debug)]
pub(super) enum Met {
    /// Nothing: it is to be executed.
    First,
    /// It is about to be executed; its answer comes with that.
    Waits,
    /// It was executed, and this is the answer.
    Executed(Answer),
    /// It is about to be executed, and too many wait for that already.
    Crowded,
}

/// The dedup of one server.
#[derive(Debug)]
pub(super) struct Dedup {
    limits: DedupOptions,
    seeds: [RandomState; 2],
    past: Mutex<Past>,
}

#[derive(Debug, Default)]
struct Past {
    requests: HashMap<Name, Lookahead>,
    /// Those that were executed, and when; the oldest first.
    executed: VecDeque<(Name, Instant)>,
    /// Those of them whose replies are kept, in the same order.
    kept: VecDeque<Name>,
    /// How much is kept of replies.
    bytes: usize,
    /// How many wait for the answers of others.
    waiting: usize,
}

#[derive(Debug)]
enum Lookahead {
    /// It runs or waits for its turn; where its answer goes beside its own inbox.
    Begun(Vec<String>),
    Executed(Answer),
    Forgotten,
}

impl Dedup {
    pub(super) fn new(limits: DedupOptions) -> Self {
        Self {
            limits,
            seeds: [RandomState::new(), RandomState::new()],
            past: Mutex::default(),
        }
    }

    pub(super) fn name(&self, subject: &str, reply: &str, id: &str, payload: &[u8]) -> Name {
        let [first, second] = &self.seeds;
        let parts = [
            subject.as_bytes(),
            caller(reply).as_bytes(),
            id.as_bytes(),
            payload,
        ];
        Name(hash(first, parts), hash(second, parts))
    }

    /// Notes that a request has come whose answer goes to `reply`.
    pub(super) fn meet(&self, name: Name, reply: &str, now: Instant) -> Met {
        let mut past = self.past();
        past.forget_older(self.limits.age, now);
        let is_crowded = past.waiting >= self.limits.requests;
        match past.requests.get_mut(&name) {
            None => {
                past.requests.insert(name, Lookahead::Begun(Vec::new()));
                Met::First
            }
            Some(Lookahead::Begun(_)) if is_crowded => Met::Crowded,
            Some(Lookahead::Begun(others)) => {
                others.push(reply.to_owned());
                past.waiting += 1;
                Met::Waits
            }
            Some(Lookahead::Executed(answer)) => Met::Executed(answer.clone()),
            Some(Lookahead::Forgotten) => {
                Met::Executed(write_standard(&StandardFault::ReplyForgotten))
            }
        }
    }

    /// Remembers what came of a request. Where else its answer goes.
    pub(super) fn settle(&self, name: Name, answer: &Answer, now: Instant) -> Vec<String> {
        let mut past = self.past();
        let others = past.end(name);
        past.keep(name, answer, self.limits.bytes);
        past.executed.push_back((name, now));
        past.forget_older(self.limits.age, now);
        while past.executed.len() > self.limits.requests {
            past.forget_oldest();
        }
        others
    }

    /// Forgets a request that was not executed and will not be. Where else that has to be said.
    pub(super) fn release(&self, name: Name) -> Vec<String> {
        self.past().end(name)
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// Takes away a request that has begun, and those who wait for it.
    fn end(&mut self, name: Name) -> Vec<String> {
        match self.requests.remove(&name) {
            Some(Lookahead::Begun(others)) => {
                self.waiting -= others.len();
                others
            }
            _ => Vec::new(),
        }
    }

    /// Keeps a reply, in place of older ones if need be; one that is larger than all the room is forgotten at once.
    fn keep(&mut self, name: Name, answer: &Answer, room: usize) {
        let bytes = size(answer);
        if bytes > room {
            self.requests.insert(name, Lookahead::Forgotten);
            return;
        }
        while self.bytes + bytes > room {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            let before = self.requests.insert(oldest, Lookahead::Forgotten);
            self.free(before);
        }
        self.bytes += bytes;
        self.kept.push_back(name);
        self.requests
            .insert(name, Lookahead::Executed(answer.clone()));
    }

    fn forget_older(&mut self, age: Duration, now: Instant) {
        let is_old = |executed: &(Name, Instant)| now.saturating_duration_since(executed.1) > age;
        while self.executed.front().is_some_and(is_old) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some((oldest, _)) = self.executed.pop_front() else {
            return;
        };
        if self.kept.front() == Some(&oldest) {
            self.kept.pop_front();
        }
        let before = self.requests.remove(&oldest);
        self.free(before);
    }

    fn free(&mut self, known: Option<Lookahead>) {
        if let Some(Lookahead::Executed(answer)) = known {
            self.bytes -= size(&answer);
        }
    }
}

fn size((headers, payload): &Answer) -> usize {
    headers.wire_size() + payload.len()
}

/// The part of a reply subject that stays the same over the requests of one caller: all but the last token. A subject of
/// two tokens is an inbox for one request.
fn caller(reply: &str) -> &str {
    match reply.rsplit_once('.') {
        Some((inbox, _)) if inbox.contains('.') => inbox,
        _ => reply,
    }
}

fn hash(seed: &RandomState, parts: [&[u8]; 4]) -> u64 {
    let mut hasher = seed.build_hasher();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Headers;

    const SECOND: Duration = Duration::from_secs(1);

    fn answer(text: &'static str) -> Answer {
        (Headers::new(), text.into())
    }

    fn named(dedup: &Dedup, id: &str) -> Name {
        dedup.name("subject", "_INBOX.caller.1", id, b"{}")
    }

    fn execute(dedup: &Dedup, id: &str, reply: &'static str, now: Instant) {
        let name = named(dedup, id);
        assert!(
            matches!(dedup.meet(name, "_INBOX.caller.1", now), Met::First),
            "{id}"
        );
        let others = dedup.settle(name, &answer(reply), now);
        assert_eq!(others, Vec::<String>::new());
    }

    /// What is known of requests: `=reply`, `forgotten`, `first`.
    fn check(dedup: &Dedup, now: Instant, expected: &[(&str, &str)]) {
        for (id, expected) in expected {
            let name = named(dedup, id);
            let known = match dedup.meet(name, "_INBOX.caller.2", now) {
                Met::First => {
                    dedup.release(name);
                    "first".to_owned()
                }
                Met::Executed((headers, _)) if !headers.is_empty() => "forgotten".to_owned(),
                Met::Executed((_, payload)) => format!("={}", String::from_utf8_lossy(&payload)),
                other => format!("{other:?}"),
            };
            assert_eq!(known, *expected, "{id}");
        }
    }

    #[test]
    fn the_oldest_are_forgotten_beyond_the_limits() {
        let limits = DedupOptions::new().requests(3).bytes(10).age(10 * SECOND);
        let dedup = Dedup::new(limits);
        let start = Instant::now();
        execute(&dedup, "a", "12345", start);
        execute(&dedup, "b", "12345", start + SECOND);
        let known = [("a", "=12345"), ("b", "=12345"), ("c", "first")];
        check(&dedup, start + SECOND, &known);
        // Replies need more room than there is, requests do not yet.
        execute(&dedup, "c", "123456", start + 2 * SECOND);
        let known = [("a", "forgotten"), ("b", "forgotten"), ("c", "=123456")];
        check(&dedup, start + 2 * SECOND, &known);
        // A reply beyond all room drives no other out.
        execute(&dedup, "d", "12345678901", start + 3 * SECOND);
        let known = [("a", "first"), ("c", "=123456"), ("d", "forgotten")];
        check(&dedup, start + 3 * SECOND, &known);
        let known = [("b", "first"), ("c", "=123456")];
        check(&dedup, start + 12 * SECOND, &known);
        check(
            &dedup,
            start + 14 * SECOND,
            &[("c", "first"), ("d", "first")],
        );
        let past = dedup.past();
        assert_eq!((past.requests.len(), past.bytes, past.waiting), (0, 0, 0));
        assert!(past.executed.is_empty() && past.kept.is_empty());
    }

    #[test]
    fn those_who_wait_are_limited_and_told_once() {
        let dedup = Dedup::new(DedupOptions::new().requests(2));
        let (name, now) = (named(&dedup, "a"), Instant::now());
        let met = ["_INBOX.c.1", "_INBOX.c.2", "_INBOX.c.3", "_INBOX.c.4"]
            .map(|reply| format!("{:?}", dedup.meet(name, reply, now)));
        assert_eq!(met, ["First", "Waits", "Waits", "Crowded"]);
        let others = dedup.settle(name, &answer("x"), now);
        assert_eq!(others, ["_INBOX.c.2", "_INBOX.c.3"]);
        assert_eq!(dedup.past().waiting, 0);
        check(&dedup, now, &[("a", "=x")]);

        let name = named(&dedup, "b");
        assert!(matches!(dedup.meet(name, "_INBOX.c.1", now), Met::First));
        assert!(matches!(dedup.meet(name, "_INBOX.c.2", now), Met::Waits));
        assert_eq!(dedup.release(name), ["_INBOX.c.2"]);
        // Not executed, so it may be.
        check(&dedup, now, &[("b", "first")]);
    }

    #[test]
    fn requests_are_the_same_where_caller_subject_id_and_payload_are() {
        let dedup = Dedup::new(DedupOptions::new());
        let name = |[subject, reply, id, payload]: [&str; 4]| {
            dedup.name(subject, reply, id, payload.as_bytes())
        };
        let check = |one: [&str; 4], other: [&str; 4], is_same: bool| {
            assert_eq!(name(one) == name(other), is_same, "{one:?} {other:?}");
        };
        let one = ["s", "_INBOX.a.1", "id", "{}"];
        check(one, one, true);
        check(one, ["s", "_INBOX.a.2", "id", "{}"], true);
        check(one, ["s", "_INBOX.b.1", "id", "{}"], false);
        check(one, ["s", "_INBOX.a.1", "di", "{}"], false);
        check(one, ["t", "_INBOX.a.1", "id", "{}"], false);
        check(one, ["s", "_INBOX.a.1", "id", "[]"], false);
        check(one, ["s", "_INBOX.a.1", "id{", "}"], false);
        // Inboxes for one request each: they may be of different callers.
        let one = ["s", "_INBOX.1", "id", ""];
        check(one, ["s", "_INBOX.2", "id", ""], false);
    }
}
