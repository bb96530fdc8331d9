//! What programs post around a document instead of the document itself: an upload form, url-encoded text, a
//! compressed body. Refuses to take it apart: it says what came and what is wanted.

use axum::http::{HeaderMap, header};

/// Bytes at the beginning of a form in which its first part names itself.
const FORM_START: usize = 1 << 10;

/// What the body is, and what to send instead, in Chinese and English; `None` for a document.
pub(super) fn wrapped(headers: &HeaderMap, bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    let encoding = text(header::CONTENT_ENCODING).unwrap_or("identity");
    if !encoding.eq_ignore_ascii_case("identity") || bytes.starts_with(&[0x1f, 0x8b]) {
        return Some((
            "正文经过压缩，未保存：请不压缩，直接发送文件内容",
            "the body is compressed, nothing was kept: send the document's own bytes",
        ));
    }
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    if kind.starts_with("multipart/") || is_upload_form(bytes) {
        return Some((
            "收到的是上传表单，未保存：请把文件内容直接作为正文（curl --data-binary @文件，不用 -F）",
            "this is an upload form, nothing was kept: send the document itself as the body (curl --data-binary \
             @FILE, not -F)",
        ));
    }
    if is_url_encoded(bytes) {
        return Some((
            "收到的是URL编码的表单字段，未保存：请把文件内容直接作为正文（curl --data-binary @文件）",
            "this is a url-encoded field, nothing was kept: send the document itself as the body (curl \
             --data-binary @FILE)",
        ));
    }
    None
}

fn is_upload_form(bytes: &[u8]) -> bool {
    let start = bytes.get(..FORM_START).unwrap_or(bytes);
    let start = start.to_ascii_lowercase();
    let named = b"content-disposition: form-data";
    start.starts_with(b"--") && start.windows(named.len()).any(|part| part == named)
}

/// `name=value&..` in the signs of url-encoding alone: neither XML nor JSON nor a table is written in these.
fn is_url_encoded(bytes: &[u8]) -> bool {
    let sign = |b: &u8| b.is_ascii_alphanumeric() || b"-._~*+%&=".contains(b);
    let name = bytes.iter().take_while(|b| **b != b'=').count();
    name > 0 && name < bytes.len() && bytes.iter().all(sign)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed step is the test's failure")]
mod tests {
    use super::*;

    fn told(head: Option<(header::HeaderName, &str)>, body: &[u8]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = head {
            headers.insert(name, value.parse().unwrap());
        }
        wrapped(&headers, body).map(|told| told.1)
    }

    #[test]
    fn a_document_is_none_of_these_and_the_others_are_named() {
        let urlencoded = Some((header::CONTENT_TYPE, "application/x-www-form-urlencoded"));
        for document in [
            "<a b=\"1\"/>",
            "[{\"a\":\"b=c\"}]",
            "A,B\n1=2,3\n",
            "--\n-- a comment",
            "=",
            "a",
        ] {
            // curl says so of whatever it sends.
            assert_eq!(
                told(urlencoded.clone(), document.as_bytes()),
                None,
                "{document}"
            );
        }
        let form = b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n<a/>\r\n--x--";
        let multipart = Some((header::CONTENT_TYPE, "multipart/form-data; boundary=x"));
        let gzip = Some((header::CONTENT_ENCODING, "gzip"));
        for (head, body, what) in [
            (multipart, b"<a/>".as_slice(), "upload form"),
            (None, form, "upload form"),
            (urlencoded, b"xml=%3Ca%2F%3E&b=1", "url-encoded"),
            (gzip, b"<a/>", "compressed"),
            (None, &[0x1f, 0x8b, 8], "compressed"),
        ] {
            assert!(told(head, body).unwrap().contains(what), "{what}");
        }
    }
}
