//! Which worker gets a pipeline.

/// Which worker gets a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// The one with the fewest deployments for its room.
    #[default]
    LeastLoaded,
}
