//! Runs the suite and counts the results.

use crate::cases::GROUPS;
use crate::known_failures::KNOWN_FAILURES;
use crate::suite::{Draft, Group, Section, Test, Validation};

/// The result of a test.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The group of the test.
    pub group: &'static Group,
    /// The test.
    pub test: &'static Test,
    /// The failure, if the test fails.
    pub wrong: Option<String>,
}

/// The number of passed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Passed tests.
    pub right: usize,
    /// All tests.
    pub all: usize,
}

/// Runs every test of the suite, in its order.
#[must_use]
pub fn run() -> Vec<Outcome> {
    let tests = GROUPS
        .iter()
        .flat_map(|group| group.tests.iter().map(move |test| (group, test)));
    tests
        .map(|(group, test)| Outcome {
            group,
            test,
            wrong: wrong(group, test),
        })
        .collect()
}

fn wrong(group: &Group, test: &Test) -> Option<String> {
    let validate = match group.validate {
        Ok(validate) => validate,
        Err(reason) => return Some(format!("natsgen refuses the schema: {reason}")),
    };
    match validate(test.instance) {
        Validation::Valid if test.valid => None,
        Validation::Valid => Some("accepted, but it is not valid".to_owned()),
        Validation::Invalid(_) if !test.valid => None,
        Validation::Invalid(reason) => Some(format!("refused: {reason}")),
        Validation::Contradiction(difference) => Some(difference),
    }
}

impl Outcome {
    /// The name of the test: file, group and test.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}: {}", self.group_name(), self.test.name)
    }

    fn group_name(&self) -> String {
        format!("{}: {}", self.group.file(), self.group.name)
    }

    /// The known failure of the test, if any: its listed name and the reason.
    #[must_use]
    pub fn known(&self) -> Option<(&'static str, &'static str)> {
        let names = [self.name(), self.group_name(), self.group.file()];
        let listed = names
            .iter()
            .find_map(|name| KNOWN_FAILURES.get_key_value(name));
        listed.map(|(name, reason)| (name.as_str(), reason.as_str()))
    }
}

impl Score {
    /// The score of a set of tests.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let count = |score: Self, outcome: &Outcome| Self {
            right: score.right + usize::from(outcome.wrong.is_none()),
            all: score.all + 1,
        };
        outcomes.into_iter().fold(Self::default(), count)
    }

    /// The score of a section of a draft. Formats that natsgen does not assert do not count.
    #[must_use]
    pub fn section(outcomes: &[Outcome], draft: Draft, section: Section) -> Self {
        let counts = |outcome: &&Outcome| {
            let group = outcome.group;
            group.draft == draft && group.section == section
        };
        Self::of(outcomes.iter().filter(counts))
    }

    /// The percentage of passed tests; 100 without tests.
    #[must_use]
    pub fn percent(self) -> f64 {
        if self.all == 0 {
            return 100.0;
        }
        let count = |tests: usize| u32::try_from(tests).map_or(f64::MAX, f64::from);
        100.0 * count(self.right) / count(self.all)
    }
}
