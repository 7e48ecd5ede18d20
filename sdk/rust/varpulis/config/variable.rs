//! Environment variables that set members of the configuration.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::error::ConfigError;
use super::origin::Origin;

/// The prefix of all variables.
const PREFIX: &str = "VARPULIS_";

/// The suffix of a variable that gives the path of a file.
const FILE: &str = "_FILE";

/// Separates the members of a path.
const SEPARATOR: &str = "__";

/// A variable that sets a member.
pub(super) struct Variable {
    pub(super) name: String,
    /// The path of the member, from the outermost member inwards.
    pub(super) path: Vec<String>,
    pub(super) text: String,
}

impl Variable {
    /// All variables of the environment with the prefix, sorted by name.
    pub(super) fn all<N: Into<OsString>, T: Into<OsString>>(
        environment: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<Self>, ConfigError> {
        let mut variables = Vec::new();
        for (name, text) in environment {
            let name = name.into();
            if name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
                variables.push(Self::new(&name.to_string_lossy(), text.into())?);
            }
        }
        variables.sort_by(|left, right| left.name.cmp(&right.name));
        for inner in &variables {
            let outer = variables
                .iter()
                .find(|outer| outer.name != inner.name && inner.path.starts_with(&outer.path));
            if let Some(outer) = outer {
                let mut names = [outer.name.clone(), inner.name.clone()];
                names.sort();
                return Err(ConfigError::Duplicate(names));
            }
        }
        Ok(variables)
    }

    fn new(name: &str, text: OsString) -> Result<Self, ConfigError> {
        let text = text.into_string().map_err(|_| ConfigError::Invalid {
            origin: Origin::variable(name),
            pointer: String::new(),
            reason: "expected UTF-8".to_owned(),
        })?;
        let member = &name[PREFIX.len()..];
        let (member, text) = match member.strip_suffix(FILE) {
            Some(member) => (member, content(name, Path::new(&text))?),
            None => (member, text),
        };
        Ok(Self {
            name: name.to_owned(),
            path: member.split(SEPARATOR).map(str::to_lowercase).collect(),
            text,
        })
    }

    /// The JSON pointer of its member.
    pub(super) fn pointer(&self) -> String {
        self.path.iter().flat_map(|member| ["/", member]).collect()
    }
}

/// The content of a file that a variable names, without the line feed at its end.
fn content(name: &str, path: &Path) -> Result<String, ConfigError> {
    let text = fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        origin: Origin::variable(name),
        path: path.to_owned(),
        error,
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
