//! What rules look at is kept: a member that is read over and not written would change what a rule says of the value.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{Name, Rest, Shape, Struct, TypeDef, Value};

/// Lets objects below these types keep members that are no fields.
pub(super) fn below(searching: &HashSet<Name>, types: &mut [TypeDef]) {
    let below = reached(types, searching.iter(), |_| true);
    for (ty, _) in types.iter_mut().zip(below).filter(|(_, below)| *below) {
        if let Shape::Struct(Struct { rest, .. }) = &mut ty.shape
            && matches!(rest, Rest::Ignore)
        {
            *rest = Rest::Keep(Box::new(Value::Any));
        }
    }
}
