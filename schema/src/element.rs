//! The spec of an element (要素): its number, names, cardinality, due stage and fields. Refuses to
//! know anything about one particular element; those stand in `elements/`, one file each.

use crate::field::FieldSpec;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::LazyLock;

/// One of the 14 elements, in the order of the field's numbering (DOMAIN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ElementId {
    /// 1 机构信息, the organ that handles the case.
    Organ,
    /// 2 事项信息, the item (service) that is applied for.
    Item,
    /// 3 审批基本信息, the base facts of the case.
    CaseBase,
    /// 4 申请人信息, who applies.
    Applicant,
    /// 5 材料信息, one material handed in.
    Material,
    /// 6 受理信息, the decision on acceptance.
    Acceptance,
    /// 7 审批过程信息, one step of the process.
    Process,
    /// 8 补正信息, one request to correct.
    Correction,
    /// 9 特别程序信息, one special procedure.
    Special,
    /// 10 收费信息, one fee.
    Fee,
    /// 11 办结信息, the conclusion.
    Conclusion,
    /// 12 结果证照信息, one resulting licence or document.
    ResultDoc,
    /// 13 领取送达信息, one delivery.
    Delivery,
    /// 14 服务评价信息, one evaluation by the applicant.
    Evaluation,
}

impl ElementId {
    /// All 14, in order.
    pub const ALL: [ElementId; 14] = [
        ElementId::Organ,
        ElementId::Item,
        ElementId::CaseBase,
        ElementId::Applicant,
        ElementId::Material,
        ElementId::Acceptance,
        ElementId::Process,
        ElementId::Correction,
        ElementId::Special,
        ElementId::Fee,
        ElementId::Conclusion,
        ElementId::ResultDoc,
        ElementId::Delivery,
        ElementId::Evaluation,
    ];

    /// Position in [`ElementId::ALL`], 0..14.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether its records may stand outside any case: lists of organs and of items (机构目录, 事项目录).
    pub fn stands_alone(self) -> bool {
        matches!(self, ElementId::Organ | ElementId::Item)
    }

    /// The identifier used in tables, JSON and URLs, e.g. `case_base`.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// Finds an element by its identifier (`case_base`) or its XML node name (`CaseBase`).
    pub fn parse(text: &str) -> Option<ElementId> {
        Self::ALL
            .into_iter()
            .find(|e| e.name() == text || e.spec().node == text)
    }
}

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many records of an element a case has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Exactly one.
    One,
    /// One or more.
    OneOrMore,
    /// None or more; "none" may be declared with a reason (`none="true"`).
    ZeroOrMore,
}

/// The stage at which an element is due (要素全覆盖, seed article 7; DOMAIN section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// From acceptance on.
    Accepted,
    /// With each step; at least one by conclusion.
    EachStep,
    /// When it happens (a step's result says that it did).
    WhenItHappens,
    /// At conclusion.
    Concluded,
    /// Within 10 working days after a positive conclusion (行政许可法 art. 44).
    Delivered,
    /// Never blocks.
    Never,
}

/// The spec of one element: the single list from which XSD, tables, reference pages, samples and
/// bulk statements are generated.
#[derive(Debug)]
pub struct ElementSpec {
    /// Which element.
    pub id: ElementId,
    /// Its number, 1..=14.
    pub number: u8,
    /// Identifier in tables, JSON and URLs (`snake_case`).
    pub name: &'static str,
    /// XML node name in the native format (`UpperCamelCase`).
    pub node: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// How many records a case has.
    pub cardinality: Cardinality,
    /// When it is due.
    pub due: Due,
    /// Where it is grounded (standard, provincial spec, seed article).
    pub ground: &'static str,
    /// Its fields in canonical order.
    pub fields: &'static [FieldSpec],
}

static BY_NUMBER: LazyLock<Vec<Vec<usize>>> = LazyLock::new(|| {
    let order = |id: ElementId| {
        let fields = id.spec().fields;
        let mut indices: Vec<usize> = (0..fields.len()).collect();
        indices.sort_by_key(|index| fields[*index].number);
        indices
    };
    ElementId::ALL.into_iter().map(order).collect()
});

impl ElementSpec {
    /// Index of the field of that name, if there is one.
    pub fn field_index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    /// Index of the field of that number, if there is one.
    pub fn index_of(&self, number: u16) -> Option<usize> {
        // Fields mostly stand in the order of their numbers.
        let at = usize::from(number).checked_sub(1)?;
        match self.fields.get(at) {
            Some(field) if field.number == number => Some(at),
            _ => self.fields.iter().position(|f| f.number == number),
        }
    }

    /// The indices of the fields by rising number.
    pub fn by_number(&self) -> &'static [usize] {
        &BY_NUMBER[self.id.index()]
    }

    /// Name of the element's table in the central supervision database, e.g. `el_case_base`.
    pub fn table(&self) -> String {
        format!("el_{}", self.name)
    }
}
