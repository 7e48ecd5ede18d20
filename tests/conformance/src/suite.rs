//! The content of the suite.

use std::fmt;

/// A version of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draft {
    /// Draft 2020-12.
    Draft202012,
    /// Draft 7.
    Draft7,
    /// Draft 2019-09.
    Draft201909,
    /// Draft 6.
    Draft6,
    /// Draft 4.
    Draft4,
}

/// A section of the tests of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Required tests. `format` asserts nothing here.
    Required,
    /// Tests of optional behaviour, such as numbers beyond 64 bits.
    Optional,
    /// Tests of formats as assertions.
    Format,
}

/// A schema with its tests.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The draft of the group.
    pub draft: Draft,
    /// The section of the group.
    pub section: Section,
    /// The file of the suite without `.json`: a keyword or a format.
    pub keyword: &'static str,
    /// The description in the suite.
    pub name: &'static str,
    /// The function that validates an instance by the generated code, or the reason why there is no code.
    pub validate: Result<Validate, &'static str>,
    /// The tests of the group.
    pub tests: &'static [Test],
}

/// An instance, and whether it is valid.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The description in the suite.
    pub name: &'static str,
    /// The instance as JSON text.
    pub instance: &'static str,
    /// Whether it is valid.
    pub valid: bool,
}

/// A function that validates an instance by generated code.
pub type Validate = fn(&str) -> Validation;

/// The result of generated code for an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// The instance is valid by every way of decoding, and is encoded unchanged.
    Valid,
    /// The instance is invalid by every way of decoding, with the reason.
    Invalid(String),
    /// The ways of decoding or encoding differ, with the difference.
    Contradiction(String),
}

impl Draft {
    /// All drafts that natsgen supports, newest first.
    pub const ALL: [Self; 5] = [
        Self::Draft202012,
        Self::Draft201909,
        Self::Draft7,
        Self::Draft6,
        Self::Draft4,
    ];
}

impl Group {
    /// The file below the suite's tests, without `.json`.
    #[must_use]
    pub fn file(&self) -> String {
        let folder = match self.section {
            Section::Required => "",
            Section::Optional => "optional/",
            Section::Format => "optional/format/",
        };
        format!("{}/{folder}{}", self.draft, self.keyword)
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Draft202012 => "draft2020-12",
            Self::Draft7 => "draft7",
            Self::Draft201909 => "draft2019-09",
            Self::Draft6 => "draft6",
            Self::Draft4 => "draft4",
        })
    }
}
