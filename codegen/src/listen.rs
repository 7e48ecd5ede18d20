//! What a server of a role subscribes to: derived from the subjects, the only place where `>` comes in.

use crate::model::{Delivery, Kind, Name, Operation, Protocol, Token};

/// One subscription of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    /// Subject template without the prefix, perhaps with `>` at its end.
    pub(crate) pattern: String,
    /// The queue group.
    pub(crate) queue: Option<String>,
}

/// The subscriptions of a server of `role`.
///
/// Requests of one delivery share a subscription to `<tokens in common>.>`, so that what is not an operation is
/// answered and not left to time out. Where they have no literal in common, or where the subscription would take
/// messages of others too, each has its own.
pub(crate) fn listens(protocol: &Protocol, role: &Name) -> Vec<Listen> {
    let mut groups: Vec<(&Delivery, Vec<&Operation>)> = Vec::new();
    for operation in &protocol.operations {
        if operation.to != *role || !matches!(operation.kind, Kind::Request(_)) {
            continue;
        }
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
        .flat_map(|(delivery, group)| group_listens(protocol, delivery, group))
        .collect()
}

fn group_listens(protocol: &Protocol, delivery: &Delivery, group: &[&Operation]) -> Vec<Listen> {
    let queue = match delivery {
        Delivery::Queue(name) => Some(name.clone()),
        Delivery::Instance | Delivery::Broadcast => None,
    };
    let common = common_tokens(group);
    let has_literal = common
        .iter()
        .any(|token| matches!(token, Token::Literal(_)));
    let is_stranger = |other: &Operation| {
        may_match(common, &other.subject.0) && !group.iter().any(|own| own.name == other.name)
    };
    let has_strangers = || protocol.operations.iter().any(is_stranger);
    if group.len() > 1 && has_literal && !has_strangers() {
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

/// Whether some subject of the template `tokens` starts with `common`.
fn may_match(common: &[Token], tokens: &[Token]) -> bool {
    let fits = |(a, b): (&Token, &Token)| match (a, b) {
        (Token::Literal(a), Token::Literal(b)) => a == b,
        _ => true,
    };
    tokens.len() > common.len() && common.iter().zip(tokens).all(fits)
}
