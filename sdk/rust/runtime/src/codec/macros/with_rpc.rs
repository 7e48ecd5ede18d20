//! The macro for clients and services, which need the feature `rpc`.

/// Defines the items if the runtime has the feature `rpc`.
///
/// The features of the runtime decide, because generated code cannot ask for the features of another crate.
#[cfg(feature = "rpc")]
#[doc(hidden)]
#[macro_export]
macro_rules! with_rpc {
    ($($item:item)*) => {
        $($item)*
    };
}

/// Leaves the items out, because the runtime lacks the feature `rpc`.
#[cfg(not(feature = "rpc"))]
#[doc(hidden)]
#[macro_export]
macro_rules! with_rpc {
    ($($item:item)*) => {};
}
