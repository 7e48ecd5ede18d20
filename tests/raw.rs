//! Peers that know nothing of the runtime: they send, answer and see bytes.

use futures_util::StreamExt as _;
use natsgen_runtime::Connection;
use natsgen_runtime::transport::{Message, PublishError, Subscriber, Transport};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::network::Network;
use crate::patience::PATIENCE;

/// Sees all messages to a pattern.
pub(crate) struct Tap {
    transport: Box<dyn Transport>,
    subscriber: Box<dyn Subscriber>,
    marker: String,
}

impl Network {
    /// Listens to `pattern`.
    pub(crate) async fn tap(&self, pattern: &str) -> Tap {
        Tap::new(self.transport().await, pattern).await
    }
}

impl Tap {
    pub(crate) async fn new(transport: Box<dyn Transport>, pattern: &str) -> Self {
        let marker = pattern.replace(['*', '>'], "marker");
        let subscriber = transport.subscribe(pattern, None).await.unwrap();
        let mut tap = Self {
            transport,
            subscriber,
            marker,
        };
        assert_eq!(tap.seen_by_now().await, []);
        tap
    }

    /// What `sender` and those before it have sent since the last time, without what goes to inboxes.
    pub(crate) async fn seen(&mut self, sender: &Connection) -> Vec<Message> {
        assert!(sender.round_trip().await);
        self.seen_by_now().await
    }

    async fn seen_by_now(&mut self) -> Vec<Message> {
        let marker = message(&self.marker, "");
        self.transport.publish(marker.clone()).await.unwrap();
        self.seen_before(&marker.subject).await
    }

    /// What comes before the message to `subject`, which must come, without what goes to inboxes.
    pub(crate) async fn seen_before(&mut self, subject: &str) -> Vec<Message> {
        let mut seen = Vec::new();
        loop {
            let message = next(&mut self.subscriber).await;
            if message.subject == subject {
                return seen;
            }
            if !message.subject.starts_with("_INBOX") {
                seen.push(message);
            }
        }
    }
}

/// Sends requests as bytes and reads the answers as bytes.
pub(crate) struct RawCaller {
    transport: Box<dyn Transport>,
    inbox: String,
    answers: Box<dyn Subscriber>,
}

impl RawCaller {
    pub(crate) async fn new(transport: Box<dyn Transport>) -> Self {
        let inbox = format!("{}.raw.caller", transport.inbox_prefix());
        let answers = transport.subscribe(&inbox, None).await.unwrap();
        Self {
            transport,
            inbox,
            answers,
        }
    }

    pub(crate) async fn send(&self, subject: &str, payload: &[u8]) -> Result<(), PublishError> {
        let message = Message {
            reply: Some(self.inbox.clone()),
            ..message(subject, payload)
        };
        self.transport.publish(message).await
    }

    pub(crate) async fn call(&mut self, subject: &str, payload: &[u8]) -> Message {
        self.send(subject, payload).await.unwrap();
        next(&mut self.answers).await
    }

    /// Checks that no answer came beyond those that were taken.
    pub(crate) async fn expect_no_answer(&mut self) {
        let marker = message(&self.inbox, "marker");
        self.transport.publish(marker).await.unwrap();
        assert_eq!(next(&mut self.answers).await.payload, "marker");
    }
}

/// Answers all that comes to `pattern` by `payload`, like a peer that was recorded.
pub(crate) async fn answer_all(
    transport: Box<dyn Transport>,
    pattern: &str,
    payload: &str,
) -> JoinHandle<()> {
    let mut requests = transport.subscribe(pattern, None).await.unwrap();
    let payload = payload.to_owned();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let answer = message(&request.reply.unwrap(), payload.as_bytes());
            transport.publish(answer).await.unwrap();
        }
    })
}

pub(crate) fn message(subject: &str, payload: impl AsRef<[u8]>) -> Message {
    Message {
        subject: subject.to_owned(),
        payload: payload.as_ref().to_vec().into(),
        ..Message::default()
    }
}

pub(crate) async fn next(subscriber: &mut Box<dyn Subscriber>) -> Message {
    timeout(PATIENCE, subscriber.next())
        .await
        .expect("a message comes")
        .expect("the subscription goes on")
}
