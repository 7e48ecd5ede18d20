//! Rules over the model.

use crate::diagnostic::Diagnostics;
use crate::lower::Lowered;

/// Judges a protocol by every rule.
pub(crate) fn check(_lowered: &Lowered, _out: &mut Diagnostics) {}
