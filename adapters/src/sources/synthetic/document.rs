//! The document that a department's system writes: native `Package/Head/Body`, as text by hand, in
//! its own encoding, with damage where the story has it.

use super::numbers::iso;
use super::plot::{Damage, Event, ReportedRecord};
use super::{Department, TARGET};
use std::fmt::Write;
use time::OffsetDateTime;
use tongcha_schema::envelope::STD_VER;

/// A document under way.
pub(super) struct Document<'a> {
    of: &'a Department,
    sent: OffsetDateTime,
    id: String,
    body: String,
    records: u32,
}

impl<'a> Document<'a> {
    pub fn new(of: &'a Department, sent: OffsetDateTime, id: &str) -> Document<'a> {
        Document {
            of,
            sent,
            id: id.to_owned(),
            body: String::new(),
            records: 0,
        }
    }

    pub fn add(&mut self, event: &Event) {
        let _ = writeln!(
            self.body,
            "    <Case caseId=\"{}\" orgBusNo=\"{}\">",
            event.case_no, event.bus_no
        );
        for report in &event.reports {
            self.records += 1;
            self.report(report);
        }
        self.body.push_str("    </Case>\n");
    }

    fn report(&mut self, report: &ReportedRecord) {
        let op = if report.version > 1 { "U" } else { "I" };
        let _ = write!(
            self.body,
            "      <{} seq=\"{}\" dataVer=\"{}\" op=\"{op}\"",
            report.node, report.seq, report.version
        );
        if let Some(reason) = report.none {
            let _ = writeln!(self.body, " none=\"true\" reason=\"{reason}\"/>");
            return;
        }
        self.body.push('>');
        for (field, text) in &report.fields {
            let node = camel(field);
            let _ = write!(self.body, "<{node}>{text}</{node}>");
        }
        let _ = writeln!(self.body, "</{}>", report.node);
    }

    /// The bytes as they lie on the front-end machine.
    pub fn bytes(&self, damage: Option<Damage>) -> Vec<u8> {
        let encoding = if self.of.gb18030 { "GB18030" } else { "UTF-8" };
        let dtd = match damage {
            Some(Damage::Dtd) => "<!DOCTYPE Package SYSTEM \"package.dtd\">\n",
            _ => "",
        };
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n{dtd}<Package version=\"1.0\">\n  \
             <Head><MsgId>{}</MsgId><StdVer>{STD_VER}</StdVer><SourceNode>{}</SourceNode>\
             <TargetNode>{TARGET}</TargetNode><SenderOrg>{}</SenderOrg><SendTime>{}</SendTime>\
             <RecordCount>{}</RecordCount></Head>\n  <Body>\n{}  </Body>\n</Package>\n",
            self.id,
            self.of.node,
            self.of.org_code,
            iso(self.sent),
            self.records,
            self.body
        );
        let mut bytes = if self.of.gb18030 {
            encoding_rs::GB18030.encode(&text).0.into_owned()
        } else {
            text.into_bytes()
        };
        if damage == Some(Damage::Truncated) {
            bytes.truncate(bytes.len() * 2 / 3);
        }
        bytes
    }
}

/// `accept_doc_no` is the node `AcceptDocNo`.
fn camel(field: &str) -> String {
    let mut node = String::with_capacity(field.len());
    let mut upper = true;
    for c in field.chars() {
        if c == '_' {
            upper = true;
        } else if std::mem::take(&mut upper) {
            node.push(c.to_ascii_uppercase());
        } else {
            node.push(c);
        }
    }
    node
}
