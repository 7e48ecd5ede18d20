//! The language rules of the project: plain prose, short names, short functions.

use std::fs;
use std::path::{Path, PathBuf};

/// Pronouns that hide the subject of a sentence.
const VAGUE: [&str; 10] = [
    "who", "whom", "whose", "nobody", "somebody", "what", "whatever", "none", "others", "one",
];

/// The largest share of vague words in each part, in thousandths.
const SHARE: usize = 8;

/// The folders and files whose prose is measured, each on its own.
const PARTS: [&str; 17] = [
    "codegen",
    "sdk/rust/runtime",
    "sdk/rust/varpulis",
    "sdk/rust/sample",
    "sdk/rust/cli",
    "sdk/rust/examples",
    "sdk/examples",
    "sdk/rust/testing",
    "sdk/typescript",
    "sdk/python",
    "sdk/go",
    "tests",
    "schema",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
];

/// The folders with Rust sources.
const SOURCES: [&str; 3] = ["codegen", "sdk", "tests"];

/// Generated files, recorded messages, foreign test cases, installed packages, and build directories.
const EXCLUDED: [&str; 7] = [
    "tests/golden",
    "tests/vectors",
    "tests/conformance/suite",
    "node_modules",
    "dist",
    "interop/varpulis/target",
    "varpulis-worker/target",
];

/// The longest name of a function, in characters.
const NAME: usize = 60;

/// The longest function, in lines.
const LENGTH: usize = 70;

/// The prose of a part.
#[derive(Default)]
struct Prose {
    words: usize,
    vague: usize,
    /// The lines with vague words.
    lines: Vec<String>,
}

/// A function in a source.
#[derive(Debug, PartialEq, Eq)]
struct Function<'s> {
    line: usize,
    name: &'s str,
    length: usize,
}

impl Prose {
    fn of(part: &str) -> Self {
        let mut prose = Self::default();
        for path in files(part) {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let mut is_docstring = false;
            for (index, line) in read(&path).lines().enumerate() {
                let text = match extension {
                    Some("md") => Some(line),
                    Some("rs" | "go") => comment(line),
                    Some("ts") => comment(line).or_else(|| doc_comment(line)),
                    Some("py") => docstring(line, &mut is_docstring),
                    Some("json") => description(line),
                    _ => None,
                };
                let place = format!("{}:{}", path.display(), index + 1);
                prose.add(&place, text.unwrap_or_default());
            }
        }
        prose
    }

    fn add(&mut self, place: &str, text: &str) {
        let words = text.split(|mark: char| !mark.is_ascii_alphabetic() && mark != '\'');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let vague = words.iter().filter(|word| is_vague(word)).count();
        self.words += words.len();
        self.vague += vague;
        if vague > 0 {
            self.lines.push(format!("{place}: {}", text.trim()));
        }
    }

    fn is_plain(&self) -> bool {
        self.vague * 1_000 < self.words * SHARE
    }
}

fn is_vague(word: &str) -> bool {
    VAGUE.iter().any(|vague| word.eq_ignore_ascii_case(vague))
}

/// All files of a part except the excluded folders, in order.
fn files(part: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(part),
        &mut found,
    );
    found.sort();
    found
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_owned());
    } else if !EXCLUDED.iter().any(|folder| path.ends_with(folder)) {
        for entry in
            fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        {
            collect(&entry.expect("a directory entry").path(), found);
        }
    }
}

/// The text of a file; empty if it is not UTF-8.
fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The text of a comment in a line of Rust.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(text) = line.strip_prefix("//") {
        return Some(text.trim_start_matches(['/', '!']));
    }
    let (_, text) = line.split_once(" // ")?;
    (!text.contains('"')).then_some(text)
}

/// The text of a line of a documentation comment in TypeScript.
fn doc_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    line.strip_prefix("/**").or_else(|| line.strip_prefix("* "))
}

/// The text of a comment or of a docstring in a line of Python. `is_inside` is whether a docstring continues.
fn docstring<'l>(line: &'l str, is_inside: &mut bool) -> Option<&'l str> {
    const QUOTES: &str = "\"\"\"";
    let line = line.trim_start();
    let was_inside = *is_inside;
    if line.matches(QUOTES).count() % 2 == 1 {
        *is_inside = !was_inside;
    }
    if was_inside || line.starts_with(QUOTES) {
        return Some(line);
    }
    let (before, text) = line.split_once("# ")?;
    (!before.contains('"')).then_some(text)
}

