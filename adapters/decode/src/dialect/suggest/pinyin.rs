//! The sounds of the characters that the titles of our fields are written with: vendors name columns by
//! their initials (`SLSJ` for 受理时间) or in full. Refuses to know other characters.

/// Sound, and the characters read so.
const SOUNDS: &[(&str, &str)] = &[
    ("ban", "办版"),
    ("bao", "报"),
    ("bei", "备"),
    ("ben", "本"),
    ("bi", "币必"),
    ("bian", "编"),
    ("biao", "标表"),
    ("bie", "别"),
    ("bu", "不补部"),
    ("cai", "材"),
    ("cao", "操"),
    ("ceng", "层"),
    ("cha", "查"),
    ("cheng", "承称程"),
    ("chi", "持"),
    ("chu", "出处"),
    ("chuang", "窗"),
    ("ci", "次"),
    ("da", "大达"),
    ("dai", "代"),
    ("dan", "单"),
    ("dao", "道"),
    ("di", "地第递"),
    ("dian", "点电"),
    ("ding", "定"),
    ("dong", "动"),
    ("du", "度督"),
    ("dui", "对"),
    ("e", "额"),
    ("fa", "发法罚"),
    ("fang", "方"),
    ("fei", "废费"),
    ("fen", "份分"),
    ("fou", "否"),
    ("fu", "付服附"),
    ("gai", "改"),
    ("gao", "告"),
    ("gei", "给"),
    ("gong", "公工"),
    ("gou", "构"),
    ("guo", "果过"),
    ("hao", "号"),
    ("hua", "划话"),
    ("huan", "环"),
    ("hui", "会回"),
    ("huo", "或"),
    ("ji", "几基机级"),
    ("jia", "价"),
    ("jian", "件减监见间"),
    ("jiao", "缴"),
    ("jie", "结节"),
    ("jin", "金"),
    ("jing", "径"),
    ("ju", "居据"),
    ("jue", "决"),
    ("kai", "开"),
    ("ke", "可"),
    ("kou", "口"),
    ("kuai", "快"),
    ("kuan", "款"),
    ("lai", "来"),
    ("lei", "类"),
    ("li", "理"),
    ("lian", "联"),
    ("liang", "量"),
    ("liao", "料"),
    ("ling", "领"),
    ("liu", "流"),
    ("lu", "路"),
    ("ma", "码"),
    ("man", "满"),
    ("men", "门"),
    ("mi", "密"),
    ("mian", "免"),
    ("miao", "描"),
    ("min", "民"),
    ("ming", "名明"),
    ("mu", "目"),
    ("nuo", "诺"),
    ("pi", "批"),
    ("ping", "评"),
    ("qi", "启期起"),
    ("qing", "清请"),
    ("qu", "区取渠"),
    ("ren", "人"),
    ("ri", "日"),
    ("shang", "上"),
    ("she", "社"),
    ("shen", "审申身"),
    ("shi", "事使始实式施时是"),
    ("shou", "受手收"),
    ("shu", "书数束述"),
    ("shui", "水"),
    ("shuo", "说"),
    ("si", "司"),
    ("song", "送"),
    ("tai", "态"),
    ("te", "特"),
    ("ti", "体"),
    ("ting", "厅"),
    ("tong", "统通"),
    ("tou", "投"),
    ("tui", "退"),
    ("wei", "位"),
    ("wen", "文"),
    ("wu", "务物"),
    ("xi", "息系"),
    ("xian", "限"),
    ("xiang", "象项"),
    ("xiao", "效"),
    ("xin", "信"),
    ("xing", "型姓形性行"),
    ("xu", "序许"),
    ("xun", "讯询"),
    ("yao", "要"),
    ("ye", "业"),
    ("yi", "一依意"),
    ("yin", "因"),
    ("ying", "应"),
    ("yong", "用"),
    ("you", "有由邮"),
    ("yu", "予预"),
    ("yuan", "原员源"),
    ("zhai", "摘"),
    ("zhang", "长"),
    ("zhao", "照"),
    ("zhe", "者"),
    ("zheng", "政整正证"),
    ("zhi", "址执支止知织职质"),
    ("zhong", "种"),
    ("zhu", "主"),
    ("zhuang", "状"),
    ("zhun", "准"),
    ("zi", "子字资"),
    ("zu", "组"),
    ("zuo", "作"),
];

/// The sounds of a title's characters, in order; `None` where one is not known.
pub(super) fn sounds(title: &str) -> Option<Vec<&'static str>> {
    let of = |c: char| {
        SOUNDS
            .iter()
            .find(|(_, all)| all.contains(c))
            .map(|(s, _)| *s)
    };
    title.chars().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongcha_schema::element::ElementId;

    #[test]
    fn every_title_of_a_field_has_its_sounds() {
        for element in ElementId::ALL {
            for field in element.spec().fields {
                let plain: String = field
                    .zh
                    .chars()
                    .filter(|c| !"（）、".contains(*c))
                    .collect();
                assert!(sounds(&plain).is_some(), "{plain}");
            }
        }
        assert_eq!(
            sounds("受理时间").unwrap_or_default().concat(),
            "shoulishijian"
        );
    }
}
