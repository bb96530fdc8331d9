//! `GET /raw` and `GET /raw/download`: the bytes of one item as they were received, opened at a line. Each
//! opening is written to the hub's log by its read side.

use crate::format::{href, number, size};
use crate::shell::{Asked, Ctx, Key, PageError, Shell, Shown, html, show};
use askama::Template;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Deserialize;
use std::io;
use tongcha_hub::view::excerpt::{Line, excerpt};
use tongcha_hub::view::raw::{self as view, Preview, RawReader};

#[derive(Deserialize)]
pub(crate) struct RawQuery {
    envelope: String,
    item: u32,
    /// A line to open at, 1-based.
    #[serde(default)]
    line: usize,
}

#[derive(Template)]
#[template(path = "raw.html")]
struct Page {
    s: Shell,
    envelope: String,
    envelope_href: String,
    no: u32,
    name: String,
    size: String,
    digest: String,
    preview: Preview,
    shown: String,
    download: String,
    line: usize,
    excerpt: Vec<Line>,
}

/// The beginning of the bytes.
pub(crate) async fn view(ctx: Ctx, Asked(query): Asked<RawQuery>) -> Response {
    let id = query.envelope.clone();
    show(&ctx, "raw", Key::Envelope(&id), make(&ctx, query)).await
}

async fn make(ctx: &Ctx, query: RawQuery) -> Shown {
    let item = view::open(&ctx.core, &query.envelope, query.item, "view").await?;
    let item = item.ok_or(PageError::NotFound)?;
    let preview = view::preview(&ctx.core, &item.digest).await?;
    let excerpt = match query.line {
        0 => Vec::new(),
        line => excerpt(&ctx.core, &item.digest, line).await?,
    };
    let no = query.item.to_string();
    html(&Page {
        line: query.line,
        excerpt,
        s: ctx.shell("/envelopes", ctx.t.raw_title),
        envelope_href: href("/envelope", &[("id", &query.envelope)]),
        download: href(
            "/raw/download",
            &[("envelope", &query.envelope), ("item", &no)],
        ),
        envelope: query.envelope,
        no: item.item + 1,
        name: item.name,
        size: size(item.size),
        digest: item.digest,
        shown: number(preview.shown as u64),
        preview,
    })
}

/// All bytes, chunk by chunk.
pub(crate) async fn download(ctx: Ctx, Asked(query): Asked<RawQuery>) -> Response {
    let id = query.envelope.clone();
    show(&ctx, "raw_download", Key::Envelope(&id), send(&ctx, query)).await
}

async fn send(ctx: &Ctx, query: RawQuery) -> Shown {
    let item = view::open(&ctx.core, &query.envelope, query.item, "download").await?;
    let item = item.ok_or(PageError::NotFound)?;
    let mut bytes = RawReader::new(&ctx.core, &item.digest);
    // The first chunk is opened before the answer begins: a wrong key is an answer, not a broken file.
    let first = bytes.next().await?;
    let ended = first.is_none();
    let chunks = stream::unfold(
        (bytes, first, ended),
        |(mut bytes, ready, ended)| async move {
            let chunk = match ready {
                _ if ended => return None,
                Some(chunk) => Ok(Some(chunk)),
                None => bytes.next().await,
            };
            match chunk {
                Ok(chunk) => chunk.map(|part| (Ok(part), (bytes, None, false))),
                Err(error) => {
                    tracing::error!(%error, "a download broke off");
                    Some((Err(io::Error::other(error)), (bytes, None, true)))
                }
            }
        },
    );
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    if let Ok(value) = HeaderValue::from_str(&disposition(&item.name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// The last part of an item's name as a file name, twice: for old and for new browsers.
fn disposition(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let plain: String = last
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let plain = if plain.trim_matches(['.', '_']).is_empty() {
        "item.bin"
    } else {
        &plain
    };
    let full = href("", &[("", if last.is_empty() { plain } else { last })]);
    let full = full
        .trim_start_matches("?=")
        .replace(['/', '@', ':', ','], "_");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(
            disposition("a/b/办件 1.xml"),
            "attachment; filename=\"___1.xml\"; filename*=UTF-8''%E5%8A%9E%E4%BB%B6%201.xml"
        );
        assert_eq!(
            disposition("x\"\r\nSet-Cookie: a"),
            "attachment; filename=\"x___Set-Cookie__a\"; filename*=UTF-8''x%22%0D%0ASet-Cookie_%20a"
        );
        assert_eq!(
            disposition(".."),
            "attachment; filename=\"item.bin\"; filename*=UTF-8''.."
        );
    }
}
