//! Segments of a payload.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A part of a payload: text or bytes, repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The content.
    #[serde(flatten)]
    pub content: Content,
    /// The number of repetitions.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: usize,
}

/// The content of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Text as UTF-8.
    Text(String),
    /// Bytes as hexadecimal digits.
    Hex(String),
}

impl Segment {
    /// Text as UTF-8.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::new(Content::Text(text.into()))
    }

    /// Bytes.
    pub(super) fn hex(bytes: &[u8]) -> Self {
        let mut digits = String::new();
        for byte in bytes {
            // Writing to a string never fails.
            let _ = write!(digits, "{byte:02x}");
        }
        Self::new(Content::Hex(digits))
    }

    /// Text, repeated.
    pub(super) fn repeated(text: &str, times: usize) -> Self {
        Self {
            times,
            ..Self::text(text)
        }
    }

    fn new(content: Content) -> Self {
        Self { content, times: 1 }
    }

    /// The bytes of the segment.
    fn bytes(&self) -> Vec<u8> {
        let once = match &self.content {
            Content::Text(text) => text.as_bytes().to_vec(),
            Content::Hex(digits) => {
                let pairs = digits.as_bytes().chunks(2);
                let text = pairs.map(|pair| std::str::from_utf8(pair).unwrap_or_default());
                text.filter_map(|pair| u8::from_str_radix(pair, 16).ok())
                    .collect()
            }
        };
        once.repeat(self.times)
    }
}

/// The payload of these segments.
pub(super) fn payload(segments: &[Segment]) -> Vec<u8> {
    segments.iter().flat_map(Segment::bytes).collect()
}

/// Merges neighbours that are text without repetition.
pub(super) fn merged(segments: impl IntoIterator<Item = Segment>) -> Vec<Segment> {
    let mut merged: Vec<Segment> = Vec::new();
    for segment in segments {
        match (merged.last_mut(), &segment) {
            (
                Some(Segment {
                    content: Content::Text(before),
                    times: 1,
                }),
                Segment {
                    content: Content::Text(text),
                    times: 1,
                },
            ) => before.push_str(text),
            _ => merged.push(segment),
        }
    }
    merged.retain(|segment| segment.content != Content::Text(String::new()));
    merged
}

fn once() -> usize {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_once(times: &usize) -> bool {
    *times == 1
}
