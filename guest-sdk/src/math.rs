//! Mathematics with the same bits everywhere: one implementation in software, natively and in a component,
//! where the platforms' own libraries differ in the last digit. Use these instead of `f64`'s methods of the
//! same names; `+ - * /`, `abs`, comparisons and rounding are exact everywhere as they are.

/// e to the power of `x`.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// 2 to the power of `x`.
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// The natural logarithm; missing (NaN) below 0, minus infinity at 0.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// The natural logarithm of `1 + x`, precise near 0.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// The logarithm to base 2; missing (NaN) below 0, minus infinity at 0.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// `x` to the power of `y`.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// The square root; missing (NaN) below 0.
pub fn sqrt(x: f64) -> f64 {
    // Correctly rounded by IEEE 754, hence one and the same instruction everywhere.
    x.sqrt()
}

/// `1 / (1 + exp(-x))`: log-odds to a probability, without overflow at either end.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let odds = exp(x);
        odds / (1.0 + odds)
    }
}

/// A 64-bit hash of bytes: FNV-1a, then [`mix`] so that all bits depend on all bytes. It keeps no secret: who
/// chooses the bytes can find two with the same hash.
pub fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    mix(bytes.iter().fold(0xCBF2_9CE4_8422_2325, step))
}

/// Spreads a number's bits over all 64 (the finaliser of splitmix64), one to one.
pub const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_have_the_documented_bits() {
        let bits = |value: f64| value.to_bits();
        assert_eq!(bits(exp(1.0)), 0x4005_BF0A_8B14_576A);
        assert_eq!(bits(exp2(0.5)), 0x3FF6_A09E_667F_3BCD);
        assert_eq!(bits(ln(10.0)), 0x4002_6BB1_BBB5_5516);
        assert_eq!(bits(log2(10.0)), 0x400A_934F_0979_A371);
        assert_eq!(bits(pow(10.0, 0.3)), bits(1.995_262_314_968_879_5));
        assert_eq!(bits(sqrt(2.0)), 0x3FF6_A09E_667F_3BCD);
        assert_eq!(bits(ln_1p(1e-9)), bits(9.999_999_995e-10));
    }

    #[test]
    fn sigmoid_is_flat_at_both_ends() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert_eq!(sigmoid(800.0), 1.0);
        assert_eq!(sigmoid(-800.0), 0.0);
        assert!((sigmoid(2.0) + sigmoid(-2.0) - 1.0).abs() < 1e-15);
        assert!(sigmoid(f64::NAN).is_nan());
    }

    #[test]
    fn hashes_are_the_documented_ones() {
        assert_eq!(hash(b""), 0xF52A_15E9_A9B5_E89B);
        assert_eq!(hash(b"a"), 0x02C0_BDBF_4814_20F8);
        assert_eq!(hash(b"foreshore"), 0xA954_49B2_B99A_9B7F);
    }
}
