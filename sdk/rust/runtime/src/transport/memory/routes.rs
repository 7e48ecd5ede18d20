//! Finds the subscriptions that match a subject. The patterns form a tree of tokens.

use std::collections::HashMap;

/// A tree of patterns, each with its subscriptions `S`.
#[derive(Debug)]
pub(super) struct Routes<S> {
    literals: HashMap<String, Routes<S>>,
    any: Option<Box<Routes<S>>>,
    rest: Vec<S>,
    here: Vec<S>,
}

impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self {
            literals: HashMap::new(),
            any: None,
            rest: Vec::new(),
            here: Vec::new(),
        }
    }
}

impl<S> Routes<S> {
    pub(super) fn insert(&mut self, pattern: &str, subscription: S) {
        let mut node = self;
        for token in pattern.split('.') {
            match token {
                ">" => return node.rest.push(subscription),
                "*" => node = node.any.get_or_insert_default(),
                literal => node = node.literals.entry(literal.to_owned()).or_default(),
            }
        }
        node.here.push(subscription);
    }

    /// Removes the subscriptions to `pattern` for which `gone` is true, and the branches that become empty.
    pub(super) fn remove(&mut self, pattern: &str, gone: &impl Fn(&S) -> bool) {
        let (token, tail) = pattern
            .split_once('.')
            .map_or((pattern, None), |(token, tail)| (token, Some(tail)));
        if token == ">" {
            return self.rest.retain(|subscription| !gone(subscription));
        }
        let child = if token == "*" {
            self.any.as_deref_mut()
        } else {
            self.literals.get_mut(token)
        };
        let Some(child) = child else { return };
        match tail {
            Some(tail) => child.remove(tail, gone),
            None => child.here.retain(|subscription| !gone(subscription)),
        }
        if child.is_empty() {
            if token == "*" {
                self.any = None;
            } else {
                self.literals.remove(token);
            }
        }
    }

    /// Removes all subscriptions for which `gone` is true.
    pub(super) fn remove_all(&mut self, gone: &impl Fn(&S) -> bool) {
        self.rest.retain(|subscription| !gone(subscription));
        self.here.retain(|subscription| !gone(subscription));
        self.literals.retain(|_, child| {
            child.remove_all(gone);
            !child.is_empty()
        });
        if let Some(child) = &mut self.any {
            child.remove_all(gone);
            if child.is_empty() {
                self.any = None;
            }
        }
    }

    /// Calls `found` with each subscription that matches `subject`.
    pub(super) fn find<'a>(&'a self, subject: &str, found: &mut impl FnMut(&'a S)) {
        self.rest.iter().for_each(&mut *found);
        let (token, tail) = subject
            .split_once('.')
            .map_or((subject, None), |(token, tail)| (token, Some(tail)));
        for child in self
            .literals
            .get(token)
            .into_iter()
            .chain(self.any.as_deref())
        {
            match tail {
                Some(tail) => child.find(tail, found),
                None => child.here.iter().for_each(&mut *found),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty()
            && self.any.is_none()
            && self.rest.is_empty()
            && self.here.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::Pattern;

    #[test]
    fn routes_find_agrees_with_matching_each_pattern() {
        let patterns = [
            "a", "a.b", "a.*", "*.b", "*", ">", "a.>", "a.*.c", "*.*.*", "a.b.>", "*.>",
        ];
        let mut routes = Routes::default();
        for pattern in patterns {
            routes.insert(pattern, pattern);
        }
        for subject in [
            "a", "b", "a.b", "b.b", "a.c", "a.b.c", "a.x.c", "x.y.z", "a.b.c.d",
        ] {
            let mut found = Vec::new();
            routes.find(subject, &mut |pattern: &&str| found.push(*pattern));
            found.sort_unstable();
            let mut expected: Vec<_> = patterns.to_vec();
            expected.retain(|pattern| Pattern::parse(pattern).unwrap().matches(subject));
            expected.sort_unstable();
            assert_eq!(found, expected, "{subject}");
        }
        for pattern in patterns {
            routes.remove(pattern, &|other| *other == pattern);
        }
        assert!(routes.is_empty());
    }
}
