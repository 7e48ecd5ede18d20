//! The rules, as static data that the runtime judges by.

use std::fmt::Debug;

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value as Json;

use super::literal::{literal, option};
use super::{Emitter, docs, file, imports};
use crate::model::{Keyword, Name, Regex, Resource, Rule, RuleDef, Type};

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
    let items: Vec<TokenStream> = rules.chain(resources).collect();
    let imports = IMPORTS.map(|(path, names)| {
        let used = |name: &&&str| items.iter().any(|item| mentions(item.clone(), name));
        let names: Vec<&str> = names.iter().filter(used).copied().collect();
        match &names[..] {
            [] => String::new(),
            names => imports::use_line("use", path, names, 0),
        }
    });
    let items = items.into_iter().map(|item| {
        let item = syn::parse2(item).expect("a rule is an item");
        file::item_text(item)
    });
    let items: Vec<String> = items.collect();
    let header = file::header(emitter, "**");
    format!("{header}\n\n{}\n{}", imports.concat(), items.join("\n"))
}

/// Whether a name stands somewhere in these tokens.
fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn definition(def: &RuleDef) -> TokenStream {
    let name = ident(&def.name);
    let doc = docs::comment(0, &docs::schema(&def.source), &[]);
    let rule = rule(&def.rule);
    let within = def.resource.as_ref().map(|name| {
        let name = ident(name);
        quote!(.within(&#name))
    });
    quote! {
        #doc
        pub(crate) static #name: Rule = #rule #within;
    }
}

fn resource(resource: &Resource) -> TokenStream {
    let name = ident(&resource.name);
    let doc = "The dynamic anchors of one schema resource.";
    let doc = docs::comment(0, doc, &[]);
    let anchors = resource.anchors.iter().map(|(anchor, rule)| {
        let rule = ident(rule);
        quote!((#anchor, &#rule))
    });
    quote! {
        #doc
        static #name: Resource = Resource { anchors: &[#(#anchors),*] };
    }
}

fn ident(name: &Name) -> proc_macro2::Ident {
    format_ident!("{}", name.screaming())
}

fn rule(rule: &Rule) -> TokenStream {
    let keywords = rule.0.iter().map(|said| {
        let keyword = keyword(said);
        quote!(Keyword::#keyword)
    });
    quote!(Rule::new(&[#(#keywords),*]))
}

fn keyword(keyword: &Keyword) -> TokenStream {
    match keyword {
        Keyword::Never => quote!(Never),
        Keyword::Type(types) => said("Type", list(types.iter().map(ty))),
        Keyword::Const(json) => said("Const", constant(json)),
        Keyword::Enum(values) => said("Enum", list(values.iter().map(constant))),
        Keyword::Minimum(limit) => said("Minimum", decimal(limit)),
        Keyword::Maximum(limit) => said("Maximum", decimal(limit)),
        Keyword::ExclusiveMinimum(limit) => said("ExclusiveMinimum", decimal(limit)),
        Keyword::ExclusiveMaximum(limit) => said("ExclusiveMaximum", decimal(limit)),
        Keyword::MultipleOf(divisor) => said("MultipleOf", decimal(divisor)),
        Keyword::MinLength(count) => said("MinLength", literal((*count).into())),
        Keyword::MaxLength(count) => said("MaxLength", literal((*count).into())),
        Keyword::Pattern(pattern) => said("Pattern", regex(pattern)),
        Keyword::Format(format) => said("Format", path("Format", format)),
        Keyword::PrefixItems(rules) => said("PrefixItems", list(rules.iter().map(rule))),
        Keyword::Items { after, rule } => items(*after, rule),
        Keyword::Contains { rule, min, max } => contains(rule, *min, *max),
        Keyword::MinItems(count) => said("MinItems", literal((*count).into())),
        Keyword::MaxItems(count) => said("MaxItems", literal((*count).into())),
        Keyword::UniqueItems => quote!(UniqueItems),
        Keyword::UnevaluatedItems(rule) => said("UnevaluatedItems", borrowed(rule)),
        Keyword::Properties(rules) => said("Properties", by_key(rules)),
        Keyword::PatternProperties(rules) => said("PatternProperties", by_pattern(rules)),
        Keyword::AdditionalProperties {
            names,
            patterns,
            rule,
        } => additional(names, patterns, rule),
        Keyword::Required(keys) => said("Required", list(keys)),
        Keyword::PropertyNames(rule) => said("PropertyNames", borrowed(rule)),
        Keyword::MinProperties(count) => said("MinProperties", literal((*count).into())),
        Keyword::MaxProperties(count) => said("MaxProperties", literal((*count).into())),
        Keyword::DependentRequired(asked) => said("DependentRequired", dependent(asked)),
        Keyword::DependentSchemas(rules) => said("DependentSchemas", by_key(rules)),
        Keyword::UnevaluatedProperties(rule) => said("UnevaluatedProperties", borrowed(rule)),
        Keyword::AllOf(rules) => said("AllOf", list(rules.iter().map(rule))),
        Keyword::AnyOf(rules) => said("AnyOf", list(rules.iter().map(rule))),
        Keyword::OneOf(rules) => said("OneOf", list(rules.iter().map(rule))),
        Keyword::Not(rule) => said("Not", borrowed(rule)),
        Keyword::If {
            condition,
            then,
            otherwise,
        } => decided(condition, then.as_deref(), otherwise.as_deref()),
        Keyword::Ref(name) => said("Ref", reference(name)),
        Keyword::DynamicRef { anchor, rule } => {
            let rule = reference(rule);
            quote!(DynamicRef { anchor: #anchor, rule: #rule })
        }
    }
}

/// A keyword with what it says.
fn said(keyword: &str, what: impl ToTokens) -> TokenStream {
    let keyword = format_ident!("{keyword}");
    quote!(#keyword(#what))
}

fn list(items: impl IntoIterator<Item = impl ToTokens>) -> TokenStream {
    let items = items.into_iter();
    quote!(&[#(#items),*])
}

fn borrowed(rule: &Rule) -> TokenStream {
    let rule = self::rule(rule);
    quote!(&#rule)
}

fn reference(name: &Name) -> TokenStream {
    let name = ident(name);
    quote!(&#name)
}

/// A variant that is called as in the model.
fn path(kind: &str, variant: &impl Debug) -> TokenStream {
    let (kind, variant) = (format_ident!("{kind}"), format_ident!("{variant:?}"));
    quote!(#kind::#variant)
}

fn ty(ty: &Type) -> TokenStream {
    path("Type", ty)
}

fn constant(json: &Json) -> TokenStream {
    let json = json.to_string();
    quote!(constant!(#json))
}

fn decimal(number: &str) -> TokenStream {
    quote!(Decimal::new(#number))
}

fn regex(pattern: &Regex) -> TokenStream {
    let Regex { source, linear } = pattern;
    quote!(regex!(#source, #linear))
}

fn items(after: usize, rule: &Rule) -> TokenStream {
    let (after, rule) = (Literal::usize_unsuffixed(after), borrowed(rule));
    quote!(Items { after: #after, rule: #rule })
}

fn contains(rule: &Rule, min: u64, max: Option<u64>) -> TokenStream {
    let (rule, min) = (borrowed(rule), literal(min.into()));
    let max = option(max.map(|max| literal(max.into())).as_ref());
    quote!(Contains { rule: #rule, min: #min, max: #max })
}

fn by_key(rules: &[(String, Rule)]) -> TokenStream {
    list(rules.iter().map(|(key, rule)| {
        let rule = self::rule(rule);
        quote!((#key, #rule))
    }))
}

fn by_pattern(rules: &[(Regex, Rule)]) -> TokenStream {
    list(rules.iter().map(|(pattern, rule)| {
        let (pattern, rule) = (regex(pattern), self::rule(rule));
        quote!((#pattern, #rule))
    }))
}

fn additional(names: &[String], patterns: &[Regex], rule: &Rule) -> TokenStream {
    let (names, patterns) = (list(names), list(patterns.iter().map(regex)));
    let rule = borrowed(rule);
    quote!(AdditionalProperties { names: #names, patterns: #patterns, rule: #rule })
}

fn dependent(asked: &[(String, Vec<String>)]) -> TokenStream {
    list(asked.iter().map(|(key, keys)| {
        let keys = list(keys);
        quote!((#key, #keys))
    }))
}

fn decided(condition: &Rule, then: Option<&Rule>, otherwise: Option<&Rule>) -> TokenStream {
    let condition = borrowed(condition);
    let [then, otherwise] = [then, otherwise].map(|rule| option(rule.map(borrowed).as_ref()));
    quote!(If { condition: #condition, then: #then, otherwise: #otherwise })
}
