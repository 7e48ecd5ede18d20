//! JSON pointers: the path from the root of a document to a place in it.

/// A key or index as a step of a JSON pointer, including the slash.
#[must_use]
pub fn escape(key: &str) -> String {
    let mut step = String::with_capacity(key.len() + 1);
    step.push('/');
    if key.contains(['~', '/']) {
        step.push_str(&key.replace('~', "~0").replace('/', "~1"));
    } else {
        step.push_str(key);
    }
    step
}

/// The keys and indices of a JSON pointer.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = String> {
    let steps = pointer.split('/').skip(1);
    steps.map(|step| step.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointer_steps_round_trip() {
        for keys in [
            &[] as &[&str],
            &[""],
            &["a", "0"],
            &["a/b", "~1", "~", "/", "\u{e9}"],
        ] {
            let pointer: String = keys.iter().map(|key| escape(key)).collect();
            assert_eq!(steps(&pointer).collect::<Vec<_>>(), keys, "{pointer}");
        }
    }
}
