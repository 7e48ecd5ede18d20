//! The runtime of code that `natsgen` generates: codec, transports, calls, serving.

pub mod codec;
#[cfg(feature = "rpc")]
mod rpc;
#[cfg(feature = "rpc")]
mod serve;
mod subject;
#[cfg(feature = "rpc")]
pub mod transport;

#[cfg(feature = "rpc")]
mod backoff;
#[cfg(feature = "rpc")]
mod random;

#[doc(hidden)]
pub mod generated;

#[cfg(feature = "rpc")]
pub use backoff::Backoff;
pub use codec::error::{DecodeError, EncodeError};
pub use codec::json::{
    Decode, Encode, Key, Kind, Limits, Map, MapRef, Members, Number, Reader, Value, ValueRef,
    Writer,
};
pub use codec::payload::Payload;
pub use codec::side::Side;
pub use codec::types::{
    False, HasBorrowed, IntoOwned, Limited, Micros, Millis, Nanos, Nullable, Ranged, Secs, TextRef,
    True,
};
pub use codec::violation::Violation;
#[cfg(feature = "rpc")]
pub use random::token;
#[cfg(feature = "rpc")]
pub use rpc::call::{CallOptions, Retry};
#[cfg(feature = "rpc")]
pub use rpc::connection::Connection;
#[cfg(feature = "rpc")]
pub use rpc::failure::{CallError, Failure, NoAnswer, NotDelivered, PublishFailure, Unpublished};
#[cfg(feature = "rpc")]
pub use rpc::fault::{Fault, Refused, StandardFault};
#[cfg(feature = "rpc")]
pub use rpc::observe::{CallRecord, EventRecord, Observer};
#[cfg(feature = "rpc")]
pub use rpc::operation::{Event, Request};
#[cfg(feature = "rpc")]
pub use rpc::subscribe::{Received, Subscription, UnreadableEvent};
#[cfg(feature = "rpc")]
pub use serve::{Context, DedupOptions, ServeOptions, Server, ServingState, StartError, Stats};
pub use subject::{Param, Prefix, Subject, SubjectError};
#[cfg(feature = "rpc")]
pub use transport::memory::{MemoryBroker, MemoryTransport};
#[cfg(feature = "nats")]
pub use transport::nats::{ConnectError, ConnectErrorKind, NatsOptions, NatsTransport};

pub mod assertion {
    //! Assertions: JSON Schema keywords that a Rust type cannot hold, and the validator for them.
    //!
    //! An [`Assertion`] is a whole JSON Schema (draft 2020-12) with its references resolved. Generated code writes assertions
    //! as statics, which may refer to each other in circles:
    //!
    //! ```
    //! use natsgen_runtime::{Value, regex};
    //! use natsgen_runtime::assertion::{Assertion, Decimal, Keyword, Type};
    //!
    //! static TREE: Assertion = Assertion::new(&[
    //!     Keyword::Type(&[Type::Object]),
    //!     Keyword::Required(&["name"]),
    //!     Keyword::Properties(&[
    //!         ("name", Assertion::new(&[Keyword::Pattern(regex!("^[a-z]+$", "^[a-z]+$"))])),
    //!         ("weight", Assertion::new(&[Keyword::Minimum(Decimal::new("0.5"))])),
    //!         ("child", Assertion::new(&[Keyword::Ref(&TREE)])),
    //!     ]),
    //! ]);
    //!
    //! let oak: Value = r#"{"name": "oak", "child": {"name": "ash", "weight": 0.4}}"#.parse()?;
    //! let violation = TREE.validate(&oak.borrowed()).unwrap_err();
    //! assert_eq!(violation.to_string(), "expected a number from 0.5 at /child/weight");
    //! # Ok::<(), natsgen_runtime::Violation>(())
    //! ```
    //!
    //! An assertion can also be built at run time over data with any lifetime. [`Keyword::Forward`] refers to an assertion
    //! that is set later:
    //!
    //! ```
    //! use std::sync::OnceLock;
    //!
    //! use natsgen_runtime::Value;
    //! use natsgen_runtime::assertion::{Assertion, Keyword, Type};
    //!
    //! let list = OnceLock::new();
    //! let next = [Keyword::Forward(&list)];
    //! let members = [("next", Assertion::new(&next))];
    //! let keywords = [Keyword::Type(&[Type::Object]), Keyword::Properties(&members)];
    //! let list = list.get_or_init(|| Assertion::new(&keywords));
    //!
    //! let value: Value = r#"{"next": {"next": 1}}"#.parse()?;
    //! let violation = list.validate(&value.borrowed()).unwrap_err();
    //! assert_eq!(violation.to_string(), "expected an object at /next/next");
    //! # Ok::<(), natsgen_runtime::Violation>(())
    //! ```

    pub use crate::codec::assertion::{
        Assertion, Constant, ConstantCache, Decimal, Keyword, Regex, RegexCache, Resource, Type,
    };
    pub use crate::codec::format::Format;
}
