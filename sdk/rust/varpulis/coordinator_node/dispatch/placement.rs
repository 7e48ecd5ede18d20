//! How a worker is chosen for a pipeline.

use std::cmp::Ordering;

use crate::types::{PlacementRule, WorkerId};

/// How a worker is chosen for a pipeline, among the ready workers with free capacity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// The worker with the fewest deployments relative to its capacity; a random worker among equals.
    #[default]
    LeastLoaded,
    /// All workers in turn, in the order of their ids. Each coordinator keeps its own turn.
    RoundRobin,
    /// This worker if it is possible, else as [`LeastLoaded`](Self::LeastLoaded).
    Affinity(WorkerId),
}

impl From<PlacementRule> for Placement {
    fn from(rule: PlacementRule) -> Self {
        match rule {
            PlacementRule::LeastLoaded => Self::LeastLoaded,
            PlacementRule::RoundRobin => Self::RoundRobin,
        }
    }
}

/// A ready worker with free capacity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) id: &'a WorkerId,
    /// The number of its deployments, including those under way: less than `most`.
    pub(super) deployments: u64,
    /// The number of deployments that it accepts.
    pub(super) most: u64,
}

impl Placement {
    /// Chooses from `candidates`, which are ordered by their ids. `last` is the choice before.
    pub(super) fn choose<'a>(
        &self,
        candidates: &[Candidate<'a>],
        last: Option<&WorkerId>,
        random: u64,
    ) -> Option<&'a WorkerId> {
        match self {
            Self::LeastLoaded => least_loaded(candidates, random),
            Self::RoundRobin => {
                let next = candidates.iter().find(|worker| Some(worker.id) > last);
                next.or(candidates.first()).map(|worker| worker.id)
            }
            Self::Affinity(id) => {
                let found = candidates.iter().find(|worker| worker.id == id);
                found.map_or_else(
                    || least_loaded(candidates, random),
                    |worker| Some(worker.id),
                )
            }
        }
    }
}

fn least_loaded<'a>(candidates: &[Candidate<'a>], random: u64) -> Option<&'a WorkerId> {
    let least = candidates.iter().min_by(|one, other| one.compare(other))?;
    let as_few = candidates
        .iter()
        .filter(|worker| worker.compare(least) == Ordering::Equal);
    let count = as_few.clone().count() as u64;
    let chosen = usize::try_from(random % count).ok()?;
    as_few.map(|worker| worker.id).nth(chosen)
}

impl Candidate<'_> {
    /// By deployments relative to capacity. Both numbers are below 2^32, so the products do not overflow.
    fn compare(&self, other: &Self) -> Ordering {
        (self.deployments * other.most).cmp(&(other.deployments * self.most))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn id(text: &str) -> WorkerId {
        WorkerId::try_from(text).unwrap()
    }

    /// Chooses from workers `(id, deployments, most)`, with every random number below 12.
    #[track_caller]
    fn check(
        placement: &Placement,
        workers: &[(&str, u64, u64)],
        last: Option<&str>,
        expected: &[&str],
    ) {
        let last = last.map(id);
        let ids: Vec<_> = workers.iter().map(|(name, ..)| id(name)).collect();
        let candidates: Vec<_> = ids
            .iter()
            .zip(workers)
            .map(|(id, (_, deployments, most))| Candidate {
                id,
                deployments: *deployments,
                most: *most,
            })
            .collect();
        let mut chosen = BTreeMap::<&str, u32>::new();
        for random in 0..12 {
            if let Some(id) = placement.choose(&candidates, last.as_ref(), random) {
                *chosen.entry(id.as_str()).or_default() += 1;
            }
        }
        assert_eq!(chosen.keys().copied().collect::<Vec<_>>(), expected);
        let shares: Vec<_> = chosen.values().copied().collect();
        assert!(shares.windows(2).all(|two| two[0] == two[1]), "{chosen:?}");
    }

    #[test]
    fn placement_least_loaded_weighs_capacity() {
        let placement = Placement::LeastLoaded;
        check(&placement, &[], None, &[]);
        check(
            &placement,
            &[("a", 3, 4), ("b", 7, 10), ("c", 2, 2_000)],
            None,
            &["c"],
        );
        check(
            &placement,
            &[("a", 1, 2), ("b", 50, 100), ("c", 51, 100), ("d", 2, 4)],
            None,
            &["a", "b", "d"],
        );
        check(
            &placement,
            &[("a", 0, 1), ("b", 0, 4_294_967_295)],
            Some("b"),
            &["a", "b"],
        );
        let most = 4_294_967_295;
        check(
            &placement,
            &[("a", most - 1, most), ("b", most - 2, most)],
            None,
            &["b"],
        );
    }

    #[test]
    fn placement_round_robin_continues_after_the_last_worker() {
        let placement = Placement::RoundRobin;
        let workers = [("a", 9, 10), ("c", 0, 10), ("d", 0, 10)];
        check(&placement, &workers, None, &["a"]);
        check(&placement, &workers, Some("a"), &["c"]);
        check(&placement, &workers, Some("b"), &["c"]);
        check(&placement, &workers, Some("d"), &["a"]);
        check(&placement, &[], Some("d"), &[]);
    }

    #[test]
    fn placement_affinity_falls_back_to_least_loaded() {
        let placement = Placement::Affinity(id("a"));
        check(&placement, &[("a", 9, 10), ("b", 0, 10)], None, &["a"]);
        check(&placement, &[("b", 1, 10), ("c", 0, 10)], None, &["c"]);
        check(&placement, &[], None, &[]);
    }
}
