//! The head of a native document. Refuses to verify a digest or a signature: the frame in which the
//! agent sends the document is what is signed.

use super::tell::{cut, shown};
use super::{At, State};
use crate::code::element as x3;
use crate::finding::{Finding, Place};
use crate::idcheck;
use crate::stamp;
use crate::xml::native::{HEAD_FIELDS, RECORD_COUNT, SEND_TIME, SENDER_ORG};

impl State<'_> {
    pub(super) fn open_head_field(&mut self, name: &str) {
        let Some(index) = HEAD_FIELDS.iter().position(|f| f.node == name) else {
            // What the head has besides is of no consequence for any record.
            let finding = Finding::new(x3::UNKNOWN_FIELD, self.place())
                .with_value(name, false)
                .with("found", shown(name));
            self.find(finding);
            self.skipped = 1;
            return;
        };
        self.text.clear();
        (self.field_line, self.field_column) = (self.line, self.column);
        self.at = At::HeadField(index);
    }

    pub(super) fn close_head_field(&mut self, index: usize) {
        self.at = At::Head;
        let field = HEAD_FIELDS[index];
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if index == RECORD_COUNT {
            self.count_place = (self.field_line, self.field_column);
        }
        let doubled = self.head.values.get(index).is_some_and(|v| !v.is_empty());
        let good = match index {
            _ if doubled || text.chars().count() > field.chars => false,
            _ if text.is_empty() => true,
            SENDER_ORG => idcheck::uscc(text).is_ok() || idcheck::org_code(text).is_ok(),
            SEND_TIME => stamp::parse(text, crate::clock::CHINA).is_ok(),
            RECORD_COUNT => {
                self.head.record_count = text.parse().ok();
                self.head.record_count.is_some()
            }
            _ => !text.chars().any(char::is_control),
        };
        if !good {
            let finding = self.bad_head(index, self.field_line, self.field_column);
            self.find(finding.with_value(&cut(text, 120), false));
        }
        if !doubled && let Some(value) = self.head.values.get_mut(index) {
            *value = cut(text, field.chars);
        }
    }

    /// One finding for each required field that is absent or empty.
    pub(super) fn check_head(&mut self) {
        for (index, field) in HEAD_FIELDS.iter().enumerate() {
            let empty = self.head.values.get(index).is_none_or(String::is_empty);
            if field.required && empty {
                let finding = self.bad_head(index, 0, 0);
                self.find(finding);
            }
        }
    }

    fn bad_head(&self, index: usize, line: u32, column: u32) -> Finding {
        let node = HEAD_FIELDS[index].node;
        let place = Place {
            file: self.file.to_owned(),
            line,
            column,
            field: node.to_owned(),
            ..Place::default()
        };
        Finding::new(x3::BAD_HEAD, place).with("field", node)
    }
}
