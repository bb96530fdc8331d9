//! X2xx: XML and encoding. At severity error exactly what the guard refuses, and nothing else.
crate::code::codes! {
    /// A document type declaration; with it every entity bomb and external entity.
    DTD = 201 Error ("含有DTD", "document type declaration")
        cause("文件含有DOCTYPE声明", "the document has a DOCTYPE declaration")
        hint("请去掉DOCTYPE后重新生成", "write the document without a DOCTYPE");
    /// The declared encoding, or the one the first bytes show, is not known.
    UNKNOWN_ENCODING = 202 Error ("未知编码", "unknown encoding")
        cause("编码“{label}”不被识别", "the encoding \"{label}\" is not known")
        hint("请使用UTF-8或GB18030，并在XML声明中如实写明", "use UTF-8 or GB18030, and declare it as it is");
    /// The byte-order mark, or the form of the bytes, contradicts the declared encoding.
    ENCODING_CONTRADICTS = 203 Error ("编码声明与字节不符", "encoding contradicts the bytes")
        cause("声明的编码为“{label}”，而文件的字节是{found}", "\"{label}\" is declared, but the bytes are {found}")
        hint("请使声明与实际编码一致，或去掉字节顺序标记", "make the declaration name the real encoding, or leave out the byte-order mark");
    /// Bytes that are no character of the encoding.
    UNDECODABLE = 204 Error ("无法解码的字节", "undecodable bytes")
        cause("文件第{offset}字节起的{bytes}不是{encoding}字符", "the bytes {bytes} at offset {offset} are no {encoding} character")
        hint("请核对文件的实际编码与声明（未声明即为UTF-8），或检查文件是否截断", "compare the file's real encoding with the declared one (UTF-8 where none is), and check that it is not cut off");
    /// A document declared as GB2312 or GBK holds a character outside that set; it is read as GB18030.
    BEYOND_DECLARED_SET = 205 Warn ("超出声明的字符集", "beyond the declared character set")
        cause("文件声明为“{label}”，但含有该字符集以外的字符，已按GB18030读取", "\"{label}\" is declared, but there are characters outside it; the file was read as GB18030")
        hint("请将声明改为GB18030", "declare GB18030");
    /// UTF-16 with neither a byte-order mark nor a declaration.
    NO_BYTE_ORDER_MARK = 206 Error ("UTF-16缺少标记", "UTF-16 without a mark")
        cause("文件像是{found}，但既无字节顺序标记，也未声明编码", "the file looks like {found}, but has neither a byte-order mark nor an encoding declaration")
        hint("请改用UTF-8，或加上字节顺序标记", "use UTF-8, or begin with a byte-order mark");
    /// A character that no XML document may hold, written out or as a reference.
    BAD_CHARACTER = 207 Error ("非法字符", "illegal character")
        cause("字符{char}不得出现在XML中（引用形式亦然）", "the character {char} is not allowed in XML, not even as a reference")
        hint("请在生成前从数据中去掉控制字符", "remove control characters from the data before writing it");
    /// The XML declaration is not one.
    BAD_DECLARATION = 208 Error ("XML声明有误", "bad XML declaration")
        cause("XML声明有误：{detail_zh}", "the XML declaration is wrong: {detail_en}")
        hint("正确写法：<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "write <?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    /// Another version than 1.0 is declared; the document is read as XML 1.0.
    READ_AS_XML_10 = 209 Warn ("按XML 1.0读取", "read as XML 1.0")
        cause("声明的版本为{version}，已按XML 1.0读取", "version {version} is declared; the document was read as XML 1.0")
        hint("请声明version=\"1.0\"", "declare version=\"1.0\"");
    /// A name must stand here.
    BAD_NAME = 210 Error ("名称有误", "bad name")
        cause("此处应为{what_zh}，而见到{found}", "{what_en} must stand here, not {found}")
        hint("名称以字母、汉字、下划线或冒号开头；文本中的“<”请写作&lt;", "a name begins with a letter, an ideograph, an underscore or a colon; write < in text as &lt;");
    /// A tag goes on or ends in a way no tag does.
    BAD_TAG = 211 Error ("标签有误", "bad tag")
        cause("标签中此处不应出现{found}", "{found} is not allowed here in a tag")
        hint("请检查标签是否以“>”或“/>”结束，文本中的“<”请写作&lt;", "see that the tag ends with > or />, and that < in text is written &lt;");
    /// An end tag does not fit the open element.
    TAG_MISMATCH = 212 Error ("标签不配对", "tags do not match")
        cause("结束标签“{close}”与未结束的元素“{open}”不符", "the end tag \"{close}\" does not fit the open element \"{open}\"")
        hint("请检查元素是否逐层结束", "see that every element ends within its parent");
    /// The document ends too early.
    BREAKS_OFF = 213 Error ("文件不完整", "the document breaks off")
        cause("文件结束时{what_zh}尚未结束", "the document ends within {what_en}")
        hint("请检查文件是否写完、是否被截断", "check whether the file was written to its end, or cut off");
    /// The same attribute twice in a tag.
    DOUBLED_ATTRIBUTE = 214 Error ("属性重复", "doubled attribute")
        cause("同一标签中属性“{name}”出现两次", "the attribute \"{name}\" stands twice in one tag")
        hint("请只保留一个", "leave one of them out");
    /// An attribute is not `name="value"` after white space.
    BAD_ATTRIBUTE = 215 Error ("属性写法有误", "bad attribute")
        cause("属性“{name}”有误：{detail_zh}", "the attribute \"{name}\" is wrong: {detail_en}")
        hint("正确写法：空白后 名称=\"值\"", "write white space, then name=\"value\"");
    /// `<` in an attribute value.
    LESS_THAN_IN_VALUE = 216 Error ("属性值中有“<”", "< in an attribute value")
        cause("属性值中不得出现“<”", "an attribute value must not hold <")
        hint("请写作&lt;，并检查引号是否成对", "write &lt; and check that the quotes are paired");
    /// A reference to an entity other than the five of XML.
    UNKNOWN_ENTITY = 217 Error ("未定义的实体", "unknown entity")
        cause("实体“&{name};”未定义", "the entity \"&{name};\" is not defined")
        hint("只有&lt; &gt; &amp; &quot; &apos;可用，其他字符请直接写出", "only &lt; &gt; &amp; &quot; &apos; exist; write other characters as they are");
    /// `&` that begins no reference.
    BAD_REFERENCE = 218 Error ("引用有误", "bad reference")
        cause("“&”之后不是完整的引用", "no complete reference follows the &")
        hint("文本中的“&”请写作&amp;", "write & in text as &amp;");
    /// `]]>` in text.
    SECTION_END_IN_TEXT = 219 Error ("文本中有“]]>”", "]]> in text")
        cause("文本中不得出现“]]>”", "]]> is not allowed in text")
        hint("请写作]]&gt;", "write ]]&gt;");
    /// `--` in a comment.
    BAD_COMMENT = 220 Error ("注释有误", "bad comment")
        cause("注释中不得出现“--”，也不得以“-”结尾", "a comment must hold no -- and not end with -")
        hint("请改用其他符号", "use another sign");
    /// An instruction named `xml`, or a declaration that is not at the very beginning.
    RESERVED_TARGET = 221 Error ("保留的名称", "reserved name")
        cause("“<?{name}”只能作为XML声明出现在文件最开头，且须小写", "\"<?{name}\" may only be the XML declaration, in small letters, at the very beginning")
        hint("请去掉声明之前的空行或字符；一个文件只能有一个XML文档", "remove what stands before the declaration; one file holds one document");
    /// No element at all.
    NO_ROOT = 222 Error ("没有根元素", "no root element")
        cause("文件中没有任何元素", "the document has no element")
        hint("请检查文件是否为空", "check whether the file is empty");
    /// Something beside white space, comments and instructions before or after the root element.
    OUTSIDE_ROOT = 223 Error ("根元素之外有内容", "content outside the root")
        cause("根元素之外不得出现{found}", "{found} is not allowed outside the root element")
        hint("一个文件只能有一个根元素，其前后不得有文本；请确认文件是XML", "one document has one root element and no text around it; make sure that the file is XML");
    /// A limit of the gate is exceeded.
    XML_OVER_LIMIT = 224 Error ("超出XML限制", "over an XML limit")
        cause("{what_zh}超出限制（{limit}）", "{what_en} is over the limit of {limit}")
        hint("请拆分或缩短后重新生成", "split or shorten it");
    /// `<!` or `<?` that begins nothing known here.
    BAD_MARKUP = 225 Error ("无法识别的标记", "unknown markup")
        cause("此处的标记不是注释、CDATA段或处理指令", "this markup is no comment, CDATA section or instruction")
        hint("请检查拼写：<!--、<![CDATA[、<?名称 数据?>，均区分大小写", "check the spelling: <!--, <![CDATA[, <?name data?>, all case-sensitive");
    /// A table file that contradicts its own head.
    BAD_TABLE = 226 Error ("表文件有误", "bad table file")
        cause("表文件前后矛盾：{detail_zh}", "the table file contradicts itself: {detail_en}")
        hint("请重新导出该表，或另存为CSV", "export the table again, or save it as CSV");
    /// A file that holds no text: an old or encrypted workbook, an archive that was not opened, a PDF.
    NO_TEXT = 227 Error ("不是可读取的文件", "not a file that is read")
        cause("该文件是{what_zh}", "the file is {what_en}")
        hint("请导出为XML、CSV、dBase或未加密的.xlsx；压缩包应完整且未加密", "export XML, CSV, dBase or an unencrypted .xlsx; an archive must be whole and not encrypted");
    /// A prefix that no namespace declaration in force binds (Namespaces in XML 1.0, section 5).
    UNBOUND_PREFIX = 228 Error ("前缀未声明", "unbound prefix")
        cause("“{name}”的前缀“{prefix}”没有命名空间声明", "no namespace is declared for the prefix \"{prefix}\" of \"{name}\"")
        hint("请在该元素或其上级写明xmlns:{prefix}=\"…\"，或去掉前缀", "declare xmlns:{prefix}=\"...\" on the element or above it, or leave the prefix out");
    /// A colon where none may stand in a name (Namespaces in XML 1.0, section 4 and 7).
    NO_QUALIFIED_NAME = 229 Error ("名称中的冒号有误", "misplaced colon in a name")
        cause("名称“{name}”中的冒号有误：元素和属性名称只能有一个冒号，前后都须有名称；处理指令名称不得有冒号", "the colon in \"{name}\" is misplaced: names of elements and attributes have one at most, between a prefix and a name; names of instructions have none")
        hint("请改用连字符或下划线，或写作 前缀:名称", "write a hyphen or an underscore, or prefix:name");
    /// A namespace declaration that must not be (Namespaces in XML 1.0, section 3 and 5).
    BAD_NAMESPACE = 230 Error ("命名空间声明有误", "bad namespace declaration")
        cause("“{name}”有误：{detail_zh}", "\"{name}\" is wrong: {detail_en}")
        hint("请改用自己的前缀和命名空间名称", "use a prefix and a namespace name of your own");
    /// Two attributes of one tag whose prefixes stand for one namespace (Namespaces in XML 1.0, section 6.3).
    SAME_EXPANDED_NAME = 231 Error ("属性重复", "doubled attribute")
        cause("同一标签中属性“{name}”与“{other}”属于同一命名空间，是同一个属性", "\"{name}\" and \"{other}\" are one attribute: their prefixes stand for one namespace")
        hint("请只保留一个", "leave one of them out");
    /// The bytes are those of another encoding than the one read: UTF-8 under GBK or GB18030, or the reverse.
    LOOKS_OTHERWISE = 232 Error ("实际编码不符", "another encoding than the one read")
        cause("文件按{read}读取（依其声明、文件头或方言，未声明即为UTF-8），而其字节看来是{found}", "the file is read as {read} (by its declaration, its head or the dialect; UTF-8 where nothing says so), but its bytes look like {found}")
        hint("请按实际编码写明encoding=\"{found}\"，或另存为{read}；来源无法改正的，请在方言中写明encoding = \"{found}\"", "declare encoding=\"{found}\" as it is, or save it as {read}; where the source cannot be mended, write encoding = \"{found}\" in its dialect");
    /// The dialect states the source's encoding, and the document declares another.
    ENCODING_OVERRULED = 233 Warn ("编码以方言为准", "the dialect states the encoding")
        cause("文件声明为“{label}”，方言{dialect}写明该来源实为{read}，已按{read}读取", "\"{label}\" is declared; the dialect {dialect} states that the source writes {read}, and so it was read")
        hint("来源改正声明后，请从方言中去掉encoding", "once the source declares what it writes, leave encoding out of the dialect");
    /// Bytes in the contents that are no character of the encoding, half a character mostly; the records
    /// that hold one are refused (X326), the others go on.
    HALF_CHARACTER = 234 Warn ("残缺字符", "half a character")
        cause("文件第{offset}字节起的{bytes}不是完整的{encoding}字符；含有它的记录被退回，其余照常", "the bytes {bytes} at offset {offset} are no whole {encoding} character; the record that holds them is refused, the others go on")
        hint("多为定长字段截断汉字所致，请加宽来源的字段或按字符截断", "mostly a column of fixed width cut it: widen the source's column, or cut by characters");
    /// A field of a table begins with a quote in one line and goes on after a quote in a later one.
    QUOTES_TANGLED = 235 Error ("引号混乱", "tangled quotes")
        cause("此处的引号到第{line}行才遇到下一个引号，其后却还有文字，无法判断字段到哪里为止", "the next quote after this one stands in line {line} and is followed by text: where the field ends cannot be known")
        hint("请在导出时为含引号的字段加引号并将其中的引号写作两个，或去掉多余的引号", "export fields that hold quotes in quotes, with each of their own doubled, or remove the stray quote");
    /// A JSON text that is none.
    BAD_JSON = 236 Error ("JSON有误", "bad JSON")
        cause("JSON在此处有误：{detail}", "the JSON is wrong here: {detail}")
        hint("请用程序库生成JSON，编码为UTF-8，逐项检查引号、逗号和括号", "write JSON with a library, in UTF-8; check quotes, commas and brackets");
    /// A web page or an XML spreadsheet, under whatever name, that holds no table or several.
    MARKUP_TABLE = 237 Error ("网页或XML表格", "a web page or an XML spreadsheet")
        cause("该文件其实是{what_zh}，其中可作为数据的表格有{tables}张，或没有方言认得其列名", "the file is {what_en} with {tables} tables of data in it, or with columns that no dialect knows")
        hint("请在Excel或WPS中打开，只留一张表，另存为.xlsx或CSV后报送；只有一张表的可直接报送", "open it in Excel or WPS, keep one table and save it as .xlsx or CSV; a file with one table can be sent as it is");
    /// An XML document that carries another one as text, which nobody knows.
    DOCUMENT_WITHIN = 238 Error ("报文套在另一报文中", "a document within a document")
        cause("报文套在“{outer}”之中，其内（{count}个）没有可识别的报文", "the document is wrapped in \"{outer}\", and what it carries ({count} documents) is not known")
        hint("请只报送内层的报文，或请中心为它配置方言", "send the inner document alone, or have the hub set up a dialect for it");
    /// Lines of a table in GB18030 that are UTF-8: exports of two systems in one file.
    MIXED_ENCODINGS = 239 Error ("编码混杂", "encodings mixed")
        cause("第{line}行是UTF-8，而其他行是{read}", "line {line} is UTF-8, and other lines are {read}")
        hint("可能把两个系统的导出拼在了一个文件里：请统一另存为UTF-8，或分成两个文件报送", "two exports may have been put into one file: save all of it as UTF-8, or send two files");
}
