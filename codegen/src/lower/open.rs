//! Open types: types that newer peers send, and that therefore keep unknown members and variants.

use std::collections::HashSet;

use super::reach::reached;
use crate::model::{Kind, Name, Operation, Shape, Tagging, TypeDef};

/// Marks each type that a reply or a publication contains, except constants and untagged unions. A type that only types with assertions
/// contain is not marked, because assertions accept no unknown values.
pub(super) fn mark(operations: &[Operation], constants: &HashSet<Name>, types: &mut [TypeDef]) {
    let roots = operations.iter().map(|operation| match &operation.kind {
        Kind::Request(request) => &request.reply,
        Kind::Publish(message) => message,
    });
    let may_be = |ty: &TypeDef| ty.assertion.is_none() && !constants.contains(&ty.name);
    let open = reached(types, roots, may_be);
    for (ty, open) in types.iter_mut().zip(open) {
        let untagged =
            matches!(&ty.shape, Shape::Union(union) if union.tagging == Tagging::Untagged);
        ty.open = open && !untagged;
    }
}
