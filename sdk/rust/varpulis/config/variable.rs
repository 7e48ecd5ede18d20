//! Environment variables that set members of the configuration.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::draft::is_member;
use super::error::ConfigError;
use super::origin::Origin;

/// The prefix of all variables.
const PREFIX: &str = "VARPULIS_";

/// The suffix of a variable that gives the path of a file.
const FILE: &str = "_FILE";

/// Separates the members of a path.
const SEPARATOR: &str = "__";

/// Names with more words than this are the names of no member.
const MANY_WORDS: usize = 10;

/// A variable that sets a member.
pub(super) struct Variable {
    pub(super) name: String,
    /// The path of the member, from the outermost member inwards.
    pub(super) path: Vec<String>,
    pub(super) text: String,
}

impl Variable {
    /// All variables of the environment that set a member, sorted by name. Other programs set variables with the same
    /// prefix, for example Kubernetes for a service called `varpulis`.
    pub(super) fn all<N: Into<OsString>, T: Into<OsString>>(
        environment: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<Self>, ConfigError> {
        let mut variables = Vec::new();
        for (name, text) in environment {
            let name = name.into();
            if is_setting(&name.to_string_lossy())? {
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
        let text = if member.ends_with(FILE) {
            content(name, Path::new(&text))?
        } else {
            text
        };
        Ok(Self {
            name: name.to_owned(),
            path: path(member),
            text,
        })
    }

    /// The JSON pointer of its member.
    pub(super) fn pointer(&self) -> String {
        self.path.iter().flat_map(|member| ["/", member]).collect()
    }
}

/// Whether a variable sets a member: its name has a separator, or is the name of a member.
///
/// Fails if the name would be the name of a member with separators in place of single underscores.
fn is_setting(name: &str) -> Result<bool, ConfigError> {
    let Some(member) = name.strip_prefix(PREFIX) else {
        return Ok(false);
    };
    if member.contains(SEPARATOR) || is_member(&path(member)) {
        return Ok(true);
    }
    match separated(member) {
        Some(member) => Err(ConfigError::Separator {
            variable: name.to_owned(),
            meant: format!("{PREFIX}{member}"),
        }),
        None => Ok(false),
    }
}

/// The name of a member that differs from `member` only in separators.
fn separated(member: &str) -> Option<String> {
    let words: Vec<_> = member.split('_').collect();
    if words.len() > MANY_WORDS {
        return None;
    }
    // Bit `n` of `places` is set if a separator follows the word `n`.
    let candidates = (1_u32..1 << (words.len() - 1)).map(|places| {
        let mut candidate = String::new();
        for (index, word) in words.iter().enumerate() {
            let is_separated = index > 0 && places & (1 << (index - 1)) != 0;
            candidate.push_str(match index {
                0 => "",
                _ if is_separated => SEPARATOR,
                _ => "_",
            });
            candidate.push_str(word);
        }
        candidate
    });
    candidates
        .into_iter()
        .find(|candidate| is_member(&path(candidate)))
}

/// The path of a member, from the name of a variable without the prefix.
fn path(member: &str) -> Vec<String> {
    let member = member.strip_suffix(FILE).unwrap_or(member);
    member.split(SEPARATOR).map(str::to_lowercase).collect()
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
