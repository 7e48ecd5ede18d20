//! Templates, which build subjects from parameters and parse subjects.

use std::fmt;
use std::fmt::Write as _;
use std::iter;
use std::str::FromStr;

use super::{Pattern, Prefix, Subject, token_flaw};

/// The maximum number of characters of an invalid parameter in an error text.
const SHOWN: usize = 32;

/// A value that fills a token of a subject.
///
/// Implement it only for types whose values display as a single token: 1 to 255 printable
/// ASCII characters without `.`, `*` and `>`. Generated code implements it for types whose schema guarantees this. If a
/// value violates this rule, each transport refuses the subject and sends nothing.
pub trait Param: fmt::Display + Sync {
    /// Returns the parameter as a trait object for templates.
    fn as_param(&self) -> &dyn Param
    where
        Self: Sized,
    {
        self
    }
}

/// The subject of an operation, with parameter names in braces, e.g. `cmd.{worker_id}.deploy`. If the last token is
/// `>`, the template can only build patterns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template(&'static str);

/// The tokens of a subject that matches a template.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    template: Template,
    tail: &'a str,
}

/// A token of a template.
enum Part {
    Literal(&'static str),
    Param(&'static str),
    Rest,
}

impl Template {
    /// Creates a template from a constant.
    ///
    /// # Panics
    /// If the text is not a valid template. In a constant this is a compile error.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        let mut start = 0;
        let mut at = 0;
        while at <= bytes.len() {
            if at == bytes.len() || bytes[at] == b'.' {
                assert!(
                    is_part(bytes, start, at),
                    "a token of a template is a literal, {{name}}, or > at the end"
                );
                start = at + 1;
            }
            at += 1;
        }
        Self(text)
    }

    /// Returns the text, without the prefix.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    /// Iterates over the parameter names, in the order of the subject.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.parts().filter_map(|part| match part {
            Part::Param(name) => Some(name),
            Part::Literal(_) | Part::Rest => None,
        })
    }

    /// Builds a subject. `params` fill the named tokens in their order.
    ///
    /// If a parameter is missing or is not a valid token, the text of the subject describes the error.
    /// [`Subject::check`] and each transport refuse such a subject.
    #[must_use]
    pub fn subject(&self, prefix: &Prefix, params: &[&dyn Param]) -> Subject {
        let mut params = params.iter();
        Subject(self.fill(prefix, |text, name| match params.next() {
            Some(param) => push_param(text, name, *param),
            None => push_flaw(text, name, "", "is missing"),
        }))
    }

    /// Builds a pattern. `params` fill the named tokens in their order. `None` and missing parameters match any token.
    ///
    /// As with [`Template::subject`], an invalid parameter yields a pattern that is refused.
    #[must_use]
    pub fn pattern(&self, prefix: &Prefix, params: &[Option<&dyn Param>]) -> Pattern {
        let mut params = params.iter();
        Pattern(self.fill(prefix, |text, name| match params.next() {
            Some(Some(param)) => push_param(text, name, *param),
            Some(None) | None => text.push('*'),
        }))
    }

    /// Returns the tokens of `subject` if it starts with `prefix` and matches the template.
    #[must_use]
    pub fn parse<'a>(&self, prefix: &Prefix, subject: &'a str) -> Option<Tokens<'a>> {
        self.tokens(prefix.strip(subject)?)
    }

    /// Returns the tokens of `tail`, a subject without its prefix, if it matches the template.
    #[must_use]
    pub fn tokens<'a>(&self, tail: &'a str) -> Option<Tokens<'a>> {
        let mut tokens = split(tail);
        for part in self.parts() {
            let token = tokens.next().filter(|token| !token.is_empty())?;
            match part {
                Part::Literal(literal) if literal != token => return None,
                Part::Literal(_) | Part::Param(_) => {}
                Part::Rest => {
                    return Some(Tokens {
                        template: *self,
                        tail,
                    });
                }
            }
        }
        tokens.next().is_none().then_some(Tokens {
            template: *self,
            tail,
        })
    }

    /// Returns true if `tail`, a subject without its prefix, matches the template.
    #[must_use]
    pub fn matches(&self, tail: &str) -> bool {
        self.tokens(tail).is_some()
    }

    fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        split(self.0).map(|token| {
            match token
                .strip_prefix('{')
                .and_then(|token| token.strip_suffix('}'))
            {
                Some(name) => Part::Param(name),
                None if token == ">" => Part::Rest,
                None => Part::Literal(token),
            }
        })
    }

    fn fill(&self, prefix: &Prefix, mut push: impl FnMut(&mut String, &'static str)) -> String {
        let mut text = String::with_capacity(prefix.as_str().len() + 1 + self.0.len() + SHOWN);
        text.push_str(prefix.as_str());
        for part in self.parts() {
            text.push('.');
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Param(name) => push(&mut text, name),
                Part::Rest => text.push('>'),
            }
        }
        text
    }
}

