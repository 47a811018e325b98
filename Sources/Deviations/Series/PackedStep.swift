import Statistics

/// One evaluation of a series in eight bytes: what came in the series' own unit, how far it lay from what was expected
/// on the detector's axis, how far from that healthy ones reach, and how many records it rests on.
struct PackedStep: Sendable {
    /// Counts: twelve bits and a shift of four, off by at most 0.02 %. Others: fixed point.
    var observed: UInt16
    var residual: ShortFloat
    var weight: ShortFloat
    /// Sixteenths of a power of two, from 2⁻¹⁰ on.
    var reach: UInt8
    /// Evaluations since the step before, 255 at most.
    var gap: UInt8

    init(observed: UInt16, residual: ShortFloat, weight: ShortFloat, reach: UInt8, gap: UInt8) {
        self.observed = observed
        self.residual = residual
        self.weight = weight
        self.reach = reach
        self.gap = gap
    }

    /// Steps per unit of what is no count: logarithms reach from −46 to 46, angles from 0 to π/2.
    static func scale(of quantity: WatchedSeries.Quantity) -> Double {
        quantity == .errorShare || quantity == .share ? 20_000 : 700
    }

    init(quantity: WatchedSeries.Quantity, observed: Double, residual: Float, reach: Float, weight: Float, gap: UInt8) {
        if quantity == .records {
            var mantissa = UInt64(observed.clamped(to: 0...1e8).rounded())
            var shift: UInt16 = 0
            while mantissa > 4_095 {
                mantissa = (mantissa + 1) >> 1
                shift += 1
            }
            self.observed = UInt16(mantissa) | shift << 12
        } else {
            let steps = (observed * Self.scale(of: quantity)).rounded().clamped(to: -32_767...32_767)
            self.observed = UInt16(bitPattern: Int16(steps))
        }
        self.residual = ShortFloat(residual)
        self.weight = ShortFloat(weight)
        let code = 160 + 16 * naturalLogarithm(Double(max(reach, 1e-9))) / 0.693_147_18
        self.reach = UInt8(code.rounded().clamped(to: 0...255))
        self.gap = gap
    }

    /// In the series' own unit.
    func value(_ quantity: WatchedSeries.Quantity) -> Double {
        quantity == .records
            ? Double(UInt32(observed & 0xFFF) << UInt32(observed >> 12))
            : Double(Int16(bitPattern: observed)) / Self.scale(of: quantity)
    }

    var reachOnAxis: Float { Float(powerOfTwo((Double(reach) - 160) / 16)) }
}
