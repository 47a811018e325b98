/// A number in sixteen bits, for states of which many are kept: off by at most 0.05 %, from 6e-5 to 65,504, and 0.
/// Half precision without subnormals, infinities and not-a-number, which becomes the greatest.
@frozen public struct ShortFloat: Sendable, Equatable {
    public var bits: UInt16

    @inlinable public init(bits: UInt16) { self.bits = bits }

    @inlinable public init(_ value: Float) {
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        guard magnitude >= 0x3880_0000 else {
            bits = 0
            return
        }
        // Rounded half up, at most 65,504; the exponent's zero moves from 127 to 15.
        let rounded = min(magnitude &+ 0x1000, 0x477F_E000) >> 13 &- 112 << 10
        bits = UInt16(truncatingIfNeeded: value.bitPattern >> 16 & 0x8000 | rounded)
    }

    @inlinable public var value: Float {
        let magnitude = UInt32(bits & 0x7FFF)
        guard magnitude != 0 else { return 0 }
        return Float(bitPattern: UInt32(bits & 0x8000) << 16 | (magnitude << 13 &+ 112 << 23))
    }
}
