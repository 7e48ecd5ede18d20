//! Rounds in which contenders take turns, so that other load of the machine affects all of them.

/// The values of a contender, a value for each round.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    /// Adds the value of the next round.
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The median over the rounds; not a number without rounds.
    pub(crate) fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// The series with each value multiplied by `factor`.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|value| value * factor).collect())
    }

    /// The median of the ratios to `baseline`, round by round.
    pub(crate) fn ratio(&self, baseline: &Self) -> f64 {
        median(
            self.0
                .iter()
                .zip(&baseline.0)
                .map(|(ours, theirs)| ours / theirs)
                .collect(),
        )
    }
}

/// The median of `values`.
fn median(mut values: Vec<f64>) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// The order of the contenders: each runs once per round, and each round starts with another contender.
pub(crate) fn turns(rounds: usize, contenders: usize) -> impl Iterator<Item = usize> {
    (0..rounds).flat_map(move |round| (0..contenders).map(move |turn| (round + turn) % contenders))
}

#[cfg(test)]
mod tests {
    use super::{Series, turns};

    #[test]
    fn ratio_is_the_median_over_rounds() {
        let series = |values: &[f64]| Series(values.to_vec());
        let check = |ours: &[f64], theirs: &[f64], expected: f64| {
            let ratio = series(ours).ratio(&series(theirs));
            assert!((ratio - expected).abs() < 1e-9, "{ratio} is not {expected}");
        };
        check(&[1.0, 20.0, 3.0], &[1.0, 10.0, 1.0], 2.0);
        check(&[1.0, 2.0], &[1.0, 1.0], 1.5);
        assert!(series(&[]).median().is_nan());
    }

    #[test]
    fn turns_rotate_the_first_contender() {
        assert_eq!(turns(2, 3).collect::<Vec<_>>(), [0, 1, 2, 1, 2, 0]);
    }
}
