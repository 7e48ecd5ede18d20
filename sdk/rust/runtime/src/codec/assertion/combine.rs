//! Keywords that apply other rules to the same value.

use crate::codec::json::Json;

use super::judge::{Judge, Refusal, Verdict};
use super::marks::Marks;
use super::{Keyword, Rule};

impl Judge<'_> {
    pub(super) fn combination(
        &mut self,
        keyword: &'static Keyword,
        json: &Json<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        match keyword {
            Keyword::AllOf(rules) => rules
                .iter()
                .try_for_each(|rule| self.apply(rule, json, marks.as_deref_mut())),
            Keyword::AnyOf(rules) => self.any_of(rules, json, marks),
            Keyword::OneOf(rules) => self.one_of(rules, json, marks),
            Keyword::Not(rule) => {
                let holds = self.holds(rule, json, None)?;
                self.expect(!holds, || "expected a value that `not` allows".to_owned())
            }
            Keyword::If {
                condition,
                then,
                otherwise,
            } => {
                let holds = self.branch(condition, json, marks.as_deref_mut())?;
                match if holds { then } else { otherwise } {
                    Some(rule) => self.apply(rule, json, marks),
                    None => Ok(()),
                }
            }
            Keyword::Ref(rule) => self.apply(rule, json, marks),
            Keyword::DynamicRef { anchor, rule } => {
                self.apply(self.dynamic(anchor, rule), json, marks)
            }
            _ => Ok(()),
        }
    }

    fn any_of(
        &mut self,
        rules: &'static [Rule],
        json: &Json<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        let mut is_any = false;
        for rule in rules {
            is_any |= self.branch(rule, json, marks.as_deref_mut())?;
            // Only who asks what was looked at needs the other branches.
            if is_any && marks.is_none() {
                return Ok(());
            }
        }
        self.expect(is_any, || {
            format!(
                "expected a value that one of {} schemas allows",
                rules.len()
            )
        })
    }

    fn one_of(
        &mut self,
        rules: &'static [Rule],
        json: &Json<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        let mut count = 0;
        for rule in rules {
            count += u32::from(self.branch(rule, json, marks.as_deref_mut())?);
            if count > 1 {
                break;
            }
        }
        self.expect(count == 1, || {
            format!(
                "expected a value that exactly one of {} schemas allows",
                rules.len()
            )
        })
    }

    /// Whether a value obeys a rule; what the rule looked at counts only if it does.
    fn branch(
        &mut self,
        rule: &'static Rule,
        json: &Json<'_>,
        marks: Option<&mut Marks>,
    ) -> Result<bool, Refusal> {
        let Some(marks) = marks else {
            return self.holds(rule, json, None);
        };
        let mut own = Marks::over(json);
        let holds = self.holds(rule, json, Some(&mut own))?;
        if holds {
            marks.add(&own);
        }
        Ok(holds)
    }
}
