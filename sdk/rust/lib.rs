//! Typed clients and servers for Varpulis clusters.
