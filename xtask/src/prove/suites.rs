//! Where the proofs are. A suite is a line: what it attacks, its test program, and in it the modules or tests
//! that are proofs. Must not know what they claim.

use std::fmt;

/// Tests that are proofs.
pub(crate) struct Suite {
    /// What is attacked: `order`, `power`, `processes`, `plugins`, `clients`, `load`.
    pub(crate) part: &'static str,
    /// The package.
    pub(crate) package: &'static str,
    /// Its test program: of a folder or file in `tests`, or `--lib`.
    pub(crate) program: &'static str,
    /// What the names of its proofs begin with.
    pub(crate) proofs: &'static [&'static str],
    /// Whether its proofs run one at a time, because they measure or want the machine for themselves.
    pub(crate) alone: bool,
}

/// Every suite, in the order they run. What several name is the first one's.
pub(crate) static SUITES: &[Suite] = &[
    at_once(
        "order",
        "foreshore-core",
        "promises",
        &["seeds::", "clocks::", "leaving::"],
    ),
    at_once("order", "foreshore-store", "power", &["order::"]),
    at_once("order", "foreshore-plugin", "rollback", &[""]),
    at_once(
        "power",
        "foreshore-store",
        "power",
        &["cuts::", "damage::", "faults::"],
    ),
    alone(
        "processes",
        "foreshore-tests",
        "--lib",
        &["surviving::", "faults::space::"],
    ),
    alone(
        "processes",
        "foreshore-tests",
        "--lib",
        &["faults::folders::a_read", "faults::folders::a_disk"],
    ),
    // These take longest, and ask of the clock only that nothing hangs.
    at_once(
        "plugins",
        "foreshore-plugin",
        "evil",
        &["mutants::", "slots::nothing_of_what"],
    ),
    alone("plugins", "foreshore-plugin", "evil", &[""]),
    at_once(
        "plugins",
        "foreshore-plugin",
        "--lib",
        &["compiler::pieces::agreement_tests::a_module_in_pieces"],
    ),
    at_once(
        "clients",
        "foreshore",
        "--lib",
        &["http::wire::agreement_tests::every_message_that_passes"],
    ),
    alone(
        "clients",
        "foreshore-tests",
        "--lib",
        &[
            "hostile::crowd::",
            "entering::encrypting::a_handshake_bent_at_random",
            "entering::tokens::a_token_bent_at_random",
        ],
    ),
    alone("load", "foreshore-tests", "load", &[""]),
];

const fn at_once(
    part: &'static str,
    package: &'static str,
    program: &'static str,
    proofs: &'static [&'static str],
) -> Suite {
    Suite {
        part,
        package,
        program,
        proofs,
        alone: false,
    }
}

const fn alone(
    part: &'static str,
    package: &'static str,
    program: &'static str,
    proofs: &'static [&'static str],
) -> Suite {
    Suite {
        alone: true,
        ..at_once(part, package, program, proofs)
    }
}

impl Suite {
    /// Whether this test of its program is a proof of it.
    pub(crate) fn has(&self, test: &str) -> bool {
        let first = SUITES.iter().find(|suite| suite.names(self, test));
        first.is_some_and(|first| std::ptr::eq(first, self))
    }

    /// Whether this suite names the test of another one's program.
    fn names(&self, other: &Suite, test: &str) -> bool {
        let program = |suite: &Suite| (suite.package, suite.program);
        program(self) == program(other) && self.proofs.iter().any(|proofs| test.starts_with(proofs))
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.program.starts_with("--") {
            ""
        } else {
            "--test "
        };
        write!(f, "`-p {} {kind}{}`", self.package, self.program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_name_is_the_first_ones() {
        let is_alone = |test| {
            let mut of = SUITES
                .iter()
                .filter(|suite| suite.program == "evil" && suite.has(test));
            let suite = of.next().unwrap();
            assert!(of.next().is_none());
            suite.alone
        };
        assert!(!is_alone("mutants::of_something"));
        assert!(is_alone("time::a_loop_without_end_is_stopped"));
    }
}
