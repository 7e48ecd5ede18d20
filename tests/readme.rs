//! Checks that the tests named in `tests/README.md` exist.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{ItemFn, Macro};

/// The tests of a file: functions marked as tests, and functions that a macro turns into tests.
#[derive(Default)]
struct Tests {
    functions: BTreeSet<String>,
    marked: BTreeSet<String>,
    listed: BTreeSet<String>,
}

impl Tests {
    fn of(path: &Path) -> Self {
        let source =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut tests = Self::default();
        tests.visit_file(&syn::parse_file(&source).unwrap());
        tests
    }

    fn has(&self, name: &str) -> bool {
        let is_listed = self.functions.contains(name) && self.listed.contains(name);
        self.marked.contains(name) || is_listed
    }
}

impl<'ast> Visit<'ast> for Tests {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let name = function.sig.ident.to_string();
        let is_marked = function.attrs.iter().any(|attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|segment| segment.ident == "test")
        });
        if is_marked {
            self.marked.insert(name);
        } else {
            self.functions.insert(name);
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        let name = called.path.segments.last();
        if name.is_some_and(|segment| segment.ident.to_string().starts_with("over_")) {
            let tokens = called.tokens.to_string();
            let words = tokens.split(|mark: char| !mark.is_alphanumeric() && mark != '_');
            self.listed.extend(words.map(str::to_owned));
        }
        visit::visit_macro(self, called);
    }
}

/// The path and name of each test in a row, written as `path::name` in backquotes.
fn named_tests(row: &str) -> Vec<(&Path, &str)> {
    let quoted = row.split('`').skip(1).step_by(2);
    let named = quoted.filter_map(|text| text.split_once("::"));
    let named = named.map(|(path, name)| (Path::new(path), name));
    named
        .filter(|(path, _)| path.extension().is_some())
        .collect()
}

/// Whether a file has a test with this name.
fn has_test(path: &Path, name: &str) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    let declaration = match extension {
        Some("rs") => return Tests::of(path).has(name),
        Some("py") => format!("def {name}("),
        Some("go") => format!("func {name}(t *testing.T)"),
        Some("ts") => format!("test(\"{name}\""),
        _ => return false,
    };
    fs::read_to_string(path).is_ok_and(|source| source.contains(&declaration))
}

#[test]
fn readme_rows_name_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let rows = readme.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<_> = rows.filter(|row| !row.contains("by |")).collect();
    let mut weaknesses = Vec::new();
    for row in &rows {
        let tests = named_tests(row);
        assert!(!tests.is_empty(), "no test: {row}");
        for (path, name) in tests {
            let path = root.join(path);
            let exists = has_test(&path, name);
            assert!(exists, "{} has no test {name}", path.display());
        }
        let first = row.trim_start_matches("| ").split(' ').next();
        weaknesses.extend(first.and_then(|first| first.parse::<u32>().ok()));
    }
    assert!(weaknesses.into_iter().eq(1..=15));
    assert!(rows.len() > 35, "{} rows", rows.len());
}
