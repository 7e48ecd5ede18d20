//! Where something of the configuration was said.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where something of the configuration was said: in a file, in variables of the environment, or in both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The file.
    pub file: Option<PathBuf>,
    /// The names of the variables.
    pub variables: Vec<String>,
}

impl Place {
    pub(super) fn file(path: &Path) -> Self {
        Self {
            file: Some(path.to_owned()),
            variables: Vec::new(),
        }
    }

    pub(super) fn variable(name: &str) -> Self {
        Self {
            file: None,
            variables: vec![name.to_owned()],
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_ref().map(|path| path.display().to_string());
        let names = file.iter().chain(&self.variables);
        match names.map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => f.write_str("the environment"),
            [one] => f.write_str(one),
            [others @ .., last] => write!(f, "{} and {last}", others.join(", ")),
        }
    }
}
