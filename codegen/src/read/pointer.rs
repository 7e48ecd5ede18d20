//! JSON pointers: the way from the root of a document to a place in it.

/// A key or index as one step of a JSON pointer, the slash included.
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

/// The keys and indices that a JSON pointer is made of.
pub(crate) fn steps(pointer: &str) -> impl Iterator<Item = String> {
    let steps = pointer.split('/').skip(1);
    steps.map(|step| step.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_out_of_pointers() {
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
