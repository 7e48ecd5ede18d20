//! Assertions: a JSON Schema document that the runtime's validator reads.

use std::collections::BTreeMap;

use serde::Serialize;

use super::file::File;
use super::{ASSERTIONS, Emitter, docs, names};
use crate::model::{Assertion, AssertionDef, Keyword, Name, Regex, Resource};

/// `internal/assertions/assertions.go`.
pub(super) fn file(emitter: &Emitter<'_>) -> String {
    let mut file = File::new(emitter, ASSERTIONS, "**");
    let call = file.assertion("New");
    let document = Document::new(emitter);
    docs::comment(
        &mut file.writer,
        &["The patterns of the document are in the notation of RE2."],
    );
    file.writer.line(&format!("var document = {call}(`{{"));
    file.writer.raw(&document.text());
    file.writer.raw("}`)\n");
    for def in &emitter.plan.protocol.assertions {
        let name = names::exported(&def.name);
        let at = document.pointer(&def.name);
        file.writer.line("");
        docs::comment(&mut file.writer, &[&docs::schema(&def.source)]);
        file.writer
            .line(&format!("var {name} = document.At(\"{at}\")"));
    }
    file.render(
        "Package assertions contains the constraints of the schemas that the types do not express.",
    )
}

/// The schema document. An assertion in a resource with dynamic anchors is a definition of a subschema with an own
/// identifier, so that a reference to the assertion enters the resource.
struct Document<'a> {
    assertions: BTreeMap<&'a Name, &'a AssertionDef>,
    resources: BTreeMap<&'a Name, &'a Resource>,
}

impl<'a> Document<'a> {
    fn new(emitter: &'a Emitter<'_>) -> Self {
        let protocol = emitter.plan.protocol;
        let assertions = protocol.assertions.iter().map(|def| (&def.name, def));
        let resources = protocol.resources.iter();
        Self {
            assertions: assertions.collect(),
            resources: resources
                .map(|resource| (&resource.name, resource))
                .collect(),
        }
    }

    /// The members of the document, with a line for each definition.
    fn text(&self) -> String {
        let mut definitions = Vec::new();
        for (name, def) in &self.assertions {
            if def.resource.is_none() {
                definitions.push(self.definition(name, &def.assertion, None));
            }
        }
        for (name, resource) in &self.resources {
            let inside = self.assertions.iter();
            let inside = inside.filter(|(_, def)| def.resource.as_ref() == Some(*name));
            let inside = inside.map(|(name, def)| {
                let anchors = resource.anchors.iter();
                let mut anchors = anchors.filter(|(_, assertion)| assertion == *name);
                let anchor = anchors.next().map(|(anchor, _)| anchor.as_str());
                self.definition(name, &def.assertion, anchor)
            });
            let inside: Vec<String> = inside.collect();
            definitions.push(format!(
                "{}: {{\"$id\": {}, \"$defs\": {{{}}}}}",
                json(&name.snake()),
                json(&identifier(name)),
                inside.join(", ")
            ));
        }
        // JSON allows the escape of a backtick, which would end the literal.
        let definitions = definitions.join(",\n    ").replace('`', "\\u0060");
        format!(
            "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$defs\": {{\n    {definitions}\n  }}\n"
        )
    }

    fn definition(&self, name: &Name, assertion: &Assertion, anchor: Option<&str>) -> String {
        let mut schema = self.schema(assertion);
        if let Some(anchor) = anchor {
            schema.add("$dynamicAnchor", json(anchor));
        }
        format!("{}: {}", json(&name.snake()), schema.text())
    }

    /// The JSON pointer of an assertion in the document.
    fn pointer(&self, name: &Name) -> String {
        match self.resource_of(name) {
            Some(resource) => format!("/$defs/{resource}/$defs/{name}"),
            None => format!("/$defs/{name}"),
        }
    }

    /// The reference to an assertion.
    fn reference(&self, name: &Name) -> String {
        match self.resource_of(name) {
            Some(resource) => format!("{}#/$defs/{name}", identifier(resource)),
            None => format!("{ROOT}#/$defs/{name}"),
        }
    }

