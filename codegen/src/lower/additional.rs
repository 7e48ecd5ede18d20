//! Marks types that must keep unknown members for an assertion. Without these members, the assertion could have another
//! result for the written value.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{AdditionalMembers, Name, Shape, Struct, TypeDef, Value};

/// Makes all objects below these types keep their unknown members.
pub(super) fn flatten_below(searching: &HashSet<Name>, types: &mut [TypeDef]) {
    let below = reached(types, searching.iter(), |_| true);
    for (ty, _) in types.iter_mut().zip(below).filter(|(_, below)| *below) {
        if let Shape::Struct(Struct { additional, .. }) = &mut ty.shape
            && matches!(additional, AdditionalMembers::Ignore)
        {
            *additional = AdditionalMembers::Flatten(Box::new(Value::Any));
        }
    }
}
