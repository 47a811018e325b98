import Bytes

extension IntegerCodec {
    /// What one pass over the values tells about their forms.
    struct Plan {
        var smallest: Int64
        var largest: Int64
        var smallestDifference: Int64 = 0
        var largestDifference: Int64 = 0
        /// Mean bits of a value's offset: near the entropy for smooth distributions.
        var meanOffsetWidth: Double = 0
        var meanDifferenceWidth: Double = 0

        /// `values` must not be empty.
        init(_ values: [Int64]) {
            var low = values[0]
            var high = values[0]
            var lowStep = Int64.max
            var highStep = Int64.min
            var previous = values[0]
            for index in 1..<max(1, values.count) {
                let value = values[index]
                let step = value &- previous
                previous = value
                low = min(low, value)
                high = max(high, value)
                lowStep = min(lowStep, step)
                highStep = max(highStep, step)
            }
            smallest = low
            largest = high
            guard values.count > 1, low != high else { return }
            smallestDifference = lowStep
            largestDifference = highStep
            measure(values)
        }

        private mutating func measure(_ values: [Int64]) {
            var offsetBits = 0
            var differenceBits = 0
            var previous = values[0]
            for value in values {
                offsetBits &+= BitPacking.width(of: UInt64(bitPattern: value &- smallest))
                differenceBits &+= BitPacking.width(of: UInt64(bitPattern: value &- previous &- smallestDifference))
                previous = value
            }
            meanOffsetWidth = Double(offsetBits) / Double(values.count)
            meanDifferenceWidth = Double(differenceBits) / Double(values.count)
        }

        var offsetWidth: Int { BitPacking.width(of: UInt64(bitPattern: largest &- smallest)) }
        var differenceWidth: Int { BitPacking.width(of: UInt64(bitPattern: largestDifference &- smallestDifference)) }

        var prefersDifferences: Bool {
            differenceWidth < offsetWidth || meanDifferenceWidth + 2 < meanOffsetWidth
        }

        func offsets(_ values: [Int64]) -> [UInt64] { values.map { UInt64(bitPattern: $0 &- smallest) } }

        /// The first value's place holds 0; decoding does not read it.
        func differences(_ values: [Int64]) -> [UInt64] {
            var residuals = [UInt64](repeating: 0, count: values.count)
            for index in 1..<values.count {
                residuals[index] = UInt64(bitPattern: values[index] &- values[index - 1] &- smallestDifference)
            }
            return residuals
        }
    }
}
