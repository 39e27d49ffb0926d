//! The QR code that leads to where a certificate is checked.

use qrcode::{Color, QrCode};
use std::fmt::Write as _;

/// The modules of a QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Modules along a side.
    pub width: u16,
    /// Column and row of each dark one.
    pub dark: Vec<(u16, u16)>,
}

/// The text is longer than any QR code holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address does not fit into a QR code")]
pub struct QrError;

impl Qr {
    /// The code of `text`.
    pub fn of(text: &str) -> Result<Self, QrError> {
        let code = QrCode::new(text).map_err(|_| QrError)?;
        let width = u16::try_from(code.width()).map_err(|_| QrError)?;
        let places = (0..width).flat_map(|row| (0..width).map(move |column| (column, row)));
        let modules = places.zip(code.to_colors());
        let dark = modules.filter(|(_, color)| *color == Color::Dark).map(|(place, _)| place).collect();
        Ok(Self { width, dark })
    }

    /// The dark modules as the `d` of an SVG path, one unit each.
    pub fn svg_path(&self) -> String {
        let mut path = String::new();
        for (column, row) in &self.dark {
            // Writing to a string cannot fail.
            let _written = write!(path, "M{column} {row}h1v1h-1z");
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_in_three_corners() {
        let qr = Qr::of("http://localhost:8080/verify/ABC").unwrap();
        let last = qr.width - 1;
        for corner in [(0, 0), (last, 0), (0, last)] {
            assert!(qr.dark.contains(&corner), "{corner:?}");
        }
        assert!(qr.svg_path().starts_with("M0 0h1v1h-1z"));
        assert_eq!(Qr::of(&"x".repeat(10_000)), Err(QrError));
    }
}
