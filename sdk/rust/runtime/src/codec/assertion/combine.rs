//! Keywords that apply other assertions to the same value.

use crate::codec::json::ValueRef;

use super::evaluated::Evaluated;
use super::keyword::{Assertion, Keyword};
use super::reason;
use super::validator::{Refusal, Validator, Verdict};

impl<'s> Validator<'s, '_> {
    pub(super) fn combination(
        &mut self,
        keyword: &'s Keyword<'s>,
        json: &ValueRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        match keyword {
            Keyword::AllOf(assertions) => assertions
                .iter()
                .try_for_each(|assertion| self.apply(assertion, json, evaluated.as_deref_mut())),
            Keyword::AnyOf(assertions) => self.any_of(assertions, json, evaluated),
            Keyword::OneOf(assertions) => self.one_of(assertions, json, evaluated),
            Keyword::Not(assertion) => {
                let holds = self.is_valid(assertion, json, None)?;
                self.expect(!holds, || "expected a value that `not` allows".to_owned())
            }
            Keyword::If {
                condition,
                then,
                otherwise,
            } => {
                let holds = self.branch(condition, json, evaluated.as_deref_mut())?;
                match if holds { then } else { otherwise } {
                    Some(assertion) => self.apply(assertion, json, evaluated),
                    None => Ok(()),
                }
            }
            Keyword::Forward(slot) => match slot.get() {
                Some(assertion) => self.apply(assertion, json, evaluated),
                None => self.expect(false, || reason::NOTHING.to_owned()),
            },
            Keyword::Ref(assertion) => self.apply(assertion, json, evaluated),
            Keyword::DynamicRef { anchor, assertion } => {
                self.apply(self.dynamic(anchor, assertion), json, evaluated)
            }
            _ => Ok(()),
        }
    }

    fn any_of(
        &mut self,
        assertions: &'s [Assertion<'s>],
        json: &ValueRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        let mut is_any = false;
        for assertion in assertions {
            is_any |= self.branch(assertion, json, evaluated.as_deref_mut())?;
            // The other branches matter only if the evaluated members or items are required.
            if is_any && evaluated.is_none() {
                return Ok(());
            }
        }
        self.expect(is_any, || {
            format!(
                "expected a value that one of {} schemas allows",
                assertions.len()
            )
        })
    }

    fn one_of(
        &mut self,
        assertions: &'s [Assertion<'s>],
        json: &ValueRef<'_>,
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        let mut count = 0;
        for assertion in assertions {
            count += u32::from(self.branch(assertion, json, evaluated.as_deref_mut())?);
            if count > 1 {
                break;
            }
        }
        self.expect(count == 1, || {
            format!(
                "expected a value that exactly one of {} schemas allows",
                assertions.len()
            )
        })
    }

    /// Returns true if a value satisfies an assertion. Members and items count as evaluated only in this case.
    fn branch(
        &mut self,
        assertion: &'s Assertion<'s>,
        json: &ValueRef<'_>,
        evaluated: Option<&mut Evaluated>,
    ) -> Result<bool, Refusal> {
        let Some(evaluated) = evaluated else {
            return self.is_valid(assertion, json, None);
        };
        let mut own = Evaluated::over(json);
        let holds = self.is_valid(assertion, json, Some(&mut own))?;
        if holds {
            evaluated.add(&own);
        }
        Ok(holds)
    }
}
