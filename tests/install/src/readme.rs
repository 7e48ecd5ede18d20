//! The programs of a README.

/// A code block that is a file: its info string has a path after the language, such as `ts client.ts`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// The language, without attributes such as `no_run`.
    pub(crate) language: &'a str,
    pub(crate) path: &'a str,
    pub(crate) text: String,
}

/// The code blocks that are files.
pub(crate) fn blocks(readme: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((language, path)) = info.split_once(' ') {
            let language = language.split(',').next().unwrap_or_default();
            let text = body.join("\n") + "\n";
            blocks.push(Block {
                language,
                path,
                text,
            });
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_blocks_with_a_path_are_files() {
        let readme = "text\n```sh\nls\n```\n```rust,no_run src/a.rs\nfn a() {}\n\n// b\n```\nend\n";
        let block = Block {
            language: "rust",
            path: "src/a.rs",
            text: "fn a() {}\n\n// b\n".to_owned(),
        };
        assert_eq!(blocks(readme), [block]);
    }
}
