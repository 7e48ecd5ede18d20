//! The official JSON Schema test suite as a test of generated code.
//!
//! The build script runs natsgen on the schema of every test group of `suite/`. [`run`] gives each instance to the
//! type that came out, and says what went wrong: what should be refused and is not, what should be accepted and is
//! not, and what one way of reading or writing treats otherwise than another. A group whose schema natsgen refuses has
//! all its tests wrong.

mod judge;
mod misses;
mod outcome;
mod suite;

pub use misses::{MISSES, Misses};
pub use outcome::{Outcome, Score, run};
pub use suite::{Draft, Group, Judge, Section, Test, Verdict};

#[expect(
    clippy::disallowed_names,
    reason = "members of the suite's schemas are called `foo` and `baz`"
)]
/// What natsgen makes of the suite's schemas, and the table of all groups.
pub mod cases {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}
