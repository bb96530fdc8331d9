//! X1xx: transport. Envelope, node, signature, digest, limits of an envelope.
crate::code::codes! {
    /// The sending node is not registered at this hub.
    UNKNOWN_NODE = 101 Error ("未知节点", "unknown node")
        cause("节点“{node}”未在本中心登记", "node \"{node}\" is not registered at this hub")
        hint("请先由中心管理员登记该节点并核对节点名称", "have the hub's administrator register the node, and check its name");
    /// The signature does not fit the head and the node's registered key.
    BAD_SIGNATURE = 102 Error ("签名无效", "bad signature")
        cause("信封签名与节点登记的公钥不符", "the envelope's signature does not fit the node's registered public key")
        hint("请核对前置机私钥与中心登记的公钥是否成对", "check that the front-end machine's private key and the registered public key are a pair");
    /// The bytes of an item do not have the digest that the signed head declares.
    BAD_DIGEST = 103 Error ("摘要不符", "bad digest")
        cause("第{item}件的摘要与信封头所载不一致，传输中被改动或损坏", "the digest of item {item} differs from the signed head; it was altered or damaged on the way")
        hint("请重新发送；若重复出现，请检查链路与前置机磁盘", "send it again; if it recurs, check the line and the front-end machine's disk");
    /// The frame ends before the declared items do.
    TRUNCATED = 104 Error ("信封不完整", "truncated envelope")
        cause("信封在第{item}件处中断", "the envelope breaks off at item {item}")
        hint("发送端会自动重发；若重复出现，请检查网络", "the sender repeats it by itself; if it recurs, check the network");
    /// An envelope limit is exceeded.
    OVER_LIMIT = 105 Error ("超出限制", "over a limit")
        cause("{what}为{found}，超出限制{limit}", "{what} is {found}, over the limit of {limit}")
        hint("请拆分后重新发送", "split it and send again");
    /// The same envelope id came before with another digest.
    CHANGED_REPEAT = 106 Error ("重复信封内容不同", "repeated envelope with other content")
        cause("信封编号“{envelope}”曾以不同内容送达", "envelope id \"{envelope}\" has arrived before with other content")
        hint("请检查前置机发件库是否被还原；必要时更换发件纪元", "check whether the outbox was restored from a backup; if so start a new epoch");
    /// The frame or its head cannot be read.
    BAD_FRAME = 107 Error ("信封格式错误", "bad frame")
        cause("信封格式无法识别：{detail}", "the envelope's frame cannot be read: {detail}")
        hint("请核对发送端版本与《交换协议》", "compare the sender's version with docs/EXCHANGE.md");
    /// Nobody knows the item's format.
    UNKNOWN_DIALECT = 108 Error ("无法识别的格式", "unknown dialect")
        cause("没有方言完整认得此文件：{seen_zh}{near_zh}", "no dialect fits this whole file: {seen_en}{near_en}")
        hint("请运行“tongcha dialect suggest 文件”起草方言交中心，或在来源的dialect中写明方言", "draft a dialect with `tongcha dialect suggest FILE` and give it to the hub, or name the dialect in the source's `dialect`");
    /// Larger than what travels: the item stays on the front-end machine; name, size, digest and the
    /// first 64 KiB travel.
    WITHHELD = 109 Error ("文件过大，未发送", "too large, withheld")
        cause("文件大小{found}字节超出{limit}字节，留在前置机", "the file has {found} bytes, over the limit of {limit}; it stays on the front-end machine")
        hint("请拆分文件后重新投放", "split the file and drop it again");
    /// The declared record count of a native envelope differs from what it holds.
    COUNT_DIFFERS = 110 Error ("记录数不符", "record count differs")
        cause("声明{declared}条，实有{found}条", "{declared} records declared, {found} found")
        hint("请核对生成程序后重新发送", "check the program that writes the file, and send again");
    /// An archive that the front-end machine does not open: damaged, encrypted, or over a limit of
    /// ratio, size, entries or nesting. It travels as it is, as one item.
    ARCHIVE_UNOPENED = 111 Warn ("压缩包未解开", "archive not opened")
        cause("压缩包未解开：{detail}", "the archive was not opened: {detail}")
        hint("请检查压缩包，或直接投放其中的文件", "check the archive, or drop the files in it directly");
    /// The node's key has come to its end.
    KEY_EXPIRED = 112 Error ("密钥已过期", "key expired")
        cause("该节点的密钥已过有效期", "the time of this node's key is over")
        hint("请重新登记新密钥：向中心管理员索取邀请码", "enrol a new key: ask the hub's administrator for a code");
    /// The node's key was revoked.
    KEY_REVOKED = 113 Error ("密钥已吊销", "key revoked")
        cause("该节点的密钥已被中心吊销", "this node's key was revoked at the hub")
        hint("请与中心管理员联系；恢复报送须登记新密钥", "speak with the hub's administrator; to send again a new key must be enrolled");
    /// The envelope was packed after it came, by the hub's clock.
    CLOCK_SKEW = 114 Error ("时钟不一致", "clock skew")
        cause("信封的打包时间比中心时间晚{seconds}秒", "the envelope says it was packed {seconds} seconds after now")
        hint("请为前置机启用NTP校时；校时后自动重发", "let NTP set the front-end machine's clock; it is sent again by itself");
    /// Encrypted for a key that this hub does not have, or altered after it was encrypted.
    UNOPENED = 115 Error ("信封无法解密", "envelope not opened")
        cause("信封按另一把密钥加密，或密文被改动", "the envelope is encrypted for another key, or was altered")
        hint("请核对前置机的 secrecy_key 与中心“tongcha keys hub”所示是否一致", "compare secrecy_key of the front-end machine with what `tongcha keys hub` showed at the hub");
    /// The broker does not vouch that the node itself wrote this.
    FOREIGN_USER = 116 Error ("用户与节点不符", "another user's message")
        cause("消息的用户是“{user}”，应为“{node}”", "the message is of user \"{user}\", not of \"{node}\"")
        hint("请用中心为本节点建立的用户登录，并在消息中注明 user-id", "log in as the user that the hub made for this node, and set user-id in each message");
    /// The hub demands encryption of the node, or of one suite, and the envelope is not so.
    NOT_AS_DEMANDED = 117 Error ("未按要求加密", "not encrypted as demanded")
        cause("本中心要求该节点的信封采用{wanted_zh}，实为{found_zh}", "this hub demands {wanted_en} of the node's envelopes; this one is {found_en}")
        hint("请在前置机配置[hub]中填写中心“tongcha keys hub”所示的secrecy_key", "set secrecy_key in [hub] of the agent's configuration to the line that `tongcha keys hub` shows at the hub");
    /// The invitation is for a key of another suite.
    OTHER_SUITE = 118 Error ("密钥算法不符", "another suite")
        cause("邀请要求的密钥算法是{wanted}，登记的是{found}", "the invitation is for a key of the suite {wanted}, this one is {found}")
        hint("请移走未获批准的私钥，用“tongcha enrol --suite {wanted}”重新登记", "move the private key, which is not approved, away and enrol with --suite {wanted}");
    /// A signed question or heartbeat whose date is far from now, by the hub's clock.
    REQUEST_DATE = 119 Error ("时钟不一致", "clock skew")
        cause("请求的签名时间与中心时间相差{seconds}秒", "the request was signed {seconds} seconds from now, by the hub's clock")
        hint("请为前置机启用NTP校时", "let NTP set the front-end machine's clock");
    /// A posted document without a bearer token that the hub knows.
    BAD_TOKEN = 120 Error ("令牌无效", "bad token")
        cause("请求没有令牌，或令牌未在本中心登记", "the request has no token, or one that this hub does not know")
        hint("请核对Authorization: Bearer头；遗失令牌请中心管理员另配", "check the header Authorization: Bearer; if the token is lost, have the hub's administrator set another");
    /// An enrolment that is not taken: no reason is given to strangers.
    BAD_CODE = 121 Error ("登记未受理", "enrolment not taken")
        cause("邀请码无效、已使用或已过期，或时钟不一致", "the code is wrong, used or past its day, or the clocks differ")
        hint("请核对节点名和邀请码，校时后重试；否则请中心管理员另发邀请码", "check node name and code, set the clock and try again; else ask the hub's administrator for another code");
    /// A sheet of a workbook that the front-end machine does not read.
    SHEET_LEFT_OUT = 122 Warn ("工作表未读取", "sheet not read")
        cause("工作表未读取：{why_zh}", "the sheet was not read: {why_en}")
        hint("如其中有办件数据，请取消隐藏、在首行写明列名后重新投放", "if it holds records, show it, name its columns in the first row, and drop the workbook again");
    /// A file was changed after the front-end machine had read it: the changed one goes as a new file.
    CHANGED_AFTER_READING = 123 Warn ("读取后又被改动", "changed after it was read")
        cause("文件在读取之后又被改动，先读取的内容见回执{number}，现按{bytes}字节的新内容重新报送", "the file was changed after it had been read; receipt {number} is for what was read first, and its new content of {bytes} bytes is sent again")
        hint("请核对两份回执；写完后再移入目录，或调大quiet_seconds，或改用标记文件（marker）", "compare both receipts; move files in when they are whole, or raise quiet_seconds, or use marker files (marker)");
    /// An entry of an archive that another one hides, or that its directory does not name.
    ENTRY_LEFT_OUT = 124 Warn ("压缩包中有文件未读取", "entry of an archive not read")
        cause("压缩包中的这一文件未读取：{why_zh}", "this entry of the archive was not read: {why_en}")
        hint("请重新打包，使每个文件的名称各不相同，再投放", "pack it anew, each file under a name of its own, and drop it again");
    /// The hub can never take the envelope as it is: it was set aside, and the others went on.
    SET_ASIDE = 125 Error ("信封被搁置", "envelope set aside")
        cause("中心不能接收此信封：{why_zh}", "the hub cannot take this envelope: {why_en}")
        hint("请按原因处理后重新投放；原文件在bad/，数据库来源请重新取数", "mend the cause and drop the file again, it is in bad/; of a database read the rows again");
    /// Rows of a department's table whose watermark lies after now.
    WATERMARK_AHEAD = 130 Warn ("水位在将来", "watermark ahead of now")
        cause("{table}有{rows}行的{column}晚于现在（最晚{last}）：这些行已照取，读取位置留在其前", "{rows} rows of {table} have a {column} after now (the last {last}): they are taken, and the position stays before them")
        hint("请改正这些行的时间，或校正前置机时钟", "mend the time of those rows, or set this machine's clock");
    /// Rows that came behind the position, further back than the overlap reaches.
    WATERMARK_BEHIND = 131 Warn ("补交的行在水位之前", "rows behind the watermark")
        cause("{table}有{rows}行出现在读取位置之前、超出重读范围（最早{first}）：由定期回读取得", "{rows} rows of {table} came behind the position, beyond the overlap (the first {first}): the second look took them")
        hint("请加大overlap，使其超过最长的写入事务；并核对该列是否随每次变更增大", "make overlap longer than the longest writing transaction, and check that the column rises with every change");
    /// The table ends before the position, or nothing that was read is there any more.
    LOADED_ANEW = 132 Warn ("表被重新装载", "table loaded anew")
        cause("{table}与读取位置不符（位置{position}，表内最大{last}）：表已被清空重装或还原，现从头读取", "{table} does not fit the position (position {position}, largest in the table {last}): it was loaded anew or restored, and is read from its beginning")
        hint("如非有意重装，请核对该表是否缺数据", "if nobody meant to load it, check whether the table lacks rows");
    /// Rows of a table without a watermark.
    WATERMARK_ABSENT = 133 Warn ("没有水位的行", "rows without a watermark")
        cause("{table}有{rows}行的{column}为空，不会被读取", "{rows} rows of {table} have no {column} and are never taken")
        hint("请让系统在新增时也写入该列，或换用必填的列", "have the system fill the column of new rows too, or name one that is always filled");
    /// A text column whose bytes are of another character set than the database believes.
    OTHER_CHARSET = 134 Warn ("字符集不符", "another character set")
        cause("{table}的列{column}像是按latin1存放的{looks}，读出为乱码", "column {column} of {table} looks like {looks} kept in a Latin-1 column: it reads as rubbish")
        hint("请在该来源写 charset = \"{looks}\"", "write charset = \"{looks}\" at this source");
    /// Changes that a trigger could not write down.
    CHANGES_LOST = 135 Warn ("变更未能记录", "changes not written down")
        cause("{table}至少有{rows}次变更未能写入变更表（本单位的语句未受影响）", "at least {rows} changes of {table} could not be written into the change table (the department's statements went on)")
        hint("请排除原因（变更表被删、权限、空间），再运行“tongcha triggers --first-load --apply 账号文件”补齐", "mend the cause (change table dropped, rights, room), then make up for it with `tongcha triggers --first-load --apply ACCOUNT_FILE`");
    /// The envelope names a dialect that the hub does not take from this node.
    DIALECT_NOT_AGREED = 136 Error ("未约定的方言", "dialect not agreed")
        cause("方言“{found}”不在本中心与该节点约定的方言（{agreed}）之内", "the dialect \"{found}\" is none of those agreed with this node ({agreed})")
        hint("请在来源的dialect中写约定的方言或auto；需要增加时请中心修改[[node]]的dialects", "write one of these, or auto, as the source's dialect; to add one, have the hub change dialects of [[node]]");
    /// The hub has no dialect of the name that the sender gives.
    NO_SUCH_DIALECT = 137 Error ("没有此方言", "no such dialect")
        cause("没有名为“{found}”的方言", "there is no dialect \"{found}\"")
        hint("请核对来源的dialect：{known}", "check the source's dialect; there are: {known}");
    /// A text of the head holds a control character, which no database keeps and no page shows.
    HEAD_CONTROL = 146 Error ("信封头含控制字符", "control character in the head")
        cause("信封头的{what}含控制字符{sign}", "{what} of the head holds the control character {sign}")
        hint("该信封无法入库，已退回；请在来源处改名后重新报送", "this envelope can never be kept; rename it at its source and send it anew");
    /// The database refuses the envelope for what it holds: the same bytes are refused each time.
    NOT_KEPT = 147 Error ("无法入库", "cannot be kept")
        cause("中心数据库不接受该信封（{statement}，{reason}）", "the hub's database does not take this envelope ({statement}, {reason})")
        hint("同样的内容再发也不会成功：请中心管理员查看日志，并请来源系统改正后重新报送", "the same bytes fail again: have the hub's administrator look into its log, mend it at its source and send it anew");
    /// The key of this node was enrolled and nobody has approved it yet: no alarm, only patience.
    AWAITS_APPROVAL = 148 Error ("等待批准", "awaits approval")
        cause("该节点已登记，尚待中心核对指纹并批准", "this node is enrolled; the hub has not approved its key yet")
        hint("请等待中心管理员批准；批准后自动报送", "wait for the hub's administrator to approve it; what waits is sent then by itself");
    /// A batch that the hub above refused, whole or in part: it is kept and goes again.
    BATCH_HELD = 153 Error ("上报批次被拒", "batch refused above")
        cause("上级中心拒绝了第{batch}批{records}条记录中的{rejected}条：{why_zh}", "the hub above refused {rejected} of the {records} records of batch {batch}: {why_en}")
        hint("请按原因处理（节点类别、公钥、版本），每6小时自动重报一次，重启中心立即重报", "mend the cause (kind of node, key, version); it goes again every 6 hours, and at once when this hub is started again");
    /// A bundle that the database does not take: it stands alone in quarantine, the others go on.
    QUARANTINED = 154 Warn ("记录包已隔离", "bundle in quarantine")
        cause("{records}条记录无法入库，已隔离，仍计为待处理：{detail}", "{records} records cannot be stored; they are in quarantine and count as pending: {detail}")
        hint("请中心管理员查看日志，排除原因后重启中心，即自动重试", "have the hub's administrator read its log, mend the cause and start the hub again: it tries once more");
    /// An outgoing batch whose kept bytes this version cannot read or write out.
    BATCH_UNREADABLE = 155 Error ("上报批次无法读出", "outgoing batch not readable")
        cause("第{batch}批无法生成上报报文：{detail}", "batch {batch} cannot be written out: {detail}")
        hint("请升级中心程序；仍不能解决时请保留数据库并与开发者联系", "install a newer version; if that does not help keep the database and speak with the developers");
    /// The hub above does not know an answer that it gave: it was restored from an older copy.
    MISSING_ABOVE = 156 Error ("上级中心缺少已上报批次", "missing at the hub above")
        cause("上级中心没有第{batch}批的回执{receipt}，而本中心已不再保留该批内容", "the hub above does not know receipt {receipt} of batch {batch}, and its bytes are kept here no more")
        hint("上级中心可能由旧备份恢复；请与其管理员核对，并请部门重报", "the hub above may have been restored from an older copy: speak with its administrator, and have the departments send again");
}
