//! The reader and the writer of JSON, beside `serde_json`.

mod differential;
mod generator;
mod reading;
mod steps;
mod support;
mod values;
mod writing;
