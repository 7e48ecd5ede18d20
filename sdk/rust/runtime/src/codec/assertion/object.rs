//! Keywords for objects.

use std::borrow::Cow;

use crate::codec::json::{MapRef, ValueRef};
use crate::codec::reason::{at_least, at_most, member};

use super::evaluated::Evaluated;
use super::keyword::{Assertion, Keyword};
use super::reason;
use super::regex::Regex;
use super::validator::{Refusal, Validator, Verdict};

impl<'s> Validator<'s, '_> {
    /// Validates a keyword for the object `json`.
    pub(super) fn object(
        &mut self,
        keyword: &'s Keyword<'s>,
        json: &ValueRef<'_>,
        evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        let ValueRef::Object(members) = json else {
            return Ok(());
        };
        let count = members.len() as u64;
        match keyword {
            Keyword::MinProperties(min) => self.expect(count >= *min, || at_least(*min, "members")),
            Keyword::MaxProperties(max) => self.expect(count <= *max, || at_most(*max, "members")),
            Keyword::Required(names) => names
                .iter()
                .try_for_each(|name| self.expect(members.get(name).is_some(), || member(name))),
            Keyword::DependentRequired(groups) => groups
                .iter()
                .filter(|(name, _)| members.get(name).is_some())
                .try_for_each(|(name, others)| self.beside(name, others, members)),
            Keyword::DependentSchemas(assertions) => {
                self.dependent(assertions, members, json, evaluated)
            }
            Keyword::PropertyNames(assertion) => self.names(assertion, members),
            _ => self.members(keyword, members, evaluated),
        }
    }

    fn beside(&self, name: &str, others: &[&str], members: &MapRef<'_>) -> Verdict {
        others.iter().try_for_each(|other| {
            self.expect(members.get(other).is_some(), || {
                format!("expected a member `{other}` beside `{name}`")
            })
        })
    }

    fn dependent(
        &mut self,
        assertions: &'s [(&'s str, Assertion<'s>)],
        members: &MapRef<'_>,
        json: &ValueRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        for (name, assertion) in assertions {
            if members.get(name).is_some() {
                self.apply(assertion, json, evaluated.as_deref_mut())?;
            }
        }
        Ok(())
    }

    /// Validates the names of members. An invalid name is reported at the object, because a name has no pointer.
    fn names(&mut self, assertion: &'s Assertion<'s>, members: &MapRef<'_>) -> Verdict {
        for (name, _) in members.iter() {
            let name = ValueRef::Text(Cow::Borrowed(name));
            self.apply(assertion, &name, None)
                .map_err(Refusal::of_name)?;
        }
        Ok(())
    }

    /// Validates a keyword for the values of members.
    fn members(
        &mut self,
        keyword: &'s Keyword<'s>,
        members: &MapRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        for (index, (name, value)) in members.iter().enumerate() {
            let is_validated = match keyword {
                Keyword::Properties(assertions) => self.property(assertions, name, value)?,
                Keyword::PatternProperties(assertions) => self.matching(assertions, name, value)?,
                Keyword::AdditionalProperties {
                    names,
                    patterns,
                    assertion,
                } if !names.contains(&name) && !patterns.iter().any(|any| any.finds(name)) => {
                    self.other(assertion, name, value, || reason::members(names, patterns))?
                }
                Keyword::UnevaluatedProperties(assertion)
                    if evaluated
                        .as_ref()
                        .is_some_and(|evaluated| !evaluated.has(index)) =>
                {
                    self.unseen(assertion, name, value)?
                }
                _ => false,
            };
            if let (true, Some(evaluated)) = (is_validated, &mut evaluated) {
                evaluated.mark(index);
            }
        }
        Ok(())
    }

    fn property(
        &mut self,
        assertions: &'s [(&'s str, Assertion<'s>)],
        name: &str,
        value: &ValueRef<'_>,
    ) -> Result<bool, Refusal> {
        match assertions.iter().find(|(key, _)| *key == name) {
            Some((_, assertion)) => self.member(assertion, name, value),
            None => Ok(false),
        }
    }

    fn matching(
        &mut self,
        assertions: &'s [(Regex<'s>, Assertion<'s>)],
        name: &str,
        value: &ValueRef<'_>,
    ) -> Result<bool, Refusal> {
        let mut is_validated = false;
        for (pattern, assertion) in assertions {
            if pattern.finds(name) {
                is_validated = self.member(assertion, name, value)?;
            }
        }
        Ok(is_validated)
    }

    /// Validates a member that no other keyword knows. If such members are not allowed, the violation is reported at
    /// the object, and `known` lists the allowed members.
    fn other(
        &mut self,
        assertion: &'s Assertion<'s>,
        name: &str,
        value: &ValueRef<'_>,
        known: impl FnOnce() -> String,
    ) -> Result<bool, Refusal> {
        if assertion.is_never() {
            self.expect(false, known)?;
        }
        self.member(assertion, name, value)
    }

    /// Validates an unevaluated member. An invalid member makes the object invalid.
    fn unseen(
        &mut self,
        assertion: &'s Assertion<'s>,
        name: &str,
        value: &ValueRef<'_>,
    ) -> Result<bool, Refusal> {
        let holds = self.is_valid(assertion, value, None)?;
        self.expect(holds, || {
            if assertion.is_never() {
                format!("expected no member `{name}`")
            } else {
                format!("expected what `unevaluatedProperties` asks for in `{name}`")
            }
        })?;
        Ok(true)
    }

    /// Validates the member `name`. Returns true, because the member is now evaluated.
    fn member(
        &mut self,
        assertion: &'s Assertion<'s>,
        name: &str,
        value: &ValueRef<'_>,
    ) -> Result<bool, Refusal> {
        self.apply(assertion, value, None)
            .map_err(|refusal| refusal.inside(name))?;
        Ok(true)
    }
}
