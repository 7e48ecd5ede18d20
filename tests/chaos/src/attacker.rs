//! A foreign peer on the bus: it listens, replays messages and forges messages. It has no API key.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt as _;
use natsgen_runtime::transport::{Message, PublishError, Subscriber, Transport as _};
use natsgen_runtime::{NatsOptions, NatsTransport};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::Failure;
use crate::connection::subject;
use crate::forgery::Forgery;

/// The number of captured messages that an attacker keeps, the latest of them.
const CAPTURED: usize = 4_096;

/// The messages in a burst, and the pause between two bursts.
const BURST: usize = 25;
const PAUSE: Duration = Duration::from_millis(40);

/// The subjects below the prefix that carry Raft and registration traffic.
const PATTERNS: [&str; 4] = ["raft.>", "register", "registration.*", "heartbeat.*"];

/// The first tokens of events, which have no reply.
const EVENTS: [&str; 2] = ["registration.", "heartbeat."];

/// A foreign peer with a connection of its own.
pub(crate) struct Attacker {
    transport: NatsTransport,
    inbox: String,
    captured: Captured,
    listening: Vec<JoinHandle<()>>,
    forgery: Forgery,
    rng: Rng,
    /// The number of sent messages.
    pub(crate) sent: u64,
}

/// The captured messages, the oldest first. A clone sees the same messages.
#[derive(Clone, Debug, Default)]
struct Captured(Arc<Mutex<VecDeque<Message>>>);

impl Attacker {
    /// Connects to the server at `url` and starts to listen.
    pub(crate) async fn start(url: &str, rng: &mut Rng) -> Result<Self, Failure> {
        let transport = NatsOptions::new(url).connect_transport().await?;
        let inbox = format!("{}.attacker", transport.inbox_prefix());
        let captured = Captured::default();
        let mut listening = Vec::new();
        for pattern in PATTERNS {
            let messages = transport.subscribe(&subject(pattern), None).await?;
            listening.push(tokio::spawn(
                captured.clone().listen(messages, inbox.clone()),
            ));
        }
        Ok(Self {
            transport,
            inbox,
            captured,
            listening,
            forgery: Forgery::new(rng)?,
            rng: rng.fork(),
            sent: 0,
        })
    }

    /// Sends random messages for some time.
    pub(crate) async fn attack(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            for _ in 0..BURST {
                for message in self.messages() {
                    self.send(message).await?;
                }
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Sends pieces of false snapshots for some time.
    pub(crate) async fn send_snapshots(&mut self, time: Duration) -> Result<(), Failure> {
        let is_append = |message: &Message| message.subject.ends_with(".append");
        let end = Instant::now() + time;
        while Instant::now() < end {
            for _ in 0..BURST {
                let append = self.captured(is_append);
                let piece = append.and_then(|append| self.forgery.piece(&append));
                if let Some(piece) = piece {
                    self.request(piece).await?;
                }
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Sends a notice that a worker of the cluster was replaced, once its registration is captured.
    pub(crate) async fn send_notice(&mut self) -> Result<(), Failure> {
        let is_registration = |message: &Message| {
            let payload = String::from_utf8_lossy(&message.payload);
            message.subject == subject("register") && payload.contains(r#""worker_id":"w"#)
        };
        let captured = self.captured(is_registration);
        match captured.as_ref().and_then(Forgery::notice) {
            Some(notice) => self.send(notice).await,
            None => Ok(()),
        }
    }

    /// Sends a request, and ignores the reply.
    pub(crate) async fn request(&mut self, message: Message) -> Result<(), Failure> {
        let reply = Some(self.inbox.clone());
        self.send(Message { reply, ..message }).await
    }

    /// Sends a message. Ignores a message that no transport accepts.
    async fn send(&mut self, message: Message) -> Result<(), Failure> {
        if self.transport.publish(message).await == Err(PublishError::Closed) {
            return Err("the attacker has no connection".into());
        }
        self.sent += 1;
        Ok(())
    }

    /// A captured message that satisfies `is_wanted`, if there is any.
    fn captured(&mut self, is_wanted: impl Fn(&Message) -> bool) -> Option<Message> {
        let captured = self.captured.lock();
        let wanted: Vec<_> = captured
            .iter()
            .filter(|message| is_wanted(message))
            .collect();
        self.rng.choice(wanted).cloned()
    }

    /// The next random messages.
    fn messages(&mut self) -> Vec<Message> {
        let mut made = match self.captured(|_| true) {
            Some(captured) => match self.rng.u8(..10) {
                // Verbatim, with headers and reply subject.
                0 => return vec![captured],
                1 => return vec![captured.clone(), captured],
                2 => return vec![self.forgery.redirected(&captured)],
                3 | 4 => self.forgery.altered(&captured),
                5 => match Forgery::notice(&captured) {
                    Some(notice) => return vec![notice],
                    None => self.forgery.made(),
                },
                6 => match self.forgery.guessed_reply(&captured) {
                    Some(reply) => return vec![reply],
                    None => self.forgery.made(),
                },
                7 => self.forgery.garbage(),
                _ => self.forgery.made(),
            },
            None => self.forgery.made(),
        };
        self.forgery.disguise(&mut made, &self.inbox);
        vec![made]
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        self.listening.iter().for_each(JoinHandle::abort);
    }
}

impl Captured {
    /// Keeps the messages of a subscription, except most messages of the attacker: requests that expect no reply, or
    /// expect it elsewhere than in the inbox of another peer.
    async fn listen(self, mut messages: Box<dyn Subscriber>, inbox: String) {
        while let Some(message) = messages.next().await {
            let is_request = !EVENTS
                .iter()
                .any(|event| message.subject.starts_with(&subject(event)));
            let reply = message.reply.as_deref().unwrap_or_default();
            if is_request && (!reply.starts_with("_INBOX") || reply == inbox) {
                continue;
            }
            let mut captured = self.lock();
            if captured.len() == CAPTURED {
                captured.pop_front();
            }
            captured.push_back(message);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
