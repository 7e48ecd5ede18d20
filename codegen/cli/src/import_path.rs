//! The import path of a directory in a module of Go.

use std::fs;
use std::path::{Component, Path, absolute};

use crate::failure::Failure;

/// The import path of `directory`: the path of the module in the nearest `go.mod` above it, and the folders between them.
pub(super) fn of(directory: &Path) -> Result<String, Failure> {
    let unreadable =
        |error| Failure::Broken(format!("cannot read {}: {error}\n", directory.display()));
    let path = absolute(directory).map_err(unreadable)?;
    let path = path.canonicalize().unwrap_or(path);
    for root in path.ancestors() {
        let file = root.join("go.mod");
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let Some(module) = module(&text) else {
            let message = format!("{} has no line `module …`\n", file.display());
            return Err(Failure::Broken(message));
        };
        let below = path.strip_prefix(root).unwrap_or(&path).components();
        let below = below.filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        });
        let parts: Vec<_> = [module.into()].into_iter().chain(below).collect();
        return Ok(parts.join("/"));
    }
    Err(Failure::Broken(format!(
        "{} is in no module of Go\n  help: run `go mod init` in the folder of the module\n",
        directory.display()
    )))
}

/// The path of a module, as its `go.mod` declares it.
fn module(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim);
    let path = lines.find_map(|line| line.strip_prefix("module "))?;
    let path = path.split("//").next().unwrap_or(path).trim();
    Some(path.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn import_path_module_is_read_from_go_mod() {
        assert_eq!(
            module("// x\nmodule example.com/a // y\n\ngo 1.26\n"),
            Some("example.com/a")
        );
        assert_eq!(module("module \"a\"\n"), Some("a"));
        assert_eq!(module("go 1.26\n"), None);
    }
}
