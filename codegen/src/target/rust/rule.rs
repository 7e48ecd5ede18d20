//! The rules, as static data that the runtime judges by.

use std::fmt::Debug;

use serde_json::Value as Json;
use syn::visit::Visit;

use super::expression::Expression;
use super::imports::{Used, use_line};
use super::literal::integer;
use super::{Emitter, docs, file};
use crate::model::{Keyword, Name, Regex, Resource, Rule, RuleDef};

/// What rules are made of, and where the runtime has it.
const IMPORTS: [(&str, &[&str]); 2] = [
    (
        "natsgen_runtime::rule",
        &["Decimal", "Keyword", "Resource", "Rule", "Type"],
    ),
    ("natsgen_runtime", &["Format", "constant", "regex"]),
];

/// `rule.rs`.
pub(super) fn text(emitter: &Emitter<'_>) -> String {
    let rules = emitter.protocol.rules.iter().map(definition);
    let resources = emitter.protocol.resources.iter().map(resource);
    let items: Vec<String> = rules.chain(resources).collect();
    let items = items.join("\n");
    let mut used = Used::default();
    used.visit_file(&syn::parse_file(&items).expect("statics are items"));
    let imports = IMPORTS.map(|(path, names)| {
        let names = names.iter().filter(|name| used.mentions(name));
        let names: Vec<&str> = names.copied().collect();
        match &names[..] {
            [] => String::new(),
            names => use_line("use", path, names, 0),
        }
    });
    let header = file::header(emitter, "**");
    format!("{header}\n\n{}\n{items}", imports.concat())
}

/// The static of a rule.
fn definition(def: &RuleDef) -> String {
    // A key may hold what would end the comment.
    let doc = docs::schema(&def.source).replace(char::is_control, "…");
    let before = format!("pub(crate) static {}: Rule = ", def.name.screaming());
    let within = def.resource.as_ref();
    let within = within.map(|name| format!(".within(&{})", name.screaming()));
    let within = within.unwrap_or_default() + ";";
    let text = rule(&def.rule).render(&before, 0, &within);
    // A chain of calls that does not fit on one line has a line for each.
    let text = match text.strip_suffix(&within) {
        Some(text) if text.contains('\n') && within.len() > 1 => format!("{text}\n{within}"),
        _ => text,
    };
    format!("/// {doc}\n{text}\n")
}

/// The static of a resource.
fn resource(resource: &Resource) -> String {
    let anchors = resource.anchors.iter().map(|(anchor, rule)| {
        let rule = Expression::plain(rule.screaming()).borrowed();
        Expression::call("", vec![Expression::text(anchor), rule])
    });
    let fields = [("anchors", Expression::list(anchors))];
    let before = format!("static {}: Resource = ", resource.name.screaming());
    let text = Expression::fields("Resource", fields).render(&before, 0, ";");
    format!("/// The dynamic anchors of one schema resource.\n{text}\n")
}

fn rule(rule: &Rule) -> Expression {
    let keywords = Expression::list(rule.0.iter().map(keyword));
    Expression::call("Rule::new", vec![keywords])
}

