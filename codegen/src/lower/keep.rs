//! What assertions look at is kept: a member that is read over and not written would change what an assertion says of the value.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{AdditionalMembers, Name, Shape, Struct, TypeDef, Value};

/// Lets objects below these types keep members that are no fields.
pub(super) fn below(searching: &HashSet<Name>, types: &mut [TypeDef]) {
    let below = reached(types, searching.iter(), |_| true);
    for (ty, _) in types.iter_mut().zip(below).filter(|(_, below)| *below) {
        if let Shape::Struct(Struct { additional, .. }) = &mut ty.shape
            && matches!(additional, AdditionalMembers::Ignore)
        {
            *additional = AdditionalMembers::Flatten(Box::new(Value::Any));
        }
    }
}
