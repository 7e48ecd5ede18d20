//! What each shape of the model becomes in Rust.

mod fields;
mod items;
mod things;
