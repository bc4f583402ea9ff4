//! Integration tests: the real binary, real plugins, real HTTP; and the tidy test, which holds the source to
//! the house rules. Must not reach into a crate's inside: what is tested here is what users meet.

#[cfg(test)]
mod tidy;
