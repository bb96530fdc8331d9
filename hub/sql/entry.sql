-- One-time tokens for the pages.

-- name: put
-- A token that works once, until an instant.
insert into entry_token (sha256, expires_ms) values ($1, $2);

-- name: take
-- Uses a token up: one row where it was there and its time is not over.
delete from entry_token where sha256 = $1 and expires_ms > $2;

-- name: sweep
-- Forgets tokens whose time is over.
delete from entry_token where expires_ms <= $1;
