//! Keys of maps: they are texts.

use super::Index;
use crate::diagnostic::Diagnostics;
use crate::model::{Name, Rest, Shape, TypeDef, Union, Value};

pub(super) fn check(index: &Index<'_>, out: &mut Diagnostics) {
    for ty in &index.protocol.types {
        match &ty.shape {
            Shape::Struct(shape) => {
                for field in &shape.fields {
                    judge(
                        index,
                        &field.value,
                        &|| super::field_at(ty, &field.key),
                        out,
                    );
                }
                if let Rest::Keep(value) = &shape.rest {
                    judge(index, value, &|| ty.source.clone(), out);
                }
            }
            Shape::Union(Union { variants, .. }) => {
                for value in variants.iter().filter_map(|variant| variant.value.as_ref()) {
                    judge(index, value, &|| ty.source.clone(), out);
                }
            }
            Shape::Alias(value) => judge(index, value, &|| ty.source.clone(), out),
            Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_) => {}
        }
    }
}

fn judge(
    index: &Index<'_>,
    value: &Value,
    place: &dyn Fn() -> crate::model::Source,
    out: &mut Diagnostics,
) {
    match value {
        Value::Array { item, .. } | Value::Nullable(item) => judge(index, item, place, out),
        Value::Map { key, value, .. } => {
            if let Some(ty) = key.as_ref().and_then(|key| text(index, key)) {
                let message = format!(
                    "the keys of a map are texts, but `{}` is none",
                    ty.name.pascal()
                );
                out.error(
                    place(),
                    message,
                    "let `propertyNames` refer to a string type",
                );
            }
            judge(index, value, place, out);
        }
        _ => {}
    }
}

/// The type of the keys, where it is no text.
fn text<'a>(index: &Index<'a>, key: &Name) -> Option<&'a TypeDef> {
    index
        .get(key)
        .filter(|ty| !matches!(ty.shape, Shape::Text(_)))
}
