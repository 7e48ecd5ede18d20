//! Reads JSON text, one value after the other, and checks on the way.

use std::borrow::Cow;
use std::str::Utf8Error;

use super::limits::Limits;
use super::scan::begins_with;
use super::tree::Tree;
use super::{Json, Name, Pairs};
use crate::rule::Rule;
use crate::{Side, Violation};

/// Reads JSON text from front to back. Every method reads the value that is next, with the white space before it, or
/// says what is wrong with it.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    /// What is read; empty if there is too much of it.
    text: &'a str,
    at: usize,
    /// How many more levels may be entered.
    levels: u32,
    /// How many more values may be read.
    values: u32,
    side: Side,
    /// Whether a rule judges a value around the one that is next.
    is_judged: bool,
    limits: Limits,
    whole: &'a str,
}

/// Which of the names of an object ought to come next.
struct Guess {
    names: &'static [Name],
    next: usize,
}

/// The type of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl<'a> Reader<'a> {
    /// Reads a text within the [default limits](Limits::default).
    #[inline]
    #[must_use]
    pub fn new(text: &'a str, side: Side) -> Self {
        let limits = Limits::default();
        Self {
            text: if text.len() > limits.length { "" } else { text },
            at: 0,
            levels: limits.depth,
            values: limits.count,
            side,
            is_judged: false,
            limits,
            whole: text,
        }
    }

    /// Reads bytes within the [default limits](Limits::default).
    ///
    /// # Errors
    /// When they are not UTF-8.
    #[inline]
    pub fn from_bytes(bytes: &'a [u8], side: Side) -> Result<Self, Violation> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(text, side)),
            Err(error) => Err(not_utf8(error)),
        }
    }

    /// Sets the limits. To be called before anything is read.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        let depth = limits.depth.min(Limits::DEEPEST);
        self.text = if self.whole.len() > limits.length {
            ""
        } else {
            self.whole
        };
        self.levels = depth;
        self.values = limits.count;
        self.limits = Limits { depth, ..limits };
        self
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// When anything but white space is left.
    #[inline]
    pub fn finish(mut self) -> Result<(), Violation> {
        self.ahead();
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.syntax("trailing characters", self.at))
        }
    }

    /// Where the text is read.
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    /// The type of the value that is next, as its first byte tells.
    ///
    /// # Errors
    /// When no value begins here.
    #[inline]
    pub fn peek(&mut self) -> Result<Kind, Violation> {
        match self.ahead() {
            b'n' => Ok(Kind::Null),
            b't' | b'f' => Ok(Kind::Bool),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b'"' => Ok(Kind::Text),
            b'[' => Ok(Kind::Array),
            b'{' => Ok(Kind::Object),
            _ => Err(self.no_value()),
        }
    }

    /// Reads `null` if it is next, and nothing otherwise.
    #[inline]
    pub fn take_null(&mut self) -> bool {
        self.ahead() == b'n' && self.take("null")
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// When the value is anything else.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, Violation> {
        match self.ahead() {
            b't' if self.take("true") => Ok(true),
            b'f' if self.take("false") => Ok(false),
            _ => Err(self.mistyped("expected true or false")),
        }
    }

    /// Reads a text: borrowed, unless it has escapes.
    ///
    /// # Errors
    /// When the value is anything else.
    #[inline]
    pub fn text(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.odd_text(),
        }
    }

    /// Reads any value.
    ///
    /// # Errors
    /// When it is not JSON, has duplicate keys, or is beyond the limits.
    #[inline]
    pub fn json(&mut self) -> Result<Json<'a>, Violation> {
        self.tree()
    }

    /// Reads over a value. Duplicate keys are no matter here; all else is.
    ///
    /// # Errors
    /// When it is not JSON, or beyond the limits.
    pub fn skip(&mut self) -> Result<(), Violation> {
        match self.ahead() {
            b'"' => self.skip_text(),
            b'{' => self.object(|reader, _| reader.skip()),
            b'[' => self.array(|reader, _| reader.skip()),
            b'-' | b'0'..=b'9' => self.skip_number(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => Err(self.no_value()),
        }
    }

    /// Reads an object: calls `member` with each key, to read the one value that is next then.
    ///
    /// # Errors
    /// When the value is anything else, or what `member` says; the key is put into the pointer.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.enter(b'{', "expected an object")?;
        if self.ahead() == b'}' {
            self.leave();
            return Ok(());
        }
        loop {
            let key_at = self.at;
            let key = self.key()?;
            if let Err(violation) = member(self, key) {
                return Err(self.in_member(key_at, violation));
            }
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads an object like [`object`](Self::object), quicker if its members come in the order of `names`.
    ///
    /// # Errors
    /// Those of [`object`](Self::object).
    #[inline]
    pub fn members(
        &mut self,
        names: &'static [Name],
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let mut names = Guess { names, next: 0 };
        self.enter(b'{', "expected an object")?;
        if self.ahead() == b'}' {
            self.leave();
            return Ok(());
        }
        loop {
            let key_at = self.at;
            let key = match self.guess(&mut names) {
                Some(key) => Cow::Borrowed(key),
                None => self.odd_key()?,
            };
            if let Err(violation) = member(self, key) {
                return Err(self.in_member(key_at, violation));
            }
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads a list: calls `item` with each index, to read the one value that is next then.
    ///
    /// # Errors
    /// When the value is anything else, or what `item` says; the index is put into the pointer.
    #[inline]
    pub fn array(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        self.enter(b'[', "expected a list")?;
        if self.ahead() == b']' {
            self.leave();
            return Ok(());
        }
        let mut index = 0;
        loop {
            self.count(1)?;
            if let Err(violation) = item(self, index) {
                return Err(in_item(index, violation));
            }
            if !self.goes_on(b']')? {
                return Ok(());
            }
            index += 1;
        }
    }

    /// Looks ahead into the object that is next for a member with a text. Moves nothing.
    ///
    /// # Errors
    /// When the value is no object, or the member no text, or what is before it is not JSON.
    pub fn find(&self, key: &str) -> Result<Option<Cow<'a, str>>, Violation> {
        let mut ahead = self.clone();
        ahead.enter(b'{', "expected an object")?;
        if ahead.ahead() == b'}' {
            return Ok(None);
        }
        loop {
            let name = ahead.key()?;
            if name == key {
                let text = ahead.text().map_err(|violation| violation.inside(key));
                return text.map(Some);
            }
            ahead.skip().map_err(|violation| violation.inside(&name))?;
            if !ahead.goes_on(b'}')? {
                return Ok(None);
            }
        }
    }

    /// Reads a value and judges its text by a rule, unless a rule already judges a value around it.
    ///
    /// # Errors
    /// What `read` says, or the rule.
    #[inline]
    pub fn judged<T>(
        &mut self,
        rule: &'static Rule,
        read: impl FnOnce(&mut Self) -> Result<T, Violation>,
    ) -> Result<T, Violation> {
        if self.is_judged {
            return read(self);
        }
        self.ahead();
        let start = self.at;
        self.is_judged = true;
        let value = read(self);
        self.is_judged = false;
        let value = value?;
        self.judge(rule, start)?;
        Ok(value)
    }

    #[inline(never)]
    fn judge(&self, rule: &'static Rule, start: usize) -> Result<(), Violation> {
        let text = self.text.get(start..self.at).unwrap_or_default();
        let json = Self::new(text, self.side).with_limits(self.limits).json()?;
        rule.judge(&json)
    }

    /// Reads any value, with texts of the kind asked for.
    pub(super) fn tree<S>(&mut self) -> Result<Tree<S>, Violation>
    where
        S: AsRef<str> + From<Cow<'a, str>>,
    {
        match self.ahead() {
            b'"' => Ok(Tree::Text(S::from(self.quoted()?))),
            b'{' => self.pairs().map(Tree::Object),
            b'[' => {
                let mut items = Vec::new();
                self.array(|reader, _| {
                    items.push(reader.tree()?);
                    Ok(())
                })?;
                Ok(Tree::Array(items))
            }
            b'-' | b'0'..=b'9' => self.any_number().map(Tree::Number),
            b't' => self.word("true").map(|()| Tree::Bool(true)),
            b'f' => self.word("false").map(|()| Tree::Bool(false)),
            b'n' => self.word("null").map(|()| Tree::Null),
            _ => Err(self.no_value()),
        }
    }

    /// Reads the members of any object.
    pub(super) fn pairs<S>(&mut self) -> Result<Pairs<S>, Violation>
    where
        S: AsRef<str> + From<Cow<'a, str>>,
    {
        let mut pairs = Vec::new();
        self.object(|reader, key| {
            pairs.push((S::from(key), reader.tree()?));
            Ok(())
        })?;
        Pairs::distinct(pairs)
    }

    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(super) fn source(&self) -> &'a str {
        self.text
    }

    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.whole.len() > self.text.len()
    }

    /// Goes to the next byte that is not white space, and gives it; 0 at the end.
    #[inline]
    pub(super) fn ahead(&mut self) -> u8 {
        match self.byte() {
            Some(byte) if byte > b' ' => byte,
            _ => self.behind_space(),
        }
    }

    #[inline(never)]
    fn behind_space(&mut self) -> u8 {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// Reads a word if it is next.
    #[inline]
    fn take(&mut self, word: &str) -> bool {
        let is_next = self.bytes()[self.at..].starts_with(word.as_bytes());
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Reads the word that has begun.
    #[inline]
    fn word(&mut self, word: &str) -> Result<(), Violation> {
        if self.take(word) {
            Ok(())
        } else {
            Err(self.no_word(word))
        }
    }

    #[cold]
    #[inline(never)]
    fn no_word(&self, word: &str) -> Violation {
        let rest = &self.bytes()[self.at..];
        let right = rest
            .iter()
            .zip(word.as_bytes())
            .take_while(|(byte, letter)| byte == letter)
            .count();
        let what = if right == rest.len() {
            "EOF while parsing a value"
        } else {
            "expected ident"
        };
        self.syntax(what, self.at + right)
    }

    #[inline]
    fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), Violation> {
        if self.ahead() != bracket {
            return Err(self.mistyped(expected));
        }
        let Some(levels) = self.levels.checked_sub(1) else {
            return Err(self.too_deep());
        };
        self.levels = levels;
        self.at += 1;
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.levels += 1;
        self.at += 1;
    }

    #[inline]
    pub(super) fn count(&mut self, values: u32) -> Result<(), Violation> {
        match self.values.checked_sub(values) {
            Some(left) => {
                self.values = left;
                Ok(())
            }
            None => Err(self.too_many()),
        }
    }

    /// Reads a key up to the value of its member.
    #[inline]
    fn key(&mut self) -> Result<Cow<'a, str>, Violation> {
        match self.plain_key() {
            Some(key) => Ok(Cow::Borrowed(key)),
            None => self.odd_key(),
        }
    }

    /// Reads a key that begins right here, as [`plain_key`](Self::plain_key) does: by what it ought to be if it is.
    #[inline(never)]
    fn guess(&mut self, names: &mut Guess) -> Option<&'a str> {
        if let Some(name) = names.names.get(names.next)
            && let Some(wire) = name.wire()
            && begins_with(&self.bytes()[self.at..], wire.as_bytes())
        {
            self.count(2).ok()?;
            names.next += 1;
            self.at += wire.len();
            return Some(name.key());
        }
        self.plain_key_of(names)
    }

    /// Reads a key that begins right here, and looks for it among those that ought to come.
    #[inline(never)]
    fn plain_key_of(&mut self, names: &mut Guess) -> Option<&'a str> {
        let key = self.plain_key()?;
        if let Some(place) = names.names.iter().position(|name| name.key() == key) {
            names.next = place + 1;
        }
        Some(key)
    }

    /// Reads over the comma in front of the next member or item, or over the end.
    #[inline]
    fn goes_on(&mut self, bracket: u8) -> Result<bool, Violation> {
        let next = self.ahead();
        if next == b',' {
            self.at += 1;
            self.ahead();
            Ok(true)
        } else if next == bracket {
            self.leave();
            Ok(false)
        } else {
            Err(self.no_end(bracket))
        }
    }

    #[cold]
    #[inline(never)]
    fn in_member(&self, key_at: usize, violation: Violation) -> Violation {
        let mut before = self.clone();
        before.at = key_at;
        match before.quoted() {
            Ok(key) => violation.inside(&key),
            Err(_) => violation,
        }
    }
}

#[cold]
#[inline(never)]
fn not_utf8(error: Utf8Error) -> Violation {
    let place = error.valid_up_to() + 1;
    Violation::of_text(format!("expected UTF-8 at byte {place}"))
}

#[cold]
#[inline(never)]
fn in_item(index: usize, violation: Violation) -> Violation {
    violation.inside(&index.to_string())
}
