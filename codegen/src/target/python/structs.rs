//! Classes of objects.

use serde_json::Value as Json;

use super::super::writer::Writer;
use super::expression::{Expression, write_assignment};
use super::file::File;
use super::{docs, literal, reserved, value};
use crate::model::{AdditionalMembers, Field, Name, Presence, Shape, Struct, TypeDef, Value};
use crate::plan::sentences;

/// Writes the class of an object.
pub(super) fn item(file: &mut File<'_>, def: &TypeDef, shape: &Struct) {
    let name = def.name.pascal();
    let members = shape.fields.iter().map(|field| attribute(shape, field));
    file.class(&name, members);
    let bases = match &shape.additional {
        AdditionalMembers::Ignore => file.runtime("Message") + ", kw_only=True",
        AdditionalMembers::Deny => {
            file.runtime("Message") + ", kw_only=True, forbid_unknown_fields=True"
        }
        AdditionalMembers::Flatten(_) => file.runtime("Flattened"),
    };
    let head = Expression::call(&format!("class {name}"), vec![Expression::plain(bases)]);
    let lines = lines(file, def, shape);
    file.body.block(&format!("{}:", head.flat()), "", |out| {
        docs::write(out, &docs::of_type(def));
        for line in lines {
            out.blank();
            line.write(out);
        }
    });
}

/// A statement in the body of a class, with its docstring.
struct Line {
    name: String,
    ty: Expression,
    value: Option<Expression>,
    docs: Vec<String>,
}

impl Line {
    fn write(&self, out: &mut Writer) {
        let Self {
            name,
            ty,
            value,
            docs,
        } = self;
        match value {
            Some(value) => write_assignment(out, name, ty, value),
            None => ty.write(out, &format!("{name}: "), ""),
        }
        docs::write(out, docs);
    }
}

fn lines(file: &mut File<'_>, def: &TypeDef, shape: &Struct) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(name) = &def.assertion {
        let class = file.typing("ClassVar");
        let of = Expression::plain(file.runtime("Assertion"));
        lines.push(Line {
            name: "__assertion__".to_owned(),
            ty: Expression::subscript(&class, vec![of]),
            value: Some(Expression::plain(
                file.in_module("assertion", &name.screaming()),
            )),
            docs: Vec::new(),
        });
    }
    lines.extend(shape.fields.iter().map(|field| member(file, shape, field)));
    if let AdditionalMembers::Flatten(value) = &shape.additional {
        let dict = vec![Expression::plain(file.builtin("dict"))];
        lines.push(Line {
            name: additional(shape),
            ty: value::map(file, None, value),
            value: Some(Expression::call(&file.runtime("empty"), dict)),
            docs: docs::paragraphs(sentences::ADDITIONAL_MEMBERS, &[]),
        });
    }
    lines
}

fn member(file: &mut File<'_>, shape: &Struct, field: &Field) -> Line {
    let name = attribute(shape, field);
    let mut ty = value::value(file, &field.value);
    if field.presence == Presence::Optional {
        ty = ty.or(Expression::plain(file.outside("msgspec", "UnsetType")));
    }
    if field.nullable {
        ty = ty.or(Expression::plain("None"));
    }
    let mut arguments = Vec::new();
    if name != field.key {
        let key = Expression::plain(literal::text(&field.key));
        arguments.push(Expression::keyword("name", key));
    }
    let value = match &field.presence {
        Presence::Required if arguments.is_empty() => None,
        Presence::Required => Some(Expression::call(&file.runtime("field"), arguments)),
        Presence::Optional => {
            let unset = Expression::plain(file.outside("msgspec", "UNSET"));
            Some(with_default(file, arguments, unset))
        }
        Presence::Default(value) => Some(default(file, field, arguments, value)),
    };
    Line {
        name,
        ty,
        value,
        docs: docs::part(&field.description, &field.key, field.deprecated),
    }
}

/// The value of a member with this default.
fn with_default(
    file: &mut File<'_>,
    mut arguments: Vec<Expression>,
    default: Expression,
) -> Expression {
    if arguments.is_empty() {
        return default;
    }
    arguments.push(Expression::keyword("default", default));
    Expression::call(&file.runtime("field"), arguments)
}

/// The value of a member with this default: a literal, an empty container, or the JSON text of another value.
fn default(
    file: &mut File<'_>,
    field: &Field,
    mut arguments: Vec<Expression>,
    value: &Json,
) -> Expression {
    if let Some(text) = literal::scalar(value)
        && (value.is_null() || is_plain(file, &field.value))
    {
        return with_default(file, arguments, Expression::plain(text));
    }
    if let Some(container) = empty(file, &field.value, value) {
        arguments.insert(0, Expression::plain(file.builtin(container)));
        return Expression::call(&file.runtime("empty"), arguments);
    }
    let text = Expression::plain(literal::text(&value.to_string()));
    arguments.insert(0, text);
    Expression::call(&file.runtime("default"), arguments)
}

/// Whether a literal has the type of this value for type checkers. A subject parameter has a class of its own.
fn is_plain(file: &File<'_>, value: &Value) -> bool {
    match value {
        Value::Named(name) => file.emitter.plan.get(name).is_some_and(|def| {
            let is_scalar = matches!(
                def.shape,
                Shape::Text(_) | Shape::Integer(_) | Shape::Number(_) | Shape::Enum(_)
            );
            is_scalar && !file.emitter.plan.is_token(def)
        }),
        Value::Nullable(inner) => is_plain(file, inner),
        _ => true,
    }
}

/// The type of an empty default, if the value is a list or a map.
fn empty(file: &File<'_>, value: &Value, default: &Json) -> Option<&'static str> {
    match (value, default) {
        (Value::Array { .. }, Json::Array(items)) if items.is_empty() => Some("list"),
        (Value::Map { .. }, Json::Object(members)) if members.is_empty() => Some("dict"),
        (Value::Nullable(inner), default) => empty(file, inner, default),
        (Value::Named(name), default) => match &file.emitter.plan.get(name)?.shape {
            Shape::Alias(value) => empty(file, value, default),
            _ => None,
        },
        _ => None,
    }
}

/// The attribute of the additional members of an object.
fn additional(shape: &Struct) -> String {
    let mut name = "additional".to_owned();
    while shape
        .fields
        .iter()
        .any(|field| attribute(shape, field) == name)
    {
        name.insert_str(0, "other_");
    }
    name
}

/// The attribute of a field: its key, or its name if the key is no identifier or another field has this name.
pub(super) fn attribute(shape: &Struct, field: &Field) -> String {
    let is_free = || {
        let mut others = shape.fields.iter().filter(|other| other.key != field.key);
        others.all(|other| other.name.snake() != field.key)
    };
    let is_identifier =
        Name::from_snake(&field.key).is_some() && !reserved::is_reserved(&field.key);
    if is_identifier && is_free() {
        field.key.clone()
    } else {
        reserved::identifier(&field.name.snake())
    }
}
