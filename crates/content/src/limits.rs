//! How large an upload may be. Every number is counted on real bytes while inflating, never taken from a header.

/// The limits of one upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The upload itself, in bytes.
    pub upload: u64,
    /// Entries of the archive, folders included.
    pub entries: u64,
    /// What may be read while opening the archive: its directory with all names, in bytes.
    pub directory: u64,
    /// One file, inflated, in bytes.
    pub file: u64,
    /// All files together, inflated, in bytes.
    pub total: u64,
    /// How many times larger than its compressed form a file may be, once it is larger than `ratio_from`.
    pub ratio: u64,
    /// In bytes, inflated; below it any ratio is harmless.
    pub ratio_from: u64,
    /// A path, in bytes of UTF-8.
    pub path: usize,
    /// Folders above a file.
    pub depth: usize,
    /// A manifest, in bytes.
    pub manifest: u64,
}

impl Limits {
    /// What this server accepts. The largest real course known to us has 2,849 files.
    pub const DEFAULT: Self = Self {
        upload: 2 << 30,
        entries: 20_000,
        directory: 32 << 20,
        file: 2 << 30,
        total: 4 << 30,
        ratio: 200,
        ratio_from: 1 << 20,
        path: 400,
        depth: 32,
        manifest: 8 << 20,
    };
}
