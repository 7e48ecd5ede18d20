//! Deduplication: the server executes a repeated request only once.
//!
//! The key of a request is a hash of its caller, subject, id and payload. The hash has a random seed in each process,
//! so a peer cannot provoke a collision. The caller is the inbox of the reply, whose key cannot be guessed. So a peer
//! cannot get the reply of another caller by using that caller's ids.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::answer::Answer;

/// The maximum size of the reply subjects of all waiting duplicates. A peer chooses the length of its subjects.
const WAITING_BYTES: usize = 16 << 20;

/// The options of deduplication: the number of requests and replies that a server keeps, and for how long.
///
/// Beyond a limit, the server drops the oldest entries; it would execute a repetition of such a request again. The
/// server drops a reply before its request if the replies exceed their limit. A repetition of such a request is
/// answered with [`StandardFault::ReplyForgotten`](crate::StandardFault::ReplyForgotten).
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
    /// Creates options with the defaults: 65,536 requests, 16 MiB of replies, and 10 minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of executed requests that the server keeps, at least 1. Each takes about 100 bytes, plus its
    /// reply. The same number of duplicates may wait for the replies of running requests; further duplicates are
    /// refused as `overloaded`.
    #[must_use]
    pub fn requests(mut self, requests: usize) -> Self {
        self.requests = requests.max(1);
        self
    }

    /// Sets the maximum size of all kept replies in bytes, headers included.
    #[must_use]
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the time for which the server keeps a request after its execution.
    #[must_use]
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

/// The key of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RequestKey(u64, u64);

/// The result of the lookup of a request.
#[derive(Debug)]
pub(super) enum Lookup {
    /// The request is new and must be executed.
    New,
    /// The first request is queued or runs. Its reply also answers this request.
    Pending,
    /// The request was executed with this reply.
    Executed(Answer),
    /// The request was executed, and its reply was dropped.
    Forgotten,
    /// The first request is queued or runs, and too many duplicates wait already.
    Full,
}

/// The deduplication table of a server.
#[derive(Debug)]
pub(super) struct Dedup {
    limits: DedupOptions,
    seeds: [RandomState; 2],
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    requests: HashMap<RequestKey, Entry>,
    /// The executed requests and their completion times, the oldest first.
    executed: VecDeque<(RequestKey, Instant)>,
    /// The executed requests whose replies are kept, in the same order.
    kept: VecDeque<RequestKey>,
    /// The size of all kept replies in bytes.
    bytes: usize,
    /// The number of duplicates that wait for a reply.
    waiting: usize,
    /// The size of their reply subjects in bytes.
    waiting_bytes: usize,
}

#[derive(Debug)]
enum Entry {
    /// The request is queued or runs. The duplicates wait at these reply subjects.
    Running(Vec<String>),
    Executed(Answer),
    ReplyDropped,
}

impl Dedup {
    pub(super) fn new(limits: DedupOptions) -> Self {
        Self {
            limits,
            seeds: [RandomState::new(), RandomState::new()],
            entries: Mutex::default(),
        }
    }

    pub(super) fn key(&self, subject: &str, reply: &str, id: &str, payload: &[u8]) -> RequestKey {
        let [first, second] = &self.seeds;
        let parts = [
            subject.as_bytes(),
            caller(reply).as_bytes(),
            id.as_bytes(),
            payload,
        ];
        RequestKey(hash(first, parts), hash(second, parts))
    }

    /// Looks up a request with the reply subject `reply`, and adds it if it is new.
    pub(super) fn begin(&self, key: RequestKey, reply: &str, now: Instant) -> Lookup {
        let mut entries = self.entries();
        entries.drop_older(self.limits.age, now);
        let is_full = entries.waiting >= self.limits.requests
            || entries.waiting_bytes + reply.len() > WAITING_BYTES;
        match entries.requests.get_mut(&key) {
            None => {
                entries.requests.insert(key, Entry::Running(Vec::new()));
                Lookup::New
            }
            Some(Entry::Running(_)) if is_full => Lookup::Full,
            Some(Entry::Running(others)) => {
                others.push(reply.to_owned());
                entries.waiting += 1;
                entries.waiting_bytes += reply.len();
                Lookup::Pending
            }
            Some(Entry::Executed(answer)) => Lookup::Executed(answer.clone()),
            Some(Entry::ReplyDropped) => Lookup::Forgotten,
        }
    }

