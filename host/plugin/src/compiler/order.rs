//! What is ordered of the compiling process: for which kind of memories, and within what. To arguments and
//! back, so that its limits hold before it has read a byte. Must not know how they are enforced.

use std::time::Duration;

/// How the engine that is to run the code holds the memories of its guests: native code differs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memories {
    /// In room reserved for the largest there is.
    Reserved,
    /// In room that moves as they grow.
    Growing,
}

/// What to compile for, and what that may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The engine's memories.
    pub(crate) memories: Memories,
    /// Processor time.
    pub(crate) time: Duration,
    /// Address space, in bytes.
    pub(crate) memory_bytes: usize,
}

const RESERVED: &str = "reserved";
const GROWING: &str = "growing";

impl Order {
    /// Whole seconds of processor time, as the system counts it.
    pub(super) fn seconds(&self) -> u64 {
        self.time.as_secs() + u64::from(self.time.subsec_nanos() > 0)
    }

    /// As arguments.
    pub(super) fn arguments(&self) -> [String; 3] {
        let memories = match self.memories {
            Memories::Reserved => RESERVED,
            Memories::Growing => GROWING,
        };
        [
            memories.to_owned(),
            self.seconds().to_string(),
            self.memory_bytes.to_string(),
        ]
    }

    /// From arguments; none if they are no order.
    pub(super) fn read(arguments: &[String]) -> Option<Order> {
        let [memories, seconds, memory_bytes] = arguments else {
            return None;
        };
        Some(Order {
            memories: match memories.as_str() {
                RESERVED => Memories::Reserved,
                GROWING => Memories::Growing,
                _ => return None,
            },
            time: Duration::from_secs(seconds.parse().ok()?),
            memory_bytes: memory_bytes.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_reads_back_from_its_arguments_in_whole_seconds() {
        for memories in [Memories::Reserved, Memories::Growing] {
            let order = Order {
                memories,
                time: Duration::from_millis(2_001),
                memory_bytes: 1 << 29,
            };
            let read = Order::read(&order.arguments()).unwrap();
            let whole = Order {
                time: Duration::from_secs(3),
                ..order
            };
            assert_eq!(read, whole);
        }
    }

    #[test]
    fn what_is_no_order_is_not_taken_for_one() {
        for arguments in [
            &["reserved", "1"][..],
            &["x", "1", "1"],
            &["growing", "", "1"],
        ] {
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            assert_eq!(Order::read(&arguments), None);
        }
    }
}
