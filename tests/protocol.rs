//! The model of the schemas: examples to send, and the operations that tests must cover.

use std::sync::LazyLock;

use natsgen::model::{self, Kind, Name, Operation, Protocol, Shape};
use natsgen_runtime::{Payload, Side, codec};
use serde_json::Value;

/// The protocol of `schema/`.
pub(crate) static PROTOCOL: LazyLock<Protocol> = LazyLock::new(|| {
    let schemas = natsgen::Schemas::read_dir("schema").unwrap();
    natsgen::compile(&schemas).unwrap().0
});

/// The names of all operations, requests and publications, with the role of the receiver.
pub(crate) fn operation_names() -> Vec<String> {
    PROTOCOL.operations.iter().map(name_of).collect()
}

fn name_of(operation: &Operation) -> String {
    format!("{}/{}", snake(&operation.to), snake(&operation.name))
}

/// The operation `name` of any role.
fn operation(name: &str) -> &'static Operation {
    let mut named = PROTOCOL
        .operations
        .iter()
        .filter(|operation| snake(&operation.name) == name);
    let found = named
        .next()
        .unwrap_or_else(|| panic!("no operation {name}"));
    assert!(named.next().is_none(), "two operations {name}");
    found
}

/// The full name of the operation `name`, e.g. `worker/deploy`.
pub(crate) fn full_name(name: &str) -> String {
    name_of(operation(name))
}

/// The codes of the errors that the operation `name` declares.
pub(crate) fn error_codes(name: &str) -> Vec<String> {
    match &operation(name).kind {
        Kind::Request(request) => request.errors.iter().map(snake).collect(),
        Kind::Publish(_) => Vec::new(),
    }
}

/// The examples of a type in the schema, never empty. An alias has the examples of its target.
pub(crate) fn examples(type_name: &str) -> Vec<Value> {
    let named = PROTOCOL
        .types
        .iter()
        .find(|named| pascal(&named.name) == type_name)
        .unwrap_or_else(|| panic!("no type {type_name}"));
    match &named.shape {
        Shape::Alias(model::Value::Named(name)) => examples(&pascal(name)),
        _ if named.examples.is_empty() => panic!("{type_name} has no examples"),
        _ => named.examples.clone(),
    }
}

/// The examples of a type as values of the type.
pub(crate) fn samples<T: Payload>() -> Vec<T> {
    examples(type_name::<T>())
        .iter()
        .map(|example| codec::decode(example.to_string().as_bytes(), Side::Request).unwrap())
        .collect()
}

/// The first example of a type.
pub(crate) fn sample<T: Payload>() -> T {
    samples().swap_remove(0)
}

/// The name of a generated type, without its path.
pub(crate) fn type_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    path.rsplit("::").next().unwrap_or(path)
}

fn snake(name: &Name) -> String {
    name.words().join("_")
}

fn pascal(name: &Name) -> String {
    let capital = |word: &String| word[..1].to_uppercase() + &word[1..];
    name.words().iter().map(capital).collect()
}
