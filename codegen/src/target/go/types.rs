//! Named types and their methods.

use super::file::File;
use super::literal::{integer, text};
use super::value::{integer_call, integer_type, variable};
use super::{docs, names, structs, type_parts, union};
use crate::model::{EnumValue, Format, Integer, Number, Pattern, Shape, Text, TypeDef, Value};

/// Writes the declarations of a type.
pub(super) fn items(file: &mut File<'_>, def: &TypeDef) {
    match &def.shape {
        Shape::Struct(shape) => structs::items(file, def, shape),
        Shape::Text(rule) => text_type(file, def, rule),
        Shape::Integer(range) => integer_newtype(file, def, *range),
        Shape::Number(range) => number_newtype(file, def, *range),
        Shape::Enum(values) => enumeration(file, def, values),
        Shape::Union(shape) => union::items(file, def, shape),
        Shape::Alias(value) => alias(file, def, value),
    }
}

fn text_type(file: &mut File<'_>, def: &TypeDef, rule: &Text) {
    let (name, variable) = (names::exported(&def.name), variable(&def.name, "text"));
    type_parts::comment(file, def, "");
    file.writer.line(&format!("type {name} string"));
    let constraint = text_constraint(file, rule);
    file.writer.line("");
    file.writer.line(&format!("var {variable} = {constraint}"));
    constructor(file, &name, "text", "string");
    validate(file, def, &format!("{variable}.Check(string(v))"));
    type_parts::value_methods(
        file,
        def,
        &format!("*v = {name}(r.Text(&{variable}))"),
        &format!("w.Text(string(*v), &{variable})"),
    );
    if rule.sensitive {
        hidden(file, &name);
    }
}

/// Writes the methods that hide a sensitive text in formatted texts and logs.
fn hidden(file: &mut File<'_>, name: &str) {
    let (state, value) = (
        file.standard("fmt", "State"),
        file.standard("log/slog", "Value"),
    );
    let (hide, hidden) = (file.codec("Hide"), file.codec("HiddenValue"));
    file.writer.line("");
    file.writer.line("// Format hides the text.");
    file.writer.line(&format!(
        "func (v {name}) Format(f {state}, _ rune) {{ {hide}(f) }}"
    ));
    file.writer.line("");
    file.writer.line("// LogValue hides the text.");
    file.writer.line(&format!(
        "func (v {name}) LogValue() {value} {{ return {hidden}() }}"
    ));
}

/// The constraints of a text.
fn text_constraint(file: &mut File<'_>, rule: &Text) -> String {
    let mut fields = Vec::new();
    if rule.length.min > 0 {
        fields.push(format!("Min: {}", integer(rule.length.min.into())));
    }
    // A maximum of 0 stands for no maximum.
    let is_empty = rule.length.max == Some(0);
    if let Some(max) = rule.length.max.filter(|max| *max > 0) {
        fields.push(format!("Max: {}", integer(max.into())));
    }
    if is_empty {
        fields.push(format!("Pattern: {}(\"^$\")", file.codec("NewPattern")));
    } else if let Some(pattern) = &rule.pattern {
        fields.push(format!("Pattern: {}", self::pattern(file, pattern)));
    }
    if let Some(format) = rule.format {
        fields.push(format!("Format: {}", self::format(file, format)));
    }
    if let Some(constant) = &rule.constant {
        fields.push(format!("Const: {}", text(constant)));
    }
    format!("{}{{{}}}", file.codec("Text"), fields.join(", "))
}

fn pattern(file: &mut File<'_>, pattern: &Pattern) -> String {
    let (call, run_call) = (file.codec("NewPattern"), file.codec("NewRun"));
    // A run without characters matches the empty text.
    let runs = pattern.runs.iter().filter(|run| run.max != Some(0));
    let runs = runs.map(|run| {
        let max = integer(run.max.unwrap_or(0).into());
        let min = integer(run.min.into());
        format!("{run_call}({}, {min}, {max})", text(&run.class))
    });
    let arguments: Vec<String> = [text(&pattern.regex)].into_iter().chain(runs).collect();
    format!("{call}({})", arguments.join(", "))
}

/// The format of the codec, or of the package of assertions.
fn format(file: &mut File<'_>, format: Format) -> String {
    match format {
        Format::DateTime => file.codec("DateTime"),
        Format::Date => file.codec("Date"),
        Format::Time => file.codec("Time"),
        Format::Duration => file.codec("Duration"),
        Format::Uuid => file.codec("UUID"),
        Format::Ipv4 => file.codec("IPv4"),
        Format::Ipv6 => file.codec("IPv6"),
        Format::JsonPointer => file.codec("JSONPointer"),
        Format::RelativeJsonPointer => file.codec("RelativeJSONPointer"),
        Format::Email => file.assertion("Email"),
        Format::IdnEmail => file.assertion("IDNEmail"),
        Format::Hostname => file.assertion("Hostname"),
        Format::IdnHostname => file.assertion("IDNHostname"),
        Format::Uri => file.assertion("URI"),
        Format::UriReference => file.assertion("URIReference"),
        Format::Iri => file.assertion("IRI"),
        Format::IriReference => file.assertion("IRIReference"),
        Format::UriTemplate => file.assertion("URITemplate"),
        Format::Regex => file.assertion("Regex"),
    }
}

