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
        Keyword::Type(types) => said(
            "Type",
            Expression::list(types.iter().map(|ty| path("rt::Type", ty))),
        ),
        Keyword::Const(json) => said("Const", constant(json)),
        Keyword::Enum(values) => said("Enum", Expression::list(values.iter().map(constant))),
        Keyword::Minimum(limit) => said("Minimum", decimal(limit)),
        Keyword::Maximum(limit) => said("Maximum", decimal(limit)),
        Keyword::ExclusiveMinimum(limit) => said("ExclusiveMinimum", decimal(limit)),
        Keyword::ExclusiveMaximum(limit) => said("ExclusiveMaximum", decimal(limit)),
        Keyword::MultipleOf(divisor) => said("MultipleOf", decimal(divisor)),
        Keyword::MinLength(least) => said("MinLength", count(*least)),
        Keyword::MaxLength(most) => said("MaxLength", count(*most)),
        Keyword::Pattern(pattern) => said("Pattern", regex(pattern)),
        Keyword::Format(format) => said("Format", path("rt::Format", format)),
        Keyword::PrefixItems(assertions) => said("PrefixItems", each(assertions)),
        Keyword::Items { after, assertion } => {
            let after = Expression::plain(after.to_string());
            Expression::fields(
                "rt::Keyword::Items",
                [("after", after), ("assertion", borrowed(assertion))],
            )
        }
        Keyword::Contains {
            assertion,
            min,
            max,
        } => contains(assertion, *min, *max),
        Keyword::MinItems(least) => said("MinItems", count(*least)),
        Keyword::MaxItems(most) => said("MaxItems", count(*most)),
        Keyword::UniqueItems => Expression::plain("rt::Keyword::UniqueItems"),
        Keyword::UnevaluatedItems(assertion) => said("UnevaluatedItems", borrowed(assertion)),
        Keyword::Properties(assertions) => said("Properties", by_key(assertions)),
        Keyword::PatternProperties(assertions) => said("PatternProperties", by_pattern(assertions)),
        Keyword::AdditionalProperties {
            names,
            patterns,
            assertion,
        } => additional(names, patterns, assertion),
        Keyword::Required(names) => said("Required", keys(names)),
        Keyword::PropertyNames(assertion) => said("PropertyNames", borrowed(assertion)),
        Keyword::MinProperties(least) => said("MinProperties", count(*least)),
        Keyword::MaxProperties(most) => said("MaxProperties", count(*most)),
        Keyword::DependentRequired(asked) => said("DependentRequired", dependent(asked)),
        Keyword::DependentSchemas(assertions) => said("DependentSchemas", by_key(assertions)),
        Keyword::UnevaluatedProperties(assertion) => {
            said("UnevaluatedProperties", borrowed(assertion))
        }
        Keyword::AllOf(assertions) => said("AllOf", each(assertions)),
        Keyword::AnyOf(assertions) => said("AnyOf", each(assertions)),
        Keyword::OneOf(assertions) => said("OneOf", each(assertions)),
        Keyword::Not(assertion) => said("Not", borrowed(assertion)),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => decided(condition, then.as_deref(), otherwise.as_deref()),
        Keyword::Ref(name) => said("Ref", reference(name)),
        Keyword::DynamicRef { anchor, assertion } => {
            let fields = [
                ("anchor", Expression::text(anchor)),
                ("assertion", reference(assertion)),
            ];
            Expression::fields("rt::Keyword::DynamicRef", fields)
        }
    }
}

/// A keyword with its value.
fn said(keyword: &str, what: Expression) -> Expression {
    Expression::call(&format!("rt::Keyword::{keyword}"), vec![what])
}

fn each(assertions: &[Assertion]) -> Expression {
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

fn additional(names: &[String], patterns: &[Regex], assertion: &Assertion) -> Expression {
    let patterns = Expression::list(patterns.iter().map(regex));
    let fields = [
        ("names", keys(names)),
        ("patterns", patterns),
        ("assertion", borrowed(assertion)),
    ];
    Expression::fields("rt::Keyword::AdditionalProperties", fields)
}

fn dependent(asked: &[(String, Vec<String>)]) -> Expression {
    let pairs = asked.iter();
    Expression::list(
        pairs.map(|(key, names)| Expression::call("", vec![Expression::text(key), keys(names)])),
    )
}

fn decided(
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
