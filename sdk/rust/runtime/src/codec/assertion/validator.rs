//! The validator: applies an assertion to a value.

use std::slice;

use crate::codec::json::ValueRef;
use crate::codec::violation::Violation;

use super::evaluated::Evaluated;
use super::keyword::{Assertion, Keyword, Resource};
use super::reason;

/// The maximum number of nested assertions. It stops a schema that refers to itself for the same value. It also stops a
/// deeply nested value if the schema needs too many assertions per level.
const DEPTH: u32 = 512;

/// The number of steps for any value.
const STEPS: u64 = 100_000;

/// The number of additional steps for each unit of [`weight`].
const STEPS_FOR_EACH: u64 = 100;

/// The reason why an assertion did not accept a value.
pub(super) enum Refusal {
    /// The value violates the assertion.
    Broken(Violation),
    /// The value violates the assertion, and the details are not required.
    Silent,
    /// A limit was exceeded, so the validity of the value is unknown.
    Exhausted(Violation),
}

impl Refusal {
    /// Adds the member or item `token` of the container to the pointer.
    pub(super) fn inside(self, token: &str) -> Self {
        match self {
            Self::Broken(violation) => Self::Broken(violation.inside(token)),
            Self::Silent | Self::Exhausted(_) => self,
        }
    }

    /// Adds the `index` of the array to the pointer.
    pub(super) fn at(self, index: usize) -> Self {
        match self {
            Self::Broken(violation) => Self::Broken(violation.inside(&index.to_string())),
            Self::Silent | Self::Exhausted(_) => self,
        }
    }

    /// Converts a violation of a member's name to a violation of the object.
    pub(super) fn of_name(self) -> Self {
        match self {
            Self::Broken(violation) => {
                let reason = format!("{} as the name of each member", violation.reason());
                Self::Broken(Violation::new(reason))
            }
            Self::Silent | Self::Exhausted(_) => self,
        }
    }
}

/// The result of an assertion for a value.
pub(super) type Verdict = Result<(), Refusal>;

/// The state of a validation.
pub(super) struct Validator<'s, 'j> {
    /// The complete value.
    root: &'j ValueRef<'j>,
    /// The schema resources of the dynamic scope, outermost first.
    scope: Vec<&'s Resource<'s>>,
    depth: u32,
    steps: u64,
    limit: u64,
    /// Whether the details of a violation are not required.
    is_silent: bool,
}

impl Assertion<'_> {
    /// Validates a value.
    ///
    /// The work is bounded: at most 100,000 steps and 100 for each value, member and 16 bytes of text in `json`, and at
    /// most 512 nested assertions.
    ///
    /// # Errors
    /// The first violation: the pointer of the invalid value and the expected value, never the value itself. If a
    /// bound is exceeded, the pointer is empty, because the value's validity is unknown.
    pub fn validate(&self, json: &ValueRef<'_>) -> Result<(), Violation> {
        Validator::new(json).run(self, json)
    }
}

impl<'s, 'j> Validator<'s, 'j> {
    pub(super) fn new(root: &'j ValueRef<'j>) -> Self {
        Self {
            root,
            scope: Vec::new(),
            depth: 0,
            steps: 0,
            limit: STEPS,
            is_silent: false,
        }
    }

    pub(super) fn run(
        mut self,
        assertion: &Assertion<'s>,
        json: &ValueRef<'_>,
    ) -> Result<(), Violation> {
        match self.apply(assertion, json, None) {
            Ok(()) => Ok(()),
            Err(Refusal::Broken(violation) | Refusal::Exhausted(violation)) => Err(violation),
            Err(Refusal::Silent) => Err(Violation::new(reason::NOTHING)),
        }
    }

    /// Applies an assertion to a value. Adds the evaluated items or members to `evaluated`.
    pub(super) fn apply(
        &mut self,
        assertion: &Assertion<'s>,
        json: &ValueRef<'_>,
        evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        self.spend(width(json))?;
        if self.depth == DEPTH {
            let reason = format!(
                "expected a value validated by at most {DEPTH} assertions inside each other"
            );
            return Err(Refusal::Exhausted(Violation::new(reason)));
        }
        self.depth += 1;
        let scopes = self.scope.len();
        self.scope.extend(assertion.resource);
        let verdict = self.keywords(assertion.keywords, json, evaluated);
        self.scope.truncate(scopes);
        self.depth -= 1;
        verdict
    }

    /// Returns true if a value satisfies an assertion.
    pub(super) fn is_valid(
        &mut self,
        assertion: &Assertion<'s>,
        json: &ValueRef<'_>,
        evaluated: Option<&mut Evaluated>,
    ) -> Result<bool, Refusal> {
        let was_silent = std::mem::replace(&mut self.is_silent, true);
        let verdict = self.apply(assertion, json, evaluated);
        self.is_silent = was_silent;
        match verdict {
            Ok(()) => Ok(true),
            Err(Refusal::Exhausted(violation)) => Err(Refusal::Exhausted(violation)),
            Err(Refusal::Broken(_) | Refusal::Silent) => Ok(false),
        }
    }

