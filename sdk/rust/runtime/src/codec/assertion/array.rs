//! Keywords for arrays.

use crate::codec::json::ValueRef;
use crate::codec::reason::{at_least, at_most};

use super::evaluated::Evaluated;
use super::keyword::{Assertion, Keyword};
use super::unique::are_unique;
use super::validator::{Refusal, Validator, Verdict, weight};

impl<'s> Validator<'s, '_> {
    pub(super) fn list(
        &mut self,
        keyword: &'s Keyword<'s>,
        items: &[ValueRef<'_>],
        evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        let count = items.len() as u64;
        match keyword {
            Keyword::PrefixItems(assertions) => self.prefix(assertions, items, evaluated),
            Keyword::Items { after, assertion } => self.rest(*after, assertion, items, evaluated),
            Keyword::Contains {
                assertion,
                min,
                max,
            } => {
                let found = self.count_matches(assertion, items, evaluated)?;
                self.expect(found >= *min, || {
                    at_least(*min, "items that `contains` asks for")
                })?;
                self.expect(max.is_none_or(|max| found <= max), || {
                    at_most(max.unwrap_or_default(), "items that `contains` asks for")
                })
            }
            Keyword::MinItems(min) => self.expect(count >= *min, || at_least(*min, "items")),
            Keyword::MaxItems(max) => self.expect(count <= *max, || at_most(*max, "items")),
            Keyword::UniqueItems => {
                // The only keyword that inspects more than the direct content of the value.
                self.spend(weight(items))?;
                self.expect(are_unique(items), || {
                    "expected items that differ from each other".to_owned()
                })
            }
            Keyword::UnevaluatedItems(assertion) => self.unseen_items(assertion, items, evaluated),
            _ => Ok(()),
        }
    }

    fn prefix(
        &mut self,
        assertions: &'s [Assertion<'s>],
        items: &[ValueRef<'_>],
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        for (index, (assertion, item)) in assertions.iter().zip(items).enumerate() {
            self.item(assertion, index, item)?;
            if let Some(evaluated) = &mut evaluated {
                evaluated.mark(index);
            }
        }
        Ok(())
    }

    fn rest(
        &mut self,
        after: usize,
        assertion: &'s Assertion<'s>,
        items: &[ValueRef<'_>],
        mut evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        for (index, item) in items.iter().enumerate().skip(after) {
            if assertion.is_never() {
                let verdict = self.expect(false, || at_most(after as u64, "items"));
                return verdict.map_err(|refusal| refusal.at(index));
            }
            self.item(assertion, index, item)?;
            if let Some(evaluated) = &mut evaluated {
                evaluated.mark(index);
            }
        }
        Ok(())
    }

    fn count_matches(
        &mut self,
        assertion: &'s Assertion<'s>,
        items: &[ValueRef<'_>],
        mut evaluated: Option<&mut Evaluated>,
    ) -> Result<u64, Refusal> {
        let mut found = 0;
        for (index, item) in items.iter().enumerate() {
            if self.is_valid(assertion, item, None)? {
                found += 1;
                if let Some(evaluated) = &mut evaluated {
                    evaluated.mark(index);
                }
            }
        }
        Ok(found)
    }

    fn unseen_items(
        &mut self,
        assertion: &'s Assertion<'s>,
        items: &[ValueRef<'_>],
        evaluated: Option<&mut Evaluated>,
    ) -> Verdict {
        let Some(evaluated) = evaluated else {
            return Ok(());
        };
        for (index, item) in items.iter().enumerate() {
            if !evaluated.has(index) {
                self.unseen_item(assertion, index, item)?;
                evaluated.mark(index);
            }
        }
        Ok(())
    }

    /// Validates an unevaluated item. An invalid item makes the array invalid.
    fn unseen_item(
        &mut self,
        assertion: &'s Assertion<'s>,
        index: usize,
        item: &ValueRef<'_>,
    ) -> Verdict {
        let holds = self.is_valid(assertion, item, None)?;
        self.expect(holds, || {
            if assertion.is_never() {
                format!("expected no item at {index}")
            } else {
                format!("expected what `unevaluatedItems` asks for at {index}")
            }
        })
    }

    fn item(&mut self, assertion: &'s Assertion<'s>, index: usize, item: &ValueRef<'_>) -> Verdict {
        self.apply(assertion, item, None)
            .map_err(|refusal| refusal.at(index))
    }
}
