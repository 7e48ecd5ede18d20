//! The source of a setting.

use std::fmt;
use std::path::{Path, PathBuf};

/// The source of a setting: a file, environment variables, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The file.
    pub file: Option<PathBuf>,
    /// The names of the variables.
    pub variables: Vec<String>,
}

impl Origin {
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

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_ref().map(|path| path.display().to_string());
        let names = file.iter().chain(&self.variables);
        match names.map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => f.write_str("the environment"),
            [name] => f.write_str(name),
            [names @ .., last] => write!(f, "{} and {last}", names.join(", ")),
        }
    }
}