    fn resource_of(&self, name: &Name) -> Option<&'a Name> {
        self.assertions.get(name)?.resource.as_ref()
    }

    fn schema(&self, assertion: &Assertion) -> Schema {
        let mut schema = Schema::default();
        for keyword in &assertion.0 {
            self.keyword(keyword, &mut schema);
        }
        schema
    }

    fn text_of(&self, assertion: &Assertion) -> String {
        self.schema(assertion).text()
    }

    fn keyword(&self, keyword: &Keyword, schema: &mut Schema) {
        match keyword {
            Keyword::Never => schema.add("not", "{}".to_owned()),
            Keyword::Type(types) => schema.add("type", json(types)),
            Keyword::Const(value) => schema.add("const", json(value)),
            Keyword::Enum(values) => schema.add("enum", json(values)),
            Keyword::Minimum(limit) => schema.add("minimum", limit.clone()),
            Keyword::Maximum(limit) => schema.add("maximum", limit.clone()),
            Keyword::ExclusiveMinimum(limit) => schema.add("exclusiveMinimum", limit.clone()),
            Keyword::ExclusiveMaximum(limit) => schema.add("exclusiveMaximum", limit.clone()),
            Keyword::MultipleOf(divisor) => schema.add("multipleOf", divisor.clone()),
            Keyword::MinLength(least) => schema.add("minLength", least.to_string()),
            Keyword::MaxLength(most) => schema.add("maxLength", most.to_string()),
            Keyword::Pattern(pattern) => schema.add("pattern", json(&pattern.linear)),
            Keyword::Format(format) => schema.add("format", json(format)),
            Keyword::MinItems(least) => schema.add("minItems", least.to_string()),
            Keyword::MaxItems(most) => schema.add("maxItems", most.to_string()),
            Keyword::UniqueItems => schema.add("uniqueItems", "true".to_owned()),
            Keyword::Required(names) => schema.add("required", json(names)),
            Keyword::MinProperties(least) => schema.add("minProperties", least.to_string()),
            Keyword::MaxProperties(most) => schema.add("maxProperties", most.to_string()),
            Keyword::DependentRequired(dependents) => {
                let pairs = dependents
                    .iter()
                    .map(|(key, names)| (key.as_str(), json(names)));
                schema.add("dependentRequired", object(pairs));
            }
            Keyword::Ref(name) => schema.add("$ref", json(&self.reference(name))),
            Keyword::DynamicRef { anchor, assertion } => self.dynamic(anchor, assertion, schema),
            keyword => self.applicator(keyword, schema),
        }
    }

    fn applicator(&self, keyword: &Keyword, schema: &mut Schema) {
        match keyword {
            Keyword::PrefixItems(assertions) => schema.add("prefixItems", self.list(assertions)),
            Keyword::Items { after, assertion } => self.items(*after, assertion, schema),
            Keyword::Contains {
                assertion,
                min,
                max,
            } => self.contains(assertion, *min, *max, schema),
            Keyword::UnevaluatedItems(assertion) => {
                schema.add("unevaluatedItems", self.text_of(assertion));
            }
            Keyword::Properties(members) => schema.add("properties", self.by_key(members)),
            Keyword::PatternProperties(members) => {
                let pairs = members.iter();
                let pairs = pairs.map(|(regex, member)| (&*regex.linear, self.text_of(member)));
                schema.add("patternProperties", object(pairs));
            }
            Keyword::AdditionalProperties {
                names,
                patterns,
                assertion,
            } => self.additional(names, patterns, assertion, schema),
            Keyword::PropertyNames(assertion) => {
                schema.add("propertyNames", self.text_of(assertion));
            }
            Keyword::DependentSchemas(members) => {
                schema.add("dependentSchemas", self.by_key(members));
            }
            Keyword::UnevaluatedProperties(assertion) => {
                schema.add("unevaluatedProperties", self.text_of(assertion));
            }
            Keyword::AllOf(assertions) => schema.add("allOf", self.list(assertions)),
            Keyword::AnyOf(assertions) => schema.add("anyOf", self.list(assertions)),
            Keyword::OneOf(assertions) => schema.add("oneOf", self.list(assertions)),
            Keyword::Not(assertion) => schema.add("not", self.text_of(assertion)),
            Keyword::If {
                condition,
                then,
                otherwise,
            } => {
                let parts = [("then", then), ("else", otherwise)].into_iter();
                let parts = parts
                    .filter_map(|(key, part)| part.as_ref().map(|part| (key, self.text_of(part))));
                let condition = [("if", self.text_of(condition))];
                schema.add_all(condition.into_iter().chain(parts).collect());
            }
            _ => {}
        }
    }

    fn list(&self, assertions: &[Assertion]) -> String {
        let assertions = assertions.iter().map(|assertion| self.text_of(assertion));
        format!("[{}]", assertions.collect::<Vec<_>>().join(", "))
    }

    fn by_key(&self, members: &[(String, Assertion)]) -> String {
        let pairs = members.iter();
        object(pairs.map(|(key, assertion)| (key.as_str(), self.text_of(assertion))))
    }

    /// `items` applies to the items after `prefixItems` of the same schema.
    fn items(&self, after: usize, assertion: &Assertion, schema: &mut Schema) {
        let mut members = vec![("items", self.text_of(assertion))];
        if after > 0 {
            let prefix = vec!["true"; after].join(", ");
            members.push(("prefixItems", format!("[{prefix}]")));
        }
        schema.add_apart(members, after > 0);
    }

    fn contains(&self, assertion: &Assertion, min: u64, max: Option<u64>, schema: &mut Schema) {
        let mut members = vec![
            ("contains", self.text_of(assertion)),
            ("minContains", min.to_string()),
        ];
        members.extend(max.map(|max| ("maxContains", max.to_string())));
        schema.add_all(members);
    }

    /// `additionalProperties` applies to the members that `properties` and `patternProperties` of the same schema do not
    /// name.
    fn additional(
        &self,
        names: &[String],
        patterns: &[Regex],
        assertion: &Assertion,
        schema: &mut Schema,
    ) {
        let mut members = vec![("additionalProperties", self.text_of(assertion))];
        if !names.is_empty() {
            let names = names.iter().map(|name| (name.as_str(), "true".to_owned()));
            members.push(("properties", object(names)));
        }
        if !patterns.is_empty() {
            let patterns = patterns.iter();
            let patterns = patterns.map(|regex| (&*regex.linear, "true".to_owned()));
            members.push(("patternProperties", object(patterns)));
        }
        let apart = members.len() > 1;
        schema.add_apart(members, apart);
    }

    fn dynamic(&self, anchor: &str, assertion: &Name, schema: &mut Schema) {
        let resource = self.resource_of(assertion);
        let has_anchor = |name: &&Name| {
            let resource = self.resources.get(name);
            resource.is_some_and(|resource| resource.anchors.iter().any(|(own, _)| own == anchor))
        };
        match resource.filter(has_anchor) {
            Some(resource) => {
                let reference = format!("{}#{anchor}", identifier(resource));
                schema.add("$dynamicRef", json(&reference));
            }
            None => schema.add("$ref", json(&self.reference(assertion))),
        }
    }
}

