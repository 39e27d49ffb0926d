//! The ledger.

/// The code of a certificate as it was made, from however it was typed: case, spaces and hyphens do not matter, and letters
/// that look like digits are read as those.
pub fn read_code(typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        letter => letter,
    });
    letters.collect()
}
