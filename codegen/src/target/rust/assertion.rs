//! Assertions, as static data with which the runtime validates values.

use std::fmt::Debug;

use serde_json::Value as Json;

use super::expression::Expression;
use super::literal::integer;
use super::{Emitter, docs, file, imports};
use crate::model::{Assertion, AssertionDef, Keyword, Name, Regex, Resource};

/// `assertion.rs`.
pub(super) fn text(emitter: &Emitter<'_>) -> String {
    let protocol = emitter.plan.protocol;
    let assertions = protocol.assertions.iter().map(definition);
    let resources = protocol.resources.iter().map(resource);
    let items: Vec<String> = assertions.chain(resources).collect();
    let header = file::header(emitter, "**");
    format!("{header}\n\n{}{}", imports::RUNTIME, items.join("\n"))
}

/// The static of an assertion.
fn definition(def: &AssertionDef) -> String {
    // A key can contain a line break, which would end the comment.
    let doc = docs::schema(&def.source).replace(char::is_control, "…");
    let before = format!(
        "pub(crate) static {}: rt::Assertion = ",
        def.name.screaming()
    );
    let within = def.resource.as_ref();
    let within = within.map(|name| format!(".within(&{})", name.screaming()));
    let within = within.unwrap_or_default() + ";";
    let text = assertion(&def.assertion).render(&before, 0, &within);
    // A chain of calls that does not fit on a single line has a line for each call.
    let text = match text.strip_suffix(&within) {
        Some(text) if text.contains('\n') && within.len() > 1 => format!("{text}\n{within}"),
        _ => text,
    };
    format!("/// {doc}\n{text}\n")
}

/// The static of a resource.
fn resource(resource: &Resource) -> String {
    let anchors = resource.anchors.iter().map(|(anchor, assertion)| {
        let assertion = Expression::plain(assertion.screaming()).borrowed();
        Expression::call("", vec![Expression::text(anchor), assertion])
    });
    let fields = [("anchors", Expression::list(anchors))];
    let before = format!("static {}: rt::Resource = ", resource.name.screaming());
    let text = Expression::fields("rt::Resource", fields).render(&before, 0, ";");
    format!("/// The dynamic anchors of one schema resource.\n{text}\n")
}

fn assertion(assertion: &Assertion) -> Expression {
    let keywords = Expression::list(assertion.0.iter().map(keyword));
    Expression::call("rt::Assertion::new", vec![keywords])
}

fn keyword(keyword: &Keyword) -> Expression {
    match keyword {
        Keyword::Never => Expression::plain("rt::Keyword::Never"),
        Keyword::Type(types) => with_value(
            "Type",
            Expression::list(types.iter().map(|ty| path("rt::Type", ty))),
        ),
        Keyword::Const(json) => with_value("Const", constant(json)),
        Keyword::Enum(values) => with_value("Enum", Expression::list(values.iter().map(constant))),
        Keyword::Minimum(limit) => with_value("Minimum", decimal(limit)),
        Keyword::Maximum(limit) => with_value("Maximum", decimal(limit)),
        Keyword::ExclusiveMinimum(limit) => with_value("ExclusiveMinimum", decimal(limit)),
        Keyword::ExclusiveMaximum(limit) => with_value("ExclusiveMaximum", decimal(limit)),
        Keyword::MultipleOf(divisor) => with_value("MultipleOf", decimal(divisor)),
        Keyword::MinLength(least) => with_value("MinLength", count(*least)),
        Keyword::MaxLength(most) => with_value("MaxLength", count(*most)),
        Keyword::Pattern(pattern) => with_value("Pattern", regex(pattern)),
        Keyword::Format(format) => with_value("Format", path("rt::Format", format)),
        Keyword::PrefixItems(assertions) => with_value("PrefixItems", list_of(assertions)),
        Keyword::Items { after, assertion } => items(*after, assertion),
        Keyword::Contains {
            assertion,
            min,
            max,
        } => contains(assertion, *min, *max),
        Keyword::MinItems(least) => with_value("MinItems", count(*least)),
        Keyword::MaxItems(most) => with_value("MaxItems", count(*most)),
        Keyword::UniqueItems => Expression::plain("rt::Keyword::UniqueItems"),
        Keyword::UnevaluatedItems(assertion) => with_value("UnevaluatedItems", borrowed(assertion)),
        Keyword::Properties(assertions) => with_value("Properties", by_key(assertions)),
        Keyword::PatternProperties(assertions) => {
            with_value("PatternProperties", by_pattern(assertions))
        }
        Keyword::AdditionalProperties {
            names,
            patterns,
            assertion,
        } => additional_properties(names, patterns, assertion),
        Keyword::Required(names) => with_value("Required", keys(names)),
        Keyword::PropertyNames(assertion) => with_value("PropertyNames", borrowed(assertion)),
        Keyword::MinProperties(least) => with_value("MinProperties", count(*least)),
        Keyword::MaxProperties(most) => with_value("MaxProperties", count(*most)),
        Keyword::DependentRequired(dependents) => {
            with_value("DependentRequired", dependent_required(dependents))
        }
        Keyword::DependentSchemas(assertions) => with_value("DependentSchemas", by_key(assertions)),
        Keyword::UnevaluatedProperties(assertion) => {
            with_value("UnevaluatedProperties", borrowed(assertion))
        }
        Keyword::AllOf(assertions) => with_value("AllOf", list_of(assertions)),
        Keyword::AnyOf(assertions) => with_value("AnyOf", list_of(assertions)),
        Keyword::OneOf(assertions) => with_value("OneOf", list_of(assertions)),
        Keyword::Not(assertion) => with_value("Not", borrowed(assertion)),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => conditional(condition, then.as_deref(), otherwise.as_deref()),
        Keyword::Ref(name) => with_value("Ref", reference(name)),
        Keyword::DynamicRef { anchor, assertion } => dynamic_reference(anchor, assertion),
    }
}

