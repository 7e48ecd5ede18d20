//! Identifiers.

use crate::model::{Name, Operation};
use crate::plan;

/// A function, a method or an argument.
pub(super) fn camel(name: &Name) -> String {
    let pascal = name.pascal();
    let mut letters = pascal.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The constant of an operation.
pub(super) fn operation(operation: &Operation) -> String {
    operation.name.screaming()
}

/// The class of an operation's errors.
pub(super) fn fault(operation: &Operation) -> String {
    plan::fault(operation).pascal()
}

/// The interface of an operation's subject parameters.
pub(super) fn params(operation: &Operation) -> String {
    plan::params(operation).pascal()
}
