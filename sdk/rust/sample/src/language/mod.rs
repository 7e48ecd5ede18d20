//! A small piece of the pipeline language, enough to filter events and to keep something between them.
//!
//! ```text
//! program    = { variable | stream }
//! variable   = "var" NAME "=" literal
//! stream     = "stream" NAME "=" EVENT_TYPE { where | set } [ emit ]
//! where      = "." "where" "(" comparison { "and" comparison } ")"
//! set        = "." "set" "(" assignments ")"
//! emit       = "." "emit" "(" [ assignments ] ")"
//! comparison = operand ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) operand
//! assignments = NAME ":" operand { "," NAME ":" operand }
//! operand    = NAME | literal
//! literal    = NUMBER | "text" | "true" | "false"
//! ```
//!
//! Blanks, line ends and `# comments` stand anywhere. A name is a variable where the program declares one, else a
//! field of the event.

mod lexer;
mod parser;

use std::fmt;

use natsgen_runtime::Value;

use varpulis_sdk::types::EventType;

/// What a program says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Program {
    /// Each variable with its first value.
    pub(super) variables: Vec<(String, Value)>,
    /// In the order of the source, in which each event goes through them.
    pub(super) streams: Vec<Stream>,
}

/// Takes events of one type and puts out others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    /// Also the type of the events that it puts out.
    pub(super) name: EventType,
    /// The type of the events that it takes.
    pub(super) takes: EventType,
    /// One after the other; an event that a condition stops goes no further.
    pub(super) stages: Vec<Stage>,
    /// The fields of what it puts out; all of the event's own if it does not say.
    pub(super) emit: Option<Vec<Assignment>>,
}

/// What an event goes through.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stage {
    /// It goes on if all of these hold.
    Where(Vec<Comparison>),
    /// These variables change.
    Set(Vec<Assignment>),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    pub(super) left: Operand,
    pub(super) operator: Operator,
    pub(super) right: Operand,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A name and what it gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: Operand,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// A variable or, if none is declared by this name, a field.
    Name(String),
    Literal(Value),
}

/// Why a source is not a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ProgramError {
    /// It is not of the language.
    Syntax {
        line: usize,
        column: usize,
        reason: String,
    },
    /// It is, but asks for what this engine does not have.
    Unsupported(String),
}

impl Program {
    /// Reads a source.
    pub(super) fn parse(source: &str) -> Result<Self, ProgramError> {
        parser::parse(source)
    }

    /// Whether some stream takes events of this type.
    pub(super) fn takes(&self, event_type: &EventType) -> bool {
        self.streams
            .iter()
            .any(|stream| stream.takes == *event_type)
    }
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax {
                line,
                column,
                reason,
            } => {
                write!(f, "Line {line}, column {column}: {reason}")
            }
            Self::Unsupported(reason) => f.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_error(source: &str, expected: &str) {
        let error = Program::parse(source).expect_err(source);
        assert_eq!(error.to_string(), expected, "{source}");
    }

    #[test]
    fn a_recorded_program_is_read_in_full() {
        let source = "stream A = SensorReading .where(temperature > 100) .emit(sensor: sensor_id, t: temperature)";
        let program = Program::parse(source).expect("it is recorded as accepted");
        let name = |text: &str| Operand::Name(text.to_owned());
        let assign = |left: &str, right: &str| Assignment {
            name: left.to_owned(),
            value: name(right),
        };
        let stream = Stream {
            name: EventType::try_from("A").expect("short"),
            takes: EventType::try_from("SensorReading").expect("short"),
            stages: vec![Stage::Where(vec![Comparison {
                left: name("temperature"),
                operator: Operator::Greater,
                right: Operand::Literal(100.into()),
            }])],
            emit: Some(vec![
                assign("sensor", "sensor_id"),
                assign("t", "temperature"),
            ]),
        };
        assert_eq!(
            program,
            Program {
                variables: Vec::new(),
                streams: vec![stream]
            }
        );
    }

    #[test]
    fn what_is_a_program() {
        for source in [
            "",
            "  # nothing but a comment",
            "stream A = X",
            "stream A = X.emit()",
            "var limit = -1.5e3\nstream A = X\n  .where(a >= limit and b != 2)\n  .set(limit: a)\n  .emit(a: true)",
            r#"stream A = X .where(b != "it's \"so\"")"#,
            "stream A = X stream B = Y",
        ] {
            Program::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
        }
    }

    #[test]
    fn what_is_no_program() {
        check_error("stream = (((", "Line 1, column 8: Expected identifier");
        check_error(
            "stream A = X\n  .where(t >)",
            "Line 2, column 13: Expected a name, a number, a text, `true` or `false`",
        );
        check_error(
            "stream A = X .where(t ~ 1)",
            "Line 1, column 23: Unexpected character `~`",
        );
        check_error(
            "stream A = X .where(t > 1",
            "Line 1, column 26: Expected `)`",
        );
        check_error(
            "stream A = X .where(t)",
            "Line 1, column 22: Expected a comparison such as `>`",
        );
        check_error(
            "stream A = X .emit(a: 1) .where(t > 1)",
            "Line 1, column 26: Expected `stream` or `var`",
        );
        check_error("drop A", "Line 1, column 1: Expected `stream` or `var`");
        check_error(
            "var a = b",
            "Line 1, column 9: Expected a number, a text, `true` or `false`",
        );
        check_error(
            "var a = \"x",
            "Line 1, column 9: Expected the end of the text",
        );
        check_error("var a = 1.2.3", "Line 1, column 9: Expected a number");
        check_error(
            "var a = 1 var a = 2",
            "Line 1, column 15: Variable `a` is declared twice",
        );
        check_error(
            "stream A = X .set(a: 1)",
            "Line 1, column 19: Variable `a` is not declared",
        );
        check_error("stream stream = X", "Line 1, column 8: Expected identifier");
        check_error(
            &format!("stream {} = X", "n".repeat(257)),
            "Line 1, column 8: Expected a name of at most 256 characters",
        );
    }

    #[test]
    fn what_only_the_real_engine_has_is_refused_by_name() {
        let expected =
            "the sample engine has no `.window()`, only `.where()`, `.set()` and `.emit()`";
        check_error("stream W = Tick.window(3).aggregate(n: count())", expected);
        assert!(matches!(
            Program::parse("stream A = X.from(C)"),
            Err(ProgramError::Unsupported(_))
        ));
    }
}
