//! Money: decimal(16,2) in yuan, held as fen.

/// Canonical text of fen: `12.50`.
pub fn canonical(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let abs = fen.unsigned_abs();
    format!("{sign}{}.{:02}", abs / 100, abs % 100)
}
