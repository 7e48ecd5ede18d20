//! The imports of a module, sorted as ruff's isort rules sort them.

use std::collections::{BTreeMap, BTreeSet};

use super::Emitter;
use super::expression::COLUMNS;

/// The imports of a module.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// The names of each module of other packages.
    outside: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// The names of the protocol.
    names: BTreeSet<String>,
    /// The modules beside the folders: `assertion`, `error`, `subject`.
    modules: BTreeSet<&'static str>,
    /// Whether the module uses the runtime, or qualifies a built-in type.
    runtime: bool,
    builtins: bool,
    /// The modules of the same folder that are imported at the end.
    late: BTreeSet<String>,
}

impl Imports {
    /// Imports `name` from a module of another package.
    pub(super) fn outside(&mut self, module: &'static str, name: &'static str) {
        self.outside.entry(module).or_default().insert(name);
    }

    /// Imports a name of the protocol.
    pub(super) fn name(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// Imports a module beside the folders.
    pub(super) fn module(&mut self, name: &'static str) {
        self.modules.insert(name);
    }

    /// Imports a module of the same folder at the end.
    pub(super) fn late(&mut self, module: String) {
        self.late.insert(module);
    }

    /// The import lines at the end of the module. A module that is still being imported has no names to import yet.
    pub(super) fn late_lines(&self) -> String {
        let line = |module| format!("from . import {module} as _{module}  # noqa: E402\n");
        self.late.iter().map(line).collect()
    }

    pub(super) fn runtime(&mut self) {
        self.runtime = true;
    }

    pub(super) fn builtins(&mut self) {
        self.builtins = true;
    }

    /// The import lines of the module `module` in `folder`, which defines the names `defined`.
    pub(super) fn lines(
        &self,
        emitter: &Emitter<'_>,
        folder: Option<&str>,
        defined: &BTreeSet<String>,
    ) -> String {
        let mut sections = vec!["from __future__ import annotations\n".to_owned()];
        let from = |module: &str| {
            let names = self.outside.get(module);
            names.map_or_else(String::new, |names| line(module, names.iter().copied()))
        };
        let builtins = if self.builtins {
            "import builtins\n"
        } else {
            ""
        };
        sections.push(format!("{builtins}{}{}", from("abc"), from("typing")));
        let runtime = if self.runtime {
            "from natsgen_runtime import generated as rt\n"
        } else {
            ""
        };
        sections.push(format!("{}{runtime}", from("msgspec")));
        sections.push(self.inside(emitter, folder, defined));
        sections.retain(|section| !section.is_empty());
        sections.join("\n")
    }

    /// The imports from the protocol: the farthest modules first.
    fn inside(
        &self,
        emitter: &Emitter<'_>,
        folder: Option<&str>,
        defined: &BTreeSet<String>,
    ) -> String {
        let root = if folder.is_some() { ".." } else { "." };
        let mut paths: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for name in self.names.difference(defined) {
            let Some((exporter, module)) = emitter.modules.get(name) else {
                continue;
            };
            let path = if folder == Some(exporter) {
                format!(".{module}")
            } else {
                format!("{root}{exporter}.{module}")
            };
            paths.entry(path).or_default().insert(name);
        }
        let modules = if self.modules.is_empty() {
            String::new()
        } else {
            line(root, self.modules.iter().copied())
        };
        let mut paths: Vec<_> = paths.into_iter().collect();
        paths.sort_by_cached_key(|(path, _)| {
            (!path.starts_with(".."), natural(&path.to_ascii_lowercase()))
        });
        let paths = paths.into_iter().map(|(path, names)| line(&path, names));
        modules + &paths.collect::<String>()
    }
}

/// An import of `names` from `module`: constants, then classes, then other names.
pub(super) fn line<'n>(module: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_by_cached_key(|name| (kind(name), natural(&name.to_ascii_lowercase())));
    let flat = format!("from {module} import {}\n", names.join(", "));
    if flat.len() <= COLUMNS + 1 {
        return flat;
    }
    format!(
        "from {module} import (\n    {},\n)\n",
        names.join(",\n    ")
    )
}

/// The parts of a name in natural order: numbers by value.
pub(super) fn natural(name: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = Vec::new();
    let mut in_number = false;
    for letter in name.chars() {
        match (letter.to_digit(10), parts.last_mut()) {
            (Some(digit), Some((number, _))) if in_number => {
                *number = number.saturating_mul(10).saturating_add(digit.into());
            }
            (Some(digit), _) => parts.push((digit.into(), String::new())),
            (None, _) => parts.push((u64::MAX, letter.to_string())),
        }
        in_number = letter.is_ascii_digit();
    }
    parts
}

/// The rank of a name: constant, class or other name.
pub(super) fn kind(name: &str) -> u8 {
    let is_constant = name.len() > 1 && !name.contains(|c: char| c.is_ascii_lowercase());
    match name.chars().next() {
        _ if is_constant => 0,
        Some(first) if first.is_ascii_uppercase() => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_sorted_by_kind() {
        let names = ["worker", "Worker", "DEPLOY", "A"];
        assert_eq!(
            line(".a", names),
            "from .a import DEPLOY, A, Worker, worker\n"
        );
    }

    #[test]
    fn imports_are_in_natural_order() {
        let names = ["Raft10", "Raft2", "RAft1", "RaftA", "Raft_b"];
        let sorted = "from .a import RAft1, Raft2, Raft10, Raft_b, RaftA\n";
        assert_eq!(line(".a", names), sorted);
    }

    #[test]
    fn imports_that_are_long_have_a_line_for_each_name() {
        let name = "X".repeat(80);
        let expected = format!("from .a import (\n    {name},\n    b,\n)\n");
        assert_eq!(line(".a", [&*name, "b"]), expected);
    }
}
