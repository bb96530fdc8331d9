//! Archives and workbooks, made here byte by byte.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn run(
    name: &str,
    bytes: &[u8],
    limits: ArchiveLimits,
) -> Result<Vec<(String, Vec<u8>)>, ArchiveFault> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    std::fs::write(&path, bytes).unwrap();
    let entries = unpack(name, &path, &folder.path().join("spool"), limits)?.entries;
    assert!(path.exists());
    let read = |e: ArchiveEntry| (e.name, std::fs::read(e.path).unwrap());
    Ok(entries.into_iter().map(read).collect())
}

fn names(name: &str, bytes: &[u8]) -> Vec<String> {
    let entries = run(name, bytes, ArchiveLimits::default()).unwrap();
    entries.into_iter().map(|e| e.0).collect()
}

#[test]
fn every_kind_and_their_nestings_open() {
    let files: &[(&str, &[u8])] = &[("a.xml", b"<a/>"), ("子/b.xml", b"<b/>")];
    assert_eq!(names("a.xml.gz", &gz(b"<a/>")), ["a.xml"]);
    assert_eq!(names("x.tar", &tar_of(files)), ["a.xml", "子/b.xml"]);
    assert_eq!(names("x.tgz", &gz(&tar_of(files))), ["a.xml", "子/b.xml"]);
    assert_eq!(names("x.zip", &zip_of(files)), ["a.xml", "子/b.xml"]);
    let zst = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
    assert_eq!(names("a.xml.zst", &zst(b"<a/>")), ["a.xml"]);
    assert_eq!(names("x.tzst", &zst(&tar_of(files))), ["a.xml", "子/b.xml"]);
    let nested = zip_of(&[("in.zip", &zip_of(files)), ("c.xml", b"<c/>")]);
    let expected = ["in.zip/a.xml", "in.zip/子/b.xml", "c.xml"];
    assert_eq!(names("x.zip", &nested), expected);
    let two = gz(b"<a/>")
        .into_iter()
        .chain(gz(b"<b/>"))
        .collect::<Vec<_>>();
    let entries = run("two.gz", &two, ArchiveLimits::default()).unwrap();
    assert_eq!(entries[0].1, b"<a/><b/>");
}

/// Where the directory of a zip file without a comment begins, and how many records it has.
fn directory_of(zip: &[u8]) -> (usize, usize) {
    let end = &zip[zip.len() - 22..];
    let number = |at: usize, n: usize| {
        let bytes = end[at..at + n].iter().rev();
        bytes.fold(0, |sum, b| sum << 8 | usize::from(*b))
    };
    (number(16, 4), number(10, 2))
}

/// The same zip file without the first record of its directory.
fn without_first_record(mut zip: Vec<u8>) -> Vec<u8> {
    let (at, records) = directory_of(&zip);
    let two = |n: usize| usize::from(zip[at + n]) | usize::from(zip[at + n + 1]) << 8;
    let length = 46 + two(28) + two(30) + two(32);
    zip.drain(at..at + length);
    let end = zip.len() - 22;
    let size = u32::try_from(end - at).unwrap();
    zip[end + 8] = u8::try_from(records - 1).unwrap();
    zip[end + 10] = zip[end + 8];
    zip[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    zip
}

#[test]
fn two_entries_of_one_name_are_two_items() {
    let files: &[(&str, &[u8])] = &[("a/1.xml", b"<one/>"), ("a/2.xml", b"<two/>"), ("b", b"x")];
    let mut zip = zip_of(files);
    let places: Vec<usize> = zip
        .windows(7)
        .enumerate()
        .filter(|w| w.1 == b"a/2.xml")
        .map(|w| w.0)
        .collect();
    assert_eq!(places.len(), 2, "local header and record");
    for at in places {
        zip[at + 2] = b'1';
    }
    let entries = run("x.zip", &zip, ArchiveLimits::default()).unwrap();
    let expected: [(String, Vec<u8>); 3] = [
        ("a/1.xml".into(), b"<one/>".to_vec()),
        ("a/1~2.xml".into(), b"<two/>".to_vec()),
        ("b".into(), b"x".to_vec()),
    ];
    assert_eq!(entries, expected);
    let few = ArchiveLimits {
        entries: 2,
        ..ArchiveLimits::default()
    };
    let fault = run("x.zip", &zip, few).unwrap_err();
    assert!(
        matches!(
            fault,
            ArchiveFault::Limit {
                what: "entries",
                ..
            }
        ),
        "{fault}"
    );
}

#[test]
fn an_entry_that_the_directory_does_not_name_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let files: &[(&str, &[u8])] = &[("hidden.xml", b"<h/>"), ("a.xml", b"<a/>")];
    std::fs::write(&path, without_first_record(zip_of(files))).unwrap();
    let spool = folder.path().join("spool");
    let unpacked = unpack("x.zip", &path, &spool, ArchiveLimits::default()).unwrap();
    let names: Vec<&str> = unpacked.entries.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["a.xml"]);
    assert_eq!(
        unpacked.left_out,
        [("hidden.xml".to_owned(), NotRead::Unlisted)]
    );
    let finding = &unpacked.findings()[0];
    assert_eq!(
        (finding.code.number(), finding.place.file.as_str()),
        (124, "hidden.xml")
    );
    std::fs::write(spool.join("not ours.txt"), "x").unwrap();
    assert!(clear(&spool).is_err(), "what is not ours stays");
    assert!(spool.join("not ours.txt").exists() && !spool.join("000000").exists());
}

