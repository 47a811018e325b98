import Bytes

/// `source as target`. With prefixes, the rest of the name is kept: `foo* as bar*`.
public struct FieldMapping: Hashable, Sendable {
    public var source: FieldPattern
    public var target: FieldPattern

    public init(_ source: FieldPattern, as target: FieldPattern) {
        self.source = source
        self.target = target
    }
}

/// `len(field) as result`, `hash(…)`, `json_array_len(…)`.
public struct UnaryPipe: Hashable, Sendable {
    public var field: ByteString
    public var result: ByteString

    public init(field: ByteString, result: ByteString) {
        self.field = field
        self.result = result
    }
}

/// What becomes of values that a field already has, and of empty results.
public struct OverwriteRule: Hashable, Sendable {
    /// `keep_original_fields`: a value that is not empty stays.
    public var keepsOriginal: Bool
    /// `skip_empty_results`: an empty result is not written.
    public var skipsEmpty: Bool

    public init(keepsOriginal: Bool = false, skipsEmpty: Bool = false) {
        self.keepsOriginal = keepsOriginal
        self.skipsEmpty = skipsEmpty
    }
}

/// `collapse_nums if (…) at field prettify`.
public struct CollapseNumbersPipe: Hashable, Sendable {
    public var condition: Filter?
    public var field: ByteString
    public var prettifies: Bool

    public init(condition: Filter? = nil, field: ByteString = "_msg", prettifies: Bool = false) {
        self.condition = condition
        self.field = field
        self.prettifies = prettifies
    }
}

/// `extract if (…) "pattern" from field`, `extract_regexp …`.
public struct ExtractPipe: Hashable, Sendable {
    public var condition: Filter?
    /// As written; `ExtractPattern` (or RE2) reads it.
    public var pattern: ByteString
    public var field: ByteString
    public var overwrite: OverwriteRule

    public init(
        condition: Filter? = nil, pattern: ByteString, field: ByteString = "_msg",
        overwrite: OverwriteRule = OverwriteRule()
    ) {
        self.condition = condition
        self.pattern = pattern
        self.field = field
        self.overwrite = overwrite
    }
}

/// `format if (…) "pattern" as field`.
public struct FormatPipe: Hashable, Sendable {
    public var condition: Filter?
    /// Text and `<field>` or `<option:field>`.
    public var pattern: ByteString
    public var result: ByteString
    public var overwrite: OverwriteRule

    public init(
        condition: Filter? = nil, pattern: ByteString, result: ByteString = "_msg",
        overwrite: OverwriteRule = OverwriteRule()
    ) {
        self.condition = condition
        self.pattern = pattern
        self.result = result
        self.overwrite = overwrite
    }
}

/// `pack_json fields (…) as field`, `pack_logfmt …`. Empty `fields`: all.
public struct PackPipe: Hashable, Sendable {
    public var fields: [FieldPattern]
    public var result: ByteString

    public init(fields: [FieldPattern] = [], result: ByteString = "_msg") {
        self.fields = fields
        self.result = result
    }
}

/// `replace if (…) ("old", "new") at field limit n`, `replace_regexp …`.
public struct ReplacePipe: Hashable, Sendable {
    public var condition: Filter?
    public var old: ByteString
    public var new: ByteString
    public var field: ByteString
    /// 0 is no limit.
    public var limit: UInt64

    public init(
        condition: Filter? = nil, old: ByteString, new: ByteString, field: ByteString = "_msg", limit: UInt64 = 0
    ) {
        self.condition = condition
        self.old = old
        self.new = new
        self.field = field
        self.limit = limit
    }
}

/// `split "," from a as b`: the parts as a JSON array.
public struct SplitPipe: Hashable, Sendable {
    public var separator: ByteString
    public var field: ByteString
    public var result: ByteString

    public init(separator: ByteString, field: ByteString = "_msg", result: ByteString) {
        self.separator = separator
        self.field = field
        self.result = result
    }
}

/// `time_add 1h at field`.
public struct TimeAddPipe: Hashable, Sendable {
    public var duration: DurationLiteral
    public var field: ByteString

    public init(duration: DurationLiteral, field: ByteString = "_time") {
        self.duration = duration
        self.field = field
    }
}

/// `unpack_json if (…) from field fields (…) preserve_keys (…) result_prefix "p" …`; `unpack_logfmt`; `unpack_syslog
/// … offset d`.
public struct UnpackPipe: Hashable, Sendable {
    public var condition: Filter?
    public var field: ByteString
    /// Empty: all.
    public var fields: [FieldPattern]
    /// JSON keys whose objects are kept as JSON text.
    public var preservedKeys: [ByteString]
    public var resultPrefix: ByteString
    public var overwrite: OverwriteRule
    /// Of the local time in RFC 3164 headers; only for syslog.
    public var timeOffset: DurationLiteral?

    public init(
        condition: Filter? = nil, field: ByteString = "_msg", fields: [FieldPattern] = [],
        preservedKeys: [ByteString] = [], resultPrefix: ByteString = .empty,
        overwrite: OverwriteRule = OverwriteRule(), timeOffset: DurationLiteral? = nil
    ) {
        self.condition = condition
        self.field = field
        self.fields = fields
        self.preservedKeys = preservedKeys
        self.resultPrefix = resultPrefix
        self.overwrite = overwrite
        self.timeOffset = timeOffset
    }
}

/// `unpack_words from a as b drop_duplicates`.
public struct UnpackWordsPipe: Hashable, Sendable {
    public var field: ByteString
    public var result: ByteString
    public var dropsDuplicates: Bool

    public init(field: ByteString = "_msg", result: ByteString, dropsDuplicates: Bool = false) {
        self.field = field
        self.result = result
        self.dropsDuplicates = dropsDuplicates
    }
}

/// `unroll if (…) by (a, b)`.
public struct UnrollPipe: Hashable, Sendable {
    public var condition: Filter?
    public var fields: [ByteString]

    public init(condition: Filter? = nil, fields: [ByteString]) {
        self.condition = condition
        self.fields = fields
    }
}
