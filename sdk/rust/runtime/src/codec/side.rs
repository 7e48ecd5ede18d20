//! The side that reads a payload.

/// The side that reads a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A server decodes a request. An unknown enum value or union variant is an error.
    Request,
    /// A client decodes a reply, or a subscriber an event. An unknown enum value or union variant comes from a newer
    /// peer and is kept.
    Reply,
}
