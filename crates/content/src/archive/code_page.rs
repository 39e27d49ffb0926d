//! In which code page an archive's legacy names are written: those that are neither flagged as UTF-8 nor valid UTF-8.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, KOI8_R, SHIFT_JIS};
use encoding_rs::{WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254};
use encoding_rs::{WINDOWS_1255, WINDOWS_1256, WINDOWS_1257, WINDOWS_1258};
use oem_cp::code_table::{
    DECODING_TABLE_CP437, DECODING_TABLE_CP737, DECODING_TABLE_CP775, DECODING_TABLE_CP850, DECODING_TABLE_CP852,
    DECODING_TABLE_CP855, DECODING_TABLE_CP857, DECODING_TABLE_CP862, DECODING_TABLE_CP866, DECODING_TABLE_CP874,
};
use oem_cp::code_table_type::TableType;
use std::borrow::Cow;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization as _;

/// A code page, by the name that people know it by.
#[derive(Clone, Copy)]
pub(super) struct CodePage {
    pub(super) name: &'static str,
    table: Table,
}

#[derive(Clone, Copy)]
enum Table {
    /// A code page of MS-DOS, of 256 characters.
    Dos(&'static [char; 128]),
    /// The same, where some bytes mean nothing.
    DosWithGaps(&'static [Option<char>; 128]),
    Encoding(&'static Encoding),
}

/// What APPNOTE.TXT appendix D says of names without the UTF-8 flag.
const CP437: CodePage = CodePage { name: "IBM code page 437", table: Table::Dos(&DECODING_TABLE_CP437) };
const SHIFT_JIS_NAMES: CodePage = CodePage { name: "Shift-JIS", table: Table::Encoding(SHIFT_JIS) };

/// Every reading that is tried, in the order in which they win when several explain equally many names: what the format
/// says first, then what Windows writes in Western Europe and the Americas, and from there outward.
const READINGS: [CodePage; 24] = [
    CP437,
    CodePage { name: "IBM code page 850", table: Table::Dos(&DECODING_TABLE_CP850) },
    CodePage { name: "Windows code page 1252", table: Table::Encoding(WINDOWS_1252) },
    CodePage { name: "IBM code page 852", table: Table::Dos(&DECODING_TABLE_CP852) },
    CodePage { name: "Windows code page 1250", table: Table::Encoding(WINDOWS_1250) },
    CodePage { name: "IBM code page 866", table: Table::Dos(&DECODING_TABLE_CP866) },
    CodePage { name: "Windows code page 1251", table: Table::Encoding(WINDOWS_1251) },
    CodePage { name: "IBM code page 855", table: Table::Dos(&DECODING_TABLE_CP855) },
    CodePage { name: "KOI8-R", table: Table::Encoding(KOI8_R) },
    CodePage { name: "IBM code page 737", table: Table::Dos(&DECODING_TABLE_CP737) },
    CodePage { name: "Windows code page 1253", table: Table::Encoding(WINDOWS_1253) },
    CodePage { name: "IBM code page 857", table: Table::DosWithGaps(&DECODING_TABLE_CP857) },
    CodePage { name: "Windows code page 1254", table: Table::Encoding(WINDOWS_1254) },
    CodePage { name: "IBM code page 775", table: Table::Dos(&DECODING_TABLE_CP775) },
    CodePage { name: "Windows code page 1257", table: Table::Encoding(WINDOWS_1257) },
    CodePage { name: "IBM code page 862", table: Table::Dos(&DECODING_TABLE_CP862) },
    CodePage { name: "Windows code page 1255", table: Table::Encoding(WINDOWS_1255) },
    CodePage { name: "Windows code page 1256", table: Table::Encoding(WINDOWS_1256) },
    CodePage { name: "Windows code page 1258", table: Table::Encoding(WINDOWS_1258) },
    CodePage { name: "Windows code page 874", table: Table::DosWithGaps(&DECODING_TABLE_CP874) },
    SHIFT_JIS_NAMES,
    CodePage { name: "GBK", table: Table::Encoding(GB18030) },
    CodePage { name: "Big5", table: Table::Encoding(BIG5) },
    CodePage { name: "EUC-KR", table: Table::Encoding(EUC_KR) },
];

/// A code page, and what speaks for it.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    pub(super) page: CodePage,
    /// Whether the manifest names files that exist only under this reading.
    pub(super) is_confirmed: bool,
}

impl Reading {
    /// The reading of `names`: the one under which most of the files exist that the manifest names. Where none of them
    /// exists under any, it is a guess: Shift-JIS where every name decodes and kana or kanji appear, since nearly any
    /// bytes are some text of the others; or else what the format says.
    ///
    /// `named` are the [`telling_parts`] of the paths that the manifest names.
    pub(super) fn of(names: &[Vec<u8>], named: &BTreeSet<String>) -> Self {
        let explained = |page: &CodePage| {
            let texts: Option<Vec<String>> = names.iter().map(|name| page.decode(name)).collect();
            let parts = texts.unwrap_or_default().into_iter().flat_map(|text| telling_parts(&text));
            parts.filter(|part| named.contains(part)).count()
        };
        let scored = READINGS.iter().map(|page| (explained(page), page));
        // The first of the best: `max_by_key` would return the last.
        match scored.rev().max_by_key(|(count, _)| *count) {
            Some((count, page)) if count > 0 => Self { page: *page, is_confirmed: true },
            _ => Self { page: guess(names), is_confirmed: false },
        }
    }
}

impl CodePage {
    /// `name` as text; `None` where its bytes mean nothing in this code page.
    fn decode(self, name: &[u8]) -> Option<String> {
        match self.table {
            Table::Dos(table) => TableType::Complete(table).decode_string_checked(name),
            Table::DosWithGaps(table) => TableType::Incomplete(table).decode_string_checked(name),
            Table::Encoding(encoding) => {
                encoding.decode_without_bom_handling_and_without_replacement(name).map(Cow::into_owned)
            }
        }
    }

    /// `name` as text, with replacement characters where its bytes mean nothing.
    pub(super) fn decode_lossy(self, name: &[u8]) -> String {
        self.decode(name).unwrap_or_else(|| String::from_utf8_lossy(name).into_owned())
    }
}

fn guess(names: &[Vec<u8>]) -> CodePage {
    let texts: Option<Vec<String>> = names.iter().map(|name| SHIFT_JIS_NAMES.decode(name)).collect();
    let japanese = texts.is_some_and(|texts| texts.iter().any(|text| text.chars().any(is_kana_or_kanji)));
    if japanese { SHIFT_JIS_NAMES } else { CP437 }
}

/// Hiragana, full-width katakana, and the unified ideographs.
fn is_kana_or_kanji(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}')
}

/// The folders and the file of `path` that a code page could change: those with a character beyond ASCII, in NFC and in
/// lower case.
pub(super) fn telling_parts(path: &str) -> Vec<String> {
    let parts = path.split(['/', '\\']).filter(|part| !part.is_ascii());
    parts.map(|part| part.nfc().collect::<String>().to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&[u8]], hrefs: &[&str], expected: (&str, bool), text: &str) {
        let names: Vec<Vec<u8>> = names.iter().map(|name| name.to_vec()).collect();
        let named = hrefs.iter().flat_map(|href| telling_parts(href)).collect();
        let reading = Reading::of(&names, &named);
        assert_eq!((reading.page.name, reading.is_confirmed), expected, "{text}");
        assert_eq!(reading.page.decode_lossy(&names[0]), text);
    }

