//! X4xx: one field, or the fields of one record among themselves.
crate::code::codes! {
    /// A required field is absent or empty.
    REQUIRED = 401 Error ("必填项缺失", "required field absent")
        cause("必填字段“{zh}”缺失或为空", "the required field {en} is absent or empty")
        hint("请补填后以更高的数据版本号重新报送", "fill it in and send again in a higher version");
    /// A field is absent whose condition holds.
    REQUIRED_WHEN = 402 Error ("条件必填项缺失", "conditionally required field absent")
        cause("{when_zh}时字段“{zh}”必填", "{en} is required when {when_en}")
        hint("请补填后以更高的数据版本号重新报送", "fill it in and send again in a higher version");
    /// A group of fields of which all or none must be there.
    INCOMPLETE_GROUP = 403 Error ("成组字段不全", "incomplete group of fields")
        cause("字段“{zh}”缺失，而同组的其他字段已填（须同时填写或都不填）",
            "{en} is absent while others of its group are there (all or none)")
        hint("请补齐同组字段", "fill in the whole group");
    /// A text over its length.
    TOO_LONG = 404 Error ("内容过长", "too long")
        cause("字段“{zh}”有{found}个字符，最多{limit}个", "{en} has {found} characters, at most {limit}")
        hint("请缩短内容", "shorten it");
    /// A code text that is not exactly as long as it must be.
    WRONG_LENGTH = 405 Error ("长度不符", "wrong length")
        cause("字段“{zh}”有{found}个字符，应为{limit}个", "{en} has {found} characters, must have {limit}")
        hint("请核对代码；由表格软件导出的，检查是否丢了前导零（该列须为文本格式）", "check the code; after a spreadsheet, see whether leading zeros are gone (format the column as text)");
    /// A code that its closed set does not have.
    UNKNOWN_CODE = 406 Error ("代码无效", "unknown code")
        cause("字段“{zh}”的值不在代码集{set}中", "the value of {en} is not in the code set {set}")
        hint("请按代码集填写，或在方言中补充代码映射；由表格软件导出的，检查是否丢了前导零（该列须为文本格式）", "use a code of the set, or map it in the dialect; after a spreadsheet, see whether leading zeros are gone (format the column as text)");
    /// A time or day in no known layout.
    BAD_STAMP = 407 Error ("时间格式错误", "bad time layout")
        cause("字段“{zh}”不是可识别的时间格式", "{en} is in no known layout of times")
        hint("请写作2026-01-31T08:05:09+08:00或2026-01-31；年份不在最前的写法（如03/02/2026）须在方言中以layout写明",
            "write 2026-01-31T08:05:09+08:00 or 2026-01-31; a layout whose year is not first (03/02/2026) must be named by `layout` in the dialect");
    /// A time or day that does not exist.
    NO_SUCH_TIME = 408 Error ("时间不存在", "no such time")
        cause("字段“{zh}”的日期或时刻不存在", "the day or hour of {en} does not exist")
        hint("请核对年月日时分秒；24:00:00请写作次日00:00:00",
            "check the figures; write 24:00:00 as 00:00:00 of the next day");
    /// A day where an instant is asked. A source that keeps days may lower it: then 00:00 counts.
    NO_TIME_OF_DAY = 409 Error ("缺少时刻", "no time of day")
        cause("字段“{zh}”只有日期，须精确到秒", "{en} has a day only; it must be exact to the second")
        hint("请报送时分秒；确无时刻的来源可在方言中降级",
            "send the time of day; a source that has none may lower this code in its dialect");
    /// Not a whole number.
    BAD_INTEGER = 410 Error ("不是整数", "not a whole number")
        cause("字段“{zh}”不是整数", "{en} is no whole number")
        hint("只写数字，不带单位、小数和分隔符", "write digits only, without unit, decimals or separators");
    /// A number outside its range.
    OUT_OF_RANGE = 411 Error ("超出范围", "out of range")
        cause("字段“{zh}”应在{low}至{high}之间", "{en} must lie between {low} and {high}")
        hint("请核对数值", "check the number");
    /// Not an amount with at most two decimals.
    BAD_MONEY = 412 Error ("金额格式错误", "bad amount")
        cause("字段“{zh}”不是最多两位小数的金额", "{en} is no amount with at most two decimals")
        hint("以元为单位，写作1200.50，不带千分位和货币符号", "write yuan as 1200.50, without separators or signs");
    /// Not 0 or 1.
    BAD_FLAG = 413 Error ("是否项无效", "bad flag")
        cause("字段“{zh}”应为0或1", "{en} must be 0 or 1")
        hint("否填0，是填1", "write 0 for no, 1 for yes");
    /// A division code that has not 6, 9 or 12 digits.
    REGION_SHAPE = 414 Error ("区划代码格式错误", "bad division code layout")
        cause("字段“{zh}”应为6、9或12位数字", "{en} must have 6, 9 or 12 digits")
        hint("县级6位，乡级9位，村级12位；由表格软件导出的，检查是否丢了前导零（该列须为文本格式）", "county 6, town 9, village 12 digits; after a spreadsheet, see whether leading zeros are gone (format the column as text)");
    /// A division code whose province or level digits do not occur.
    REGION_UNKNOWN = 415 Error ("区划代码无效", "no such division")
        cause("字段“{zh}”的省级或层级数字不存在", "the province or level digits of {en} do not occur")
        hint("请按GB/T 2260核对", "check it against GB/T 2260");
    /// A social credit code of another length or alphabet.
    USCC_SHAPE = 416 Error ("统一社会信用代码格式错误", "bad social credit code layout")
        cause("字段“{zh}”不是18位或含有不允许的字符（I、O、S、V、Z等）",
            "{en} has not 18 characters, or has one that does not occur (I, O, S, V, Z and others)")
        hint("请按登记证书核对；由表格软件导出的，检查是否丢了前导零（该列须为文本格式）", "check it against the certificate; after a spreadsheet, see whether leading zeros are gone (format the column as text)");
    /// A social credit code with a wrong check character.
    USCC_CHECK = 417 Error ("统一社会信用代码校验位错误", "social credit code check character")
        cause("字段“{zh}”的校验位不符（GB 32100）", "the check character of {en} does not fit (GB 32100)")
        hint("请按登记证书核对", "check it against the certificate");
    /// A social credit code whose inner organisation code fails its own check.
    USCC_INNER = 418 Error ("统一社会信用代码主体标识错误", "social credit code inner check")
        cause("字段“{zh}”第9至17位的组织机构代码校验不符（GB 11714）",
            "characters 9 to 17 of {en} fail the check of an organisation code (GB 11714)")
        hint("请按登记证书核对", "check it against the certificate");
    /// An organisation code of 9 characters where a social credit code is asked. An organ that
    /// still has the old code gets this lowered in its dialect.
    LEGACY_ORG = 419 Error ("使用旧组织机构代码", "legacy organisation code")
        cause("字段“{zh}”填的是9位组织机构代码，应为18位统一社会信用代码",
            "{en} has the old organisation code of 9 characters, not the social credit code")
        hint("请换用统一社会信用代码；确未换发的可在方言中降级",
            "use the social credit code; an organ without one may lower this code in its dialect");
    /// An organisation code of another length or alphabet.
    ORG_SHAPE = 420 Error ("组织机构代码格式错误", "bad organisation code layout")
        cause("字段“{zh}”不是9位组织机构代码", "{en} is no organisation code of 9 characters")
        hint("请按证书核对；由表格软件导出的，检查是否丢了前导零（该列须为文本格式）", "check it against the certificate; after a spreadsheet, see whether leading zeros are gone (format the column as text)");
    /// An organisation code with a wrong check character.
    ORG_CHECK = 421 Error ("组织机构代码校验位错误", "organisation code check character")
        cause("字段“{zh}”的校验位不符（GB 11714）", "the check character of {en} does not fit (GB 11714)")
        hint("请按证书核对", "check it against the certificate");
    /// A citizen number of another length or alphabet.
    CITIZEN_SHAPE = 422 Error ("公民身份号码格式错误", "bad citizen number layout")
        cause("字段“{zh}”不是18位公民身份号码", "{en} is no citizen number of 18 characters")
        hint("请按证件核对；其他证件请改证件类型",
            "check it against the card; for another document change its type");
    /// A citizen number whose first two digits are no province.
    CITIZEN_DIVISION = 423 Error ("公民身份号码地址码无效", "citizen number division")
        cause("字段“{zh}”的地址码不存在", "the division digits of {en} do not occur")
        hint("请按证件核对", "check it against the card");
    /// A citizen number whose date of birth does not exist.
    CITIZEN_BIRTH = 424 Error ("公民身份号码出生日期不存在", "citizen number date of birth")
        cause("字段“{zh}”的出生日期不存在", "the date of birth in {en} does not exist")
        hint("请按证件核对", "check it against the card");
    /// A citizen number with a wrong check character.
    CITIZEN_CHECK = 425 Error ("公民身份号码校验位错误", "citizen number check character")
        cause("字段“{zh}”的校验位不符（GB 11643）", "the check character of {en} does not fit (GB 11643)")
        hint("请按证件核对", "check it against the card");
    /// Not the asked number of hexadecimal digits.
    BAD_HEX = 426 Error ("摘要格式错误", "bad digest")
        cause("字段“{zh}”应为{limit}位十六进制数字", "{en} must have {limit} hexadecimal digits")
        hint("请填写SM3摘要的十六进制形式", "write the SM3 digest in hexadecimal");
    /// A control character that no text may hold.
    BAD_CHARACTER = 427 Error ("含有控制字符", "control character")
        cause("字段“{zh}”含有控制字符", "{en} has a control character")
        hint("请去除不可见字符", "remove invisible characters");
    /// A promised limit longer than the legal one, in the same unit.
    PROMISE_OVER_LEGAL = 428 Error ("承诺时限超过法定时限", "promise longer than the law")
        cause("承诺办结时限{found}超过法定办结时限{limit}",
            "the promised limit of {found} is over the legal limit of {limit}")
        hint("请核对事项时限", "check the item's limits");
}