    /// Stores the reply of a request. Returns the reply subjects of its duplicates.
    pub(super) fn complete(&self, key: RequestKey, answer: &Answer, now: Instant) -> Vec<String> {
        let mut entries = self.entries();
        let others = entries.end(key);
        entries.keep_reply(key, answer, self.limits.bytes);
        entries.executed.push_back((key, now));
        entries.drop_older(self.limits.age, now);
        while entries.executed.len() > self.limits.requests {
            entries.drop_oldest();
        }
        others
    }

    /// Removes a request that will not be executed. Returns the reply subjects of its duplicates.
    pub(super) fn release(&self, key: RequestKey) -> Vec<String> {
        self.entries().end(key)
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// Removes a begun request. Returns the reply subjects of its duplicates.
    fn end(&mut self, key: RequestKey) -> Vec<String> {
        match self.requests.remove(&key) {
            Some(Entry::Running(others)) => {
                self.waiting -= others.len();
                self.waiting_bytes -= others.iter().map(String::len).sum::<usize>();
                others
            }
            _ => Vec::new(),
        }
    }

    /// Stores a reply, and drops older replies if necessary. A reply above the limit is dropped at once.
    fn keep_reply(&mut self, key: RequestKey, answer: &Answer, room: usize) {
        let bytes = size(answer);
        if bytes > room {
            self.requests.insert(key, Entry::ReplyDropped);
            return;
        }
        while self.bytes + bytes > room {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            let before = self.requests.insert(oldest, Entry::ReplyDropped);
            self.free(before);
        }
        self.bytes += bytes;
        self.kept.push_back(key);
        self.requests.insert(key, Entry::Executed(answer.clone()));
    }

    fn drop_older(&mut self, age: Duration, now: Instant) {
        let is_old =
            |executed: &(RequestKey, Instant)| now.saturating_duration_since(executed.1) > age;
        while self.executed.front().is_some_and(is_old) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some((oldest, _)) = self.executed.pop_front() else {
            return;
        };
        if self.kept.front() == Some(&oldest) {
            self.kept.pop_front();
        }
        let before = self.requests.remove(&oldest);
        self.free(before);
    }

    fn free(&mut self, known: Option<Entry>) {
        if let Some(Entry::Executed(answer)) = known {
            self.bytes -= size(&answer);
        }
    }
}

fn size((headers, payload): &Answer) -> usize {
    headers.wire_size() + payload.len()
}

/// The part of a reply subject that is the same for all requests of a caller: all tokens except the last. A subject of
/// two tokens is an inbox for a single request.
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

    fn named(dedup: &Dedup, id: &str) -> RequestKey {
        dedup.key("subject", "_INBOX.caller.1", id, b"{}")
    }

    fn execute(dedup: &Dedup, id: &str, reply: &'static str, now: Instant) {
        let key = named(dedup, id);
        assert!(
            matches!(dedup.begin(key, "_INBOX.caller.1", now), Lookup::New),
            "{id}"
        );
        let others = dedup.complete(key, &answer(reply), now);
        assert_eq!(others, Vec::<String>::new());
    }

    /// Checks the states of requests: `=reply`, `forgotten` or `first`.
    fn check(dedup: &Dedup, now: Instant, expected: &[(&str, &str)]) {
        for (id, expected) in expected {
            let key = named(dedup, id);
            let known = match dedup.begin(key, "_INBOX.caller.2", now) {
                Lookup::New => {
                    dedup.release(key);
                    "first".to_owned()
                }
                Lookup::Forgotten => "forgotten".to_owned(),
                Lookup::Executed((_, payload)) => format!("={}", String::from_utf8_lossy(&payload)),
                other => format!("{other:?}"),
            };
            assert_eq!(known, *expected, "{id}");
        }
    }

