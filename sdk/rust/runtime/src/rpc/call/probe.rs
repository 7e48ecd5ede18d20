//! Finds out whether a server is subscribed.

use std::convert::Infallible;

use tokio::time::Instant;

use super::{Caller, LONGEST, answer};
use crate::operation::Request;
use crate::rpc::failure::{Failure, NotDelivered};
use crate::transport::Message;

impl Caller {
    /// Returns whether a server is subscribed to the subject of a request; `None` if that is unknown. Sends a message
    /// without content, which a server refuses without executing it.
    pub async fn has_responder<R: Request>(&self, params: R::SubjectParams<'_>) -> Option<bool> {
        let timeout = self.options.timeout.unwrap_or(R::INFO.timeout).min(LONGEST);
        let message = Message {
            subject: R::subject(&self.prefix, params).into(),
            headers: self.headers(self.connection.new_request_id(), timeout),
            ..Message::default()
        };
        let deadline = Instant::now() + timeout;
        let outcome = self.connection.request(message, deadline).await;
        match answer::<Infallible>(outcome) {
            Ok(_) => Some(true),
            Err(Failure::NotDelivered(NotDelivered::NoResponders)) => Some(false),
            Err(_) => None,
        }
    }
}
