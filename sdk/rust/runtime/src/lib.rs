//! The runtime of code that `natsgen` generates: codec, transports, calls, serving.
//!
//! `natsgen` turns JSON Schema files into messages, clients and services. This crate encodes and validates the messages,
//! sends and receives them, and dispatches requests to services. It knows no subject and no message of a protocol.
//!
//! The examples use the key-value protocol of the tests of `natsgen`. Its generated code is the module `protocol`.
//!
//! # Client
//!
//! ```no_run
//! # mod protocol {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/golden/keyvalue/mod.rs"));
//! # }
//! use std::time::Duration;
//!
//! use natsgen_runtime::{CallOptions, Connection, Failure, NotDelivered, Retry};
//! use protocol::store::{GetFault, GetRequest, StoreClient};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::nats("nats://localhost").await?;
//! let options = CallOptions::new().timeout(Duration::from_secs(2)).retry(Retry::new(3));
//! let client = StoreClient::new(&connection).options(options);
//! match client.get(&"kitchen".parse()?, &"tea".parse()?, &GetRequest::new()).await {
//!     Ok(entry) => println!("{:?}", entry.content),
//!     Err(error) if error.fault() == Some(&GetFault::KeyNotFound) => println!("no tea"),
//!     Err(error) => match error.failure {
//!         Failure::NotDelivered(NotDelivered::NoResponders) => println!("no store"),
//!         _ => return Err(error.into()),
//!     },
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Server
//!
//! A service is a trait with one method for each operation. The server decodes and validates requests, runs up to 1,024 of
//! them at the same time, and refuses requests beyond the limits of [`ServeOptions`] with a typed error.
//!
//! ```no_run
//! # mod protocol {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/golden/keyvalue/mod.rs"));
//! # }
//! # use std::convert::Infallible;
//! use natsgen_runtime::{Connection, Context, DedupOptions, ServeOptions};
//! use protocol::store::*;
//! use protocol::types::{Content, Revision};
//!
//! struct Store;
//!
//! impl StoreService for Store {
//!     async fn get(&self, _: &Context, params: GetParams, _: GetRequest) -> Result<GetReply, GetFault> {
//!         if params.key != "tea" {
//!             return Err(GetFault::KeyNotFound);
//!         }
//!         let revision = Revision::try_from(1).expect("1 is a revision");
//!         let written_at = "2026-01-01T00:00:00Z".parse().expect("a date and time");
//!         Ok(GetReply::new(Content::Empty, revision, written_at))
//!     }
//!     // … and the other operations.
//! #    async fn list(&self, _: &Context, _: ListParams, _: ListRequest) -> Result<ListReply, Infallible> {
//! #        unimplemented!()
//! #    }
//! #    async fn put(&self, _: &Context, _: PutParams, _: PutRequest) -> Result<PutReply, PutFault> {
//! #        unimplemented!()
//! #    }
//! #    async fn remove(&self, _: &Context, _: RemoveParams, _: RemoveRequest) -> Result<RemoveReply, RemoveFault> {
//! #        unimplemented!()
//! #    }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::nats("nats://localhost").await?;
//! let options = ServeOptions::new().concurrency(64).deduplicate(DedupOptions::new());
//! let mut server = StoreServer::new(Store).options(options).start(&connection).await?;
//! server.closed().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Subscriber
//!
//! ```no_run
//! # mod protocol {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/golden/keyvalue/mod.rs"));
//! # }
//! use natsgen_runtime::Connection;
//! use protocol::app::{Changed, ChangedFilter};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let connection = Connection::nats("nats://localhost").await?;
//! let filter = ChangedFilter { bucket: Some("kitchen".parse()?), key: None };
//! let mut changes = connection.subscribe::<Changed>(&filter).await?;
//! while let Some(change) = changes.next().await {
//!     match change {
//!         Ok(change) => println!("{}: {:?}", change.params.key, change.event.change),
//!         Err(unreadable) => eprintln!("{unreadable}"),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Test without a broker
//!
//! [`Connection::memory`] delivers messages within the process, with the semantics of NATS.
//!
//! ```
//! # mod protocol {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/golden/keyvalue/mod.rs"));
//! # }
//! # use std::convert::Infallible;
//! # use natsgen_runtime::Context;
//! # use protocol::types::{Content, Revision};
//! use natsgen_runtime::Connection;
//! use protocol::store::*;
//!
//! # struct Store;
//! # impl StoreService for Store {
//! #     async fn get(&self, _: &Context, params: GetParams, _: GetRequest) -> Result<GetReply, GetFault> {
//! #         if params.key != "tea" {
//! #             return Err(GetFault::KeyNotFound);
//! #         }
//! #         let revision = Revision::try_from(1).expect("1 is a revision");
//! #         let written_at = "2026-01-01T00:00:00Z".parse().expect("a date and time");
//! #         Ok(GetReply::new(Content::Empty, revision, written_at))
//! #     }
//! #     async fn list(&self, _: &Context, _: ListParams, _: ListRequest) -> Result<ListReply, Infallible> {
//! #         unimplemented!()
//! #     }
//! #     async fn put(&self, _: &Context, _: PutParams, _: PutRequest) -> Result<PutReply, PutFault> {
//! #         unimplemented!()
//! #     }
//! #     async fn remove(&self, _: &Context, _: RemoveParams, _: RemoveRequest) -> Result<RemoveReply, RemoveFault> {
//! #         unimplemented!()
//! #     }
//! # }
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let connection = Connection::memory();
//!     let server = StoreServer::new(Store).start(&connection).await?;
//!     let client = StoreClient::new(&connection);
//!     let error = client.get(&"kitchen".parse()?, &"milk".parse()?, &GetRequest::new()).await;
//!     assert_eq!(error.unwrap_err().fault(), Some(&GetFault::KeyNotFound));
//!     server.shutdown().await;
//!     Ok(())
//! }
//! ```
//!
//! # Features
//!
//! - `nats` (default): the NATS transport, over async-nats.
//! - `rpc` (implied by `nats`): calls, subscriptions, serving and the in-process transport.
//! - `serde_json`: conversions between [`Value`] and the values of `serde_json`.
//!
//! Without features the crate is the codec, the validator and the types of subjects. Generated code then has messages,
//! errors and subjects, but no clients and no services.

