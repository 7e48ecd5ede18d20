//! Assertions, as data with which the runtime validates values.

use serde_json::Value as Json;

use super::Emitter;
use super::code::Code;
use super::file::File;
use super::literal::{integer, json};
use crate::model::{Assertion, AssertionDef, Format, Keyword, Name, Regex, Resource};

/// `assertion.ts`.
pub(super) fn file<'e>(emitter: &'e Emitter<'e>) -> File<'e> {
    let mut file = File::new(emitter, "assertion", "**");
    let protocol = emitter.plan.protocol;
    for def in &protocol.assertions {
        definition(&mut file, def, &protocol.resources);
    }
    file
}

fn definition(file: &mut File<'_>, def: &AssertionDef, resources: &[Resource]) {
    file.writer.blank();
    let source = Code::string(&format!("{}#{}", def.source.file, def.source.pointer));
    let mut arguments = vec![source, list(&def.assertion).thunk()];
    let resource = resources
        .iter()
        .find(|resource| Some(&resource.name) == def.resource.as_ref());
    arguments.extend(resource.map(anchors));
    let before = format!("export const {}: rt.Assertion", def.name.screaming());
    file.assign(&before, &Code::call("assertion", arguments));
}

/// The dynamic anchors of a resource.
fn anchors(resource: &Resource) -> Code {
    let anchors = resource.anchors.iter();
    let anchors = anchors.map(|(anchor, assertion)| (anchor.clone(), reference(assertion)));
    Code::Object(anchors.collect()).thunk()
}

/// The keywords of an assertion.
fn list(assertion: &Assertion) -> Code {
    Code::List(assertion.0.iter().map(keyword).collect())
}

fn lists(assertions: &[Assertion]) -> Code {
    Code::List(assertions.iter().map(list).collect())
}

fn keyword(keyword: &Keyword) -> Code {
    let (name, value) = match keyword {
        Keyword::Never => return Code::string("never"),
        Keyword::UniqueItems => return Code::string("uniqueItems"),
        Keyword::Type(types) => ("type", names(types)),
        Keyword::Const(value) => ("const", constant(value)),
        Keyword::Enum(values) => ("enum", Code::List(values.iter().map(constant).collect())),
        Keyword::Minimum(limit) => ("minimum", Code::string(limit)),
        Keyword::Maximum(limit) => ("maximum", Code::string(limit)),
        Keyword::ExclusiveMinimum(limit) => ("exclusiveMinimum", Code::string(limit)),
        Keyword::ExclusiveMaximum(limit) => ("exclusiveMaximum", Code::string(limit)),
        Keyword::MultipleOf(divisor) => ("multipleOf", Code::string(divisor)),
        Keyword::MinLength(min) => ("minLength", count(*min)),
        Keyword::MaxLength(max) => ("maxLength", count(*max)),
        Keyword::Pattern(regex) => ("pattern", pattern(regex)),
        Keyword::Format(format) => ("format", format_name(*format)),
        Keyword::PrefixItems(assertions) => ("prefixItems", lists(assertions)),
        Keyword::Items { .. } => ("items", applied(keyword)),
        Keyword::Contains { .. } => ("contains", applied(keyword)),
        Keyword::MinItems(min) => ("minItems", count(*min)),
        Keyword::MaxItems(max) => ("maxItems", count(*max)),
        Keyword::UnevaluatedItems(assertion) => ("unevaluatedItems", list(assertion)),
        Keyword::Properties(assertions) => ("properties", by_key(assertions)),
        Keyword::PatternProperties(assertions) => ("patternProperties", by_pattern(assertions)),
        Keyword::AdditionalProperties { .. } => ("additionalProperties", applied(keyword)),
        Keyword::Required(names) => ("required", strings(names)),
        Keyword::PropertyNames(assertion) => ("propertyNames", list(assertion)),
        Keyword::MinProperties(min) => ("minProperties", count(*min)),
        Keyword::MaxProperties(max) => ("maxProperties", count(*max)),
        Keyword::DependentRequired(dependents) => {
            ("dependentRequired", dependent_required(dependents))
        }
        Keyword::DependentSchemas(assertions) => ("dependentSchemas", by_key(assertions)),
        Keyword::UnevaluatedProperties(assertion) => ("unevaluatedProperties", list(assertion)),
        Keyword::AllOf(assertions) => ("allOf", lists(assertions)),
        Keyword::AnyOf(assertions) => ("anyOf", lists(assertions)),
        Keyword::OneOf(assertions) => ("oneOf", lists(assertions)),
        Keyword::Not(assertion) => ("not", list(assertion)),
        Keyword::If { .. } => ("if", applied(keyword)),
        Keyword::Ref(name) => ("ref", reference(name)),
        Keyword::DynamicRef { .. } => ("dynamicRef", applied(keyword)),
    };
    Code::Object(vec![(name.to_owned(), value)])
}

