//! Openness: which types are read from newer peers, so that what they do not know yet is kept.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{Kind, Name, Operation, TypeDef};

/// Marks every type that a reply or a publication holds, constants excepted. An assertion accepts nothing unknown, so that what
/// only a type with an assertion holds is not open either.
pub(super) fn mark(operations: &[Operation], constants: &HashSet<Name>, types: &mut [TypeDef]) {
    let roots = operations.iter().map(|operation| match &operation.kind {
        Kind::Request(request) => &request.reply,
        Kind::Publish(message) => message,
    });
    let may_be = |ty: &TypeDef| ty.assertion.is_none() && !constants.contains(&ty.name);
    let open = reached(types, roots, may_be);
    for (ty, open) in types.iter_mut().zip(open) {
        ty.open = open;
    }
}