#![cfg_attr(
    not(feature = "nats"),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the page describes all features"
    )
)]

pub mod codec;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "rpc")]
mod rpc;
#[cfg(feature = "rpc")]
mod serve;
mod subject;
#[cfg(feature = "rpc")]
pub mod transport;

#[cfg(feature = "rpc")]
mod backoff;
mod error_form;
mod escaped;
mod fault;
mod http_route;
#[cfg(feature = "rpc")]
mod log_limit;
mod operation;
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
pub use codec::violation::{Violation, ViolationKind};
pub use escaped::Escaped;
pub use fault::Fault;
#[cfg(feature = "rpc")]
pub use log_limit::LogLimit;
pub use operation::{Event, Request, Role};
#[cfg(feature = "rpc")]
pub use random::token;
#[cfg(feature = "rpc")]
pub use rpc::call::{CallOptions, Retry};
#[cfg(feature = "rpc")]
pub use rpc::connection::Connection;
#[cfg(feature = "rpc")]
pub use rpc::failure::{
    CallError, Failure, NoAnswer, NotDelivered, PublishFailure, Stored, Unpublished,
};
#[cfg(feature = "rpc")]
pub use rpc::fault::{Refused, StandardFault};
#[cfg(feature = "rpc")]
pub use rpc::observe::{CallRecord, EventRecord, Observer};
#[cfg(feature = "rpc")]
pub use rpc::subscribe::{Received, Subscription, UnreadableEvent};
#[cfg(feature = "rpc")]
pub use serve::{
    Context, DedupOptions, Saturation, ServeOptions, Server, ServingState, StartError, Stats,
    StatsReader,
};
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
