//! X3xx: elements and their keys. What is wrong with a document's shape, a case's or a record's
//! key, an element's number of records, or a declared "none".
crate::code::codes! {
    /// The root element is none that the dialect knows.
    WRONG_ROOT = 301 Error ("根元素错误", "wrong root element")
        cause("根元素为“{found}”，应为“{expected}”",
            "the root element is \"{found}\", expected \"{expected}\"")
        hint("请核对报文格式与所选方言", "compare the document with its dialect");
    /// A case without a number.
    NO_CASE_NO = 302 Error ("缺少办件编号", "no case number")
        cause("办件编号缺失或为空", "the case number is missing or empty")
        hint("请补填办件编号后重新报送", "fill in the case number and send again");
    /// A case number over 50 characters or with control characters.
    BAD_CASE_NO = 303 Error ("办件编号无效", "bad case number")
        cause("办件编号超过50个字符，或含有控制字符、残缺字符", "the case number has over 50 characters, or a control or broken character")
        hint("请核对办件编号", "check the case number");
    /// A sequence number that is missing or no whole number of 1 or more.
    BAD_SEQ = 304 Error ("序号无效", "bad sequence number")
        cause("记录的序号缺失或不是1以上的整数",
            "the record's sequence number is missing or no whole number of 1 or more")
        hint("请为同一办件同一要素的每条记录给出不重复的序号", "number the records of one element and case from 1");
    /// A data version that is missing or no whole number of 1 or more.
    BAD_VERSION = 305 Error ("数据版本号无效", "bad data version")
        cause("数据版本号缺失或不是1以上的整数", "the data version is missing or no whole number of 1 or more")
        hint("首次报送为1，每次重报加1", "the first report is 1, each further report one more");
    /// An operation that is none of I, U, D.
    BAD_OP = 306 Error ("数据操作无效", "bad operation")
        cause("数据操作应为I、U或D", "the operation must be I, U or D")
        hint("新增填I，更新填U，删除填D", "write I to add, U to update, D to delete");
    /// A node that is none of the 14 elements: it counts as one rejected record of no element.
    UNKNOWN_ELEMENT = 307 Error ("未知要素", "unknown element")
        cause("“{found}”不是14个要素之一", "\"{found}\" is none of the 14 elements")
        hint("请核对要素名称的拼写", "check the spelling of the element's name");
    /// A field that the element does not have; what it holds is kept in the raw bytes only.
    UNKNOWN_FIELD = 308 Warn ("未知字段", "unknown field")
        cause("要素没有字段“{found}”，其内容未入库",
            "the element has no field \"{found}\"; its content is not stored")
        hint("请核对字段名称，或在方言中声明该字段", "check the field's name, or map it in the dialect");
    /// A second record of an element of which a case has exactly one.
    DOUBLED_ELEMENT = 309 Error ("要素重复", "doubled element")
        cause("{zh}每个办件只有一条，此处另有序号为{seq}的一条",
            "a case has one record of {en}; here is another, of number {seq}")
        hint("更正请提高数据版本号，不要增加序号", "to correct a record raise its version, not its number");
    /// A field that occurs twice in one record.
    DOUBLED_FIELD = 310 Error ("字段重复", "doubled field")
        cause("字段“{zh}”在同一条记录中出现多次", "the field {en} occurs more than once in the record")
        hint("请只保留一个", "keep one of them");
    /// A declared "none" that carries fields.
    NONE_WITH_FIELDS = 311 Error ("声明为无却有内容", "declared none, with fields")
        cause("{zh}声明为无，却带有字段", "{en} is declared none and yet has fields")
        hint("请去掉none声明或去掉字段", "remove the declaration or the fields");
    /// A declared "none" of an element that every case has.
    NONE_NOT_ALLOWED = 312 Error ("不可声明为无", "must not be declared none")
        cause("{zh}每个办件必有，不可声明为无", "every case has {en}; it must not be declared none")
        hint("请报送该要素", "send the element");
    /// A declared "none" without a reason code of the set.
    BAD_NONE_REASON = 313 Error ("无此要素的原因无效", "bad reason of none")
        cause("声明为无的原因代码缺失或不在代码集none_reason中",
            "the reason of the declared none is missing or not in the code set none_reason")
        hint("1事项不涉及 2未发生 3由其他系统报送 4尚未采集 9其他",
            "1 not part of the item, 2 not yet, 3 sent by another system, 4 not collected, 9 other");
    /// The same version with other content: both are kept, the first stays in force.
    VERSION_CONFLICT = 314 Error ("版本冲突", "version conflict")
        cause("版本{version}已有不同内容", "version {version} is already stored with other content")
        hint("请提高数据版本号后重新报送", "raise the data version and send again");
    /// Different rows of one item under one key, told apart by an occurrence number.
    SAME_KEY = 315 Warn ("键值重复", "rows under one key")
        cause("同一文件中有内容不同而键值相同的行，已按出现次序区分",
            "rows of one item differ under the same key; they are told apart by their order")
        hint("请在方言中选用能区分各行的键", "choose a key in the dialect that tells the rows apart");
    /// More records of one case than the limit.
    TOO_MANY_RECORDS = 316 Error ("记录过多", "too many records")
        cause("一个办件有{found}条记录，超出限制{limit}",
            "the case has {found} records, over the limit of {limit}")
        hint("请核对办件编号是否误用", "check whether one case number stands for many cases");
    /// A document or case that holds no record.
    NO_RECORDS = 317 Warn ("没有记录", "no records")
        cause("没有可读取的记录", "there is no record in it")
        hint("请核对导出条件", "check what the export selects");
    /// An element that is declared none and has records, in one item.
    NONE_AND_RECORDS = 318 Warn ("声明为无却另有记录", "declared none, with records")
        cause("{zh}声明为无，同一文件中却另有记录", "{en} is declared none and yet has records in the same item")
        hint("请核对该要素", "check the element");
    /// A business number over 64 characters or with control characters.
    BAD_BUSINESS_NO = 319 Error ("业务流水号无效", "bad business number")
        cause("原系统业务流水号超过64个字符或含有控制字符",
            "the source's business number has over 64 characters or a control character")
        hint("请核对业务流水号", "check the business number");
    /// A head field of a native document that is missing or cannot be read.
    BAD_HEAD = 320 Error ("报文头无效", "bad head")
        cause("报文头字段“{field}”缺失或无效", "the head's field {field} is missing or cannot be read")
        hint("请按ELEMENTS说明填写报文头", "fill in the head as the reference pages say");
    /// Text where only elements are expected.
    STRAY_TEXT = 321 Warn ("多余文字", "stray text")
        cause("“{found}”中有不属于任何字段的文字", "there is text in \"{found}\" that belongs to no field")
        hint("请核对报文结构", "check the document's structure");
    /// A row or event that the dialect maps to no element.
    UNMAPPED = 322 Warn ("未映射", "unmapped row")
        cause("“{found}”在方言中没有对应的要素", "the dialect maps \"{found}\" to no element")
        hint("请在方言中补充映射或声明忽略", "map it in the dialect, or declare it ignored");
    /// A sound record of a case that has a rejected one, where the receiver takes cases whole.
    REJECTED_WITH_CASE = 323 Error ("随办件退回", "rejected with its case")
        cause("同一办件有记录被退回，该来源按办件整体接收",
            "another record of the case is rejected, and this source is taken by whole cases")
        hint("请改正该办件的其他问题后整件重新报送", "repair the case's other faults and send it again whole");
    /// A row of a table with another number of fields than its header.
    ROW_LENGTH = 324 Error ("行的列数不符", "row of another length")
        cause("该行有{found}列，表头有{expected}列", "the row has {found} fields, the header {expected}")
        hint("请检查分隔符，以及字段内的引号和换行", "check the delimiters, and quotes and line breaks within fields");
    /// A field of a table that the dialect asks for holds what cannot be read; it counts as empty.
    FIELD_UNREAD = 325 Warn ("字段未读取", "field not read")
        cause("列“{column}”为{what_zh}，按空值处理", "the column \"{column}\" holds {what_en}; it is taken as empty")
        hint("请在导出时改为文本、数值或日期", "export it as a text, a number or a date");
    /// A field with U+FFFD, which stands where half a character was: by this hub's reading or by a program
    /// before it. Such a text is never stored.
    BROKEN_TEXT = 326 Error ("含有残缺字符", "a broken character")
        cause("字段“{zh}”含有残缺字符（U+FFFD），原字已不可知", "{en} holds a broken character (U+FFFD): what it was is lost")
        hint("请在来源系统改正该字段后重新报送；多为按字节截断汉字，或转换编码出错所致",
            "mend the field at the source and send again; mostly a text was cut by bytes, or its encoding converted wrongly");
    /// A text of a table with columns of fixed width that was cut in the middle of a character.
    CUT_TEXT = 327 Warn ("文本被截断", "a text that was cut")
        cause("列“{column}”的文本在汉字中间被截断，半个字已舍去", "the text of the column \"{column}\" was cut in the middle of a character; the half is left out")
        hint("请加宽来源表的该列后重新报送", "widen the column at the source, and send again");
    /// Places of the document that hold something and that the dialect neither reads nor leaves out on
    /// purpose; once a document.
    NOT_READ = 330 Warn ("有内容未读取", "not all was read")
        cause("方言“{dialect}”没有读取此文件的{count}处：{names}", "the dialect \"{dialect}\" does not read {count} places of this file: {names}")
        hint("请核对方言是否合适；要用的内容请在方言中补充映射，不用的请列入方言的leave_out", "check that the dialect is the right one; map what is needed in the dialect, and list the rest under its leave_out");
    /// A dialect of the national space was recognised, not declared, and numbers of the document are not
    /// built as national ones: they stay in the source's own space.
    OWN_NUMBERS = 331 Warn ("按本来源编号", "numbers of the source's own")
        cause("方言“{dialect}”是自动识别的，{count}个办件编号不是国家或省统一编号的结构，按本来源自有编号存放", "the dialect \"{dialect}\" was recognised by itself, and {count} case numbers are not built as national ones; they are kept as this source's own")
        hint("如确为统一编号，请在来源的dialect中写明“{dialect}”", "if they are shared by all systems, name \"{dialect}\" as the source's `dialect`");
    /// The hub's office took records of an envelope back, which a wrong dialect had made.
    TAKEN_BACK = 332 Error ("已收回", "taken back")
        cause("中心于{day}收回其中{count}条已入库记录：{reason}", "on {day} the hub took back {count} stored records of it: {reason}")
        hint("请按理由改正后重新报送；原始报文仍保存", "mend what the reason says and send it again; the raw bytes are kept");
    /// A cell of a table holds a number with an exponent: a spreadsheet has dropped its last digits.
    NUMBER_SPOILT = 335 Error ("数字已失真", "number spoilt by a spreadsheet")
        cause("单元格{cell}（列“{column}”）是科学计数法，表格软件已丢失末尾的数字",
            "cell {cell} (column \"{column}\") has an exponent: the spreadsheet has lost the number's last digits")
        hint("请在Excel或WPS中选中该列，设置单元格格式→数字→文本，再从原系统重新粘贴或导入该列（改格式不能找回已丢失的数字），然后重新导出",
            "in Excel or WPS select the column, Format Cells, Number, Text, then paste or import the column anew from its system (the format alone brings no lost digit back), and export again");
    /// A number of a JSON text that its writer has rounded, or that is beyond what JSON readers keep.
    JSON_NUMBER = 336 Error ("JSON数字已失真", "number spoilt in JSON")
        cause("“{column}”的数字带指数，末尾的数字可能已丢失", "the number in \"{column}\" has an exponent; its last digits may be lost")
        hint("编号、证件号码等请在JSON中写作加引号的字符串", "write numbers of cases, documents and the like as texts, in quotes");
    /// A cell of a table that holds no value: an uncalculated formula, or an error value.
    CELL_WITHOUT_VALUE = 337 Error ("单元格没有值", "cell without a value")
        cause("单元格{cell}（列“{column}”）是{what_zh}", "cell {cell} (column \"{column}\") holds {what_en}")
        hint("请在Excel或WPS中打开并重新计算、保存，或将公式粘贴为值后重新导出",
            "open it in Excel or WPS, calculate and save it, or paste the formulas as values, and export again");
    /// A native document without one of its parts.
    MISSING_PART = 350 Error ("报文缺少部分", "missing part")
        cause("报文没有“{found}”", "the document has no {found}")
        hint("报文应为Package，内含Head和Body", "a document is a Package with a Head and a Body");
    /// A node outside of the cases that the native format does not have: what it holds is not read.
    UNKNOWN_PART = 351 Error ("未知节点名", "unknown node")
        cause("“{parent}”中不应有节点“{found}”，其内容未读取",
            "{parent} has no node \"{found}\"; what it holds is not read")
        hint("请核对节点名称的拼写", "check the spelling of the node's name");
    /// A part of a native document that occurs twice.
    DOUBLED_PART = 352 Error ("报文部分重复", "doubled part")
        cause("“{found}”出现多次", "{found} occurs more than once")
        hint("请只保留一个", "keep one of them");
    /// An attribute that the native format does not have.
    UNKNOWN_ATTRIBUTE = 353 Warn ("未知属性", "unknown attribute")
        cause("“{parent}”没有属性“{found}”，已忽略", "{parent} has no attribute \"{found}\"; it is ignored")
        hint("请核对属性名称的拼写", "check the spelling of the attribute's name");
    /// A `none` attribute that is neither true nor false.
    BAD_NONE = 354 Error ("none属性无效", "bad none attribute")
        cause("none属性应为true或false", "the attribute none must be true or false")
        hint("声明无此要素时写none=\"true\"并填写原因",
            "write none=\"true\" and a reason to declare that there is none");
    /// Another version of the native format.
    FORMAT_VERSION = 355 Warn ("报文版本不同", "other format version")
        cause("报文版本为“{found}”，本程序按{expected}读取",
            "the document's version is \"{found}\"; it is read as {expected}")
        hint("请核对Package的version属性", "check the version of Package");
    /// One case with more text than is kept of a case: what follows is refused.
    CASE_TOO_LARGE = 356 Error ("办件内容过大", "case too large")
        cause("一个办件的内容超出{limit}字节", "the case has more than {limit} bytes of text")
        hint("附件不随报文报送；请核对办件编号是否误用",
            "attachments do not travel in a document; check whether one case number stands for many cases");
    /// Reading stopped before the end of a document.
    READ_STOPPED = 357 Error ("读取中断", "reading stopped")
        cause("报文在此处无法继续读取：{detail}", "the document cannot be read on from here: {detail}")
        hint("请重新生成报文后再次报送", "write the document again and send it");
}
