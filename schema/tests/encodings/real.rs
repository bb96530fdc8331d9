//! Real texts beside the project, in two encodings each, and every entry of an index.

use super::{declared, judge, text_of};
use std::path::{Path, PathBuf};
use tongcha_schema::code::xml as code;

/// The folder of real texts beside the workspace, if it is there.
fn pairs() -> Option<PathBuf> {
    let named = std::env::var_os("TONGCHA_SHARED").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = named.unwrap_or_else(beside).join("data/xml/encodings");
    folder.is_dir().then_some(folder)
}

#[test]
fn real_texts_equal_their_twins_in_utf8() {
    let Some(folder) = pairs() else {
        println!("no encoding pairs beside the project: only own texts were read");
        return;
    };
    let read = |name: &str| std::fs::read(folder.join(name)).expect("a pair has two files");
    // GB2312 text is a subset of GBK, GBK text of GB18030; each is read under the wider names too.
    let files = [
        ("gb2312", "gb2312.txt", "gb2312-utf8.txt", false),
        ("gbk", "gb2312.txt", "gb2312-utf8.txt", false),
        ("gbk", "gbk.txt", "gbk-utf8.txt", false),
        ("gb2312", "gbk.txt", "gbk-utf8.txt", true),
        ("gb18030", "gb18030.txt", "gb18030-utf8.txt", false),
        ("gbk", "gb18030.txt", "gb18030-utf8.txt", true),
    ];
    for (label, name, twin, warned) in files {
        // CDATA keeps the text's own `<` and `&` apart.
        let mut content = b"<![CDATA[".to_vec();
        content.extend(read(name));
        content.extend_from_slice(b"]]>");
        let bytes = declared(label, &content);
        let got = judge(&bytes);
        let codes: Vec<_> = got.findings.iter().map(|f| f.code).collect();
        let want = if warned {
            vec![code::BEYOND_DECLARED_SET]
        } else {
            vec![]
        };
        assert_eq!(codes, want, "{label} {name}");
        let twin = String::from_utf8(read(twin)).expect("a twin is UTF-8");
        let text = text_of(&bytes).expect("read");
        assert!(
            text.contains(&format!("<![CDATA[{twin}]]>")),
            "{label} {name}"
        );
    }
    // Every two-byte index entry, line by line.
    let text = text_of(&declared("gb18030", &read("encoding_rs_gb18030_in.txt"))).expect("read");
    let twin = String::from_utf8(read("encoding_rs_gb18030_in_ref.txt")).expect("UTF-8");
    assert!(text.contains(&twin));
}
