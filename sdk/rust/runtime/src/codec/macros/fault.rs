//! The macro for the errors of an operation.

/// Implements the traits for an enum that represents the errors of an operation. Each variant has an entry of the error
/// catalogue. A variant holds the detail if its entry has a detail.
///
/// ```
/// use natsgen_runtime::generated::ErrorKind;
/// use natsgen_runtime::{Fault, fault};
///
/// const CLOSED: ErrorKind = ErrorKind { code: "closed", status: 409, text: "closed", has_detail: false };
/// const BROKEN: ErrorKind = ErrorKind { code: "broken", status: 422, text: "broken: ", has_detail: true };
/// const CATALOGUE: &[ErrorKind] = &[BROKEN, CLOSED];
///
/// #[derive(Clone, Debug, PartialEq, Eq)]
/// pub enum WorkFault {
///     Broken(String),
///     Closed,
/// }
///
/// fault! {
///     WorkFault of CATALOGUE {
///         BROKEN => Broken(detail),
///         CLOSED => Closed,
///     }
/// }
///
/// let fault = WorkFault::Broken("the saw".to_owned());
/// assert_eq!(fault.to_string(), "broken: the saw");
/// assert_eq!(WorkFault::from_code("closed", String::new()), Some(WorkFault::Closed));
/// ```
///
/// The macro implements [`Fault`](crate::Fault), `Display` and `Error`.
#[doc(hidden)]
#[macro_export]
macro_rules! fault {
    (
        $name:ident of $catalogue:path {
            $($kind:path => $variant:ident $(($detail:ident))?),* $(,)?
        }
    ) => {
        impl $crate::Fault for $name {
            fn kind(&self) -> &'static $crate::generated::ErrorKind {
                match self {
                    $(Self::$variant { .. } => &$kind,)*
                }
            }

            fn detail(&self) -> &str {
                match self {
                    $(Self::$variant $(($detail))? => $crate::fault_detail!($($detail)?),)*
                }
            }

            #[allow(unused_variables, reason = "only an error with a detail uses it")]
            fn from_code(
                code: &str,
                detail: ::std::string::String,
            ) -> ::core::option::Option<Self> {
                $(
                    if code == $kind.code {
                        return ::core::option::Option::Some(
                            Self::$variant $(($crate::fault_content!($detail detail)))?
                        );
                    }
                )*
                ::core::option::Option::None
            }

            fn catalogue() -> &'static [$crate::generated::ErrorKind] {
                $catalogue
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::Fault::write(self, f)
            }
        }

        impl ::core::error::Error for $name {}
    };
}

/// The detail of a variant.
#[doc(hidden)]
#[macro_export]
macro_rules! fault_detail {
    () => {
        ""
    };
    ($detail:ident) => {
        $detail
    };
}

/// The content of a variant with a detail.
#[doc(hidden)]
#[macro_export]
macro_rules! fault_content {
    ($variant:ident $detail:ident) => {
        $detail
    };
}