/// The value of a keyword that has several parts.
fn applied(keyword: &Keyword) -> Code {
    match keyword {
        Keyword::Items { after, assertion } => Code::options([
            ("after", Some(Code::text(after.to_string()))),
            ("assertion", Some(list(assertion))),
        ]),
        Keyword::Contains {
            assertion,
            min,
            max,
        } => Code::options([
            ("assertion", Some(list(assertion))),
            ("min", Some(count(*min))),
            ("max", max.map(count)),
        ]),
        Keyword::AdditionalProperties {
            names,
            patterns,
            assertion,
        } => Code::options([
            ("names", Some(strings(names))),
            (
                "patterns",
                Some(Code::List(patterns.iter().map(pattern).collect())),
            ),
            ("assertion", Some(list(assertion))),
        ]),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => Code::options([
            ("condition", Some(list(condition))),
            ("then", then.as_deref().map(list)),
            ("otherwise", otherwise.as_deref().map(list)),
        ]),
        Keyword::DynamicRef { anchor, assertion } => Code::options([
            ("anchor", Some(Code::string(anchor))),
            ("assertion", Some(reference(assertion))),
        ]),
        _ => unreachable!("the keyword has a single part"),
    }
}

/// Pairs of a key and an assertion. An object would change the order of some keys.
fn by_key(assertions: &[(String, Assertion)]) -> Code {
    let pairs = assertions
        .iter()
        .map(|(key, assertion)| pair(Code::string(key), list(assertion)));
    Code::List(pairs.collect())
}

fn by_pattern(assertions: &[(Regex, Assertion)]) -> Code {
    let pairs = assertions
        .iter()
        .map(|(regex, assertion)| pair(pattern(regex), list(assertion)));
    Code::List(pairs.collect())
}

fn dependent_required(dependents: &[(String, Vec<String>)]) -> Code {
    let pairs = dependents
        .iter()
        .map(|(key, names)| pair(Code::string(key), strings(names)));
    Code::List(pairs.collect())
}

fn pair(one: Code, other: Code) -> Code {
    Code::List(vec![one, other])
}

fn format_name(format: Format) -> Code {
    json(&serde_json::to_value(format).unwrap_or_default())
}

fn reference(name: &Name) -> Code {
    Code::text(name.screaming())
}

fn pattern(regex: &Regex) -> Code {
    Code::string(&regex.source)
}

fn count(count: u64) -> Code {
    Code::text(integer(count.into()))
}

/// A JSON value as text, which keeps all digits of its numbers.
fn constant(value: &Json) -> Code {
    Code::call("json", vec![Code::string(&value.to_string())])
}

fn strings(texts: &[String]) -> Code {
    Code::List(texts.iter().map(|text| Code::string(text)).collect())
}

/// The names that the model gives to values of an enum.
fn names(values: &[impl serde::Serialize]) -> Code {
    let names = values
        .iter()
        .map(|value| json(&serde_json::to_value(value).unwrap_or_default()));
    Code::List(names.collect())
}
