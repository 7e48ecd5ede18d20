//! A small part of the pipeline language: filters and variables.
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
//! Whitespace and `# comments` may stand between all tokens. A name is a variable if the program declares it, else a
//! field of the event.

mod error;
mod lexer;
mod parser;
mod program;

pub(super) use self::error::ProgramError;
pub(super) use self::program::{Assignment, Comparison, Operand, Operator, Program, Stage, Stream};

impl Program {
    /// Parses a source.
    pub(super) fn parse(source: &str) -> Result<Self, ProgramError> {
        parser::parse(source)
    }
}

#[cfg(test)]
mod tests {
    use varpulis_sdk::types::EventType;

    use super::*;

    fn check_error(source: &str, expected: &str) {
        let error = Program::parse(source).expect_err(source);
        assert_eq!(error.to_string(), expected, "{source}");
    }

    #[test]
    fn parser_recorded_program_is_parsed() {
        let source = "stream A = SensorReading .where(temperature > 100) .emit(sensor: sensor_id, t: temperature)";
        let program = Program::parse(source).expect("it is recorded as accepted");
        let name = |text: &str| Operand::Name(text.to_owned());
        let assign = |left: &str, right: &str| Assignment {
            name: left.to_owned(),
            value: name(right),
        };
        let stream = Stream {
            name: EventType::try_from("A").expect("short"),
            accepts: EventType::try_from("SensorReading").expect("short"),
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
    fn parser_valid_programs_are_accepted() {
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
    fn parser_invalid_programs_are_refused() {
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
    fn parser_unsupported_operator_is_named() {
        let expected =
            "the sample engine has no `.window()`, only `.where()`, `.set()` and `.emit()`";
        check_error("stream W = Tick.window(3).aggregate(n: count())", expected);
        assert!(matches!(
            Program::parse("stream A = X.from(C)"),
            Err(ProgramError::Unsupported(_))
        ));
    }
}
