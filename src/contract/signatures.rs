//! The algorithms of signed requests: `Authorization: ALGORITHM Access=…, SignedHeaders=…, Signature=…`.

/// The algorithm that is verified.
pub(crate) const SUPPORTED: &str = "SDK-HMAC-SHA256";
/// The other algorithms of the SDKs.
pub(crate) const UNSUPPORTED: [&str; 4] = ["SDK-HMAC-SM3", "SDK-ECDSA-P256-SHA256", "SDK-SM2-SM3", "V11-HMAC-SHA256"];
