//! The macros that put a rule around what reads and writes a value.

/// Judges what `$read` reads, if there is a rule.
#[doc(hidden)]
#[macro_export]
macro_rules! judge_what_is_read {
    ($reader:ident [] $read:expr) => {
        $read
    };
    ($reader:ident [$rule:path] $read:expr) => {
        $reader.judged(&$rule, |$reader| $read)
    };
}

/// Judges what `$write` writes, if there is a rule.
#[doc(hidden)]
#[macro_export]
macro_rules! judge_what_is_written {
    ($writer:ident [] $write:expr) => {
        $write
    };
    ($writer:ident [$rule:path] $write:expr) => {
        $writer.judged(&$rule, |$writer| $write)
    };
}
