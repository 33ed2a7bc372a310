//! Noise that is the same on every machine.

/// The linear congruential generator of *Numerical Recipes*, with its state. `make.py` of the golden tests has it too.
pub struct Noise(pub u32);

impl Noise {
    /// Returns the upper 24 bits of the next state, scaled to -1..1.
    pub fn sample(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }
}
