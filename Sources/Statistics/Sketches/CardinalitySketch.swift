/// The number of distinct 64-bit hashes seen, with a standard error of 1.04/√registers (HyperLogLog: Flajolet et al.,
/// 2007; linear counting below 2.5 registers).
public struct CardinalitySketch: Sendable, Equatable {
    /// log2 of the register count, 4…16; 10 gives 1 KiB and an error of 3.3 %.
    public let precision: Int
    private var registers: [UInt8]

    public init(precision: Int = 10) {
        precondition((4...16).contains(precision))
        self.precision = precision
        registers = [UInt8](repeating: 0, count: 1 << precision)
    }

    /// Adds a well-mixed hash. O(1).
    public mutating func add(hash: UInt64) {
        let register = Int(hash >> UInt64(64 - precision))
        let rest = hash << UInt64(precision) | 1 << UInt64(precision - 1)
        let rank = UInt8(rest.leadingZeroBitCount + 1)
        if rank > registers[register] { registers[register] = rank }
    }

    /// After this the sketch stands for the union. O(registers).
    public mutating func merge(_ other: CardinalitySketch) {
        precondition(precision == other.precision, "sketches of different precision")
        for index in registers.indices where other.registers[index] > registers[index] {
            registers[index] = other.registers[index]
        }
    }

    /// The estimate. O(registers).
    public var estimate: Double {
        let count = Double(registers.count)
        var sum = 0.0
        var empty = 0.0
        for rank in registers {
            sum += 1 / Double(UInt64(1) << UInt64(rank))
            if rank == 0 { empty += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / count) * count * count / sum
        return raw <= 2.5 * count && empty > 0 ? count * naturalLogarithm(count / empty) : raw
    }
}