/// Writes the function that makes a valid value.
fn constructor(file: &mut File<'_>, name: &str, argument: &str, ty: &str) {
    file.writer.line("");
    file.writer.line(&format!(
        "// New{name} returns an error if {argument} violates the schema."
    ));
    let signature = format!("func New{name}({argument} {ty}) ({name}, error) {{");
    file.writer.block(&signature, "}", |writer| {
        writer.line(&format!("v := {name}({argument})"));
        writer.line("return v, v.Validate()");
    });
}

/// Writes the method that validates a value; `check` is the expression without an assertion.
fn validate(file: &mut File<'_>, def: &TypeDef, check: &str) {
    let check = match def.assertion {
        Some(_) => format!("{}(&v)", file.codec("Validate")),
        None => check.to_owned(),
    };
    let name = names::exported(&def.name);
    file.writer.line("");
    file.writer
        .line("// Validate returns an error if the value violates the schema.");
    let signature = format!("func (v {name}) Validate() error");
    let body = format!("return {check}");
    file.writer
        .lines(&super::value::function(&signature, &body));
}

fn integer_newtype(file: &mut File<'_>, def: &TypeDef, range: Integer) {
    let (name, ty) = (names::exported(&def.name), integer_type(range));
    type_parts::comment(file, def, "");
    file.writer.line(&format!("type {name} {ty}"));
    constructor(file, &name, "value", ty);
    let check = format!("{}(&v)", file.codec("Validate"));
    validate(file, def, &check);
    let read = integer_call("r", ty, "", range);
    let write = integer_call("w", ty, &format!("{ty}(*v)"), range);
    type_parts::value_methods(file, def, &format!("*v = {name}({read})"), &write);
}

fn number_newtype(file: &mut File<'_>, def: &TypeDef, range: Number) {
    let name = names::exported(&def.name);
    type_parts::comment(file, def, "");
    file.writer.line(&format!("type {name} float64"));
    constructor(file, &name, "value", "float64");
    let check = format!("{}(&v)", file.codec("Validate"));
    validate(file, def, &check);
    let value = Value::Number(range);
    let read = file.read_expression(&value);
    let write = file.write(&value, "float64(*v)");
    type_parts::value_methods(file, def, &format!("*v = {name}({read})"), &write);
}

fn enumeration(file: &mut File<'_>, def: &TypeDef, values: &[EnumValue]) {
    let (name, variable) = (names::exported(&def.name), variable(&def.name, "values"));
    type_parts::comment(file, def, "");
    file.writer.line(&format!("type {name} string"));
    constants(file, &name, values);
    let open = if def.open { "Open" } else { "" };
    let call = file.codec(&format!("New{open}Enum"));
    let texts: Vec<String> = values.iter().map(|value| text(&value.text)).collect();
    file.writer.line("");
    file.writer
        .line(&format!("var {variable} = {call}({})", texts.join(", ")));
    type_parts::value_methods(
        file,
        def,
        &format!("*v = {name}(r.Enum(&{variable}))"),
        &format!("w.Enum(string(*v), &{variable})"),
    );
}

/// Writes the constants of an enumeration, with a blank line between them if they have comments.
fn constants(file: &mut File<'_>, ty: &str, values: &[EnumValue]) {
    let has_comment = |value: &EnumValue| value.deprecated || !value.description.is_empty();
    let is_plain = !values.iter().any(has_comment);
    let constant = |value: &EnumValue| ty.to_owned() + &names::exported(&value.name);
    let width = values.iter().map(|value| constant(value).len()).max();
    let width = if is_plain { width.unwrap_or(0) } else { 0 };
    file.writer.line("");
    file.writer.line(&format!("// Values of {ty}."));
    file.writer.block("const (", ")", |writer| {
        for (at, value) in values.iter().enumerate() {
            if at > 0 && !is_plain {
                writer.line("");
            }
            let deprecated = docs::deprecated(value.deprecated);
            docs::comment(writer, &[&value.description, deprecated]);
            let (constant, value) = (constant(value), text(&value.text));
            writer.line(&format!("{constant:width$} {ty} = {value}"));
        }
    });
}

/// Writes a type with the Go type of another value. A type whose Go type is a pointer or has methods is a struct.
fn alias(file: &mut File<'_>, def: &TypeDef, value: &Value) {
    let name = names::exported(&def.name);
    let ty = file.ty(value);
    type_parts::comment(file, def, "");
    if let Value::Named(_) | Value::Only(_) | Value::Nullable(_) = value {
        file.writer
            .block(&format!("type {name} struct {{"), "}", |writer| {
                writer.line("// The value.");
                writer.line(&format!("Value {ty}"));
            });
        let (read, write) = (file.read(value, "v.Value"), file.write(value, "v.Value"));
        type_parts::value_methods(file, def, &read, &write);
    } else {
        file.writer.line(&format!("type {name} {ty}"));
        let (read, write) = (
            alias_read(file, &name, value),
            alias_write(file, &ty, value),
        );
        type_parts::value_methods(file, def, &read, &write);
    }
    type_parts::json_methods(file, &name);
}

fn alias_read(file: &mut File<'_>, name: &str, value: &Value) -> String {
    let read = file.read_expression(value);
    match value {
        Value::Array { .. } | Value::Map { .. } => format!("*v = {read}"),
        _ => format!("*v = {name}({read})"),
    }
}

fn alias_write(file: &mut File<'_>, ty: &str, value: &Value) -> String {
    let place = match value {
        Value::Array { .. } | Value::Map { .. } => "*v".to_owned(),
        _ => format!("{ty}(*v)"),
    };
    file.write(value, &place)
}
