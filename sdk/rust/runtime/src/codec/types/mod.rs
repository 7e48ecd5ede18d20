//! Types that can hold only what a schema allows, and the borrowed form of each.

mod constant;
mod lend;
mod limited;
mod ranged;
mod text;
mod timespan;

pub use constant::{False, Nullable, True};
pub use lend::{IntoOwned, Lend};
pub use limited::Limited;
pub(crate) use limited::Measure;
pub use ranged::{Ranged, Whole};
pub use text::{PlainText, Run, TextRef, TextRule, TextType};
pub use timespan::{Micros, Millis, Secs};