    /// Refuses the current value unless `is_right` is true.
    pub(super) fn expect(&self, is_right: bool, reason: impl FnOnce() -> String) -> Verdict {
        if is_right {
            return Ok(());
        }
        Err(if self.is_silent {
            Refusal::Silent
        } else {
            Refusal::Broken(Violation::new(reason()))
        })
    }

    /// Returns the assertion that a `$dynamicRef` resolves to.
    pub(super) fn dynamic(&self, anchor: &str, assertion: &'s Assertion<'s>) -> &'s Assertion<'s> {
        let named = |resource: &&'s Resource<'s>| {
            let mut anchors = resource.anchors.iter();
            anchors.find(|(name, _)| *name == anchor)
        };
        self.scope
            .iter()
            .find_map(named)
            .map_or(assertion, |(_, assertion)| assertion)
    }

    /// Counts steps.
    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Refusal> {
        self.steps += steps;
        if self.steps > self.limit && self.limit == STEPS {
            // Few values need so many steps, so the weight is computed only now.
            self.limit += weight(slice::from_ref(self.root)).saturating_mul(STEPS_FOR_EACH);
        }
        if self.steps > self.limit {
            let reason = format!("expected a value validated in at most {} steps", self.limit);
            return Err(Refusal::Exhausted(Violation::new(reason)));
        }
        Ok(())
    }
}

impl<'s> Validator<'s, '_> {
    /// Validates the keywords of a schema.
    fn keywords(
        &mut self,
        keywords: &'s [Keyword<'s>],
        json: &ValueRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        if !keywords.iter().any(Keyword::uses_evaluated) {
            return keywords
                .iter()
                .try_for_each(|keyword| self.keyword(keyword, json, evaluated.as_deref_mut()));
        }
        // `unevaluated*` depends on the keywords of this schema, not on the outer schemas.
        let mut own = Evaluated::over(json);
        for keyword in keywords {
            self.keyword(keyword, json, Some(&mut own))?;
        }
        if let Some(evaluated) = evaluated {
            evaluated.add(&own);
        }
        Ok(())
    }

    fn keyword(
        &mut self,
        keyword: &'s Keyword<'s>,
        json: &ValueRef<'_>,
        evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        match keyword {
            Keyword::Never => self.expect(false, || reason::NOTHING.to_owned()),
            Keyword::Type(_) | Keyword::Const(_) | Keyword::Enum(_) => self.any(keyword, json),
            Keyword::Minimum(_)
            | Keyword::Maximum(_)
            | Keyword::ExclusiveMinimum(_)
            | Keyword::ExclusiveMaximum(_)
            | Keyword::MultipleOf(_) => match json {
                ValueRef::Number(number) => self.number(keyword, *number),
                _ => Ok(()),
            },
            Keyword::MinLength(_)
            | Keyword::MaxLength(_)
            | Keyword::Pattern(_)
            | Keyword::Format(_) => match json {
                ValueRef::Text(text) => self.text(keyword, text),
                _ => Ok(()),
            },
            Keyword::PrefixItems(_)
            | Keyword::Items { .. }
            | Keyword::Contains { .. }
            | Keyword::MinItems(_)
            | Keyword::MaxItems(_)
            | Keyword::UniqueItems
            | Keyword::UnevaluatedItems(_) => match json {
                ValueRef::Array(items) => self.list(keyword, items, evaluated),
                _ => Ok(()),
            },
            Keyword::Properties(_)
            | Keyword::PatternProperties(_)
            | Keyword::AdditionalProperties { .. }
            | Keyword::Required(_)
            | Keyword::PropertyNames(_)
            | Keyword::MinProperties(_)
            | Keyword::MaxProperties(_)
            | Keyword::DependentRequired(_)
            | Keyword::DependentSchemas(_)
            | Keyword::UnevaluatedProperties(_) => match json {
                ValueRef::Object(_) => self.object(keyword, json, evaluated),
                _ => Ok(()),
            },
            Keyword::AllOf(_)
            | Keyword::AnyOf(_)
            | Keyword::OneOf(_)
            | Keyword::Not(_)
            | Keyword::If { .. }
            | Keyword::Forward(_)
            | Keyword::Ref(_)
            | Keyword::DynamicRef { .. } => self.combination(keyword, json, evaluated),
        }
    }
}

/// Returns the cost of a direct inspection of a value, without its content.
fn width(json: &ValueRef<'_>) -> u64 {
    let inside = match json {
        ValueRef::Text(text) => text.len() / 16,
        ValueRef::Array(items) => items.len(),
        ValueRef::Object(members) => members.len(),
        ValueRef::Null | ValueRef::Bool(_) | ValueRef::Number(_) => 0,
    };
    1 + inside as u64
}

/// Returns the cost of an inspection of values with their complete content.
pub(super) fn weight(values: &[ValueRef<'_>]) -> u64 {
    let mut weight = 0;
    let mut left: Vec<&ValueRef<'_>> = values.iter().collect();
    while let Some(json) = left.pop() {
        weight += width(json);
        match json {
            ValueRef::Array(items) => left.extend(items),
            ValueRef::Object(members) => left.extend(members.values()),
            ValueRef::Null | ValueRef::Bool(_) | ValueRef::Number(_) | ValueRef::Text(_) => {}
        }
    }
    weight
}
