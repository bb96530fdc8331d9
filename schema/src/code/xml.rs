//! X2xx: XML and encoding. At severity error exactly what the guard refuses, and nothing else.
crate::code::codes! {
    /// A document type declaration.
    DTD = 201 Error ("含有DTD", "document type declaration")
        cause("文件含有DOCTYPE声明", "the document has a DOCTYPE declaration")
        hint("请去掉DOCTYPE后重新生成", "write the document without a DOCTYPE");
}