/// The location of the document, as the runtime names it.
const ROOT: &str = "mem:///assertions.json";

/// The identifier of a resource.
fn identifier(resource: &Name) -> String {
    format!("mem:///{resource}.json")
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("texts and lists are JSON")
}

fn object<'t>(members: impl IntoIterator<Item = (&'t str, String)>) -> String {
    let members = members.into_iter();
    let members = members.map(|(key, value)| format!("{}: {value}", json(key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// A schema under construction. A keyword that it already contains moves to `allOf`.
#[derive(Default)]
struct Schema {
    members: Vec<(&'static str, String)>,
    apart: Vec<String>,
}

impl Schema {
    fn add(&mut self, key: &'static str, value: String) {
        self.add_all(vec![(key, value)]);
    }

    /// Adds keywords that belong together.
    fn add_all(&mut self, members: Vec<(&'static str, String)>) {
        self.add_apart(members, false);
    }

    /// Adds keywords that belong together, in a schema of their own if `apart`.
    fn add_apart(&mut self, members: Vec<(&'static str, String)>, apart: bool) {
        let has = |key: &str| key == "allOf" || self.members.iter().any(|(own, _)| *own == key);
        if apart || members.iter().any(|(key, _)| has(key)) {
            self.apart.push(object(members));
        } else {
            self.members.extend(members);
        }
    }

    fn text(&self) -> String {
        let mut members = self.members.clone();
        if !self.apart.is_empty() {
            members.push(("allOf", format!("[{}]", self.apart.join(", "))));
        }
        object(members)
    }
}
