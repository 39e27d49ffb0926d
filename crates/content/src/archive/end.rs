//! The end of an archive: how many entries it declares, read before anything is allocated for them.

use std::io::{self, Read, Seek, SeekFrom};

/// "End of central directory record" (APPNOTE.TXT §4.3.16).
const END: [u8; 4] = *b"PK\x05\x06";
/// "Zip64 end of central directory locator" (§4.3.15).
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
/// The record without its comment, in bytes; the comment's length takes two bytes.
const END_LENGTH: u64 = 22;
const LOCATOR_LENGTH: u64 = 20;
/// Where the zip64 record counts its entries (§4.3.14).
const ZIP64_ENTRIES: u64 = 32;

/// The largest number of entries that any end record of `source` declares; `None` when there is no end record.
///
/// A comment may contain something that looks like an end record, and readers differ in which one they use.
/// Therefore all of them count.
pub(super) fn promised_entries<R: Read + Seek>(source: &mut R) -> io::Result<Option<u64>> {
    let length = source.seek(SeekFrom::End(0))?;
    let window = length.min(END_LENGTH + u64::from(u16::MAX) + LOCATOR_LENGTH);
    let start = length - window;
    source.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    source.by_ref().take(window).read_to_end(&mut tail)?;

    let mut most = None;
    for (at, record) in tail.windows(usize::try_from(END_LENGTH).unwrap_or(usize::MAX)).enumerate() {
        if !record.starts_with(&END) {
            continue;
        }
        let short = number::<2>(record, 10).map_or(0, u16::from_le_bytes);
        let locator = at.checked_sub(20).and_then(|from| tail.get(from..at)).filter(|part| part.starts_with(&LOCATOR));
        let promised = match locator.and_then(|locator| number::<8>(locator, 8)).map(u64::from_le_bytes) {
            // The short record of a zip64 archive may say "see the long one" (§4.4.1.4).
            Some(offset) if short == u16::MAX => zip64_entries(source, offset)?,
            Some(offset) => zip64_entries(source, offset)?.max(short.into()),
            None => short.into(),
        };
        most = most.max(Some(promised));
    }
    Ok(most)
}

/// The entries that the zip64 record at `offset` declares; 0 where there can be no record.
fn zip64_entries<R: Read + Seek>(source: &mut R, offset: u64) -> io::Result<u64> {
    let Some(at) = offset.checked_add(ZIP64_ENTRIES) else { return Ok(0) };
    let mut entries = [0; 8];
    source.seek(SeekFrom::Start(at))?;
    match source.read_exact(&mut entries) {
        Ok(()) => Ok(u64::from_le_bytes(entries)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
        Err(error) => Err(error),
    }
}

/// The `N` bytes of `record` from `at`.
fn number<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn end(entries: u16, comment: &[u8]) -> Vec<u8> {
        let mut record = END.to_vec();
        record.extend([0; 4]);
        record.extend(entries.to_le_bytes());
        record.extend(entries.to_le_bytes());
        record.extend([0; 8]);
        record.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
        record.extend(comment);
        record
    }

    #[test]
    fn the_largest_promise_counts_wherever_it_hides() {
        let read = |bytes: Vec<u8>| promised_entries(&mut Cursor::new(bytes)).unwrap();
        assert_eq!(read(Vec::new()), None);
        assert_eq!(read(b"PK\x03\x04 and nothing more".to_vec()), None);
        assert_eq!(read(end(3, b"")), Some(3));
        assert_eq!(read(end(3, &end(60_000, b""))), Some(60_000));

        let zip64 = |short: u16, long: u64| {
            let mut bytes = vec![0; 32];
            bytes.extend(long.to_le_bytes());
            bytes.extend([0; 16]);
            bytes.extend(LOCATOR);
            bytes.extend([0; 16]);
            bytes.extend(end(short, b""));
            bytes
        };
        assert_eq!(read(zip64(u16::MAX, u64::MAX)), Some(u64::MAX));
        assert_eq!(read(zip64(u16::MAX, 2)), Some(2));
        assert_eq!(read(zip64(7, 2)), Some(7));
    }
}
