//! Subjects: `{prefix}.cmd.{worker_id}.deploy` as tokens.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Problem};
use crate::model::{Name, Subject, Token};

/// The prefix of every subject.
const PREFIX: &str = "{prefix}.";
/// The maximal number of tokens after the prefix.
const TOKENS: usize = 16;
/// The maximal length of a fixed token, in characters.
const LITERAL: usize = 64;

/// Whether a character can stand in a fixed token, a prefix or an id. NATS gives `.`, `*` and `>` a meaning. Braces mark
/// parameters. Quotes and backslashes end texts in configurations and programs.
pub(crate) fn is_plain(character: char) -> bool {
    const MEANING: &[char] = &['.', '*', '>', '{', '}', '"', '\'', '`', '\\'];
    character.is_ascii_graphic() && !MEANING.contains(&character)
}

/// Whether a text can be a fixed token: only allowed characters, not empty, and not too long.
fn is_token(text: &str) -> bool {
    (1..=LITERAL).contains(&text.len()) && text.chars().all(is_plain)
}

/// Parses the subject of an operation.
pub(super) fn parse(text: &str) -> Result<Subject, Problem> {
    let Some(rest) = text.strip_prefix(PREFIX) else {
        let message = format!(
            "the subject {} does not start with `{{prefix}}.`",
            quoted(text)
        );
        return Err(invalid(
            message,
            "start it with `{prefix}.`; the manifest defines the prefix",
        ));
    };
    let tokens = rest.split('.').map(token).collect::<Result<Vec<_>, _>>()?;
    if tokens.len() > TOKENS {
        let message = format!(
            "the subject has {} tokens after the prefix, more than 16",
            tokens.len()
        );
        return Err(invalid(message, "use at most 16 tokens"));
    }
    if !matches!(tokens[0], Token::Literal(_)) {
        let message = "the first token after the prefix is a parameter";
        return Err(invalid(
            message,
            "put a fixed word first, so that subjects do not overlap",
        ));
    }
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Param(name) = token
            && tokens[..at].contains(token)
        {
            let message = format!("duplicate parameter `{name}` in the subject");
            return Err(invalid(message, "give each token a parameter of its own"));
        }
    }
    Ok(Subject(tokens))
}

fn token(text: &str) -> Result<Token, Problem> {
    if let Some(name) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        let missing = || {
            invalid(
                format!("the parameter {} is not in snake_case", quoted(name)),
                "use lower-case letters, digits and single `_`, e.g. `{worker_id}`",
            )
        };
        return Name::from_snake(name).map(Token::Param).ok_or_else(missing);
    }
    if text.is_empty() {
        return Err(invalid(
            "the subject has an empty token",
            "remove the extra dot",
        ));
    }
    if text.contains(['{', '}']) {
        return Err(invalid(
            format!("the parameter is only a part of the token {}", quoted(text)),
            "put dots around the parameter; it fills a whole token",
        ));
    }
    if text.contains(['*', '>']) {
        return Err(invalid(
            format!("the token {} is a wildcard", quoted(text)),
            "write a parameter instead; wildcard subscriptions are derived from parameters",
        ));
    }
    if !is_token(text) {
        return Err(invalid(
            format!("{} is not a subject token", quoted(text)),
            "use 1 to 64 printable ASCII characters without quotes and backslashes",
        ));
    }
    Ok(Token::Literal(text.to_owned()))
}

fn invalid(message: impl Into<String>, help: &str) -> Problem {
    Problem::new(Code::InvalidSubject, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let tokens = parse(text).map(|subject| {
            let tokens = subject.0.iter().map(|token| match token {
                Token::Literal(word) => word.clone(),
                Token::Param(name) => format!("<{name}>"),
            });
            tokens.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(
            tokens.as_deref().map_err(|problem| &*problem.message),
            expected
        );
    }

    #[test]
    fn subjects_are_fixed_words_and_whole_parameters() {
        check("{prefix}.register", Ok("register"));
        check(
            "{prefix}.cmd.{worker_id}.deploy",
            Ok("cmd <worker_id> deploy"),
        );
        check("{prefix}.Pipe-1.{a}.{b_2}", Ok("Pipe-1 <a> <b_2>"));
        check("{prefix}.$KV.a=b", Ok("$KV a=b"));
        check(
            "register",
            Err("the subject `register` does not start with `{prefix}.`"),
        );
        check(
            "{prefix}",
            Err("the subject `{prefix}` does not start with `{prefix}.`"),
        );
        check("{prefix}.", Err("the subject has an empty token"));
        check("{prefix}.a..b", Err("the subject has an empty token"));
        check(
            "{prefix}.a.w{id}",
            Err("the parameter is only a part of the token `w{id}`"),
        );
        check(
            "{prefix}.a.{id",
            Err("the parameter is only a part of the token `{id`"),
        );
        check("{prefix}.a.*", Err("the token `*` is a wildcard"));
        check("{prefix}.a.>", Err("the token `>` is a wildcard"));
        check("{prefix}.a b", Err("`a b` is not a subject token"));
        check("{prefix}.ä", Err("`ä` is not a subject token"));
        check("{prefix}.a'b", Err("`a'b` is not a subject token"));
        check(
            "{prefix}.a.{}",
            Err("the parameter `` is not in snake_case"),
        );
        check(
            "{prefix}.a.{Id}",
            Err("the parameter `Id` is not in snake_case"),
        );
        check(
            "{prefix}.a.{id}.{id}",
            Err("duplicate parameter `id` in the subject"),
        );
        check(
            "{prefix}.{id}",
            Err("the first token after the prefix is a parameter"),
        );
        check(
            &format!("{{prefix}}{}", ".a".repeat(17)),
            Err("the subject has 17 tokens after the prefix, more than 16"),
        );
    }
}