fn items(after: usize, assertion: &Assertion) -> Expression {
    let fields = [
        ("after", Expression::plain(after.to_string())),
        ("assertion", borrowed(assertion)),
    ];
    Expression::fields("rt::Keyword::Items", fields)
}

fn dynamic_reference(anchor: &str, assertion: &Name) -> Expression {
    let fields = [
        ("anchor", Expression::text(anchor)),
        ("assertion", reference(assertion)),
    ];
    Expression::fields("rt::Keyword::DynamicRef", fields)
}

/// A keyword with its value.
fn with_value(keyword: &str, what: Expression) -> Expression {
    Expression::call(&format!("rt::Keyword::{keyword}"), vec![what])
}

fn list_of(assertions: &[Assertion]) -> Expression {
    Expression::list(assertions.iter().map(assertion))
}

fn borrowed(assertion: &Assertion) -> Expression {
    self::assertion(assertion).borrowed()
}

fn reference(name: &Name) -> Expression {
    Expression::plain(name.screaming()).borrowed()
}

/// A variant with the same name as in the model.
fn path(kind: &str, variant: &impl Debug) -> Expression {
    Expression::plain(format!("{kind}::{variant:?}"))
}

fn count(count: u64) -> Expression {
    Expression::plain(integer(count.into()))
}

fn constant(json: &Json) -> Expression {
    Expression::call("rt::constant!", vec![Expression::text(&json.to_string())])
}

fn decimal(number: &str) -> Expression {
    Expression::call("rt::Decimal::new", vec![Expression::text(number)])
}

fn regex(pattern: &Regex) -> Expression {
    let notations = [&pattern.source, &pattern.linear];
    let notations = notations.map(|notation| Expression::text(notation));
    Expression::call("rt::regex!", notations.into())
}

fn keys(keys: &[String]) -> Expression {
    Expression::list(keys.iter().map(|key| Expression::text(key)))
}

fn contains(assertion: &Assertion, min: u64, max: Option<u64>) -> Expression {
    let max = Expression::option(max.map(count));
    let fields = [
        ("assertion", borrowed(assertion)),
        ("min", count(min)),
        ("max", max),
    ];
    Expression::fields("rt::Keyword::Contains", fields)
}

fn by_key(assertions: &[(String, Assertion)]) -> Expression {
    let pairs = assertions.iter();
    Expression::list(pairs.map(|(key, assertion)| {
        Expression::call("", vec![Expression::text(key), self::assertion(assertion)])
    }))
}

fn by_pattern(assertions: &[(Regex, Assertion)]) -> Expression {
    let pairs = assertions.iter();
    Expression::list(pairs.map(|(pattern, assertion)| {
        Expression::call("", vec![regex(pattern), self::assertion(assertion)])
    }))
}

fn additional_properties(
    names: &[String],
    patterns: &[Regex],
    assertion: &Assertion,
) -> Expression {
    let patterns = Expression::list(patterns.iter().map(regex));
    let fields = [
        ("names", keys(names)),
        ("patterns", patterns),
        ("assertion", borrowed(assertion)),
    ];
    Expression::fields("rt::Keyword::AdditionalProperties", fields)
}

fn dependent_required(dependents: &[(String, Vec<String>)]) -> Expression {
    let pairs = dependents.iter();
    Expression::list(
        pairs.map(|(key, names)| Expression::call("", vec![Expression::text(key), keys(names)])),
    )
}

fn conditional(
    condition: &Assertion,
    then: Option<&Assertion>,
    otherwise: Option<&Assertion>,
) -> Expression {
    let [then, otherwise] =
        [then, otherwise].map(|assertion| Expression::option(assertion.map(borrowed)));
    let fields = [
        ("condition", borrowed(condition)),
        ("then", then),
        ("otherwise", otherwise),
    ];
    Expression::fields("rt::Keyword::If", fields)
}
