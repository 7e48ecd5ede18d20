//! Keywords about lists.

use crate::codec::json::Json;
use crate::codec::reason::{at_least, at_most};

use super::judge::{Judge, Refusal, Verdict, weight};
use super::marks::Marks;
use super::unique::are_unique;
use super::{Keyword, Rule};

impl Judge<'_> {
    pub(super) fn list(
        &mut self,
        keyword: &'static Keyword,
        items: &[Json<'_>],
        marks: Option<&mut Marks>,
    ) -> Verdict {
        let count = items.len() as u64;
        match keyword {
            Keyword::PrefixItems(rules) => self.prefix(rules, items, marks),
            Keyword::Items { after, rule } => self.rest(*after, rule, items, marks),
            Keyword::Contains { rule, min, max } => {
                let found = self.count_matches(rule, items, marks)?;
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
                // The one keyword that looks at more than the value's own width.
                self.spend(weight(items))?;
                self.expect(are_unique(items), || {
                    "expected items that differ from each other".to_owned()
                })
            }
            Keyword::UnevaluatedItems(rule) => self.unseen_items(rule, items, marks),
            _ => Ok(()),
        }
    }

    fn prefix(
        &mut self,
        rules: &'static [Rule],
        items: &[Json<'_>],
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, (rule, item)) in rules.iter().zip(items).enumerate() {
            self.item(rule, index, item)?;
            if let Some(marks) = &mut marks {
                marks.mark(index);
            }
        }
        Ok(())
    }

    fn rest(
        &mut self,
        after: usize,
        rule: &'static Rule,
        items: &[Json<'_>],
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, item) in items.iter().enumerate().skip(after) {
            if rule.is_never() {
                let verdict = self.expect(false, || at_most(after as u64, "items"));
                return verdict.map_err(|refusal| refusal.at(index));
            }
            self.item(rule, index, item)?;
            if let Some(marks) = &mut marks {
                marks.mark(index);
            }
        }
        Ok(())
    }

    fn count_matches(
        &mut self,
        rule: &'static Rule,
        items: &[Json<'_>],
        mut marks: Option<&mut Marks>,
    ) -> Result<u64, Refusal> {
        let mut found = 0;
        for (index, item) in items.iter().enumerate() {
            if self.holds(rule, item, None)? {
                found += 1;
                if let Some(marks) = &mut marks {
                    marks.mark(index);
                }
            }
        }
        Ok(found)
    }

    fn unseen_items(
        &mut self,
        rule: &'static Rule,
        items: &[Json<'_>],
        marks: Option<&mut Marks>,
    ) -> Verdict {
        let Some(marks) = marks else { return Ok(()) };
        for (index, item) in items.iter().enumerate() {
            if !marks.has(index) {
                self.unseen_item(rule, index, item)?;
                marks.mark(index);
            }
        }
        Ok(())
    }

    /// Judges an item that no other keyword looked at. One that is wrong makes the list wrong.
    fn unseen_item(&mut self, rule: &'static Rule, index: usize, item: &Json<'_>) -> Verdict {
        let holds = self.holds(rule, item, None)?;
        self.expect(holds, || {
            if rule.is_never() {
                format!("expected no item at {index}")
            } else {
                format!("expected what `unevaluatedItems` asks for at {index}")
            }
        })
    }

    fn item(&mut self, rule: &'static Rule, index: usize, item: &Json<'_>) -> Verdict {
        self.apply(rule, item, None)
            .map_err(|refusal| refusal.at(index))
    }
}