fn keyword(keyword: &Keyword) -> Expression {
    match keyword {
        Keyword::Never => Expression::plain("Keyword::Never"),
        Keyword::Type(types) => said(
            "Type",
            Expression::list(types.iter().map(|ty| path("Type", ty))),
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
        Keyword::Format(format) => said("Format", path("Format", format)),
        Keyword::PrefixItems(rules) => said("PrefixItems", each(rules)),
        Keyword::Items { after, rule } => {
            let after = Expression::plain(after.to_string());
            Expression::fields(
                "Keyword::Items",
                [("after", after), ("rule", borrowed(rule))],
            )
        }
        Keyword::Contains { rule, min, max } => contains(rule, *min, *max),
        Keyword::MinItems(least) => said("MinItems", count(*least)),
        Keyword::MaxItems(most) => said("MaxItems", count(*most)),
        Keyword::UniqueItems => Expression::plain("Keyword::UniqueItems"),
        Keyword::UnevaluatedItems(rule) => said("UnevaluatedItems", borrowed(rule)),
        Keyword::Properties(rules) => said("Properties", by_key(rules)),
        Keyword::PatternProperties(rules) => said("PatternProperties", by_pattern(rules)),
        Keyword::AdditionalProperties {
            names,
            patterns,
            rule,
        } => additional(names, patterns, rule),
        Keyword::Required(names) => said("Required", keys(names)),
        Keyword::PropertyNames(rule) => said("PropertyNames", borrowed(rule)),
        Keyword::MinProperties(least) => said("MinProperties", count(*least)),
        Keyword::MaxProperties(most) => said("MaxProperties", count(*most)),
        Keyword::DependentRequired(asked) => said("DependentRequired", dependent(asked)),
        Keyword::DependentSchemas(rules) => said("DependentSchemas", by_key(rules)),
        Keyword::UnevaluatedProperties(rule) => said("UnevaluatedProperties", borrowed(rule)),
        Keyword::AllOf(rules) => said("AllOf", each(rules)),
        Keyword::AnyOf(rules) => said("AnyOf", each(rules)),
        Keyword::OneOf(rules) => said("OneOf", each(rules)),
        Keyword::Not(rule) => said("Not", borrowed(rule)),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => decided(condition, then.as_deref(), otherwise.as_deref()),
        Keyword::Ref(name) => said("Ref", reference(name)),
        Keyword::DynamicRef { anchor, rule } => {
            let fields = [
                ("anchor", Expression::text(anchor)),
                ("rule", reference(rule)),
            ];
            Expression::fields("Keyword::DynamicRef", fields)
        }
    }
}

/// A keyword with what it says.
fn said(keyword: &str, what: Expression) -> Expression {
    Expression::call(&format!("Keyword::{keyword}"), vec![what])
}

fn each(rules: &[Rule]) -> Expression {
    Expression::list(rules.iter().map(rule))
}

fn borrowed(rule: &Rule) -> Expression {
    self::rule(rule).borrowed()
}

fn reference(name: &Name) -> Expression {
    Expression::plain(name.screaming()).borrowed()
}

/// A variant that is called as in the model.
fn path(kind: &str, variant: &impl Debug) -> Expression {
    Expression::plain(format!("{kind}::{variant:?}"))
}

fn count(count: u64) -> Expression {
    Expression::plain(integer(count.into()))
}

fn constant(json: &Json) -> Expression {
    Expression::call("constant!", vec![Expression::text(&json.to_string())])
}

fn decimal(number: &str) -> Expression {
    Expression::call("Decimal::new", vec![Expression::text(number)])
}

fn regex(pattern: &Regex) -> Expression {
    let notations = [&pattern.source, &pattern.linear];
    let notations = notations.map(|notation| Expression::text(notation));
    Expression::call("regex!", notations.into())
}

fn keys(keys: &[String]) -> Expression {
    Expression::list(keys.iter().map(|key| Expression::text(key)))
}

fn contains(rule: &Rule, min: u64, max: Option<u64>) -> Expression {
    let max = Expression::option(max.map(count));
    let fields = [("rule", borrowed(rule)), ("min", count(min)), ("max", max)];
    Expression::fields("Keyword::Contains", fields)
}

fn by_key(rules: &[(String, Rule)]) -> Expression {
    let pairs = rules.iter();
    Expression::list(
        pairs
            .map(|(key, rule)| Expression::call("", vec![Expression::text(key), self::rule(rule)])),
    )
}

fn by_pattern(rules: &[(Regex, Rule)]) -> Expression {
    let pairs = rules.iter();
    Expression::list(
        pairs.map(|(pattern, rule)| Expression::call("", vec![regex(pattern), self::rule(rule)])),
    )
}

fn additional(names: &[String], patterns: &[Regex], rule: &Rule) -> Expression {
    let patterns = Expression::list(patterns.iter().map(regex));
    let fields = [
        ("names", keys(names)),
        ("patterns", patterns),
        ("rule", borrowed(rule)),
    ];
    Expression::fields("Keyword::AdditionalProperties", fields)
}

fn dependent(asked: &[(String, Vec<String>)]) -> Expression {
    let pairs = asked.iter();
    Expression::list(
        pairs.map(|(key, names)| Expression::call("", vec![Expression::text(key), keys(names)])),
    )
}

fn decided(condition: &Rule, then: Option<&Rule>, otherwise: Option<&Rule>) -> Expression {
    let [then, otherwise] = [then, otherwise].map(|rule| Expression::option(rule.map(borrowed)));
    let fields = [
        ("condition", borrowed(condition)),
        ("then", then),
        ("otherwise", otherwise),
    ];
    Expression::fields("Keyword::If", fields)
}
