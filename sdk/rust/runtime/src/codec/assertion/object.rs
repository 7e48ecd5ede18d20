//! Keywords about objects.

use std::borrow::Cow;

use crate::codec::json::{Json, Object};
use crate::codec::reason::{at_least, at_most, member};

use super::judge::{Judge, Refusal, Verdict};
use super::marks::Marks;
use super::{Keyword, Regex, Rule, reason};

impl Judge<'_> {
    /// Judges a keyword about the object `json`.
    pub(super) fn object(
        &mut self,
        keyword: &'static Keyword,
        json: &Json<'_>,
        marks: Option<&mut Marks>,
    ) -> Verdict {
        let Json::Object(members) = json else {
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
            Keyword::DependentSchemas(rules) => self.dependent(rules, members, json, marks),
            Keyword::PropertyNames(rule) => self.names(rule, members),
            _ => self.members(keyword, members, marks),
        }
    }

    fn beside(&self, name: &str, others: &[&str], members: &Object<'_>) -> Verdict {
        others.iter().try_for_each(|other| {
            self.expect(members.get(other).is_some(), || {
                format!("expected a member `{other}` beside `{name}`")
            })
        })
    }

    fn dependent(
        &mut self,
        rules: &'static [(&'static str, Rule)],
        members: &Object<'_>,
        json: &Json<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (name, rule) in rules {
            if members.get(name).is_some() {
                self.apply(rule, json, marks.as_deref_mut())?;
            }
        }
        Ok(())
    }

    /// Judges the names of members. One that is wrong has no pointer, so it is the object that is wrong.
    fn names(&mut self, rule: &'static Rule, members: &Object<'_>) -> Verdict {
        for (name, _) in members.iter() {
            let name = Json::Text(Cow::Borrowed(name));
            self.apply(rule, &name, None).map_err(Refusal::of_name)?;
        }
        Ok(())
    }

    /// Judges a keyword about the values of members.
    fn members(
        &mut self,
        keyword: &'static Keyword,
        members: &Object<'_>,
        mut marks: Option<&mut Marks>,
    ) -> Verdict {
        for (index, (name, value)) in members.iter().enumerate() {
            let is_judged = match keyword {
                Keyword::Properties(rules) => self.property(rules, name, value)?,
                Keyword::PatternProperties(rules) => self.matching(rules, name, value)?,
                Keyword::AdditionalProperties {
                    names,
                    patterns,
                    rule,
                } if !names.contains(&name) && !patterns.iter().any(|any| any.finds(name)) => {
                    self.other(rule, name, value, || reason::members(names, patterns))?
                }
                Keyword::UnevaluatedProperties(rule)
                    if marks.as_ref().is_some_and(|marks| !marks.has(index)) =>
                {
                    self.unseen(rule, name, value)?
                }
                _ => false,
            };
            if let (true, Some(marks)) = (is_judged, &mut marks) {
                marks.mark(index);
            }
        }
        Ok(())
    }

    fn property(
        &mut self,
        rules: &'static [(&'static str, Rule)],
        name: &str,
        value: &Json<'_>,
    ) -> Result<bool, Refusal> {
        match rules.iter().find(|(key, _)| *key == name) {
            Some((_, rule)) => self.member(rule, name, value),
            None => Ok(false),
        }
    }

    fn matching(
        &mut self,
        rules: &'static [(Regex, Rule)],
        name: &str,
        value: &Json<'_>,
    ) -> Result<bool, Refusal> {
        let mut is_judged = false;
        for (pattern, rule) in rules {
            if pattern.finds(name) {
                is_judged = self.member(rule, name, value)?;
            }
        }
        Ok(is_judged)
    }

    /// Judges a member that no other keyword knows. Where there may be none, it is the object that is wrong, and `known`
    /// says which ones are known.
    fn other(
        &mut self,
        rule: &'static Rule,
        name: &str,
        value: &Json<'_>,
        known: impl FnOnce() -> String,
    ) -> Result<bool, Refusal> {
        if rule.is_never() {
            self.expect(false, known)?;
        }
        self.member(rule, name, value)
    }

    /// Judges a member that no other keyword looked at. One that is wrong makes the object wrong.
    fn unseen(
        &mut self,
        rule: &'static Rule,
        name: &str,
        value: &Json<'_>,
    ) -> Result<bool, Refusal> {
        let holds = self.holds(rule, value, None)?;
        self.expect(holds, || {
            if rule.is_never() {
                format!("expected no member `{name}`")
            } else {
                format!("expected what `unevaluatedProperties` asks for in `{name}`")
            }
        })?;
        Ok(true)
    }

    /// Judges the member `name`; true, because it was looked at.
    fn member(
        &mut self,
        rule: &'static Rule,
        name: &str,
        value: &Json<'_>,
    ) -> Result<bool, Refusal> {
        self.apply(rule, value, None)
            .map_err(|refusal| refusal.inside(name))?;
        Ok(true)
    }
}
