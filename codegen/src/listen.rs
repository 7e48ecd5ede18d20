//! What a server of a role subscribes to: derived from the subjects, the only place where `>` comes in.

use std::collections::BTreeMap;

use crate::model::{Delivery, Operation, Protocol, Token};

/// One subscription of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    /// Subject template without the prefix, perhaps with `>` at its end.
    pub(crate) pattern: String,
    /// The queue group.
    pub(crate) queue: Option<String>,
}

/// The subscriptions of a server of these requests, all those that go to one role.
///
/// Requests of one delivery share a subscription to `<tokens in common>.>`, so that what is not an operation is
/// answered and not left to time out. Where they have no literal in common, or where the subscription would take
/// messages of others too, each has its own.
pub(crate) fn listens<'a>(
    subjects: &Subjects<'_>,
    requests: impl IntoIterator<Item = &'a Operation>,
) -> Vec<Listen> {
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
        .flat_map(|(delivery, group)| group_listens(subjects, delivery, group))
        .collect()
}

fn group_listens(
    subjects: &Subjects<'_>,
    delivery: &Delivery,
    group: &[&Operation],
) -> Vec<Listen> {
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
        return vec![Listen { pattern, queue }];
    }
    group
        .iter()
        .map(|operation| Listen {
            pattern: operation.subject.to_string(),
            queue: queue.clone(),
        })
        .collect()
}

/// The leading tokens that all subjects share, leaving at least one token to each.
fn common_tokens<'a>(group: &[&'a Operation]) -> &'a [Token] {
    let Some((first, others)) = group.split_first() else {
        return &[];
    };
    let shortest = group
        .iter()
        .map(|operation| operation.subject.0.len())
        .min()
        .unwrap_or(1);
    let same = |at: &usize| {
        others
            .iter()
            .all(|other| other.subject.0[*at] == first.subject.0[*at])
    };
    let count = (0..shortest.saturating_sub(1)).take_while(same).count();
    &first.subject.0[..count]
}

/// The subjects of a protocol as a tree of tokens, which tells how many start alike without looking at all of them.
#[derive(Default)]
pub(crate) struct Subjects<'a> {
    literals: BTreeMap<&'a str, Subjects<'a>>,
    param: Option<Box<Subjects<'a>>>,
    /// How many subjects go on from here.
    longer: usize,
}

impl<'a> Subjects<'a> {
    pub(crate) fn of(protocol: &'a Protocol) -> Self {
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

    /// How many templates have a subject that starts with `common` and goes on.
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
