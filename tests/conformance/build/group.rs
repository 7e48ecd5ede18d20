//! Test groups: a schema with its test instances.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Failure;

/// A version of JSON Schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    /// The name in the suite.
    pub(crate) name: &'static str,
    /// The dialect of a schema without `$schema`.
    pub(crate) dialect: &'static str,
    /// The variant in the table.
    pub(crate) variant: &'static str,
    /// Whether the remotes of this draft have a folder of their own.
    pub(crate) has_own_remotes: bool,
}

/// The drafts that natsgen supports.
pub(crate) const DRAFTS: [Draft; 5] = [
    Draft {
        name: "draft2020-12",
        dialect: "https://json-schema.org/draft/2020-12/schema",
        variant: "Draft202012",
        has_own_remotes: true,
    },
    Draft {
        name: "draft7",
        dialect: "http://json-schema.org/draft-07/schema#",
        variant: "Draft7",
        has_own_remotes: false,
    },
    Draft {
        name: "draft2019-09",
        dialect: "https://json-schema.org/draft/2019-09/schema",
        variant: "Draft201909",
        has_own_remotes: true,
    },
    Draft {
        name: "draft6",
        dialect: "http://json-schema.org/draft-06/schema#",
        variant: "Draft6",
        has_own_remotes: false,
    },
    Draft {
        name: "draft4",
        dialect: "http://json-schema.org/draft-04/schema#",
        variant: "Draft4",
        has_own_remotes: false,
    },
];

/// A section of the tests of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Required tests. `format` asserts nothing here.
    Required,
    /// Tests of optional behaviour, such as numbers beyond 64 bits.
    Optional,
    /// Tests of formats as assertions.
    Format,
}

impl Section {
    /// The files below the folder of a draft.
    fn folder(self) -> &'static str {
        match self {
            Self::Required => "",
            Self::Optional => "optional",
            Self::Format => "optional/format",
        }
    }
}

/// A schema with its tests.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) draft: Draft,
    pub(crate) section: Section,
    /// The file of the suite without `.json`: the name of a keyword or a format.
    pub(crate) keyword: String,
    pub(crate) described: Described,
}

/// A group as the suite writes it. Values stay text, because `1.0` and `1` are different tests.
#[derive(Debug, Deserialize)]
pub(crate) struct Described {
    pub(crate) description: String,
    pub(crate) schema: Box<RawValue>,
    pub(crate) tests: Vec<Test>,
}

/// An instance, and whether it is valid.
#[derive(Debug, Deserialize)]
pub(crate) struct Test {
    pub(crate) description: String,
    pub(crate) data: Box<RawValue>,
    pub(crate) valid: bool,
}

/// The groups of a section, in the order of the file names.
///
/// # Errors
/// If a file cannot be read or violates the schema of the suite.
pub(crate) fn read(suite: &Path, draft: Draft, section: Section) -> Result<Vec<Group>, Failure> {
    let folder = suite.join("tests").join(draft.name).join(section.folder());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let mut groups = Vec::new();
    for path in files {
        let stem = path.file_stem().ok_or("a file without a name")?;
        let described: Vec<Described> = serde_json::from_slice(&fs::read(&path)?)?;
        groups.extend(described.into_iter().map(|described| Group {
            draft,
            section,
            keyword: stem.to_string_lossy().into_owned(),
            described,
        }));
    }
    Ok(groups)
}
