//! Types that hold only values that a schema allows, and the borrowed form of each type.

mod borrowed;
mod constant;
mod limited;
mod ranged;
mod text;
mod timespan;

pub use borrowed::{HasBorrowed, IntoOwned};
pub use constant::{False, Nullable, True};
pub use limited::Limited;
pub(crate) use limited::Measure;
pub use ranged::{Ranged, Whole};
pub use text::{PlainText, Run, TextConstraint, TextRef, TextType};
pub use timespan::{Micros, Millis, Nanos, Secs};
