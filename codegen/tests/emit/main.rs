//! Tests of the Rust code for each shape of the model.

mod fields;
mod items;
mod things;
