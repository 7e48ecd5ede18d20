//! Outputs: generates files from the plan, with a folder for each language.

mod keyword;
pub mod rust;

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::plan::Plan;

/// An output of the generator.
pub(crate) trait Target: Sync {
    /// The name, as diagnostics write it.
    fn name(&self) -> &'static str;

    /// The keywords of the language, sorted. No operation, role, parameter or field can have such a name.
    fn reserved_words(&self) -> &'static [&'static str];

    /// Reports all that the output cannot express.
    fn check(&self, plan: &Plan<'_>, out: &mut Diagnostics);

    /// The files, by path below the output directory. The plan must have passed the check.
    fn emit(&self, plan: &Plan<'_>) -> BTreeMap<String, String>;
}

/// The targets that a protocol is checked for.
const ENABLED: [&dyn Target; 1] = [&rust::Rust];

/// Checks a protocol for all enabled targets.
pub(crate) fn check(plan: &Plan<'_>, out: &mut Diagnostics) {
    for target in ENABLED {
        keyword::check(target, plan, out);
        target.check(plan, out);
    }
}