    #[test]
    fn dedup_drops_the_oldest_beyond_its_limits() {
        let limits = DedupOptions::new().requests(3).bytes(10).age(10 * SECOND);
        let dedup = Dedup::new(limits);
        let start = Instant::now();
        execute(&dedup, "a", "12345", start);
        execute(&dedup, "b", "12345", start + SECOND);
        let known = [("a", "=12345"), ("b", "=12345"), ("c", "first")];
        check(&dedup, start + SECOND, &known);
        // The replies exceed their limit, but the requests do not.
        execute(&dedup, "c", "123456", start + 2 * SECOND);
        let known = [("a", "forgotten"), ("b", "forgotten"), ("c", "=123456")];
        check(&dedup, start + 2 * SECOND, &known);
        // A reply above the limit does not displace other replies.
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
        let entries = dedup.entries();
        assert_eq!(
            (entries.requests.len(), entries.bytes, entries.waiting),
            (0, 0, 0)
        );
        assert!(entries.executed.is_empty() && entries.kept.is_empty());
    }

    #[test]
    fn dedup_waiting_duplicates_are_limited_and_returned_once() {
        let dedup = Dedup::new(DedupOptions::new().requests(2));
        let (key, now) = (named(&dedup, "a"), Instant::now());
        let met = ["_INBOX.c.1", "_INBOX.c.2", "_INBOX.c.3", "_INBOX.c.4"]
            .map(|reply| format!("{:?}", dedup.begin(key, reply, now)));
        assert_eq!(met, ["New", "Pending", "Pending", "Full"]);
        let others = dedup.complete(key, &answer("x"), now);
        assert_eq!(others, ["_INBOX.c.2", "_INBOX.c.3"]);
        assert_eq!(dedup.entries().waiting, 0);
        check(&dedup, now, &[("a", "=x")]);

        let key = named(&dedup, "b");
        assert!(matches!(dedup.begin(key, "_INBOX.c.1", now), Lookup::New));
        assert!(matches!(
            dedup.begin(key, "_INBOX.c.2", now),
            Lookup::Pending
        ));
        assert_eq!(dedup.release(key), ["_INBOX.c.2"]);
        // The request was not executed, so it counts as new.
        check(&dedup, now, &[("b", "first")]);
    }

    #[test]
    fn dedup_waiting_duplicates_are_limited_in_bytes() {
        let dedup = Dedup::new(DedupOptions::new());
        let (key, now) = (named(&dedup, "a"), Instant::now());
        assert!(matches!(dedup.begin(key, "_INBOX.c.1", now), Lookup::New));
        let long = format!("_INBOX.{}", "x".repeat(1 << 20));
        let mut waiting = 0;
        while matches!(dedup.begin(key, &long, now), Lookup::Pending) {
            waiting += 1;
        }
        assert_eq!(waiting, WAITING_BYTES / long.len());
        assert_eq!(dedup.release(key).len(), waiting);
        assert_eq!(dedup.entries().waiting_bytes, 0);
    }

    #[test]
    fn dedup_key_is_caller_subject_id_and_payload() {
        let dedup = Dedup::new(DedupOptions::new());
        let key = |[subject, reply, id, payload]: [&str; 4]| {
            dedup.key(subject, reply, id, payload.as_bytes())
        };
        let check = |one: [&str; 4], other: [&str; 4], is_same: bool| {
            assert_eq!(key(one) == key(other), is_same, "{one:?} {other:?}");
        };
        let one = ["s", "_INBOX.a.1", "id", "{}"];
        check(one, one, true);
        check(one, ["s", "_INBOX.a.2", "id", "{}"], true);
        check(one, ["s", "_INBOX.b.1", "id", "{}"], false);
        check(one, ["s", "_INBOX.a.1", "di", "{}"], false);
        check(one, ["t", "_INBOX.a.1", "id", "{}"], false);
        check(one, ["s", "_INBOX.a.1", "id", "[]"], false);
        check(one, ["s", "_INBOX.a.1", "id{", "}"], false);
        // Inboxes for a single request can belong to different callers.
        let one = ["s", "_INBOX.1", "id", ""];
        check(one, ["s", "_INBOX.2", "id", ""], false);
    }
}
