//! Finds the tag of a union before the reader decodes it.

use std::borrow::Cow;

use super::reader::Reader;
use crate::codec::violation::Violation;

impl<'a> Reader<'a> {
    /// Searches the next object for the member `key`, which must be a string. The position of the reader does not
    /// change.
    ///
    /// # Errors
    /// If the value is not an object, the member is not a string, or the text before the member is not JSON.
    pub fn find(&mut self, key: &str) -> Result<Option<Cow<'a, str>>, Violation> {
        let mut ahead = self.lookahead();
        if self.at < self.known.end {
            ahead.known = std::mem::take(&mut self.known);
        }
        let found = ahead.find_here(key)?;
        ahead.known.end = ahead.known.end.max(ahead.at);
        self.known = ahead.known;
        Ok(found)
    }

    fn find_here(&mut self, key: &str) -> Result<Option<Cow<'a, str>>, Violation> {
        self.enter(b'{', "expected an object")?;
        if self.next_byte() == b'}' {
            return Ok(None);
        }
        loop {
            let name = self.key()?;
            if name == key {
                let text = self.text().map_err(|violation| violation.inside(key));
                return text.map(Some);
            }
            self.skip_once()
                .map_err(|violation| violation.inside(&name))?;
            if !self.has_next(b'}')? {
                return Ok(None);
            }
        }
    }

    /// Skips a value. Uses the ends that an earlier lookahead has found.
    fn skip_once(&mut self) -> Result<(), Violation> {
        let bracket = self.next_byte();
        if !matches!(bracket, b'{' | b'[') {
            return self.skip();
        }
        let spans = &mut self.known.spans;
        if let Ok(place) = spans.binary_search_by_key(&self.at, |(start, _)| *start) {
            self.at = spans[place].1;
            return Ok(());
        }
        let place = spans.len();
        spans.push((self.at, self.at));
        if bracket == b'{' {
            self.object(|reader, _| reader.skip_once())?;
        } else {
            self.array(|reader, _| reader.skip_once())?;
        }
        self.known.spans[place].1 = self.at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::codec::side::Side;
    use crate::codec::violation::Violation;

    /// Reads nested objects. Each object is searched for its tag first.
    fn read(reader: &mut Reader<'_>) -> Result<(), Violation> {
        assert_eq!(reader.find("tag")?.as_deref(), Some("x"));
        reader.object(|reader, key| match &*key {
            "inner" => read(reader),
            _ => reader.skip(),
        })
    }

    #[test]
    fn reader_lookahead_scans_each_value_once() {
        let check = |before: &str, behind: &str, walked: usize| {
            let depth = 100;
            let text = format!(
                r#"{}{{"tag":"x"}}{}"#,
                format!(r#"{{{before}"inner":"#).repeat(depth),
                format!("{behind}}}").repeat(depth)
            );
            let mut reader = Reader::new(&text, Side::Request);
            assert_eq!(read(&mut reader), Ok(()), "{text}");
            assert_eq!(reader.known.spans.len(), walked, "{text}");
        };
        check("", r#","tag":"x""#, 100);
        check(r#""list":[{}],"#, r#","tag":"x""#, 300);
        check("", r#","list":[{}],"tag":"x""#, 300);
        check(r#""tag":"x","#, "", 0);
        check(r#""tag":"x","list":[{}],"#, r#","more":{}"#, 0);
    }
}
