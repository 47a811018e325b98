import Bytes
import Records

/// What `plumb detect` does: comma-separated values in, the same rows with the detector's judgement out, strictly
/// causal.
public struct DetectCommand: Sendable {
    /// Why an input cannot be read.
    public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
        public enum Code: Sendable, Equatable {
            case empty
            case missingColumn
        }

        public var code: Code
        public var description: String
    }

    /// Column names; nil takes the usual ones.
    public var timeColumn: String?
    public var valueColumn: String?
    public var seriesColumn: String?
    public var options: SeriesDetector.Options

    public init(
        timeColumn: String? = nil, valueColumn: String? = nil, seriesColumn: String? = nil,
        options: SeriesDetector.Options = SeriesDetector.Options()
    ) {
        self.timeColumn = timeColumn
        self.valueColumn = valueColumn
        self.seriesColumn = seriesColumn
        self.options = options
    }

    private static let usualTimes = ["timestamp", "time", "_time", "ts", "datetime", "date", "@timestamp"]
    private static let usualValues = ["value", "count", "v", "y", "metric"]

    /// Judges every row. The first line names the columns. Output:
    /// `timestamp,value,expected_low,expected_high,score,deviation` and the series column last where there is one; time
    /// and value as they came. A row without a readable time or value gets empty bounds, score 0 and no deviation.
    /// O(rows).
    public func run(_ input: [UInt8]) throws(InputError) -> [UInt8] {
        let bytes = input.rawSpan
        var reader = CSVReader(bytes, separator: Self.separator(of: input))
        guard let header = reader.next() else { throw InputError(code: .empty, description: "the input is empty") }
        let time = try position(in: header, asked: timeColumn, usual: Self.usualTimes, role: "time")
        let value = try position(in: header, asked: valueColumn, usual: Self.usualValues, role: "value")
        var series: Int?
        if let seriesColumn { series = try position(in: header, asked: seriesColumn, usual: [], role: "series") }
        var output: [UInt8] = []
        output.reserveCapacity(input.count * 3)
        output += "timestamp,value,expected_low,expected_high,score,deviation".utf8
        if let series {
            output.append(UInt8(ascii: ","))
            Self.append(header[series], to: &output)
        }
        output.append(10)
        var detectors: [RankedDetector] = []
        var numbers: [ByteString: Int] = [:]
        while let fields = reader.next() {
            let name = series.map { $0 < fields.count ? fields[$0] : .empty } ?? .empty
            let number = numbers[name] ?? detectors.count
            if number == detectors.count {
                numbers[name] = number
                detectors.append(RankedDetector(options: options))
            }
            let timeText = time < fields.count ? fields[time] : .empty
            let valueText = value < fields.count ? fields[value] : .empty
            Self.append(timeText, to: &output)
            output.append(UInt8(ascii: ","))
            Self.append(valueText, to: &output)
            Self.appendJudgement(of: &detectors[number], time: timeText, value: valueText, to: &output)
            if series != nil {
                output.append(UInt8(ascii: ","))
                Self.append(name, to: &output)
            }
            output.append(10)
        }
        return output
    }

    private static func appendJudgement(
        of detector: inout RankedDetector, time: ByteString, value: ByteString, to output: inout [UInt8]
    ) {
        guard let moment = TimeText.nanoseconds(time), let number = NumberText.double(value.bytes.rawSpan) else {
            output += ",,,0,0".utf8
            return
        }
        let assessment = detector.update(time: moment, value: number)
        output += ",\(short(assessment.expectedLow)),\(short(assessment.expectedHigh))".utf8
        output += ",\(assessment.score),\(assessment.deviation ? 1 : 0)".utf8
    }

    /// About seven digits, for bounds that are estimates anyway.
    private static func short(_ value: Double) -> String { "\(Float(value))" }

    private static func separator(of input: [UInt8]) -> UInt8 {
        let line = input.prefix(4_096).prefix { $0 != 10 }
        if line.contains(UInt8(ascii: ",")) { return UInt8(ascii: ",") }
        return line.contains(9) ? 9 : line.contains(UInt8(ascii: ";")) ? UInt8(ascii: ";") : UInt8(ascii: ",")
    }

    private func position(
        in header: [ByteString], asked: String?, usual: [String], role: String
    ) throws(InputError) -> Int {
        if let asked {
            if let found = header.firstIndex(of: ByteString(asked)) { return found }
        } else {
            for name in usual {
                if let found = header.firstIndex(where: { $0.string.lowercased() == name }) { return found }
            }
        }
        let names = header.map(\.string).joined(separator: ", ")
        throw InputError(
            code: .missingColumn,
            description: "no \(role) column\(asked.map { " '\($0)'" } ?? ""): the header has \(names)")
    }

    /// A field, quoted where it must be.
    private static func append(_ field: ByteString, to output: inout [UInt8]) {
        let mustQuote = field.bytes.contains { $0 == UInt8(ascii: ",") || $0 == 34 || $0 == 10 || $0 == 13 }
        guard mustQuote else {
            output += field.bytes
            return
        }
        output.append(34)
        for byte in field.bytes {
            if byte == 34 { output.append(34) }
            output.append(byte)
        }
        output.append(34)
    }
}