    #[test]
    fn the_manifest_decides_and_then_the_format() {
        for (name, text, page) in [
            (b"pr\x82sentation.html".as_slice(), "présentation.html", "IBM code page 437"),
            (b"a\x87\xc6o.html", "ação.html", "IBM code page 850"),
            (b"pr\xe9sentation.html", "présentation.html", "Windows code page 1252"),
            (b"\xab\xa5\xaa\xe6\xa8\xef.html", "лекция.html", "IBM code page 866"),
            (b"\xeb\xe5\xea\xf6\xe8\xff.html", "лекция.html", "Windows code page 1251"),
            (b"za\xbf\xf3\xb3\xe6.html", "zażółć.html", "Windows code page 1250"),
            (b"za\xbe\xa2\x88\x86.html", "zażółć.html", "IBM code page 852"),
            (b"\xba\xb7\xe0\xc3\xd5\xc2\xb9.html", "บทเรียน.html", "Windows code page 874"),
            (b"\x93\xfa\x96{\x8c\xea.html", "日本語.html", "Shift-JIS"),
            (b"\xbf\xce\xb3\xcc.html", "课程.html", "GBK"),
            (b"\xbd\xd2\xb5{.html", "課程.html", "Big5"),
            (b"\xb0\xad\xc0\xc7.html", "강의.html", "EUC-KR"),
            (b"\xa3\xe1\x9f\x9e\xa3\x98.html", "μάθημα.html", "IBM code page 737"),
            (b"\xf9\xe9\xf2\xe5\xf8.html", "שיעור.html", "Windows code page 1255"),
        ] {
            check(&[name], &[text], (page, true), text);
        }
        // A folder tells it too, and a name in ASCII says nothing.
        check(&[b"\xab\xa5/index.html"], &["ле/index.html"], ("IBM code page 866", true), "ле/index.html");
        check(&[b"\xab\xa5/index.html"], &["index.html"], ("IBM code page 437", false), "½Ñ/index.html");
        // A manifest that writes its names decomposed, and in other case, names the same file.
        check(
            &[b"pr\xe9sentation.html"],
            &["Pre\u{301}sentation.HTML"],
            ("Windows code page 1252", true),
            "présentation.html",
        );
    }

    #[test]
    fn without_the_manifest_names_are_japanese_only_when_all_of_them_can_be() {
        let shift_jis: &[u8] = b"\x93\xfa\x96\x7b\x8c\xea.html";
        check(&[shift_jis], &["index.html"], ("Shift-JIS", false), "日本語.html");
        check(&[b"\x82t\x82_cours1.html"], &[], ("IBM code page 437", false), "été_cours1.html");
        check(&[b"\xff\xff", shift_jis], &[], ("IBM code page 437", false), "\u{a0}\u{a0}");
    }
}