impl<'a> Tokens<'a> {
    /// Returns the token of the parameter `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.template
            .parts()
            .zip(split(self.tail))
            .find_map(|(part, token)| match part {
                Part::Param(candidate) if candidate == name => Some(token),
                _ => None,
            })
    }

    /// Parses the parameter `name`.
    ///
    /// # Errors
    /// If the token is not a valid `T`. If the template has no parameter `name`, or no peer with this library sends the
    /// token, the token counts as empty, which no parameter accepts.
    pub fn param<T: FromStr>(&self, name: &str) -> Result<T, T::Err> {
        let token = self.get(name).unwrap_or_default();
        match token_flaw(token) {
            None => token.parse(),
            Some(_) => "".parse(),
        }
    }

    /// Returns the subject without its prefix.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.tail
    }
}

/// Splits a text into tokens. Tokens are short, so a check of each byte is faster than a substring search for long
/// texts.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some(dot) = text.bytes().position(|byte| byte == b'.') else {
            return Some(text);
        };
        rest = Some(&text[dot + 1..]);
        Some(&text[..dot])
    })
}

const fn is_part(bytes: &[u8], start: usize, end: usize) -> bool {
    if start == end {
        return false;
    }
    if bytes[start] == b'>' {
        return start + 1 == end && end == bytes.len();
    }
    let named = bytes[start] == b'{';
    if named && (end - start < 3 || bytes[end - 1] != b'}') {
        return false;
    }
    let (mut at, end) = if named {
        (start + 1, end - 1)
    } else {
        (start, end)
    };
    while at < end {
        let letter = bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_';
        let plain = bytes[at].is_ascii_graphic() && !matches!(bytes[at], b'*' | b'>' | b'{' | b'}');
        if !letter && (named || !plain) {
            return false;
        }
        at += 1;
    }
    true
}

fn push_param(text: &mut String, name: &str, param: &dyn Param) {
    let start = text.len();
    // Writing to a `String` cannot fail. An error comes from the `Display` implementation, and the token is incomplete.
    let flaw = match write!(text, "{param}") {
        Ok(()) => token_flaw(&text[start..]),
        Err(fmt::Error) => Some("cannot be displayed"),
    };
    if let Some(flaw) = flaw {
        let shown: String = text[start..].chars().take(SHOWN).collect();
        text.truncate(start);
        push_flaw(text, name, &shown, flaw);
    }
}

