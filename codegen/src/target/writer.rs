//! Writes indented source text, line by line.

/// Source text under construction.
#[derive(Debug)]
pub(super) struct Writer {
    text: String,
    depth: usize,
    indent: &'static str,
    /// The number of columns of the indentation.
    columns: usize,
}

impl Writer {
    /// An empty text. Each level is indented by `indent`, which counts as `columns` columns.
    pub(super) fn new(indent: &'static str, columns: usize) -> Self {
        Self {
            text: String::new(),
            depth: 0,
            indent,
            columns,
        }
    }

    /// Writes a line at the current indentation; an empty line has no indentation.
    pub(super) fn line(&mut self, line: &str) {
        if !line.is_empty() {
            (0..self.depth).for_each(|_| self.text.push_str(self.indent));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// Writes the lines of a text, each at the current indentation.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.line(line);
        }
    }

    /// Writes a text without indentation, for literals with several lines.
    pub(super) fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes an empty line, unless the text is empty or already ends with an empty line.
    pub(super) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes `head`, then `body` one level deeper, then `tail`. Without a tail (Python), write an empty `tail`.
    pub(super) fn block(&mut self, head: &str, tail: &str, body: impl FnOnce(&mut Self)) {
        self.open(head);
        body(self);
        self.close(tail);
    }

    /// Writes `head` and begins a deeper level.
    pub(super) fn open(&mut self, head: &str) {
        self.line(head);
        self.depth += 1;
    }

    /// Ends a level and writes `tail`, unless it is empty.
    pub(super) fn close(&mut self, tail: &str) {
        self.depth -= 1;
        if !tail.is_empty() {
            self.line(tail);
        }
    }

    /// Writes `body` one level deeper.
    pub(super) fn indented(&mut self, body: impl FnOnce(&mut Self)) {
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }

    /// Writes `open`, the items and `close` on a single line if they fit into `width` columns; otherwise each item has a
    /// line of its own and ends with a comma.
    pub(super) fn list(&mut self, open: &str, items: &[String], close: &str, width: usize) {
        let line = format!("{open}{}{close}", items.join(", "));
        if self.fits(&line, width) {
            self.line(&line);
            return;
        }
        self.block(open, close, |writer| {
            for item in items {
                writer.line(&format!("{item},"));
            }
        });
    }

    /// Whether `line` fits into `width` columns at the current indentation.
    pub(super) fn fits(&self, line: &str, width: usize) -> bool {
        self.depth * self.columns + line.chars().count() <= width
    }

    /// The number of columns of the current indentation.
    pub(super) fn column(&self) -> usize {
        self.depth * self.columns
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