/// The description in a line of a JSON Schema.
fn description(line: &str) -> Option<&str> {
    let (_, text) = line.split_once(r#""description": ""#)?;
    text.split(r#"", ""#).next()
}

/// The functions of a source in the format of rustfmt.
fn functions(source: &str) -> Vec<Function<'_>> {
    let lines: Vec<&str> = source.lines().collect();
    let starts = lines.iter().copied().enumerate();
    let named = starts.filter_map(|(index, line)| Some((index, function_name(line)?)));
    let found = named.map(|(index, name)| Function {
        line: index + 1,
        name,
        length: length(&lines[index..]),
    });
    found.collect()
}

/// The name of a function that begins in a line.
fn function_name(line: &str) -> Option<&str> {
    const MODIFIERS: [&str; 5] = ["", "async", "const", "default", "unsafe"];
    let (before, after) = line.trim_start().split_once("fn ")?;
    let is_modifier = |word: &str| MODIFIERS.contains(&word) || word.starts_with("pub");
    let end = after.find(|mark: char| !mark.is_alphanumeric() && mark != '_')?;
    (before.split(' ').all(is_modifier) && end > 0).then(|| &after[..end])
}

/// The number of lines of the function that begins in the first line.
fn length(lines: &[&str]) -> usize {
    let ends = |line: &&str| line.ends_with(['{', '}', ';']);
    let Some(head) = lines.iter().position(ends) else {
        return lines.len();
    };
    if !lines[head].ends_with('{') {
        return head + 1;
    }
    let indent = lines[0].len() - lines[0].trim_start().len();
    let end = format!("{}}}", " ".repeat(indent));
    let body = lines[head..].iter().position(|line| *line == end);
    head + body.map_or(1, |body| body + 1)
}

/// Describes each function in the sources that `is_wrong` selects.
fn wrong_functions(is_wrong: impl Fn(&Function<'_>) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in SOURCES.iter().flat_map(|part| files(part)) {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let source = read(&path);
            for function in functions(&source) {
                if is_wrong(&function) {
                    let Function { line, name, length } = function;
                    let place = path.display();
                    wrong.push(format!("{place}:{line}: {name} has {length} lines"));
                }
            }
        }
    }
    wrong
}

#[test]
fn prose_has_few_vague_words() {
    let mut wrong = Vec::new();
    for part in PARTS {
        let prose = Prose::of(part);
        if !prose.is_plain() {
            wrong.extend(prose.lines);
            wrong.push(format!("{part}: {} of {} words", prose.vague, prose.words));
        }
    }
    assert!(wrong.is_empty(), "vague words:\n{}", wrong.join("\n"));
}

#[test]
fn function_names_have_at_most_60_characters() {
    let wrong = wrong_functions(|function| function.name.len() > NAME);
    assert!(wrong.is_empty(), "long names:\n{}", wrong.join("\n"));
}

#[test]
fn functions_have_at_most_70_lines() {
    let wrong = wrong_functions(|function| function.length > LENGTH);
    assert!(wrong.is_empty(), "long functions:\n{}", wrong.join("\n"));
}

#[test]
fn language_checks_detect_violations() {
    let mut prose = Prose::default();
    prose.add("a:1", "One of them, and nobody else");
    prose.add("a:2", "A oneself stone");
    assert_eq!((prose.words, prose.vague), (9, 2));
    assert_eq!(prose.lines, ["a:1: One of them, and nobody else"]);
    assert!(!prose.is_plain());
    assert_eq!(comment("    //! What"), Some(" What"));
    assert_eq!(comment("let x = 1; // what"), Some("what"));
    assert_eq!(comment(r#"let url = "a // b";"#), None);
    assert_eq!(doc_comment("   * A b."), Some("A b."));
    let mut is_inside = false;
    let lines = ["x = 1  # a", "\"\"\"A b.", "c", "\"\"\"", "d = \"# e\""];
    let found = lines.map(|line| docstring(line, &mut is_inside));
    assert_eq!(
        found,
        [Some("a"), Some(lines[1]), Some("c"), Some(lines[3]), None]
    );
    assert_eq!(
        description(r#"{ "description": "A b.", "type": 1 }"#),
        Some("A b.")
    );
    let source = "fn a() {}\n\nimpl B {\n    pub async fn c(\n        d: u8,\n    ) -> u8 {\n        d\n    }\n}\n";
    let found: Vec<_> = functions(source)
        .iter()
        .map(|function| (function.line, function.name, function.length))
        .collect();
    assert_eq!(found, [(1, "a", 1), (4, "c", 5)]);
    assert_eq!(function_name("impl Fn for fn a() {"), None);
}
