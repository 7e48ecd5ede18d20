//! Text of messages: quotations, lists and suggestions.

/// Quotes a text of the schemas: in backticks, cut after 60 characters.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("`{head}…`")
}

/// Quotes words and joins them with commas.
pub(crate) fn listed<'a>(
    words: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>,
) -> String {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| quoted(word.as_ref()))
        .collect();
    words.join(", ")
}

/// The most similar candidate within two edits.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const FARTHEST: usize = 2;
    let near = |candidate: &&str| {
        word.len().abs_diff(candidate.len()) <= FARTHEST && !word.is_empty() && word.len() <= 64
    };
    let distances = candidates
        .into_iter()
        .filter(near)
        .map(|candidate| (distance(word, candidate), candidate));
    let (edits, candidate) = distances.min()?;
    (edits <= FARTHEST && edits < candidate.len()).then_some(candidate)
}

/// The number of characters to insert, remove, replace or swap with their neighbor to turn a text into another text.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_word_within_two_edits_is_found() {
        let words = ["minLength", "maxLength", "minimum"];
        assert_eq!(nearest("minLenght", words), Some("minLength"));
        assert_eq!(nearest("minlength", words), Some("minLength"));
        assert_eq!(nearest("allOf", words), None);
        assert_eq!(nearest("", words), None);
    }
}
