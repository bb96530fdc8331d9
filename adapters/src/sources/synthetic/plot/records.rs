//! What a department reports of a case, one function an element. Refuses to decide when and whether.

use super::super::REGION;
use super::super::numbers::iso;
use super::{Fate, Plot, ReportedRecord};
use time::{Duration, OffsetDateTime};
use tongcha_schema::clock::CHINA;

impl Plot<'_> {
    /// Elements 1 to 6, as reported at acceptance.
    pub(super) fn opening(&self) -> Vec<ReportedRecord> {
        let s = self.matter;
        let (kind, name, id_type, id_no, legal) = self.applicant.clone();
        let mut item = vec![
            ("item_code", format!("{}4{}", self.of.org_code, s.code)),
            ("basic_code", s.code.clone()),
            ("item_name", s.name.into()),
            ("item_type", "01".into()),
            ("use_level", "4".into()),
            ("legal_limit", (s.promise_days * 4).to_string()),
            ("legal_unit", "W".into()),
            ("promise_limit", s.promise_days.to_string()),
            ("promise_unit", "W".into()),
            ("is_fee", flag(s.fee_fen > 0)),
            ("item_ver", "1".into()),
        ];
        if s.fee_fen > 0 {
            item.push(("fee_basis", "演示收费文件第1号".into()));
            item.push(("fee_standard", format!("每件{}元", yuan(s.fee_fen))));
        }
        let mut applicant = vec![
            ("kind", kind.into()),
            ("name", name),
            ("id_type", id_type.into()),
            ("id_no", id_no),
            ("mobile", self.mobile.clone()),
        ];
        applicant.extend(legal.map(|legal| ("legal_person", legal)));
        vec![
            report(
                "Organ",
                1,
                vec![
                    ("org_code", self.of.org_code.clone()),
                    ("org_name", self.of.org_name.clone()),
                    ("org_nature", "1".into()),
                    ("org_level", "4".into()),
                    ("region", REGION.into()),
                ],
            ),
            report("Item", 1, item),
            report(
                "CaseBase",
                1,
                vec![
                    ("case_type", "2".into()),
                    ("project_name", format!("{}（演示）", s.name)),
                    ("apply_time", iso(self.apply)),
                    (
                        "source_form",
                        if self.number.is_multiple_of(3) {
                            "2"
                        } else {
                            "1"
                        }
                        .into(),
                    ),
                    ("region", REGION.into()),
                ],
            ),
            report("Applicant", 1, applicant),
            self.material(1, "申请表"),
            self.material(2, "身份证明"),
            self.acceptance(),
        ]
    }

    pub(super) fn material(&self, seq: u32, name: &str) -> ReportedRecord {
        report(
            "Material",
            seq,
            vec![
                ("material_no", format!("{}-{seq}", self.matter.code)),
                ("material_name", name.into()),
                ("must_have", "1".into()),
                ("received", "1".into()),
                ("carrier", "0".into()),
                ("copy_kind", "0".into()),
                ("quantity", "1".into()),
                ("receive_time", iso(self.apply)),
            ],
        )
    }

    pub(super) fn acceptance(&self) -> ReportedRecord {
        report(
            "Acceptance",
            1,
            vec![
                ("accept_state", "1".into()),
                ("accept_org", self.of.org_code.clone()),
                ("accept_org_name", self.of.org_name.clone()),
                ("accept_person", "窗口员甲".into()),
                ("accept_person_no", "C01".into()),
                ("accept_time", iso(self.accept)),
                ("accept_doc_no", format!("受{}", &self.bus_no[2..])),
                ("promise_date", self.promised.to_string()),
                ("region", REGION.into()),
            ],
        )
    }

    pub(super) fn step(&self, number: usize) -> ReportedRecord {
        let (code, name, who, position) = match number {
            1 => ("1", "承办", "承办员乙", "1"),
            2 => ("2", "审核", "科长丙", "2"),
            _ => ("3", "批准", "局领导丁", "3"),
        };
        let start = match number {
            1 => self.accept,
            n => self.ends[n - 2],
        };
        let result = match (self.fate, number) {
            (Fate::Refused, 3) => "0",
            (Fate::Corrected, 1) => "5",
            (Fate::Special, 1) => "6",
            _ => "1",
        };
        report(
            "Process",
            u32::try_from(number).unwrap_or(0),
            vec![
                ("step_no", number.to_string()),
                ("step_code", code.into()),
                ("step_name", name.into()),
                ("step_pos", position.into()),
                ("handler", who.into()),
                ("handler_no", format!("P0{number}")),
                ("unit_code", self.of.org_code.clone()),
                ("unit_name", self.of.org_name.clone()),
                ("state", "2".into()),
                ("start_time", iso(start)),
                ("end_time", iso(self.ends[number - 1])),
                ("result", result.into()),
                (
                    "opinion",
                    if result == "0" { "不同意" } else { "同意" }.into(),
                ),
            ],
        )
    }

    pub(super) fn correction(&self) -> Option<ReportedRecord> {
        let told = self.accept + Duration::minutes(2);
        Some(report(
            "Correction",
            1,
            vec![
                ("notice_time", iso(told)),
                ("notice_person", "窗口员甲".into()),
                ("reason", "材料复印件不清晰".into()),
                ("material_list", "身份证明".into()),
                ("round", "1".into()),
                ("received_time", iso(self.ends[0])),
                ("received_person", "窗口员甲".into()),
                ("place", "县政务服务中心".into()),
            ],
        ))
    }

    pub(super) fn special(&self) -> Option<ReportedRecord> {
        Some(report(
            "Special",
            1,
            vec![
                ("kind", "09".into()),
                ("start_time", iso(self.accept + Duration::minutes(3))),
                ("approver", "局领导丁".into()),
                ("reason", "依法组织专家评审".into()),
                ("limit", "5".into()),
                ("limit_unit", "W".into()),
                ("notify_time", iso(self.accept + Duration::minutes(4))),
                ("end_time", iso(self.ends[0])),
                ("result", "评审通过".into()),
                ("opinion", "同意".into()),
            ],
        ))
    }

    pub(super) fn fee(&self, done: OffsetDateTime) -> ReportedRecord {
        let fen = self.matter.fee_fen;
        if fen == 0 || self.fate == Fate::Refused {
            return none("Fee", if fen == 0 { "1" } else { "2" });
        }
        report(
            "Fee",
            1,
            vec![
                ("fee_seq", "1".into()),
                ("fee_org", self.of.org_code.clone()),
                ("fee_org_name", self.of.org_name.clone()),
                ("bill_no", format!("JK{}", &self.bus_no[2..])),
                ("fee_name", format!("{}费", self.matter.name)),
                ("standard", format!("每件{}元", yuan(fen))),
                ("basis", "演示收费文件第1号".into()),
                ("due", yuan(fen)),
                ("paid", yuan(fen)),
                ("currency", "CNY".into()),
                ("unit_price", yuan(fen)),
                ("quantity", "1".into()),
                ("payer", "演示缴款人".into()),
                ("pay_time", iso(done - Duration::minutes(30))),
                ("state", "1".into()),
            ],
        )
    }

    pub(super) fn conclusion(&self, done: OffsetDateTime) -> ReportedRecord {
        let refused = self.fate == Fate::Refused;
        let mut fields = vec![
            ("result", if refused { "20" } else { "10" }.into()),
            (
                "result_desc",
                if refused {
                    "不予许可"
                } else {
                    "准予许可"
                }
                .into(),
            ),
            ("org_code", self.of.org_code.clone()),
            ("org_name", self.of.org_name.clone()),
            ("person", "局领导丁".into()),
            ("done_time", iso(done)),
            (
                "decision_no",
                format!("演示决〔{}〕{}号", done.year(), &self.bus_no[6..]),
            ),
            ("is_fee", flag(self.matter.fee_fen > 0 && !refused)),
            ("region", REGION.into()),
        ];
        if refused {
            fields.push(("reason", "不符合法定条件".into()));
        }
        report("Conclusion", 1, fields)
    }

    pub(super) fn result_doc(&self, done: OffsetDateTime) -> ReportedRecord {
        if self.fate == Fate::Refused {
            return none("ResultDoc", "2");
        }
        report(
            "ResultDoc",
            1,
            vec![
                ("doc_kind", "1".into()),
                ("doc_name", self.matter.document.into()),
                ("doc_no", format!("ZZ{}", &self.bus_no[2..])),
                ("issuer", self.of.org_name.clone()),
                ("issue_date", done.to_offset(CHINA).date().to_string()),
                ("valid_to", "长期".into()),
                ("holder", self.applicant.1.clone()),
            ],
        )
    }

    pub(super) fn delivery(&self, delivered: OffsetDateTime) -> ReportedRecord {
        report(
            "Delivery",
            1,
            vec![
                ("way", "1".into()),
                ("receiver", "演示领取人".into()),
                ("receive_time", iso(delivered)),
                ("waybill_no", format!("YD{}", &self.bus_no[2..])),
                ("region", REGION.into()),
            ],
        )
    }

    pub(super) fn evaluation(&self, delivered: OffsetDateTime) -> ReportedRecord {
        report(
            "Evaluation",
            1,
            vec![
                ("channel", "评价器".into()),
                ("score", (1 + self.number % 3).to_string()),
                ("eval_time", iso(delivered)),
                ("round", "1".into()),
            ],
        )
    }
}

fn report(node: &'static str, seq: u32, fields: Vec<(&'static str, String)>) -> ReportedRecord {
    ReportedRecord {
        node,
        seq,
        version: 1,
        none: None,
        fields,
    }
}

fn none(node: &'static str, reason: &'static str) -> ReportedRecord {
    ReportedRecord {
        none: Some(reason),
        ..report(node, 1, Vec::new())
    }
}

fn flag(is: bool) -> String {
    if is { "1" } else { "0" }.to_owned()
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
