//! Foreign peers without the runtime: they send, answer and observe bytes.

use futures_util::StreamExt as _;
use natsgen_runtime::Connection;
use natsgen_runtime::transport::{Message, PublishError, Subscriber, Transport};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::network::Network;
use crate::timeouts::TEST_TIMEOUT;

/// Records all messages to a pattern.
pub(crate) struct Tap {
    transport: Box<dyn Transport>,
    subscriber: Box<dyn Subscriber>,
    marker: String,
}

impl Network {
    /// Subscribes a tap to `pattern`.
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
        assert_eq!(tap.current_messages().await, []);
        tap
    }

    /// Takes the messages that were sent by `sender` and by earlier senders, except those to inboxes.
    pub(crate) async fn messages(&mut self, sender: &Connection) -> Vec<Message> {
        assert!(sender.flush().await);
        self.current_messages().await
    }

    async fn current_messages(&mut self) -> Vec<Message> {
        let marker = message(&self.marker, "");
        self.transport.publish(marker.clone()).await.unwrap();
        self.messages_before(&marker.subject).await
    }

    /// Takes the messages before the message to `subject`, except those to inboxes.
    pub(crate) async fn messages_before(&mut self, subject: &str) -> Vec<Message> {
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

/// Sends requests as bytes and reads the replies as bytes.
pub(crate) struct RawCaller {
    transport: Box<dyn Transport>,
    inbox: String,
    replies: Box<dyn Subscriber>,
}

impl RawCaller {
    pub(crate) async fn new(transport: Box<dyn Transport>) -> Self {
        let inbox = format!("{}.raw.caller", transport.inbox_prefix());
        let replies = transport.subscribe(&inbox, None).await.unwrap();
        Self {
            transport,
            inbox,
            replies,
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
        next(&mut self.replies).await
    }

    /// Checks that no further reply has arrived.
    pub(crate) async fn expect_no_reply(&mut self) {
        let marker = message(&self.inbox, "marker");
        self.transport.publish(marker).await.unwrap();
        assert_eq!(next(&mut self.replies).await.payload, "marker");
    }
}

/// Answers all messages to `pattern` with `payload`, as a recorded peer would.
pub(crate) async fn reply_to_all(
    transport: Box<dyn Transport>,
    pattern: &str,
    payload: &str,
) -> JoinHandle<()> {
    let mut requests = transport.subscribe(pattern, None).await.unwrap();
    let payload = payload.to_owned();
    tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let reply = message(&request.reply.unwrap(), payload.as_bytes());
            transport.publish(reply).await.unwrap();
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
    timeout(TEST_TIMEOUT, subscriber.next())
        .await
        .expect("a message arrives")
        .expect("the subscription is open")
}
