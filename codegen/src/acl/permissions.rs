//! The permissions that a set of roles needs.

use std::collections::BTreeSet;

use crate::model::{Delivery, Name, Operation, Role, Subject, Token};
use crate::plan::Plan;

/// The least time for which a server may respond, in seconds: callers may set longer timeouts than the schemas.
const LEAST_RESPONSE_TIME: u64 = 120;

/// A role and the id under which a user has it.
#[derive(Debug)]
pub(super) struct Grant<'a> {
    pub(super) role: &'a Role,
    pub(super) id: String,
}

/// Subjects that a user may publish, and patterns that it may subscribe to. All others are denied.
#[derive(Debug, Default)]
pub(super) struct Permissions {
    pub(super) publish: BTreeSet<String>,
    /// A pattern, and a queue group after a space.
    pub(super) subscribe: BTreeSet<String>,
    /// How long a single response to a request is permitted, in seconds.
    pub(super) response_secs: Option<u64>,
}

impl Permissions {
    /// The union of the permissions of all grants.
    pub(super) fn of(plan: &Plan<'_>, prefix: &str, grants: &[Grant<'_>]) -> Self {
        let mut permissions = Self::default();
        for grant in grants {
            permissions.add(plan, prefix, grant);
        }
        permissions
    }

    fn add(&mut self, plan: &Plan<'_>, prefix: &str, Grant { role, id }: &Grant<'_>) {
        let inbox = format!("_INBOX_{}.{id}.>", role.name);
        // A flush publishes to the own inbox.
        self.publish.insert(inbox.clone());
        self.subscribe.insert(inbox);
        let all = &plan.protocol.operations;
        for sent in all.iter().filter(|operation| operation.from == role.name) {
            let own = sent.sender.as_ref();
            self.publish.insert(subject(prefix, &sent.subject, own, id));
        }
        let Some(peer) = plan.peers.iter().find(|peer| peer.role.name == role.name) else {
            return;
        };
        for subscription in &peer.subscriptions {
            let own = role.instance.as_ref();
            let pattern = template(prefix, &subscription.pattern, own, id);
            self.subscribe
                .insert(with_queue(pattern, subscription.queue.as_deref()));
        }
        let is_event = |operation: &&&Operation| operation.as_request().is_none();
        for event in peer.operations.iter().filter(is_event) {
            let pattern = subject(prefix, &event.subject, event.receiver.as_ref(), id);
            let queue = match &event.delivery {
                Delivery::Queue(queue) => Some(queue.as_str()),
                Delivery::Instance | Delivery::Broadcast => None,
            };
            self.subscribe.insert(with_queue(pattern, queue));
        }
        let timeouts = peer.requests().map(|(_, request)| request.timeout_ms);
        if let Some(longest) = timeouts.max() {
            let limit = longest.div_ceil(1_000).max(LEAST_RESPONSE_TIME);
            self.response_secs = self.response_secs.max(Some(limit));
        }
    }
}

/// A subject with `id` in place of the parameter `own`, and `*` in place of all others.
fn subject(prefix: &str, Subject(tokens): &Subject, own: Option<&Name>, id: &str) -> String {
    let mut text = prefix.to_owned();
    for token in tokens {
        let token = match token {
            Token::Literal(word) => word,
            Token::Param(name) if Some(name) == own => id,
            Token::Param(_) => "*",
        };
        text.extend([".", token]);
    }
    text
}

/// A subject template in the notation of the schemas, filled like a subject.
fn template(prefix: &str, pattern: &str, own: Option<&Name>, id: &str) -> String {
    let own = own.map(|name| format!("{{{name}}}"));
    let mut text = prefix.to_owned();
    for token in pattern.split('.') {
        let token = match token {
            token if Some(token) == own.as_deref() => id,
            token if token.starts_with('{') => "*",
            token => token,
        };
        text.extend([".", token]);
    }
    text
}

fn with_queue(pattern: String, queue: Option<&str>) -> String {
    match queue {
        Some(queue) => format!("{pattern} {queue}"),
        None => pattern,
    }
}
