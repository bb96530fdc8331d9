//! Files that hold no text at all, by their first bytes: told by name instead of as bad text.

use tongcha_schema::code::xml as x2;
use tongcha_schema::finding::{Finding, Place};

/// First bytes, and what begins so in Chinese and English.
const KINDS: [(&[u8], &str, &str); 9] = [
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "旧版Excel（.xls）或加密的Office文件",
        "an old Excel file (.xls) or an encrypted office file",
    ),
    (
        b"PK\x03\x04",
        "未能打开的压缩包或工作簿",
        "an archive or a workbook that was not opened",
    ),
    (b"PK\x05\x06", "空的压缩包", "an empty archive"),
    (
        b"\x1F\x8B\x08",
        "未能打开的压缩文件",
        "a compressed file that was not opened",
    ),
    (
        b"\x28\xB5\x2F\xFD",
        "未能打开的压缩文件",
        "a compressed file that was not opened",
    ),
    (b"Rar!\x1A\x07", "RAR压缩包", "a RAR archive"),
    (b"7z\xBC\xAF\x27\x1C", "7z压缩包", "a 7z archive"),
    (b"%PDF-", "PDF文件", "a PDF"),
    (b"SQLite format 3\0", "SQLite数据库", "an SQLite database"),
];

/// Names of office files that are zip files inside, and what they are.
const OFFICE: [(&str, &str, &str); 6] = [
    (
        ".xlsb",
        "Excel二进制工作簿（.xlsb）",
        "a binary workbook of Excel (.xlsb)",
    ),
    (
        ".ods",
        "OpenDocument表格（.ods）",
        "an OpenDocument spreadsheet (.ods)",
    ),
    (
        ".odt",
        "OpenDocument文档（.odt）",
        "an OpenDocument text (.odt)",
    ),
    (".docx", "Word文档（.docx）", "a Word document (.docx)"),
    (".pptx", "演示文稿（.pptx）", "a presentation (.pptx)"),
    (".ofd", "版式文件（.ofd）", "an OFD document (.ofd)"),
];

/// The finding about a file whose first bytes are none of a text or a table.
pub(super) fn no_text(file: &str, start: &[u8]) -> Option<Finding> {
    let (_, zh, en) = KINDS.iter().find(|(first, ..)| start.starts_with(first))?;
    let lower = file.to_lowercase();
    let office = OFFICE.iter().find(|(end, ..)| lower.ends_with(end));
    let (zh, en) = match office.filter(|_| start.starts_with(b"PK")) {
        Some((_, zh, en)) => (zh, en),
        None => (zh, en),
    };
    let place = Place {
        file: file.to_owned(),
        ..Place::default()
    };
    let finding = Finding::new(x2::NO_TEXT, place);
    Some(finding.with("what_zh", zh).with("what_en", en))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::no_text;

    #[test]
    fn office_files_are_named_for_what_they_are() {
        for (file, named) in [
            ("三月.XLSB", "a binary workbook"),
            ("a.ods", "an OpenDocument spreadsheet"),
            ("a.zip", "an archive or a workbook"),
        ] {
            let told = no_text(file, b"PK\x03\x04").unwrap();
            assert!(
                told.cause_en().contains(named),
                "{file}: {}",
                told.cause_en()
            );
        }
        assert!(no_text("a.ods", b"<?xml").is_none());
    }
}
