import Bytes
import QueryLanguage
import Records

/// `histogram(f)`: VictoriaMetrics buckets, 18 to a power of ten from 1e-9 to 1e18, as a JSON array of `vmrange` and
/// `hits`.
final class HistogramStats: StatsAccumulator {
    private let field: ByteString
    private var states: [[Int: Int]] = []

    private static let perDecade = 18
    private static let lowestExponent = -9
    private static let highestExponent = 18
    private static let below = -1
    private static let above = (highestExponent - lowestExponent) * perDecade

    init(field: ByteString) { self.field = field }

    var memoryBytes: Int { states.reduce(0) { $0 + 32 + $1.count * 32 } }

    func grow(to groups: Int) {
        if groups > states.count { states.append(contentsOf: repeatElement([:], count: groups - states.count)) }
    }

    func add(_ chunk: Chunk, rows: Bitmap, groups: GroupNumbers) throws {
        try NumericColumn(chunk, field, rows: rows).forEach(rows) { row, number in
            guard number >= 0 else { return }
            states[groups.group(row)][Self.bucket(number), default: 0] += 1
        }
    }

    /// Bucket `i` holds `(upper(i - 1), upper(i)]`.
    private static func bucket(_ number: Double) -> Int {
        if number <= upper(below) { return below }
        if number > upper(above - 1) { return above }
        var bucket = Int(((log10(number) - Double(lowestExponent)) * Double(perDecade)).rounded(.down))
        while bucket > 0, number <= upper(bucket - 1) { bucket -= 1 }
        while number > upper(bucket) { bucket += 1 }
        return bucket
    }

    private static func log10(_ number: Double) -> Double { MathFunctions.ln(number) / MathFunctions.ln(10) }

    private static func upper(_ bucket: Int) -> Double {
        MathFunctions.power(10, Double(lowestExponent) + Double(bucket + 1) / Double(perDecade))
    }

    func merge(_ other: any StatsAccumulator, map: [Int]) {
        guard let other = other as? HistogramStats else { return }
        for (group, state) in other.states.enumerated() {
            for (bucket, count) in state { states[map[group]][bucket, default: 0] += count }
        }
    }

    func appendResult(of group: Int, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (position, bucket) in states[group].keys.sorted().enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            output.append(
                contentsOf: "{\"vmrange\":\"\(Self.range(bucket))\",\"hits\":\(states[group][bucket] ?? 0)}".utf8)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func range(_ bucket: Int) -> String {
        if bucket == below { return "0...\(short(upper(below)))" }
        if bucket == above { return "\(short(upper(above - 1)))...+Inf" }
        return "\(short(upper(bucket - 1)))...\(short(upper(bucket)))"
    }

    /// Three digits behind the point, in exponential form: `1.000e-09`.
    private static func short(_ number: Double) -> String {
        var exponent = Int(log10(number).rounded(.down))
        var mantissa = (number / MathFunctions.power(10, Double(exponent)) * 1_000).rounded()
        if mantissa >= 10_000 {
            mantissa /= 10
            exponent += 1
        }
        if mantissa < 1_000 {
            mantissa *= 10
            exponent -= 1
        }
        let digits = Int(mantissa)
        let fraction = String(digits % 1_000)
        let padded = String(repeating: "0", count: 3 - fraction.count) + fraction
        let size = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
        return "\(digits / 1_000).\(padded)e\(exponent < 0 ? "-" : "+")\(size)"
    }
}