#[test]
fn names_in_gbk_are_read() {
    let raw = encoding_rs::GBK.encode("办件.xml").0.into_owned();
    assert_eq!(text_of(&raw), "办件.xml");
}

/// A tar of one entry of that kind and name, which the library itself would refuse to write.
fn tar_with(name: &str, kind: u8) -> Vec<u8> {
    let mut tar = tar_of(&[(&"a".repeat(name.len()), b"x")]);
    tar[..name.len()].copy_from_slice(name.as_bytes());
    tar[156] = kind;
    // The header's checksum, computed anew.
    tar[148..156].copy_from_slice(b"        ");
    let sum: u32 = tar[..512].iter().map(|b| u32::from(*b)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar
}

#[test]
fn links_devices_and_names_that_lead_out_are_refused() {
    let mut bad = vec![
        tar_with("../../evil.xml", b'0'),
        tar_with("a/../../evil.xml", b'0'),
        tar_with("/etc/evil.xml", b'0'),
        tar_with("..\\evil.xml", b'0'),
        tar_with("C:\\evil.xml", b'0'),
        tar_with("soft", b'2'),
        tar_with("hard", b'1'),
        tar_with("device", b'3'),
        tar_with("fifo", b'6'),
        zip_of(&[("../evil.xml", b"x")]),
    ];
    let mut link = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    link.add_symlink("soft", "/etc/passwd", options).unwrap();
    bad.push(link.finish().unwrap().into_inner());
    for bytes in bad {
        let fault = run("x", &bytes, ArchiveLimits::default()).unwrap_err();
        assert!(matches!(fault, ArchiveFault::Unsafe { .. }), "{fault}");
        assert!(!fault.is_transient());
    }
    for good in ["a..b.xml", "./a.xml", "1:a.xml", "a:b.xml"] {
        assert_eq!(names("x", &tar_with(good, b'0')), [good]);
    }
    assert_eq!(names("x", &tar_with("whole", b'7')), ["whole"]);
}

#[test]
fn each_limit_is_hit() {
    let base = ArchiveLimits::default();
    let bomb = gz(&vec![b' '; 3 << 20]);
    let cases: [(&str, Vec<u8>, ArchiveLimits); 5] = [
        ("compression ratio", bomb, base),
        (
            "unpacked bytes",
            gz(b"0123456789"),
            ArchiveLimits { bytes: 9, ..base },
        ),
        (
            "entries",
            tar_of(&[("a", b"1"), ("b", b"2")]),
            ArchiveLimits { entries: 1, ..base },
        ),
        (
            "entries",
            zip_of(&[("a", b"1"), ("b", b"2")]),
            ArchiveLimits { entries: 1, ..base },
        ),
        ("nesting", gz(&gz(&gz(&gz(b"deep")))), base),
    ];
    for (expected, bytes, limits) in cases {
        let fault = run("x", &bytes, limits).unwrap_err();
        let found = matches!(&fault, ArchiveFault::Limit { what, .. } if *what == expected);
        assert!(found && !fault.is_transient(), "{expected}: {fault}");
    }
}

#[test]
fn damaged_and_empty_archives_are_named() {
    let mut cut = gz(&[7; 5_000]);
    cut.truncate(cut.len() - 4);
    let mut zip = zip_of(&[("a", b"12345678")]);
    zip.truncate(20);
    for bytes in [cut, zip] {
        let fault = run("x", &bytes, ArchiveLimits::default()).unwrap_err();
        assert!(matches!(fault, ArchiveFault::Damaged(_)), "{fault}");
    }
    let fault = run("x", &zip_of(&[]), ArchiveLimits::default()).unwrap_err();
    assert!(matches!(fault, ArchiveFault::Empty), "{fault}");
    for office in ["a.docx", "a.XLSB", "a.ods"] {
        assert_eq!(ArchiveKind::of(office, b"PK\x03\x04"), None, "{office}");
    }
    assert_eq!(ArchiveKind::of("a.xml", b"<?xml"), None);
}

const NS: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const REL: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook of those sheets: name, whether hidden, rows as `<row>` elements, and after `</rows>` what
/// stands behind them.
fn workbook(from_1904: bool, strings: &str, sheets: &[(&str, bool, &str)]) -> Vec<u8> {
    let mut list = String::new();
    let mut rels = String::new();
    let mut files = Vec::new();
    for (n, (name, hidden, rows)) in sheets.iter().enumerate() {
        let state = if *hidden { r#" state="hidden""# } else { "" };
        list += &format!(r#"<sheet name="{name}" sheetId="{n}"{state} r:id="r{n}"/>"#);
        rels += &format!(
            r#"<Relationship Id="r{n}" Type="{REL}/worksheet" Target="worksheets/s{n}.xml"/>"#
        );
        let (rows, after) = rows.split_once("</rows>").unwrap_or((rows, ""));
        let sheet =
            format!(r#"<worksheet xmlns="{NS}"><sheetData>{rows}</sheetData>{after}</worksheet>"#);
        files.push((format!("xl/worksheets/s{n}.xml"), sheet));
    }
    let date1904 = u8::from(from_1904);
    let book = format!(
        r#"<workbook xmlns="{NS}" xmlns:r="{REL}"><workbookPr date1904="{date1904}"/><sheets>{list}</sheets></workbook>"#
    );
    let styles = format!(
        r#"<styleSheet xmlns="{NS}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="46"/></cellXfs></styleSheet>"#
    );
    let ns = "http://schemas.openxmlformats.org/package/2006";
    files.extend([
        (
            "[Content_Types].xml".to_owned(),
            format!(r#"<Types xmlns="{ns}/content-types"/>"#),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"<Relationships xmlns="{ns}/relationships"><Relationship Id="r1" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        ("xl/workbook.xml".to_owned(), book),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{ns}/relationships">{rels}</Relationships>"#),
        ),
        ("xl/styles.xml".to_owned(), styles),
        (
            "xl/sharedStrings.xml".to_owned(),
            format!(r#"<sst xmlns="{NS}">{strings}</sst>"#),
        ),
    ]);
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    zip_of(&files)
}

fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

#[test]
fn each_visible_sheet_with_a_table_is_a_text_whose_lines_are_the_rows() {
    let title = format!(r#"<row r="1">{}</row>"#, text_cell("A1", "办件汇总表"));
    let head = r#"<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="s"><v>2</v></c></row>"#;
    let first = format!(
        r#"<row r="4">{}<c r="B4" s="1"><v>46027.395833333336</v></c><c r="C4"><v>0.30000000000000004</v></c></row>"#,
        text_cell("A4", "A-1")
    );
    // An empty row between, a formula with its last value, a truth, a line break, a row cut short.
    let rest = format!(
        r#"<row r="6">{}<c r="B6" s="2"><v>1.5</v></c><c r="C6"><f>1+1</f><v>2</v></c></row><row r="7">{}<c r="C7" t="b"><v>1</v></c></row><row r="8">{}</row>"#,
        text_cell("A6", "甲,&quot;乙&quot;\n丙"),
        text_cell("A7", "A-3"),
        text_cell("A8", "A-4"),
    );
    let strings = "<si><t>编号</t></si><si><r><t>时</t></r><r><t>间</t></r></si><si><t>数</t></si>";
    let rows = format!("{title}{head}{first}{rest}");
    let note = format!(r#"<row r="1">{}</row>"#, text_cell("A1", "填表说明"));
    let bytes = workbook(
        false,
        strings,
        &[
            ("办件", false, &rows),
            ("说明", false, &note),
            ("旧", true, &rows),
        ],
    );
    let entries = run("一月.xlsx", &bytes, ArchiveLimits::default()).unwrap();
    assert_eq!(
        entries.len(),
        1,
        "no hidden sheet, no sheet without a table"
    );
    assert_eq!(entries[0].0, "一月.xlsx/办件.csv");
    let text = String::from_utf8(entries[0].1.clone()).unwrap();
    assert_eq!(
        text,
        "\n\n编号,时间,数\nA-1,2026-01-05T09:30:00,0.3\n\n\
         \"甲,\"\"乙\"\" 丙\",36:00:00,2\nA-3,,1\nA-4,,\n"
    );
    // The other epoch: four years and a day later.
    let bytes = workbook(true, strings, &[("办件", false, &rows)]);
    let entries = run("二月.XLSX", &bytes, ArchiveLimits::default()).unwrap();
    let text = String::from_utf8(entries[0].1.clone()).unwrap();
    assert!(text.contains("A-1,2030-01-06T09:30:00,"), "{text}");
    // A workbook in an archive.
    let bytes = zip_of(&[("三月.xlsx", &bytes)]);
    assert_eq!(names("x.zip", &bytes), ["三月.xlsx/办件.csv"]);
}

/// A sheet of two columns, of which the first is merged over three rows.
fn merged_sheet(merges: &str) -> String {
    let row = |n: u32, cells: &str| format!(r#"<row r="{n}">{cells}</row>"#);
    let both = |n: u32, a: &str, b: &str| {
        row(
            n,
            &(text_cell(&format!("A{n}"), a) + &text_cell(&format!("B{n}"), b)),
        )
    };
    let title = row(1, &text_cell("A1", "某局台账"));
    let rest = row(4, &text_cell("B4", "审核")) + &row(5, &text_cell("B5", "批准"));
    let rows = title + &both(2, "编号", "环节") + &both(3, "A-1", "承办") + &rest;
    format!(
        "{rows}{}</rows><mergeCells>{merges}</mergeCells>",
        both(6, "A-2", "承办")
    )
}

#[test]
fn a_reference_beyond_any_sheet_ends_nothing_but_its_workbook() {
    for range in ["A2:ZZZZZ99999999999", "A9:A1", "nonsense", "A2:AAAAAAAA3"] {
        let merges = format!("<mergeCell ref=\"{range}\"/>");
        let bytes = workbook(false, "", &[("s", false, &merged_sheet(&merges))]);
        // Read or refused, by how the numbers of the build overflow: in either case it comes back.
        if let Err(fault) = run("a.xlsx", &bytes, ArchiveLimits::default()) {
            assert!(
                matches!(fault, ArchiveFault::Damaged(_)),
                "{range}: {fault}"
            );
        }
    }
}

#[test]
fn merged_rows_all_hold_the_first_ones_value() {
    let merges = r#"<mergeCell ref="A1:B1"/><mergeCell ref="A3:A5"/>"#;
    let bytes = workbook(false, "", &[("s", false, &merged_sheet(merges))]);
    let entries = run("a.xlsx", &bytes, ArchiveLimits::default()).unwrap();
    let text = String::from_utf8(entries[0].1.clone()).unwrap();
    assert_eq!(
        text,
        "\n编号,环节\nA-1,承办\nA-1,审核\nA-1,批准\nA-2,承办\n"
    );
    let merges = r#"<mergeCell ref="A1:B1"/>"#.repeat(limits::WORKBOOK_MERGES + 1);
    let bytes = workbook(false, "", &[("s", false, &merged_sheet(&merges))]);
    let loose = ArchiveLimits {
        ratio: u64::MAX,
        ..ArchiveLimits::default()
    };
    let fault = run("a.xlsx", &bytes, loose).unwrap_err();
    assert!(
        matches!(
            fault,
            ArchiveFault::Limit {
                what: "merged ranges",
                ..
            }
        ),
        "{fault}"
    );
}

#[test]
fn numbers_that_excel_does_not_keep_and_formulas_without_value_are_no_values() {
    let head = text_cell("A1", "编号") + &text_cell("B1", "值") + &text_cell("C1", "值2");
    let second = r#"<c r="A2"><v>4.3132120260302E+17</v></c><c r="B2"><f>A2&amp;"x"</f></c><c r="C2" t="e"><v>#N/A</v></c>"#;
    let third = r#"<c r="A3"><v>431321202603020001</v></c><c r="B3"><f t="shared" si="0" ref="B3:B4">1+1</f><v/></c><c r="C3"><v>123456789012345</v></c>"#;
    let fourth =
        r#"<c r="A4" t="str"><f>"A"</f><v>A-4</v></c><c r="B4"><f t="shared" si="0"/></c>"#;
    let rows = format!(
        r#"<row r="1">{head}</row><row r="2">{second}</row><row r="3">{third}</row><row r="4">{fourth}</row>"#
    );
    let bytes = workbook(false, "", &[("s", false, &rows)]);
    let entries = run("a.xlsx", &bytes, ArchiveLimits::default()).unwrap();
    let text = String::from_utf8(entries[0].1.clone()).unwrap();
    assert_eq!(
        text,
        "编号,值,值2\n4.31321202603020E+17,\"=A2&\"\"x\"\"\",#N/A\n\
         4.31321202603020E+17,=1+1,123456789012345\nA-4,=?,\n"
    );
}

#[test]
fn a_workbook_that_is_none_or_over_a_limit_is_not_opened() {
    let rows = format!(
        r#"<row r="1">{}{}</row><row r="2">{}</row>"#,
        text_cell("A1", "a"),
        text_cell("B1", "b"),
        text_cell("A2", "1"),
    );
    let good = workbook(false, "", &[("s", false, &rows)]);
    assert_eq!(names("a.xlsx", &good), ["a.xlsx/s.csv"]);
    let fault = |bytes: &[u8], limits| run("a.xlsx", bytes, limits).unwrap_err();
    let base = ArchiveLimits::default();
    // Spaces compress far over the ratio, and would be held in memory.
    let strings = format!("<si><t>{}</t></si>", " ".repeat(3 << 20));
    let bomb = workbook(false, &strings, &[("s", false, &rows)]);
    assert!(matches!(
        fault(&bomb, base),
        ArchiveFault::Limit {
            what: "compression ratio",
            ..
        }
    ));
    let loose = ArchiveLimits {
        ratio: u64::MAX,
        ..base
    };
    let huge = format!(
        "<si><t>{}</t></si>",
        " ".repeat(limits::WORKBOOK_PART_BYTES as usize)
    );
    let huge = workbook(false, &huge, &[("s", false, &rows)]);
    assert!(matches!(
        fault(&huge, loose),
        ArchiveFault::Limit {
            limit: limits::WORKBOOK_PART_BYTES,
            ..
        }
    ));
    for rows in [
        r#"<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>"#,
        r#"<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>"#,
    ] {
        let bytes = workbook(false, "", &[("s", false, rows)]);
        assert!(matches!(fault(&bytes, base), ArchiveFault::Damaged(_)));
    }
    let none = zip_of(&[("xl/other.xml", b"<a/>")]);
    assert!(matches!(fault(&none, base), ArchiveFault::Damaged(_)));
    let empty = workbook(false, "", &[("s", false, "")]);
    assert!(matches!(fault(&empty, base), ArchiveFault::Empty));
    // An entity of a document type is never expanded.
    let dtd = format!(
        r#"<!DOCTYPE sst [<!ENTITY e "{}">]><si><t>&e;</t></si>"#,
        "x".repeat(99)
    );
    let bytes = workbook(false, &dtd, &[("s", false, &rows)]);
    let text = run("a.xlsx", &bytes, base).map(|e| String::from_utf8(e[0].1.clone()).unwrap());
    assert!(!text.is_ok_and(|t| t.contains("xxx")));
}
