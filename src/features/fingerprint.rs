//! Hashes that identify a configuration, the same on every machine and in every version.

use serde::Serialize;

/// Returns the 64-bit FNV-1a hash.
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let bytes = bytes.into_iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns the [`fnv1a`] of the JSON of `config`, in hexadecimal digits.
pub(crate) fn fingerprint(config: &impl Serialize) -> String {
    let json = serde_json::to_string(config).expect("plain numbers and text serialise");
    format!("{:016x}", fnv1a(json.bytes()))
}
