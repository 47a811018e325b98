import Bytes
import Records

extension EncodedBlock: NativeBlock {
    public var identity: BlockIdentity { BlockIdentity(source: sourceNumber, offset: range.lowerBound) }

    /// A column of texts that are stored apart; nil for any other.
    func splitColumn(_ column: BlockHeader.Column) throws -> SplitColumn? {
        guard column.statistics.valueEncoding == .text,
            [.text, .sparse].contains(column.statistics.encoding)
        else { return nil }
        return try read(column.values) { reader throws(CorruptionError) -> SplitColumn? in
            defer { reader = ByteReader(reader.bytes, at: reader.bytes.byteCount) }
            var encoding = ColumnEncoding(rawValue: try reader.readUInt8())
            var presence: PresenceBits?
            var count = header.rowCount
            if encoding == .sparse {
                let bits = try SparseCodec.readBits(&reader, count: count)
                count = bits.rank(of: count)
                presence = bits
                encoding = ColumnEncoding(rawValue: try reader.readUInt8())
            }
            guard encoding == .split else { return nil }
            let dense = try SplitColumn(&reader, count: count)
            return presence.map { dense.spread($0.bytes, rows: header.rowCount) } ?? dense
        }
    }

    /// The values of a column that few rows have, as they are stored, and which rows these are; nil for any other.
    func sparseColumn(_ column: BlockHeader.Column) throws -> (values: ColumnVector, presence: PresenceBits)? {
        guard column.statistics.encoding == .sparse else { return nil }
        return try readPayload(of: column) { reader throws(CorruptionError) in
            guard try reader.readUInt8() == ColumnEncoding.sparse.rawValue else {
                throw CorruptionError("not the sparse column that the header names", offset: 0)
            }
            let presence = try SparseCodec.readBits(&reader, count: rowCount)
            let values = try ColumnDecoder.decode(&reader, count: presence.rank(of: rowCount), depth: 1)
            return (values, presence)
        }
    }

    /// A column of numbers or hex digits that are stored one by one, not shared among rows; nil for any other.
    func typedColumn(_ column: BlockHeader.Column) throws -> (values: NativeValues, presence: RowPresence?)? {
        let statistics = column.statistics
        guard statistics.distinct == 0, [.integers, .decimals, .hexadecimal, .uuid].contains(statistics.valueEncoding),
            statistics.encoding == statistics.valueEncoding || statistics.encoding == .sparse,
            case .plain(let values, let presence) = try nativeColumn(column)
        else { return nil }
        return (values, presence)
    }

    /// Templates, times of day and texts that hold other columns have no native form.
    public func nativeColumn(_ name: ByteString) throws -> NativeColumn? {
        try headerColumn(name).flatMap { try nativeColumn(try original(of: $0)) }
    }

    private func nativeColumn(_ column: BlockHeader.Column) throws -> NativeColumn? {
        switch column.statistics.encoding {
        case .templates, .timestamps, .same: return nil
        case .derived:
            if let kinded = try kindedColumn(column) { return try native(kinded, column) }
            guard case .dictionary(let codes, let values) = try decode(column, depth: 0) else { return nil }
            return .coded(NativeCodes(codes, limit: values.count), .texts(values), hasMissing: false)
        case .referred: return try referredNative(column)
        default:
            return try readPayload(of: column) { reader throws(CorruptionError) in
                let found = try NativeDecoder.decode(&reader, count: rowCount)
                // Without a native form there is nothing to read here.
                if found == nil { reader = ByteReader(reader.bytes, at: reader.bytes.byteCount) }
                return found
            }
        }
    }
}
