//! The official JSON Schema test suite as a test of generated code.
//!
//! The build script runs natsgen on the schema of every test group of `suite/`. [`run`] decodes each instance as the
//! generated type. It reports invalid instances that are accepted, valid instances that are refused, and differences
//! between the ways of decoding and encoding. If natsgen refuses the schema of a group, all tests of the group fail.

mod known_failures;
mod outcome;
mod suite;
mod validate;

pub use known_failures::KNOWN_FAILURES;
pub use outcome::{Outcome, Score, run};
pub use suite::{Draft, Group, Section, Test, Validate, Validation};

#[expect(
    clippy::disallowed_names,
    reason = "members of the suite's schemas are called `foo` and `baz`"
)]
/// The generated code for the schemas of the suite, and the table of all groups.
pub mod cases {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}
