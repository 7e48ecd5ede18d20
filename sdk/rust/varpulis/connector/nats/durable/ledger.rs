//! The messages between the server and the reader: received, in work, and settled.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use natsgen_runtime::transport::Message;
use tokio::sync::Notify;

/// The outcome of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All events are processed.
    Committed,
    /// A receipt was dropped without a commit.
    Rejected,
    /// The message cannot be decoded.
    Refused(Refusal),
}

/// A message that cannot be decoded, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: Message,
    pub(super) reason: String,
}

/// A settled message.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) sequence: u64,
    pub(super) delivery: Delivery,
    pub(super) outcome: Outcome,
}

/// A delivery of a message.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    /// The subject of the acknowledgement.
    pub(super) reply: String,
    /// How often the server has delivered the message.
    pub(super) attempt: u64,
    /// The message, until it is handed out.
    message: Option<Message>,
    /// The round of the keeper in which the message arrived.
    round: u64,
}

/// The ledger, which the reader, its receipts and its task share. It is as long as the limit of messages in flight,
/// because the server delivers no further message.
#[derive(Debug)]
pub(super) struct Ledger {
    state: Mutex<State>,
    reader: AtomicWaker,
    /// Notified when a message is settled.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// The sequences of messages that are not handed out, in order of arrival.
    queue: VecDeque<u64>,
    deliveries: HashMap<u64, Delivery>,
    committed: Recent,
    settled: Vec<Settled>,
    round: u64,
    single_reader: bool,
    /// Whether a single reader has rejected a message. Later messages must not overtake it.
    is_blocked: bool,
    phase: Phase,
}

/// The phase of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// No further message arrives.
    Ended,
    /// The reader is dropped.
    Abandoned,
}

/// The last committed sequences. If an acknowledgement is lost, the server delivers its message again.
#[derive(Debug)]
struct Recent {
    order: VecDeque<u64>,
    all: HashSet<u64>,
    limit: usize,
}

impl Ledger {
    pub(super) fn new(max_in_flight: usize, single_reader: bool) -> Self {
        Self {
            state: Mutex::new(State {
                queue: VecDeque::new(),
                deliveries: HashMap::new(),
                committed: Recent {
                    order: VecDeque::new(),
                    all: HashSet::new(),
                    limit: max_in_flight.saturating_mul(2),
                },
                settled: Vec::new(),
                round: 0,
                single_reader,
                is_blocked: false,
                phase: Phase::Open,
            }),
            reader: AtomicWaker::new(),
            changed: Notify::new(),
        }
    }

    /// Adds messages of the server.
    pub(super) fn add(&self, arrived: impl Iterator<Item = (u64, u64, Message)>) {
        let mut state = self.lock();
        for (sequence, attempt, mut message) in arrived {
            let delivery = Delivery {
                reply: message.reply.take().unwrap_or_default(),
                attempt,
                message: Some(message),
                round: state.round,
            };
            state.add(sequence, delivery);
        }
        let is_settled = !state.settled.is_empty();
        drop(state);
        if is_settled {
            self.changed.notify_one();
        }
        self.reader.wake();
    }

    /// Hands out the next message. `None` follows the last message after [`Ledger::end`].
    pub(super) fn poll_next(&self, context: &Context<'_>) -> Poll<Option<(u64, Message)>> {
        self.reader.register(context.waker());
        let mut state = self.lock();
        while let Some(sequence) = state.queue.pop_front() {
            let delivery = state.deliveries.get_mut(&sequence);
            if let Some(message) = delivery.and_then(|delivery| delivery.message.take()) {
                return Poll::Ready(Some((sequence, message)));
            }
        }
        match state.phase {
            Phase::Open => Poll::Pending,
            Phase::Ended | Phase::Abandoned => Poll::Ready(None),
        }
    }

    pub(super) fn settle(&self, sequence: u64, outcome: Outcome) {
        let mut state = self.lock();
        let Some(delivery) = state.deliveries.remove(&sequence) else {
            return;
        };
        state.settle(sequence, delivery, outcome);
        let is_first = state.settled.len() == 1;
        drop(state);
        // A later message needs no further notification, because the keeper takes all of them at once.
        if is_first {
            self.changed.notify_one();
        }
    }

    /// Waits until there are settled messages, and takes them.
    pub(super) async fn settled(&self) -> Vec<Settled> {
        loop {
            let changed = self.changed.notified();
            let settled = self.take_settled();
            if !settled.is_empty() {
                return settled;
            }
            changed.await;
        }
    }

    pub(super) fn take_settled(&self) -> Vec<Settled> {
        std::mem::take(&mut self.lock().settled)
    }

    /// Forgets the messages that are not handed out, because the server delivers them again.
    pub(super) fn restart(&self) {
        let mut state = self.lock();
        state.forget_queue();
        state.is_blocked = false;
    }

    /// Begins a round, and returns the acknowledgement subjects of the messages from before the last round.
    pub(super) fn begin_round(&self) -> Vec<String> {
        let mut state = self.lock();
        let round = state.round;
        state.round += 1;
        let old = state.deliveries.values();
        let old = old.filter(|delivery| delivery.round < round);
        old.map(|delivery| delivery.reply.clone()).collect()
    }

    /// Ends the stream of messages after the last message.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Ended;
        }
        drop(state);
        self.reader.wake();
    }

    /// Rejects the messages that are not handed out. The reader takes no further message.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.phase = Phase::Abandoned;
        for sequence in std::mem::take(&mut state.queue) {
            if let Some(delivery) = state.deliveries.remove(&sequence) {
                state.settle(sequence, delivery, Outcome::Rejected);
            }
        }
        drop(state);
        self.changed.notify_one();
    }

    /// The number of messages that are neither acknowledged nor refused.
    pub(super) fn in_flight(&self) -> usize {
        self.lock().deliveries.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, sequence: u64, delivery: Delivery) {
        if self.committed.all.contains(&sequence) {
            let outcome = Outcome::Committed;
            self.settled.push(Settled {
                sequence,
                delivery,
                outcome,
            });
        } else if let Some(known) = self.deliveries.get_mut(&sequence) {
            // The work goes on, and its outcome answers the new delivery.
            known.reply = delivery.reply;
            known.round = delivery.round;
        } else if self.is_blocked {
            // The server delivers it again after the rejected message.
        } else if self.phase == Phase::Abandoned {
            self.settle(sequence, delivery, Outcome::Rejected);
        } else {
            self.deliveries.insert(sequence, delivery);
            self.queue.push_back(sequence);
        }
    }

    fn settle(&mut self, sequence: u64, delivery: Delivery, outcome: Outcome) {
        match outcome {
            Outcome::Committed => self.committed.add(sequence),
            Outcome::Rejected if self.single_reader => {
                self.is_blocked = true;
                self.forget_queue();
            }
            Outcome::Rejected | Outcome::Refused(_) => {}
        }
        self.settled.push(Settled {
            sequence,
            delivery,
            outcome,
        });
    }

    fn forget_queue(&mut self) {
        for sequence in self.queue.drain(..) {
            self.deliveries.remove(&sequence);
        }
    }
}

impl Recent {
    fn add(&mut self, sequence: u64) {
        if self.order.len() >= self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        if self.all.insert(sequence) {
            self.order.push_back(sequence);
        }
    }
}
