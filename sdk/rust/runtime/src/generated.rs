//! The items that generated code uses, under the name `rt`.
//!
//! This module is not for other code. It exports items of the standard library for protocols that define a type with
//! the same name.

pub use std::boxed::Box;
pub use std::collections::BTreeMap;
pub use std::convert::Infallible;
pub use std::future::Future;
pub use std::marker::{Send, Sync};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Err, Ok};
pub use std::string::String;
pub use std::time::Duration;
pub use std::vec;
pub use std::vec::Vec;

pub use serde;

pub use crate::codec::assertion::{Assertion, Decimal, Keyword, Resource, Type};
pub use crate::codec::format::Format;
pub use crate::codec::json::{Map, Name, Value};
pub use crate::codec::types::{
    False, Limited, Micros, Millis, Nanos, Nullable, PlainText, Ranged, Run, Secs, TextConstraint,
    TextType, True, Whole,
};
pub use crate::codec::violation::Violation;
pub use crate::error_form::ErrorForm;
pub use crate::fault::ErrorKind;
pub use crate::http_route::{HttpReply, HttpRoute, HttpRule};
pub use crate::operation::{Event, EventInfo, OrderingKey, Params, Request, RequestInfo, Role};
#[cfg(feature = "rpc")]
pub use crate::rpc::call::{CallOptions, Caller};
#[cfg(feature = "rpc")]
pub use crate::rpc::connection::Connection;
#[cfg(feature = "rpc")]
pub use crate::rpc::failure::{CallError, PublishFailure};
#[cfg(feature = "rpc")]
pub use crate::serve::{Call, Context, Listen, Router, ServeOptions, Server, StartError};
pub use crate::subject::{Param, Pattern, Prefix, Subject, Template, Tokens};
pub use crate::{
    constant, enumeration, enumeration_token, fault, integer, newtype, number, object, regex,
    secret_text, tagged, text, union, untagged, with_rpc,
};

/// Functions and traits that the macros call.
pub mod macros {
    pub use crate::codec::macros::{
        check_number, deserialize, parse_integer, parse_text, serialize, unknown_text, validate,
    };

    /// For objects.
    pub mod object {
        pub use crate::codec::macros::object::*;
    }

    /// For unions.
    pub mod union {
        pub use crate::codec::macros::union::*;
    }
}
