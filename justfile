# Names for plain commands; each line can be typed as it stands, `just` is not needed for anything.

# The names.
default:
    @just --list --unsorted

# Everything: installs what is missing, starts its own servers, runs every test, stops them.
test:
    tests/run

# The tests of one crate (schema, adapters, supervision, hub, admin); those that want servers are in `test`.
check crate:
    cargo test -p tongcha-{{crate}} --locked

# The rules of the house: arrows between crates, dependencies, files, words.
tidy:
    cargo test --locked --test tidy

# PostgreSQL, MariaDB and RabbitMQ held open in a folder; `. FOLDER/env` in the shell, then any test.
services folder:
    tests/services start {{folder}}

# Stops them and removes the folder.
services-stop folder:
    tests/services stop {{folder}}

# Formats every file.
fmt:
    cargo fmt --all

# What the compiler and clippy.toml have to say.
lint:
    cargo clippy --workspace --all-targets --locked

# Licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check

# The main job, embedded; prints the address of the pages.
demo:
    cargo run --release --locked -- demo

# The hot path beside the bare pipeline and jobs in other languages: cases a second and ratios.
bench-job:
    tests/bench/run

# What continuous integration runs.
ci:
    .ci/run
