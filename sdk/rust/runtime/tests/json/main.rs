//! The JSON reader and writer, compared with `serde_json`.

mod differential;
mod generator;
mod reading;
mod steps;
mod support;
mod values;
mod writing;
