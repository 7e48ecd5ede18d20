//! Unions: a class for each variant with a value, and an alias of all variants.

use super::expression::{Expression, write_assignment};
use super::file::File;
use super::{docs, literal, value};
use crate::model::{Shape, Tagging, TypeDef, Union, Value, Variant};

/// Writes the items of a union.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef, shape: &Union) {
    let (mut types, runtime) = match &shape.tagging {
        Tagging::External => external(file, def, shape),
        Tagging::Member(key) => tagged(file, def, shape, key),
        Tagging::Untagged => untagged(file, def, shape),
    };
    if def.open {
        types.push(Expression::plain(file.runtime("Unknown")));
    }
    alias(file, def, types, &runtime);
}

/// Writes the classes of an external union. Returns the types of its variants and the call that makes it.
fn external(file: &mut File<'_>, def: &TypeDef, shape: &Union) -> (Vec<Expression>, Expression) {
    let mut types = Vec::new();
    let mut members = Vec::new();
    let units = shape.variants.iter();
    let units = units.filter(|variant| variant.value.is_none());
    let tags: Vec<&str> = units.map(|variant| variant.tag.as_str()).collect();
    for variant in &shape.variants {
        let class = match &variant.value {
            Some(value) => {
                let class = file.emitter.variants[&(&def.name, &variant.name)].clone();
                variant_class(file, &class, variant, value);
                types.push(Expression::plain(class.clone()));
                class
            }
            None => "None".to_owned(),
        };
        members.push((literal::text(&variant.tag), Expression::plain(class)));
    }
    if !tags.is_empty() {
        types.insert(0, value::literals(file, tags));
    }
    let runtime = make(file, def, "external", vec![Expression::dict(members)]);
    (types, runtime)
}

/// Writes the class of a variant.
fn variant_class(file: &mut File<'_>, class: &str, variant: &Variant, value: &Value) {
    file.class(class, []);
    let base = file.runtime("Variant");
    let ty = value::value(file, value);
    let member = vec![Expression::plain(literal::text(&variant.tag))];
    let member = Expression::call(&file.runtime("member"), member);
    file.body
        .block(&format!("class {class}({base}):"), "", |out| {
            let paragraphs = docs::part(&variant.description, &variant.tag, variant.deprecated);
            docs::write(out, &paragraphs);
            out.blank();
            write_assignment(out, "value", &ty, &member);
        });
}

/// The types of a tagged union and the call that makes it.
fn tagged(
    file: &mut File<'_>,
    def: &TypeDef,
    shape: &Union,
    key: &str,
) -> (Vec<Expression>, Expression) {
    let mut types = Vec::new();
    let mut members = Vec::new();
    for variant in &shape.variants {
        let ty = match &variant.value {
            Some(value) => value::value(file, value),
            None => Expression::plain("None"),
        };
        let class = if file.emitter.cycles.is_deferred(&def.name) {
            Expression::lambda(ty.clone())
        } else {
            ty.clone()
        };
        members.push((literal::text(&variant.tag), class));
        if !types.contains(&ty) {
            types.push(ty);
        }
    }
    let key = Expression::plain(literal::text(key));
    let runtime = make(file, def, "tagged", vec![key, Expression::dict(members)]);
    (types, runtime)
}

/// The types of an untagged union and the call that makes it.
fn untagged(file: &mut File<'_>, def: &TypeDef, shape: &Union) -> (Vec<Expression>, Expression) {
    let mut types = Vec::new();
    let mut members = Vec::new();
    let units = shape.variants.iter();
    let units = units.filter(|variant| variant.value.is_none());
    let tags: Vec<&str> = units.map(|variant| variant.tag.as_str()).collect();
    if !tags.is_empty() {
        types.push(value::literals(file, tags));
    }
    for variant in &shape.variants {
        let ty = match &variant.value {
            Some(value) => value::value(file, value),
            None => Expression::plain("None"),
        };
        let tag = Expression::plain(literal::text(&variant.tag));
        members.push(Expression::call("", vec![tag, ty.clone()]));
        if variant.value.is_some() && !types.contains(&ty) {
            types.push(ty);
        }
    }
    let members = Expression::lambda(Expression::subscript("", members));
    (types, make(file, def, "untagged", vec![members]))
}

/// The call that makes the union at run time.
fn make(file: &mut File<'_>, def: &TypeDef, function: &str, parts: Vec<Expression>) -> Expression {
    let name = Expression::plain(literal::text(&def.name.pascal()));
    let mut arguments = vec![name, Expression::plain("__name__")];
    arguments.extend(parts);
    if function != "untagged" {
        let open = Expression::plain(literal::boolean(def.open));
        arguments.push(Expression::keyword("is_open", open));
    }
    if let Some(name) = &def.assertion {
        let constant = Expression::plain(file.in_module("assertion", &name.screaming()));
        arguments.push(Expression::keyword("assertion", constant));
    }
    Expression::call(&file.runtime(function), arguments)
}

/// Writes the alias: for type checkers the union of its variants, at run time a type that msgspec asks the runtime for.
fn alias(file: &mut File<'_>, def: &TypeDef, types: Vec<Expression>, runtime: &Expression) {
    debug_assert!(matches!(def.shape, Shape::Union(_)));
    let name = def.name.pascal();
    file.statement(&name);
    let (checking, alias) = (
        file.outside("typing", "TYPE_CHECKING"),
        file.typing("TypeAlias"),
    );
    let mut types = types.into_iter();
    let Some(first) = types.next() else { return };
    let union = types.fold(first, Expression::or);
    let is_recursive = matches!(&def.shape, Shape::Union(shape) if shape.tagging == Tagging::Untagged)
        && file.emitter.cycles.is_deferred(&def.name);
    let union = if is_recursive {
        Expression::plain(literal::text(&union.flat()))
    } else {
        union
    };
    file.body.block(&format!("if {checking}:"), "", |out| {
        union.write(out, &format!("{name}: {alias} = "), "");
        docs::write(out, &docs::of_type(def));
    });
    file.body.block("else:", "", |out| {
        runtime.write(out, &format!("{name} = "), "");
    });
}
