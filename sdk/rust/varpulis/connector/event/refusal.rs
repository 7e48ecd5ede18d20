//! Refusals: the reasons why a message contains no events.

use std::error::Error;
use std::fmt;

use natsgen_runtime::{Escaped, Violation, ViolationKind};

/// The reason why a message was refused. The message gives no event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The kind of the reason.
    pub reason: RefusalReason,
    /// The JSON pointer of the refused value in its event; empty for the message itself.
    pub pointer: String,
    /// The expected value.
    pub expected: String,
}

/// The kind of reason why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RefusalReason {
    /// The payload is empty.
    Empty,
    /// The payload exceeds its limit.
    PayloadTooLarge,
    /// The payload is not UTF-8.
    NotUtf8,
    /// The payload is not JSON.
    NotJson,
    /// A value in the place of an event is no object.
    NotAnObject,
    /// An object has two members with the same name, or a name is a member of `data` and beside it.
    DuplicateMember,
    /// The event type exceeds 256 characters.
    EventType,
    /// The message has too many events.
    TooManyEvents,
    /// An event or a nested object has too many members.
    TooManyFields,
    /// A string exceeds its limit.
    TextTooLong,
    /// A value is nested too deeply.
    TooDeep,
    /// An array has too many items.
    TooManyItems,
}

impl RefusalReason {
    /// All reasons.
    pub const ALL: [Self; 12] = [
        Self::Empty,
        Self::PayloadTooLarge,
        Self::NotUtf8,
        Self::NotJson,
        Self::NotAnObject,
        Self::DuplicateMember,
        Self::EventType,
        Self::TooManyEvents,
        Self::TooManyFields,
        Self::TextTooLong,
        Self::TooDeep,
        Self::TooManyItems,
    ];

    /// Returns the name for metrics, e.g. `payload_too_large`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::PayloadTooLarge => "payload_too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotAnObject => "not_an_object",
            Self::DuplicateMember => "duplicate_member",
            Self::EventType => "event_type",
            Self::TooManyEvents => "too_many_events",
            Self::TooManyFields => "too_many_fields",
            Self::TextTooLong => "text_too_long",
            Self::TooDeep => "too_deep",
            Self::TooManyItems => "too_many_items",
        }
    }

    /// Returns the reason for a violation of the JSON reader.
    fn of(violation: &Violation) -> Self {
        match violation.kind() {
            ViolationKind::DuplicateMember => Self::DuplicateMember,
            ViolationKind::Depth => Self::TooDeep,
            _ => Self::NotJson,
        }
    }
}

impl Refusal {
    pub(super) fn new(reason: RefusalReason, expected: impl Into<String>) -> Self {
        Self {
            reason,
            pointer: String::new(),
            expected: expected.into(),
        }
    }

    /// A refusal of more than `most` of something.
    pub(super) fn beyond(reason: RefusalReason, most: usize, noun: &str) -> Self {
        Self::new(reason, format!("expected at most {most} {noun}"))
    }

    /// Adds the member or item `token` of the container to the pointer.
    #[cold]
    pub(super) fn inside(mut self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        self.pointer = format!("/{token}{}", self.pointer);
        self
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Self {
            reason: RefusalReason::of(&violation),
            pointer: violation.pointer().to_owned(),
            expected: violation.reason().to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.name(), Escaped(&self.expected))?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", Escaped(&self.pointer))?;
        }
        Ok(())
    }
}

impl Error for Refusal {}
