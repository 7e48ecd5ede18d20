//! The lexer.

use natsgen_runtime::Value;

use super::error::ProgramError;

/// A token and its position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Literal(Value),
    Symbol(&'static str),
    End,
}

/// A position in the source: line and column, both counted from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    line: usize,
    column: usize,
}

/// Longer symbols come first, so that `>=` is not read as `>` and `=`.
const SYMBOLS: [&str; 13] = [
    "==", "!=", "<=", ">=", "->", "<", ">", "=", ".", ",", ":", "(", ")",
];

impl Position {
    pub(super) fn error(self, reason: impl Into<String>) -> ProgramError {
        ProgramError::Syntax {
            line: self.line,
            column: self.column,
            reason: reason.into(),
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    at: Position,
}

/// All tokens. The last token is [`Kind::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, ProgramError> {
    let mut lexer = Lexer {
        rest: source,
        at: Position { line: 1, column: 1 },
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks();
        let at = lexer.at;
        let kind = lexer.next()?;
        let is_last = kind == Kind::End;
        tokens.push(Token { kind, at });
        if is_last {
            return Ok(tokens);
        }
    }
}

impl<'a> Lexer<'a> {
    fn skip_blanks(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest.starts_with('#') {
                return;
            }
            self.take_while(|character| character != '\n');
        }
    }

    fn next(&mut self) -> Result<Kind, ProgramError> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(Kind::End);
        };
        if first.is_alphabetic() || first == '_' {
            return Ok(match self.take_while(|c| c.is_alphanumeric() || c == '_') {
                "true" => Kind::Literal(true.into()),
                "false" => Kind::Literal(false.into()),
                word => Kind::Word(word.to_owned()),
            });
        }
        let is_negative =
            self.rest.starts_with('-') && self.rest[1..].starts_with(|c: char| c.is_ascii_digit());
        if first.is_ascii_digit() || is_negative {
            return self.number();
        }
        if first == '"' {
            return self.text();
        }
        let Some(symbol) = SYMBOLS
            .into_iter()
            .find(|symbol| self.rest.starts_with(symbol))
        else {
            return Err(self.at.error(format!("Unexpected character `{first}`")));
        };
        self.take(symbol.len());
        Ok(Kind::Symbol(symbol))
    }

    fn number(&mut self) -> Result<Kind, ProgramError> {
        let at = self.at;
        let mut previous = 'e';
        let text = self.take_while(|c| {
            let signs = matches!(c, '+' | '-') && matches!(previous, 'e' | 'E');
            previous = c;
            signs || c == '.' || c.is_ascii_alphanumeric()
        });
        match text.parse() {
            Ok(number @ Value::Number(_)) => Ok(Kind::Literal(number)),
            _ => Err(at.error("Expected a number")),
        }
    }

    /// A string in quotes, with the escapes of JSON.
    fn text(&mut self) -> Result<Kind, ProgramError> {
        let at = self.at;
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find_map(|(index, c)| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end.then_some(index)
        });
        let Some(end) = end else {
            return Err(at.error("Expected the end of the text"));
        };
        match self.take(end + 1).parse() {
            Ok(text) => Ok(Kind::Literal(text)),
            Err(_) => Err(at.error("Expected a text as in JSON")),
        }
    }

    fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        for character in taken.chars() {
            if character == '\n' {
                self.at = Position {
                    line: self.at.line + 1,
                    column: 1,
                };
            } else {
                self.at.column += 1;
            }
        }
        self.rest = rest;
        taken
    }
}