/// Spaces and braces make the subject invalid. The text is for the reader of the error.
fn push_flaw(text: &mut String, name: &str, value: &str, flaw: &str) {
    text.push('{');
    text.push_str(name);
    text.push(' ');
    text.extend(value.escape_debug());
    text.push(' ');
    text.push_str(flaw);
    text.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subject::MAX_TOKEN;

    struct Unchecked(String);

    impl fmt::Display for Unchecked {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }

    impl Param for Unchecked {}

    const PREFIX: Prefix = Prefix::from_static("acme.fleet");
    const DEPLOY: Template = Template::new("cmd.{worker_id}.deploy");
    const ROUTE: Template = Template::new("pipeline.{group}.{from}.{to}");
    const COMMANDS: Template = Template::new("cmd.{worker_id}.>");

    fn param(text: &str) -> Unchecked {
        Unchecked(text.to_owned())
    }

    #[test]
    fn template_parameters_fill_their_tokens_in_order() {
        let (group, from, to) = (param("g"), param("w1"), param("w2"));
        assert_eq!(
            DEPLOY.subject(&PREFIX, &[&from]).as_str(),
            "acme.fleet.cmd.w1.deploy"
        );
        assert_eq!(
            ROUTE.subject(&PREFIX, &[&group, &from, &to]).as_str(),
            "acme.fleet.pipeline.g.w1.w2"
        );
        assert_eq!(
            ROUTE.pattern(&PREFIX, &[None, None, Some(&to)]).as_str(),
            "acme.fleet.pipeline.*.*.w2"
        );
        assert_eq!(
            ROUTE.pattern(&PREFIX, &[]).as_str(),
            "acme.fleet.pipeline.*.*.*"
        );
        assert_eq!(
            COMMANDS.pattern(&PREFIX, &[Some(&from)]).as_str(),
            "acme.fleet.cmd.w1.>"
        );
        assert_eq!(ROUTE.names().collect::<Vec<_>>(), ["group", "from", "to"]);
    }

    #[test]
    fn template_invalid_parameter_makes_an_invalid_subject() {
        let long = "a".repeat(MAX_TOKEN + 1);
        let bad = [
            "",
            ".",
            "a.b",
            "*",
            ">",
            "a*",
            "a b",
            "a\tb",
            "a\r\nPUB x 0\r\n",
            "a\0",
            "\u{a0}",
            "é",
            long.as_str(),
        ];
        for bad in bad {
            let subject = DEPLOY.subject(&PREFIX, &[&param(bad)]);
            assert!(subject.check().is_err(), "{bad:?} gave {subject}");
            assert!(
                !subject.as_str().contains(['\r', '\n', '\0']),
                "{bad:?} gave {subject:?}"
            );
            let pattern = DEPLOY.pattern(&PREFIX, &[Some(&param(bad))]);
            assert!(pattern.check().is_err(), "{bad:?} gave {pattern}");
        }
        assert!(DEPLOY.subject(&PREFIX, &[]).check().is_err());
        assert!(COMMANDS.subject(&PREFIX, &[&param("w1")]).check().is_err());
        let longest = "a".repeat(MAX_TOKEN);
        assert!(DEPLOY.subject(&PREFIX, &[&param(&longest)]).check().is_ok());
    }

    #[test]
    fn subject_error_names_the_invalid_parameter() {
        let subject = DEPLOY.subject(&PREFIX, &[&param("a.b")]);
        assert_eq!(
            subject.as_str(),
            "acme.fleet.cmd.{worker_id a.b has a dot}.deploy"
        );
    }

    #[test]
    fn template_parses_only_matching_subjects() {
        let tokens = ROUTE.parse(&PREFIX, "acme.fleet.pipeline.g.7.w2").unwrap();
        assert_eq!(tokens.get("group"), Some("g"));
        assert_eq!(tokens.param::<u64>("from"), Ok(7));
        assert!(tokens.param::<u64>("to").is_err());
        assert!(tokens.param::<u64>("nobody").is_err());
        let check = |template: Template, tail: &str, expected: bool| {
            assert_eq!(
                template.matches(tail),
                expected,
                "{} {tail}",
                template.as_str()
            );
        };
        check(DEPLOY, "cmd.w1.deploy", true);
        check(DEPLOY, "cmd.w1.deploy.more", false);
        check(DEPLOY, "cmd.w1.a.deploy", false);
        check(DEPLOY, "cmd..deploy", false);
        check(DEPLOY, "cmd.w1", false);
        check(DEPLOY, "", false);
        check(COMMANDS, "cmd.w1", false);
        check(COMMANDS, "cmd.w1.a", true);
        check(COMMANDS, "cmd.w1.a.b", true);
        assert!(
            ROUTE
                .parse(&PREFIX, "other.cluster.pipeline.g.w1.w2")
                .is_none()
        );
    }
}
