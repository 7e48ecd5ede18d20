//! A peer that sends bytes, and reads the replies.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use natsgen_runtime::MemoryBroker;
use natsgen_runtime::transport::{Message, Subscriber, Transport};
use tokio::time::timeout;
use varpulis_sdk::subject::PREFIX;

use crate::answer::{IsReply, is_error};

/// Far more than a reply takes: it turns a missing reply into a failure.
const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Sender {
    transport: Box<dyn Transport>,
    inbox: String,
    replies: Box<dyn Subscriber>,
    /// The number of the last request.
    last: usize,
    /// The number of requests that got no error.
    pub(crate) accepted: usize,
}

impl Sender {
    pub(crate) async fn start(broker: &MemoryBroker) -> Self {
        let transport = Box::new(broker.connect());
        let inbox = format!("{}.mutations", transport.inbox_prefix());
        let replies = transport.subscribe(&format!("{inbox}.*"), None).await;
        Self {
            replies: replies.expect("a subscription"),
            transport,
            inbox,
            last: 0,
            accepted: 0,
        }
    }

    /// Sends an event.
    pub(crate) async fn publish(&self, subject: &str, payload: Vec<u8>) {
        self.send(subject, payload, None).await;
    }

    /// Sends requests side by side. Each must get a valid reply or a typed error.
    pub(crate) async fn call_all(
        &mut self,
        subject: &str,
        payloads: Vec<Vec<u8>>,
        is_reply: IsReply,
    ) {
        let mut pending = BTreeMap::new();
        for payload in payloads {
            self.last += 1;
            let inbox = format!("{}.{}", self.inbox, self.last);
            self.send(subject, payload.clone(), Some(inbox.clone()))
                .await;
            pending.insert(inbox, payload);
        }
        while !pending.is_empty() {
            let reply = timeout(LIMIT, self.replies.next()).await;
            let open = || {
                pending
                    .values()
                    .map(|payload| String::from_utf8_lossy(payload))
            };
            let reply = reply.unwrap_or_else(|_| {
                panic!("{subject}: no reply to {:?}", open().collect::<Vec<_>>())
            });
            let reply = reply.expect("an open subscription");
            let payload = pending.remove(&reply.subject).expect("a single reply");
            let is_accepted = is_reply(&reply.payload) && !is_error(&reply);
            assert!(
                is_accepted || is_error(&reply),
                "{subject}: {} got {reply:?}",
                String::from_utf8_lossy(&payload)
            );
            self.accepted += usize::from(is_accepted);
        }
    }

    async fn send(&self, subject: &str, payload: Vec<u8>, reply: Option<String>) {
        let message = Message {
            subject: format!("{}.{subject}", PREFIX.as_str()),
            reply,
            payload: payload.into(),
            ..Message::default()
        };
        self.transport.publish(message).await.expect("a publish");
    }
}
