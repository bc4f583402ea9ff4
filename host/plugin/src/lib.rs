//! The sandbox: checks, compiles and calls plugin components
