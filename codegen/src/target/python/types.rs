//! Named types: aliases, classes of subject parameters, and their order in a module.

use std::collections::{HashMap, HashSet};

use super::cycle::Cycles;
use super::expression::Expression;
use super::file::File;
use super::{cycle, docs, literal, structs, union, value};
use crate::model::{EnumValue, Name, Shape, TypeDef};
use crate::plan::{Document, sentences};

/// The types of a document. Each type comes after the types that its definition evaluates; annotations of classes are
/// evaluated later.
pub(super) fn in_order<'a>(cycles: &Cycles<'a>, document: &Document<'a>) -> Vec<&'a TypeDef> {
    let mut order = Order {
        cycles,
        types: document.types.iter().map(|def| (&def.name, *def)).collect(),
        seen: HashSet::new(),
        sorted: Vec::new(),
    };
    document.types.iter().for_each(|def| order.add(def));
    order.sorted
}

struct Order<'a, 'c> {
    cycles: &'c Cycles<'a>,
    types: HashMap<&'a Name, &'a TypeDef>,
    seen: HashSet<&'a Name>,
    sorted: Vec<&'a TypeDef>,
}

impl<'a> Order<'a, '_> {
    fn add(&mut self, def: &'a TypeDef) {
        if self.seen.insert(&def.name) {
            let names = if self.cycles.is_deferred(&def.name) {
                Vec::new()
            } else {
                cycle::evaluated(def)
            };
            for name in names {
                if let Some(def) = self.types.get(name).copied() {
                    self.add(def);
                }
            }
            self.sorted.push(def);
        }
    }
}

/// Writes the items of a type.
pub(super) fn item(file: &mut File<'_>, def: &TypeDef) {
    let assertion = def.assertion.as_ref();
    match &def.shape {
        Shape::Struct(shape) => structs::item(file, def, shape),
        Shape::Union(shape) => union::items(file, def, shape),
        Shape::Text(rule) => scalar(file, def, "Text", |file| value::text(file, rule, assertion)),
        Shape::Integer(range) => scalar(file, def, "Integer", |file| {
            value::integer(file, *range, assertion)
        }),
        Shape::Number(range) => alias(file, def, |file| value::number(file, *range, assertion)),
        Shape::Alias(content) => alias(file, def, |file| {
            value::constrained(file, content, assertion)
        }),
        Shape::Enum(values) => alias(file, def, |file| enumeration(file, def, values)),
    }
}

/// A string or an integer: a class if it is the type of a subject parameter, otherwise an alias.
fn scalar(
    file: &mut File<'_>,
    def: &TypeDef,
    base: &str,
    ty: impl FnOnce(&mut File<'_>) -> Expression,
) {
    if !file.emitter.plan.is_token(def) {
        return alias(file, def, ty);
    }
    let name = def.name.pascal();
    file.class(&name, []);
    let base = file.runtime(base);
    let ty = ty(file);
    file.body
        .block(&format!("class {name}({base}):"), "", |out| {
            docs::write(out, &docs::of_type(def));
            out.blank();
            ty.write(out, "__supertype__ = ", "");
        });
}

/// An alias with its docstring.
fn alias(file: &mut File<'_>, def: &TypeDef, ty: impl FnOnce(&mut File<'_>) -> Expression) {
    if file.emitter.cycles.is_deferred(&def.name) {
        return deferred(file, def, ty);
    }
    let name = def.name.pascal();
    file.statement(&name);
    let alias = file.typing("TypeAlias");
    let ty = ty(file);
    ty.write(&mut file.body, &format!("{name}: {alias} = "), "");
    let mut paragraphs = docs::of_type(def);
    if let Shape::Enum(values) = &def.shape {
        paragraphs.extend(described(values));
    }
    docs::write(&mut file.body, &paragraphs);
}

/// An alias that contains itself: for type checkers a quoted alias, at run time a type that the runtime evaluates later.
fn deferred(file: &mut File<'_>, def: &TypeDef, ty: impl FnOnce(&mut File<'_>) -> Expression) {
    let name = def.name.pascal();
    file.statement(&name);
    let checking = file.outside("typing", "TYPE_CHECKING");
    let alias = file.typing("TypeAlias");
    let ty = ty(file);
    let quoted = Expression::plain(literal::text(&ty.flat()));
    let arguments = vec![
        Expression::plain(literal::text(&name)),
        Expression::plain("__name__"),
        Expression::lambda(ty),
    ];
    let call = Expression::call(&file.runtime("recursive"), arguments);
    file.body.block(&format!("if {checking}:"), "", |out| {
        quoted.write(out, &format!("{name}: {alias} = "), "");
        docs::write(out, &docs::of_type(def));
    });
    file.body.block("else:", "", |out| {
        call.write(out, &format!("{name} = "), "");
    });
}

/// An open enumeration is any string, with the known strings as literals.
fn enumeration(file: &mut File<'_>, def: &TypeDef, values: &[EnumValue]) -> Expression {
    let mut constraints = value::Constraints::default();
    let texts = values.iter().map(|value| value.text.as_str());
    let mut ty = value::literals(file, texts);
    if def.open {
        ty = ty.or(Expression::plain(file.builtin("str")));
        constraints.extra("open", literal::boolean(true));
    }
    constraints.assertion(file, def.assertion.as_ref());
    constraints.apply(file, ty)
}

/// The values of an enumeration with their descriptions, if there are descriptions.
fn described(values: &[EnumValue]) -> Option<String> {
    if values.iter().all(|value| value.description.is_empty()) {
        return None;
    }
    let lines = values.iter().map(|value| {
        let text = value.text.replace(char::is_control, "…");
        let description = if value.description.is_empty() {
            sentences::wire(&value.text)
        } else {
            value
                .description
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        format!("- `{text}`: {description}")
    });
    Some(lines.collect::<Vec<_>>().join("\n"))
}
