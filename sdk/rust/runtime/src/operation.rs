//! Operations and events, as generated code declares them.

use std::fmt::{self, Display, Write};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::time::Duration;

use crate::codec::payload::Payload;
use crate::codec::violation::Violation;
use crate::error_form::ErrorForm;
use crate::fault::Fault;
use crate::subject::{Param, Prefix, Subject, Template, Tokens};

/// A message with a reply. A request type belongs to a single operation.
pub trait Request: Payload {
    /// The parameters of the subject as a server reads them, without the parameter that names the server's instance.
    type Params: Params;
    /// All parameters of the subject as a caller passes them: `()`, a parameter or a tuple.
    type SubjectParams<'a>: Send;
    /// The reply of the server.
    type Reply: Payload;
    /// The errors that the operation can return.
    type Fault: Fault;

    /// Name, subject template and limits.
    const INFO: RequestInfo;

    /// Builds the subject.
    fn subject(prefix: &Prefix, params: Self::SubjectParams<'_>) -> Subject;

    /// Requests with the same key run in the order of their arrival; all other requests run in parallel.
    #[must_use]
    fn ordering_key(&self) -> Option<OrderingKey> {
        None
    }

    /// Returns the form of errors in replies; `None` for the form of this library.
    #[must_use]
    fn error_form() -> Option<&'static ErrorForm> {
        None
    }
}

/// Name, subject template and limits of a request.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// The name of the operation, e.g. `deploy`.
    pub name: &'static str,
    /// The subject below the prefix.
    pub template: Template,
    /// The role that calls the operation.
    pub from: Role,
    /// The timeout of a call without its own timeout.
    pub timeout: Duration,
    /// Whether executing the request twice has the same effect as executing it once.
    pub idempotent: bool,
    /// Whether the server reserves places for the request, and the request overtakes queued requests with the same
    /// ordering key.
    pub control: bool,
}

/// A message without a reply. An event type belongs to a single operation.
pub trait Event: Payload {
    /// The parameters of the subject as a subscriber reads them.
    type Params: Params;
    /// The parameters of the subject as a publisher passes them: `()`, a parameter or a tuple.
    type SubjectParams<'a>: Send;
    /// The parameters that a subscriber can fix.
    type Filter: Send + Sync;

    /// Name and subject template.
    const INFO: EventInfo;

    /// Builds the subject.
    fn subject(prefix: &Prefix, params: Self::SubjectParams<'_>) -> Subject;

    /// The fixed parameters in the order of the subject; `None` matches any value.
    fn filter(filter: &Self::Filter) -> Vec<Option<&dyn Param>>;
}

/// A role of a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    name: &'static str,
    /// The names of all roles of the protocol.
    #[cfg_attr(
        not(feature = "rpc"),
        allow(dead_code, reason = "only servers compare the roles of inboxes")
    )]
    all: &'static [&'static str],
}

impl Role {
    /// Creates a role of a protocol with the roles `all`.
    #[must_use]
    pub const fn new(name: &'static str, all: &'static [&'static str]) -> Self {
        Self { name, all }
    }

    /// Returns the name of the role.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns false if the inbox belongs to another role of the protocol. An inbox with any other prefix may belong to
    /// each role.
    #[cfg(feature = "rpc")]
    pub(crate) fn may_use(self, inbox: &str) -> bool {
        let label = crate::subject::inbox_label(inbox);
        label.is_none_or(|label| label == self.name || !self.all.contains(&label))
    }
}

/// Name and subject template of an event.
#[derive(Clone, Debug)]
pub struct EventInfo {
    /// The name, e.g. `heartbeat`.
    pub name: &'static str,
    /// The subject below the prefix.
    pub template: Template,
    /// The prefix of the subject if the connection has no prefix.
    pub prefix: Prefix,
    /// The queue group whose members share the events; without a group, each subscriber receives all events.
    pub queue: Option<&'static str>,
}

/// The parameters of a subject as a struct.
pub trait Params: Sized + Send + 'static {
    /// Reads the parameters from the tokens of a subject.
    ///
    /// # Errors
    /// Fails if a token is not a value of its parameter's type.
    fn read(tokens: &Tokens<'_>) -> Result<Self, Violation>;

    /// Reads the parameters from a subject that matches `template`.
    ///
    /// # Errors
    /// Fails if the subject does not match, or if a token is not a value of its parameter's type.
    fn parse(template: Template, prefix: &Prefix, subject: &str) -> Result<Self, Violation> {
        match template.parse(prefix, subject) {
            Some(tokens) => Self::read(&tokens),
            None => Err(Violation::new("expected another subject")),
        }
    }
}

impl Params for () {
    /// Ignores the subject and returns `()`.
    fn parse(_: Template, _: &Prefix, _: &str) -> Result<Self, Violation> {
        Ok(())
    }

    fn read(_: &Tokens<'_>) -> Result<Self, Violation> {
        Ok(())
    }
}

/// The key that determines the order of requests.
///
/// The key is a hash of a value. Two values can have the same hash; their requests then run in sequence. The hash has a
/// random seed in each process, so a peer cannot provoke such a collision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderingKey(u64);

static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl OrderingKey {
    /// The key of a value.
    #[must_use]
    pub fn new(value: &(impl Display + ?Sized)) -> Self {
        let mut text = Hashed(SEED.build_hasher());
        // Hashing cannot fail. If `Display` fails, the text written so far is hashed.
        let _ = write!(text, "{value}");
        Self(text.0.finish())
    }
}

struct Hashed<H>(H);

impl<H: Hasher> Write for Hashed<H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}
