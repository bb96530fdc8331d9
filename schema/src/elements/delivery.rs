//! Element 13: 领取送达信息, the delivery.

use crate::codeset;
use crate::element::{Cardinality, Due, ElementId, ElementSpec};
use crate::field::Cond::Is;
use crate::field::Kind::{Code, DateTime, Exact, IdNo, Region, Text};
use crate::field::Need::{Always, Optional, When};
use crate::field::field;

/// The spec of 领取送达信息.
pub static SPEC: ElementSpec = ElementSpec {
    id: ElementId::Delivery,
    number: 13,
    name: "delivery",
    node: "Delivery",
    zh: "领取送达信息",
    en: "delivery",
    cardinality: Cardinality::ZeroOrMore,
    due: Due::Delivered,
    ground: "GB/T 39046-2020 T15; Guangdong LQDJ; Shandong isdeliveryresults",
    fields: &[
        field(
            1,
            "way",
            "领取方式",
            "way",
            Code(&codeset::DELIVERY_WAY),
            Always,
            "Guangdong OBTAIN_PAPER_WAY",
        ),
        field(
            2,
            "receiver",
            "领取人",
            "receiver",
            Text(30),
            Always,
            "Guangdong LQDJ",
        )
        .personal(),
        field(
            3,
            "receiver_id_type",
            "领取人证件类型",
            "receiver's type of identity document",
            Exact(3),
            When(Is("way", &["0"])),
            "Guangdong LQDJ; GA/T 2000.156",
        ),
        field(
            4,
            "receiver_id_no",
            "领取人证件号码",
            "receiver's identity number",
            IdNo(18, "receiver_id_type"),
            When(Is("way", &["0"])),
            "Guangdong LQDJ",
        )
        .personal(),
        field(
            5,
            "receive_time",
            "领取时间",
            "time of receipt",
            DateTime,
            Always,
            "Guangdong LQSJ",
        ),
        field(
            6,
            "waybill_no",
            "物流单号",
            "waybill number",
            Text(50),
            When(Is("way", &["1"])),
            "GB/T 39046-2020 T15",
        ),
        field(
            7,
            "carrier",
            "物流公司",
            "carrier",
            Text(100),
            Optional,
            "GB/T 39046-2020 T15",
        ),
        field(
            8,
            "region",
            "领取地区划",
            "division of delivery",
            Region,
            Always,
            "Guangdong LQDJ",
        ),
    ],
};
