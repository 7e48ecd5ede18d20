//! The validate: walks a assertion and a value side by side.

use std::slice;

use crate::codec::json::ValueRef;
use crate::codec::violation::Violation;

use super::evaluated::Evaluated;
use super::keyword::{Assertion, Keyword, Resource};
use super::reason;

/// How many assertions may stand inside each other. A schema that refers to itself without going deeper into the value ends
/// here, and so does a value nested as deep as the reader allows under a schema that needs too many assertions a level.
const DEPTH: u32 = 512;

/// Steps that any value may cost.
const STEPS: u64 = 100_000;

/// Steps that each unit of [`weight`] may cost beyond them.
const STEPS_FOR_EACH: u64 = 100;

/// Why a assertion did not find a value right.
pub(super) enum Refusal {
    /// The value breaks the assertion.
    Broken(Violation),
    /// The value breaks the assertion, and nobody wants to know how.
    Silent,
    /// A bound was exceeded: nothing is known of the value.
    Exhausted(Violation),
}

impl Refusal {
    /// The same refusal, seen from the container that has the value as `token`.
    pub(super) fn inside(self, token: &str) -> Self {
        match self {
            Self::Broken(violation) => Self::Broken(violation.inside(token)),
            Self::Silent | Self::Exhausted(_) => self,
        }
    }

    /// The same refusal, seen from the list that has the value at `index`.
    pub(super) fn at(self, index: usize) -> Self {
        match self {
            Self::Broken(violation) => Self::Broken(violation.inside(&index.to_string())),
            Self::Silent | Self::Exhausted(_) => self,
        }
    }

    /// The same refusal, seen from the object that has a member of this name.
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

/// What a assertion says of a value.
pub(super) type Verdict = Result<(), Refusal>;

/// Where an assertion is applied: by which validate, on which way, for whom.
pub(super) struct Validator<'s, 'j> {
    /// The whole value.
    root: &'j ValueRef<'j>,
    /// The schema resources on the way to the current assertion, outermost first.
    scope: Vec<&'s Resource<'s>>,
    depth: u32,
    steps: u64,
    limit: u64,
    /// Whether a refusal need not say why.
    is_silent: bool,
}

impl Assertion<'_> {
    /// Validates a value.
    ///
    /// The work is bounded: at most 100,000 steps and 100 for each value, member and 16 bytes of text in `json`, and at
    /// most 512 nested assertions.
    ///
    /// # Errors
    /// The first violation: the pointer of the invalid value and what is expected there, never the value itself. If a
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

    /// Applies a assertion to a value. What the assertion looked at is added to `evaluated`, if anybody asks for it.
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

    /// Whether a value obeys a assertion.
    pub(super) fn holds(
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

    /// Refuses the current value unless `is_right`.
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

    /// The assertion that a `$dynamicRef` leads to.
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
            // Few values come so far, so the whole is weighed only now.
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
    /// Validates the keywords of one schema.
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
        // `unevaluated*` asks what this schema looked at, not what the ones around it did.
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

/// What it costs to look at a value once, without what is in it.
fn width(json: &ValueRef<'_>) -> u64 {
    let inside = match json {
        ValueRef::Text(text) => text.len() / 16,
        ValueRef::Array(items) => items.len(),
        ValueRef::Object(members) => members.len(),
        ValueRef::Null | ValueRef::Bool(_) | ValueRef::Number(_) => 0,
    };
    1 + inside as u64
}

/// What it costs to look once at values and all that is in them.
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
