//! Random numbers that are the same everywhere for the same seed: xorshift64*.

use crate::report::setting;

/// The seed of this run: `LEDSAGA_SEED`, or a new one. It is in the row of the table.
pub fn seed() -> u64 {
    match setting("LEDSAGA_SEED", 0) {
        0 => uuid::Uuid::now_v7().as_u64_pair().1,
        seed => seed as u64,
    }
}

pub struct Random(u64);

impl Random {
    /// One of many that follow from one seed, so that each case can be had again by itself.
    pub fn of(seed: u64, number: u64) -> Self {
        // SplitMix64, so that neighbours have nothing in common; never zero.
        let mut state = seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self((state ^ (state >> 31)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Less than `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_says_the_same_and_another_something_else() {
        let said = |seed, number| {
            let mut random = Random::of(seed, number);
            [(); 8].map(|()| random.below(1_000_000))
        };
        assert_eq!(said(7, 3), said(7, 3));
        assert_ne!(said(7, 3), said(7, 4));
        assert_ne!(said(7, 3), said(8, 3));
    }
}
