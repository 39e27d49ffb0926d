//! Instants as HTTP writes them.

use jiff::Timestamp;

/// In seconds, as RFC 9110 §5.6.7 has it.
pub(super) fn http(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
