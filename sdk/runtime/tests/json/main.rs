//! The reader and the writer of JSON, beside `serde_json`.

mod differential;
mod generator;
mod reading;
mod values;
mod writing;
