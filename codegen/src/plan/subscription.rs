//! The subscriptions of a server, derived from the subjects. Only this file writes the wildcard `>`.

use std::collections::BTreeMap;

use crate::model::{Delivery, Operation, Protocol, Token};

/// A subscription of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    /// Subject template without the prefix; it can end with `>`.
    pub(crate) pattern: String,
    /// The queue group.
    pub(crate) queue: Option<String>,
}

/// The subscriptions of a server that handles `requests`, which are all requests of a single role.
///
/// Requests with the same delivery share a subscription to `<common tokens>.>`. The server then also receives unknown
/// subjects and can refuse them. Each request has its own subscription if the subjects have no common literal, or if
/// the shared subscription would receive messages of another group.
pub(super) fn subscriptions<'a>(
    subjects: &Subjects<'_>,
    requests: impl IntoIterator<Item = &'a Operation>,
) -> Vec<Subscription> {
    let mut groups: Vec<(&Delivery, Vec<&Operation>)> = Vec::new();
    for operation in requests {
        match groups
            .iter_mut()
            .find(|(delivery, _)| **delivery == operation.delivery)
        {
            Some((_, group)) => group.push(operation),
            None => groups.push((&operation.delivery, vec![operation])),
        }
    }
    groups
        .iter()
        .flat_map(|(delivery, group)| group_subscriptions(subjects, delivery, group))
        .collect()
}

fn group_subscriptions(
    subjects: &Subjects<'_>,
    delivery: &Delivery,
    group: &[&Operation],
) -> Vec<Subscription> {
    let queue = match delivery {
        Delivery::Queue(name) => Some(name.clone()),
        Delivery::Instance | Delivery::Broadcast => None,
    };
    let common = common_tokens(group);
    let has_literal = common
        .iter()
        .any(|token| matches!(token, Token::Literal(_)));
    if group.len() > 1 && has_literal && subjects.starting(common) == group.len() {
        let pattern = format!("{}.>", crate::model::Subject(common.to_vec()));
        return vec![Subscription { pattern, queue }];
    }
    group
        .iter()
        .map(|operation| Subscription {
            pattern: operation.subject.to_string(),
            queue: queue.clone(),
        })
        .collect()
}

/// The leading tokens that all subjects share. At least the last token of each subject is not part of them.
fn common_tokens<'a>(group: &[&'a Operation]) -> &'a [Token] {
    let Some((first, rest)) = group.split_first() else {
        return &[];
    };
    let shortest = group
        .iter()
        .map(|operation| operation.subject.0.len())
        .min()
        .unwrap_or(1);
    let same = |at: &usize| {
        rest.iter()
            .all(|other| other.subject.0[*at] == first.subject.0[*at])
    };
    let count = (0..shortest.saturating_sub(1)).take_while(same).count();
    &first.subject.0[..count]
}

/// The subjects of a protocol as a tree of tokens. It counts the subjects with a common start without a full scan.
#[derive(Default)]
pub(super) struct Subjects<'a> {
    literals: BTreeMap<&'a str, Subjects<'a>>,
    param: Option<Box<Subjects<'a>>>,
    /// The number of subjects that continue after this token.
    longer: usize,
}

impl<'a> Subjects<'a> {
    pub(super) fn of(protocol: &'a Protocol) -> Self {
        let mut subjects = Self::default();
        for operation in &protocol.operations {
            subjects.insert(&operation.subject.0);
        }
        subjects
    }

    fn insert(&mut self, tokens: &'a [Token]) {
        let [token, rest @ ..] = tokens else { return };
        self.longer += 1;
        let next = match token {
            Token::Literal(word) => self.literals.entry(word).or_default(),
            Token::Param(_) => self.param.get_or_insert_default(),
        };
        next.insert(rest);
    }

    /// The number of templates with a subject that starts with `common` and continues.
    fn starting(&self, common: &[Token]) -> usize {
        let [token, rest @ ..] = common else {
            return self.longer;
        };
        let words: usize = match token {
            Token::Literal(word) => {
                let next = self.literals.get(word.as_str());
                next.map_or(0, |next| next.starting(rest))
            }
            Token::Param(_) => self.literals.values().map(|next| next.starting(rest)).sum(),
        };
        words + self.param.as_ref().map_or(0, |next| next.starting(rest))
    }
}
