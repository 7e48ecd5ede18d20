//! Converts assertions of the model to assertions of the runtime.

use std::collections::HashMap;
use std::sync::OnceLock;

use natsgen_runtime::assertion::{
    Assertion, Constant, ConstantCache, Decimal, Format, Keyword, Regex, RegexCache, Resource, Type,
};
use serde_json::Value as Json;

use super::arena::Memory;
use crate::model;
use crate::model::{AssertionDef, Name};

/// Builds assertions that refer to each other.
pub(super) struct Builder<'s> {
    memory: &'s Memory<'s>,
    /// The slot of each named assertion; a reference is a reference to the slot.
    slots: HashMap<&'s Name, &'s OnceLock<Assertion<'s>>>,
    resources: HashMap<&'s Name, &'s Resource<'s>>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(
        assertions: &'s [AssertionDef],
        resources: &'s [model::Resource],
        memory: &'s Memory<'s>,
    ) -> Self {
        let slot = |def: &'s AssertionDef| (&def.name, memory.named.one(OnceLock::new()));
        let mut builder = Self {
            memory,
            slots: assertions.iter().map(slot).collect(),
            resources: HashMap::new(),
        };
        for resource in resources {
            let anchors = resource.anchors.iter();
            let anchors = anchors.map(|(anchor, name)| (&**anchor, builder.reference(name)));
            let anchors = memory.anchors.slice(anchors);
            let built = memory.resources.one(Resource { anchors });
            builder.resources.insert(&resource.name, built);
        }
        builder
    }

    /// Builds a named assertion.
    pub(super) fn definition(&self, def: &'s AssertionDef) -> Option<&'s Assertion<'s>> {
        let slot = self.slots.get(&def.name)?;
        Some(slot.get_or_init(|| {
            let assertion = self.assertion(&def.assertion);
            let resource = def.resource.as_ref();
            match resource.and_then(|name| self.resources.get(name)) {
                Some(resource) => assertion.within(resource),
                None => assertion,
            }
        }))
    }

    /// An assertion that only refers to a named assertion.
    fn reference(&self, name: &Name) -> &'s Assertion<'s> {
        let keywords = self.memory.keywords.slice([self.forward(name)]);
        self.memory.assertions.one(Assertion::new(keywords))
    }

    fn forward(&self, name: &Name) -> Keyword<'s> {
        self.slots
            .get(name)
            .map_or(Keyword::Never, |slot| Keyword::Forward(slot))
    }

    fn assertion(&self, assertion: &'s model::Assertion) -> Assertion<'s> {
        let keywords = assertion.0.iter().map(|keyword| self.keyword(keyword));
        Assertion::new(self.memory.keywords.slice(keywords))
    }

    fn one(&self, assertion: &'s model::Assertion) -> &'s Assertion<'s> {
        self.memory.assertions.one(self.assertion(assertion))
    }

    fn each(&self, assertions: &'s [model::Assertion]) -> &'s [Assertion<'s>] {
        let assertions = assertions.iter().map(|assertion| self.assertion(assertion));
        self.memory.assertions.slice(assertions)
    }

    fn by_key(&self, members: &'s [(String, model::Assertion)]) -> &'s [(&'s str, Assertion<'s>)] {
        let members = members.iter();
        let members = members.map(|(key, assertion)| (&**key, self.assertion(assertion)));
        self.memory.members.slice(members)
    }

    fn keyword(&self, keyword: &'s model::Keyword) -> Keyword<'s> {
        match keyword {
            model::Keyword::Never => Keyword::Never,
            model::Keyword::Type(types) => {
                Keyword::Type(self.memory.types.slice(types.iter().copied().map(type_of)))
            }
            model::Keyword::Const(json) => Keyword::Const(self.constant(json)),
            model::Keyword::Enum(values) => {
                let constants = values.iter().map(|json| self.constant(json));
                Keyword::Enum(self.memory.constants.slice(constants))
            }
            model::Keyword::Minimum(limit) => Keyword::Minimum(Decimal::new(limit)),
            model::Keyword::Maximum(limit) => Keyword::Maximum(Decimal::new(limit)),
            model::Keyword::ExclusiveMinimum(limit) => {
                Keyword::ExclusiveMinimum(Decimal::new(limit))
            }
            model::Keyword::ExclusiveMaximum(limit) => {
                Keyword::ExclusiveMaximum(Decimal::new(limit))
            }
            model::Keyword::MultipleOf(divisor) => Keyword::MultipleOf(Decimal::new(divisor)),
            model::Keyword::MinLength(min) => Keyword::MinLength(*min),
            model::Keyword::MaxLength(max) => Keyword::MaxLength(*max),
            model::Keyword::Pattern(pattern) => Keyword::Pattern(self.regex(pattern)),
            model::Keyword::Format(format) => Keyword::Format(format_of(*format)),
            keyword => self.container(keyword),
        }
    }

    /// The keywords of arrays and objects.
    fn container(&self, keyword: &'s model::Keyword) -> Keyword<'s> {
        match keyword {
            model::Keyword::PrefixItems(items) => Keyword::PrefixItems(self.each(items)),
            model::Keyword::Items { after, assertion } => Keyword::Items {
                after: *after,
                assertion: self.one(assertion),
            },
            model::Keyword::Contains {
                assertion,
                min,
                max,
            } => Keyword::Contains {
                assertion: self.one(assertion),
                min: *min,
                max: *max,
            },
            model::Keyword::MinItems(min) => Keyword::MinItems(*min),
            model::Keyword::MaxItems(max) => Keyword::MaxItems(*max),
            model::Keyword::UniqueItems => Keyword::UniqueItems,
            model::Keyword::UnevaluatedItems(rest) => Keyword::UnevaluatedItems(self.one(rest)),
            model::Keyword::Properties(members) => Keyword::Properties(self.by_key(members)),
            model::Keyword::PatternProperties(members) => {
                let members = members.iter();
                let members = members
                    .map(|(pattern, assertion)| (self.regex(pattern), self.assertion(assertion)));
                Keyword::PatternProperties(self.memory.matched.slice(members))
            }
            model::Keyword::AdditionalProperties {
                names,
                patterns,
                assertion,
            } => Keyword::AdditionalProperties {
                names: self.strings(names),
                patterns: {
                    let patterns = patterns.iter().map(|pattern| self.regex(pattern));
                    self.memory.regexes.slice(patterns)
                },
                assertion: self.one(assertion),
            },
            model::Keyword::Required(names) => Keyword::Required(self.strings(names)),
            model::Keyword::PropertyNames(name) => Keyword::PropertyNames(self.one(name)),
            model::Keyword::MinProperties(min) => Keyword::MinProperties(*min),
            model::Keyword::MaxProperties(max) => Keyword::MaxProperties(*max),
            model::Keyword::DependentRequired(members) => {
                let members = members.iter();
                let members = members.map(|(key, names)| (&**key, self.strings(names)));
                Keyword::DependentRequired(self.memory.dependents.slice(members))
            }
            model::Keyword::DependentSchemas(members) => {
                Keyword::DependentSchemas(self.by_key(members))
            }
            model::Keyword::UnevaluatedProperties(rest) => {
                Keyword::UnevaluatedProperties(self.one(rest))
            }
            keyword => self.combination(keyword),
        }
    }

    /// The keywords that combine assertions.
    fn combination(&self, keyword: &'s model::Keyword) -> Keyword<'s> {
        match keyword {
            model::Keyword::AllOf(assertions) => Keyword::AllOf(self.each(assertions)),
            model::Keyword::AnyOf(assertions) => Keyword::AnyOf(self.each(assertions)),
            model::Keyword::OneOf(assertions) => Keyword::OneOf(self.each(assertions)),
            model::Keyword::Not(assertion) => Keyword::Not(self.one(assertion)),
            model::Keyword::If {
                condition,
                then,
                otherwise,
            } => Keyword::If {
                condition: self.one(condition),
                then: then.as_ref().map(|assertion| self.one(assertion)),
                otherwise: otherwise.as_ref().map(|assertion| self.one(assertion)),
            },
            model::Keyword::DynamicRef { anchor, assertion } => Keyword::DynamicRef {
                anchor,
                assertion: self.reference(assertion),
            },
            model::Keyword::Ref(name) => self.forward(name),
            _ => Keyword::Never,
        }
    }

    fn constant(&self, json: &Json) -> Constant<'s> {
        let text = self.memory.texts.one(json.to_string());
        Constant::new(text, self.memory.constant_caches.one(ConstantCache::new()))
    }

    fn regex(&self, regex: &'s model::Regex) -> Regex<'s> {
        let cache = self.memory.regex_caches.one(RegexCache::new());
        Regex::new(&regex.source, &regex.linear, cache)
    }

    fn strings(&self, strings: &'s [String]) -> &'s [&'s str] {
        let strings = strings.iter().map(String::as_str);
        self.memory.strings.slice(strings)
    }
}

fn type_of(ty: model::Type) -> Type {
    match ty {
        model::Type::Null => Type::Null,
        model::Type::Boolean => Type::Boolean,
        model::Type::Integer => Type::Integer,
        model::Type::Number => Type::Number,
        model::Type::String => Type::String,
        model::Type::Array => Type::Array,
        model::Type::Object => Type::Object,
    }
}

fn format_of(format: model::Format) -> Format {
    match format {
        model::Format::DateTime => Format::DateTime,
        model::Format::Date => Format::Date,
        model::Format::Time => Format::Time,
        model::Format::Duration => Format::Duration,
        model::Format::Email => Format::Email,
        model::Format::IdnEmail => Format::IdnEmail,
        model::Format::Hostname => Format::Hostname,
        model::Format::IdnHostname => Format::IdnHostname,
        model::Format::Ipv4 => Format::Ipv4,
        model::Format::Ipv6 => Format::Ipv6,
        model::Format::Uri => Format::Uri,
        model::Format::UriReference => Format::UriReference,
        model::Format::Iri => Format::Iri,
        model::Format::IriReference => Format::IriReference,
        model::Format::Uuid => Format::Uuid,
        model::Format::UriTemplate => Format::UriTemplate,
        model::Format::JsonPointer => Format::JsonPointer,
        model::Format::RelativeJsonPointer => Format::RelativeJsonPointer,
        model::Format::Regex => Format::Regex,
    }
}
