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
        var meanSignedWidth: Double = 0

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
            var signedBits = 0
            var previous = values[0]
            for value in values {
                offsetBits &+= BitPacking.width(of: UInt64(bitPattern: value &- smallest))
                differenceBits &+= BitPacking.width(of: UInt64(bitPattern: value &- previous &- smallestDifference))
                signedBits &+= BitPacking.width(of: Self.signed(value &- previous))
                previous = value
            }
            meanSignedWidth = Double(signedBits) / Double(values.count)
            meanOffsetWidth = Double(offsetBits) / Double(values.count)
            meanDifferenceWidth = Double(differenceBits) / Double(values.count)
        }

        var offsetWidth: Int { BitPacking.width(of: UInt64(bitPattern: largest &- smallest)) }
        var differenceWidth: Int { BitPacking.width(of: UInt64(bitPattern: largestDifference &- smallestDifference)) }

        var prefersDifferences: Bool {
            differenceWidth < offsetWidth || meanDifferenceWidth + 2 < meanOffsetWidth
        }

        /// Where differences of both signs are mostly small but for a few.
        var prefersSigned: Bool {
            smallestDifference < 0 && meanSignedWidth + 1 < meanDifferenceWidth && meanSignedWidth + 1 < meanOffsetWidth
        }

        private static func signed(_ difference: Int64) -> UInt64 {
            UInt64(bitPattern: difference << 1 ^ difference >> 63)
        }

        /// As `differences`, with the sign as the lowest bit.
        func signedDifferences(_ values: [Int64]) -> [UInt64] {
            var residuals = [UInt64](repeating: 0, count: values.count)
            for index in 1..<values.count { residuals[index] = Self.signed(values[index] &- values[index - 1]) }
            return residuals
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
