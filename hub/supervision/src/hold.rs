//! Why a case is held: what would be shown about it is not issued, because the fault may be ours or the
//! data's and not the organ's. Refuses to decide whether a card stands (`docket.rs`).

use crate::card::{Bilingual, RuleId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tongcha_schema::element::ElementId;

/// One reason to hold a case. In rising order of what is asked first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "held")]
pub enum Hold {
    /// 数据被拒，待更正: a record of the case was refused or set aside, and no later one of its element
    /// has been accepted. No card of the case is issued.
    Refused {
        /// Its element.
        element: ElementId,
        /// When it arrived.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// Code of the finding, e.g. `X402`; empty where unknown.
        code: String,
        /// Envelope that brought it.
        envelope: String,
    },
    /// 缺少年历: a due day lies in, or was counted through, a year without calendar data.
    Calendar {
        /// The first such year.
        year: i32,
    },
    /// 交换故障: a colour that rests on silence, while the feed is unhealthy.
    Fault {
        /// The rule whose colour is held back.
        rule: RuleId,
    },
}

impl Hold {
    /// `refused`, `calendar` or `fault`.
    pub fn name(&self) -> &'static str {
        match self {
            Hold::Refused { .. } => "refused",
            Hold::Calendar { .. } => "calendar",
            Hold::Fault { .. } => "fault",
        }
    }

    /// What a clerk reads, with the next step.
    pub fn line(&self) -> Bilingual {
        match self {
            Hold::Refused {
                element, at, code, ..
            } => {
                let spec = element.spec();
                let at = format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute());
                Bilingual::new(
                    format!(
                        "数据被拒，待更正：{at} 送来的{}被拒（{code}）。更正后的该要素入库之前不发牌",
                        spec.zh
                    ),
                    format!(
                        "data refused: {} that came {at} was refused ({code}). No card until a \
                         corrected one is stored",
                        spec.en
                    ),
                )
            }
            Hold::Calendar { year } => Bilingual::new(
                format!("缺少年历：没有 {year} 年的放假调休安排，到期日为暂算，载入年历之前不发牌"),
                format!(
                    "calendar missing: the holidays of {year} are not loaded, the due day is \
                     provisional; no card until they are"
                ),
            ),
            Hold::Fault { rule } => Bilingual::new(
                format!("交换故障：来源线路不正常，{rule} 暂缓"),
                format!("exchange fault: the feed is unhealthy, {rule} is held"),
            ),
        }
    }
}

/// What a list shows of a case that is held: the name of its first reason; empty where there is none.
pub fn shown(holds: &[Hold]) -> &'static str {
    holds.iter().min().map_or("", Hold::name)
}
