//! XML: the guard at the gate, transcoding, the native reader and writer.

mod declaration;
mod encoding;
pub mod fault;
mod guard;
pub mod native;
mod position;
mod pull;
pub mod read;
pub mod text;
pub mod write;

pub use encoding::{Broken, EncodingFault, Mending, TextEncoding, Transcoder, Undeclared};
pub use guard::{Guarded, guard, guard_as};
pub use native::NativeHead;
pub use position::{Counted, Placed, Position, PositionedReader};
pub use pull::{Piece, Puller};
pub use read::{count_native, read_native};
pub use write::{NativeCase, NativeRecord, WriteError, write_native};
