//! The parser: recursive descent.

use natsgen_runtime::Value;

use super::error::ProgramError;
use super::lexer::{Kind, Position, Token, tokens};
use super::program::{Assignment, Comparison, Operand, Operator, Program, Stage, Stream};
use varpulis_sdk::types::EventType;

/// Words that cannot be names.
const KEYWORDS: [&str; 3] = ["and", "stream", "var"];

const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    ("<=", Operator::LessOrEqual),
    (">", Operator::Greater),
    (">=", Operator::GreaterOrEqual),
];

struct Parser {
    tokens: std::vec::IntoIter<Token>,
    /// The current token.
    next: Token,
    program: Program,
}

pub(super) fn parse(source: &str) -> Result<Program, ProgramError> {
    let mut tokens = tokens(source)?.into_iter();
    let next = tokens.next().expect("the end is a token");
    let mut parser = Parser {
        tokens,
        next,
        program: Program::default(),
    };
    loop {
        if parser.accept_word("stream") {
            let stream = parser.stream()?;
            parser.program.streams.push(stream);
        } else if parser.accept_word("var") {
            parser.variable()?;
        } else if parser.next.kind == Kind::End {
            return Ok(parser.program);
        } else {
            return Err(parser.expected("`stream` or `var`"));
        }
    }
}

impl Parser {
    fn variable(&mut self) -> Result<(), ProgramError> {
        let (name, at) = self.name()?;
        if self.declares(&name) {
            return Err(at.error(format!("Variable `{name}` is declared twice")));
        }
        self.expect_symbol("=")?;
        let Some(value) = self.accept_literal() else {
            return Err(self.expected("a number, a text, `true` or `false`"));
        };
        self.program.variables.push((name, value));
        Ok(())
    }

    fn stream(&mut self) -> Result<Stream, ProgramError> {
        let name = self.event_type()?;
        self.expect_symbol("=")?;
        let accepts = self.event_type()?;
        let mut stream = Stream {
            name,
            accepts,
            stages: Vec::new(),
            emit: None,
        };
        while stream.emit.is_none() && self.accept_symbol(".") {
            let (operator, _) = self.name()?;
            match operator.as_str() {
                "where" => stream.stages.push(Stage::Where(self.conditions()?)),
                "set" => stream.stages.push(Stage::Set(self.assignments(true)?)),
                "emit" => stream.emit = Some(self.assignments(false)?),
                other => {
                    return Err(ProgramError::Unsupported(format!(
                        "the sample engine has no `.{other}()`, only `.where()`, `.set()` and `.emit()`"
                    )));
                }
            }
        }
        Ok(stream)
    }

    fn conditions(&mut self) -> Result<Vec<Comparison>, ProgramError> {
        self.expect_symbol("(")?;
        let mut conditions = vec![self.comparison()?];
        while self.accept_word("and") {
            conditions.push(self.comparison()?);
        }
        self.expect_symbol(")")?;
        Ok(conditions)
    }

    fn comparison(&mut self) -> Result<Comparison, ProgramError> {
        let left = self.operand()?;
        let found = OPERATORS
            .into_iter()
            .find(|(symbol, _)| self.accept_symbol(symbol));
        let Some((_, operator)) = found else {
            return Err(self.expected("a comparison such as `>`"));
        };
        let right = self.operand()?;
        Ok(Comparison {
            left,
            operator,
            right,
        })
    }

    fn assignments(&mut self, to_variables: bool) -> Result<Vec<Assignment>, ProgramError> {
        self.expect_symbol("(")?;
        let mut assignments = Vec::new();
        if !to_variables && self.accept_symbol(")") {
            return Ok(assignments);
        }
        loop {
            let (name, at) = self.name()?;
            if to_variables && !self.declares(&name) {
                return Err(at.error(format!("Variable `{name}` is not declared")));
            }
            self.expect_symbol(":")?;
            assignments.push(Assignment {
                name,
                value: self.operand()?,
            });
            if !self.accept_symbol(",") {
                self.expect_symbol(")")?;
                return Ok(assignments);
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, ProgramError> {
        if let Some(value) = self.accept_literal() {
            return Ok(Operand::Literal(value));
        }
        match self.name() {
            Ok((name, _)) => Ok(Operand::Name(name)),
            Err(_) => Err(self.expected("a name, a number, a text, `true` or `false`")),
        }
    }

    fn event_type(&mut self) -> Result<EventType, ProgramError> {
        let (name, at) = self.name()?;
        let too_long = |_| at.error("Expected a name of at most 256 characters");
        EventType::try_from(name).map_err(too_long)
    }

    fn name(&mut self) -> Result<(String, Position), ProgramError> {
        match &self.next.kind {
            Kind::Word(word) if !KEYWORDS.contains(&word.as_str()) => {
                let name = (word.clone(), self.next.at);
                self.advance();
                Ok(name)
            }
            _ => Err(self.expected("identifier")),
        }
    }

    fn declares(&self, name: &str) -> bool {
        self.program
            .variables
            .iter()
            .any(|(declared, _)| declared == name)
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), ProgramError> {
        if self.accept_symbol(symbol) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{symbol}`")))
        }
    }

    fn accept_symbol(&mut self, wanted: &str) -> bool {
        let is_next = matches!(self.next.kind, Kind::Symbol(symbol) if symbol == wanted);
        self.advance_if(is_next)
    }

    fn accept_word(&mut self, wanted: &str) -> bool {
        let is_next = matches!(&self.next.kind, Kind::Word(word) if word == wanted);
        self.advance_if(is_next)
    }

    fn accept_literal(&mut self) -> Option<Value> {
        let Kind::Literal(value) = &self.next.kind else {
            return None;
        };
        let value = value.clone();
        self.advance();
        Some(value)
    }

    fn advance_if(&mut self, wanted: bool) -> bool {
        if wanted {
            self.advance();
        }
        wanted
    }

    /// Moves to the next token. The last token stays current.
    fn advance(&mut self) {
        if let Some(token) = self.tokens.next() {
            self.next = token;
        }
    }

    fn expected(&self, what: &str) -> ProgramError {
        self.next.at.error(format!("Expected {what}"))
    }
}
