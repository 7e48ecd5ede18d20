//! Subjects: `{prefix}.cmd.{worker_id}.deploy` as tokens.

use crate::diagnostic::text::quoted;
use crate::diagnostic::{Code, Diagnostics};
use crate::model::{Name, Subject, Token};
use crate::read::Node;

/// The prefix of every subject.
const PREFIX: &str = "{prefix}.";
/// The maximal number of tokens after the prefix.
const TOKENS: usize = 16;
/// The maximal length of a fixed token, in characters.
const LITERAL: usize = 64;

/// Whether a text can be a fixed token: only allowed characters, not empty, and not too long.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=LITERAL).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// Parses the subject of an operation.
pub(super) fn subject(node: &Node<'_>, out: &mut Diagnostics) -> Option<Subject> {
    let text = node.text(out)?;
    match parse(text) {
        Ok(subject) => Some(subject),
        Err((message, help)) => {
            out.report(Code::InvalidSubject, node.source(), message, help);
            None
        }
    }
}

/// Parses the prefix of the manifest.
pub(super) fn prefix(node: &Node<'_>, out: &mut Diagnostics) -> Option<String> {
    let text = node.text(out)?;
    let message = if let Some(token) = text.split('.').find(|token| !is_token(token)) {
        format!(
            "{} is not a subject prefix: {} is not a token",
            quoted(text),
            quoted(token)
        )
    } else if text.starts_with("_INBOX") {
        format!(
            "{} is reserved: NATS clients receive replies there",
            quoted(text)
        )
    } else {
        return Some(text.to_owned());
    };
    let help = "write words of letters, digits, `_` and `-`, joined by dots, e.g. `acme.shop`";
    out.report(Code::InvalidValue, node.source(), message, help);
    None
}

fn parse(text: &str) -> Result<Subject, (String, &'static str)> {
    let Some(rest) = text.strip_prefix(PREFIX) else {
        let message = format!(
            "the subject {} does not start with `{{prefix}}.`",
            quoted(text)
        );
        return Err((
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
        return Err((message, "use at most 16 tokens"));
    }
    if !matches!(tokens[0], Token::Literal(_)) {
        let message = "the first token after the prefix is a parameter".to_owned();
        return Err((
            message,
            "put a fixed word first, so that subjects do not overlap",
        ));
    }
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Param(name) = token
            && tokens[..at].contains(token)
        {
            let message = format!("duplicate parameter `{name}` in the subject");
            return Err((message, "give each token a parameter of its own"));
        }
    }
    Ok(Subject(tokens))
}

fn token(text: &str) -> Result<Token, (String, &'static str)> {
    if let Some(name) = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        let missing = || {
            (
                format!("the parameter {} is not in snake_case", quoted(name)),
                "use lower-case letters, digits and single `_`, e.g. `{worker_id}`",
            )
        };
        return Name::from_snake(name).map(Token::Param).ok_or_else(missing);
    }
    if text.is_empty() {
        return Err((
            "the subject has an empty token".to_owned(),
            "remove the extra dot",
        ));
    }
    if text.contains(['{', '}']) {
        return Err((
            format!("the parameter is only a part of the token {}", quoted(text)),
            "put dots around the parameter; it fills a whole token",
        ));
    }
    if text.contains(['*', '>']) {
        return Err((
            format!("the token {} is a wildcard", quoted(text)),
            "write a parameter instead; wildcard subscriptions are derived from parameters",
        ));
    }
    if !is_token(text) {
        return Err((
            format!("{} is not a subject token", quoted(text)),
            "use 1 to 64 letters, digits, `_` and `-`",
        ));
    }
    Ok(Token::Literal(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let shown = parse(text).map(|subject| {
            let tokens = subject.0.iter().map(|token| match token {
                Token::Literal(word) => word.clone(),
                Token::Param(name) => format!("<{name}>"),
            });
            tokens.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(
            shown.as_deref().map_err(|(message, _)| &**message),
            expected
        );
    }

    #[test]
    fn subject_has_fixed_tokens_and_parameter_tokens() {
        check("{prefix}.register", Ok("register"));
        check(
            "{prefix}.cmd.{worker_id}.deploy",
            Ok("cmd <worker_id> deploy"),
        );
        check("{prefix}.Pipe-1.{a}.{b_2}", Ok("Pipe-1 <a> <b_2>"));
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
