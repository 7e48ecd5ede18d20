//! What the generated code tells of each operation and event.

use std::fmt::{self, Display, Write};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;
use std::time::Duration;

use crate::{Fault, Param, Payload, Prefix, Template, Tokens, Violation};

/// A message with a reply; the type is also that of the payload, since a request type belongs to one operation.
pub trait Request: Payload {
    /// The parameters of the subject, without those that name the server's instance.
    type Params: Params;
    /// What the server answers.
    type Reply: Payload;
    /// Why the server may refuse.
    type Fault: Fault;

    /// Name, subject and limits.
    const INFO: RequestInfo;

    /// Requests with the same key are executed in the order in which they came, all others side by side.
    #[must_use]
    fn ordering_key(&self) -> Option<OrderingKey> {
        None
    }
}

/// Name, subject and limits of a request.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// The name of the operation, e.g. `deploy`.
    pub name: &'static str,
    /// The subject below the prefix.
    pub template: Template,
    /// How long a caller waits if it does not say otherwise.
    pub timeout: Duration,
    /// Whether executing it twice does no more than executing it once.
    pub idempotent: bool,
}

/// A message without a reply; the type is also that of the payload.
pub trait Event: Payload {
    /// The parameters of the subject.
    type Params: Params;
    /// The parameters that a subscriber may fix.
    type Filter: Send + Sync;

    /// Name and subject.
    const INFO: EventInfo;

    /// The fixed parameters in the order of the subject; `None` where any value will do.
    fn filter(filter: &Self::Filter) -> Vec<Option<&dyn Param>>;
}

/// Name and subject of an event.
#[derive(Clone, Debug)]
pub struct EventInfo {
    /// The name, e.g. `heartbeat`.
    pub name: &'static str,
    /// The subject below the prefix.
    pub template: Template,
    /// The prefix, if the connection has no other.
    pub prefix: Prefix,
    /// The queue group whose members share the events; without one, every subscriber gets all.
    pub queue: Option<&'static str>,
}

/// The parameters of a subject, as a type.
pub trait Params: Sized + Send + 'static {
    /// Takes them from the tokens of a subject.
    ///
    /// # Errors
    /// When a token is not a value of its parameter's type.
    fn read(tokens: &Tokens<'_>) -> Result<Self, Violation>;

    /// Takes them from a subject that fits `template`.
    ///
    /// # Errors
    /// When it does not fit, or a token is not a value of its parameter's type.
    fn parse(template: Template, prefix: &Prefix, subject: &str) -> Result<Self, Violation> {
        match template.parse(prefix, subject) {
            Some(tokens) => Self::read(&tokens),
            None => Err(Violation::new("expected another subject")),
        }
    }
}

impl Params for () {
    /// Nothing to look for.
    fn parse(_: Template, _: &Prefix, _: &str) -> Result<Self, Violation> {
        Ok(())
    }

    fn read(_: &Tokens<'_>) -> Result<Self, Violation> {
        Ok(())
    }
}

/// Stands for the value by which requests are ordered.
///
/// It is a hash: two values that share one wait for each other without need, which is rare and does no harm. The
/// hash is seeded per process, so nobody outside can make that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderingKey(u64);

static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl OrderingKey {
    /// The key of a value.
    #[must_use]
    pub fn new(value: &(impl Display + ?Sized)) -> Self {
        let mut text = Hashed(SEED.build_hasher());
        // Hashing cannot fail, and a value that cannot be shown hashes as far as it went.
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
