//! XML: the guard at the gate, transcoding, the native reader and writer.
