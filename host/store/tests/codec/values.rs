//! Strategies for what records are made of.

use std::sync::Arc;

use foreshore_core::Mention;
use foreshore_event::{Time, TypeIndex};
use foreshore_timeline::Lsn;
use proptest::prelude::*;

/// Any bits, and those that matter more often.
pub fn number() -> impl Strategy<Value = f64> {
    let special = [
        f64::NAN,
        0.0,
        -0.0,
        1.0,
        f64::INFINITY,
        f64::MIN_POSITIVE,
        -1.5,
    ];
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        proptest::sample::select(special.to_vec()),
        (0..2_000_i32).prop_map(f64::from),
        any::<u64>().prop_map(|bits| f64::from_bits(bits | 0x7FF0_0000_0000_0000)),
    ]
}

/// A number as events hold them.
pub fn content() -> impl Strategy<Value = f64> {
    number().prop_map(|number| {
        if number.is_finite() {
            number + 0.0
        } else {
            f64::NAN
        }
    })
}

pub fn lsn() -> impl Strategy<Value = Lsn> {
    prop_oneof![any::<u64>(), 0..2_000_u64].prop_map(Lsn)
}

pub fn time() -> impl Strategy<Value = Time> {
    prop_oneof![
        any::<i64>(),
        Just(i64::MIN),
        1_772_366_400_000_000..1_772_400_000_000_000_i64
    ]
    .prop_map(Time)
}

pub fn name() -> impl Strategy<Value = String> {
    "[a-zé0-9 -]{1,24}"
}

prop_compose! {
    pub fn mention()(
        lsn in lsn(), time in time(), kind in prop_oneof![Just(0), Just(1), Just(u16::MAX)],
        source in name(), id in name(),
    ) -> Arc<Mention> {
        let (source, id) = (source.into(), id.into());
        Arc::new(Mention { lsn, time, kind: TypeIndex(kind), source, id })
    }
}
