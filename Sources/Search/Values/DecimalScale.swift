/// Counts numbers in the last decimal of a step that is not zero: in hundredths for 0.25, in tens for 30.
struct DecimalScale {
    /// A power of ten, at least 1: what a number is multiplied with, or divided by.
    private var factor = 1.0
    private var isFraction = false

    init(of step: Double) {
        guard step.isFinite, step != 0 else { return }
        isFraction = step != step.rounded(.down)
        if isFraction {
            while factor < 1e15, (step * factor).rounded() / factor != step { factor *= 10 }
        } else {
            while factor < 1e15, (step / factor / 10).rounded(.down) == step / factor / 10 { factor *= 10 }
        }
    }

    func counted(_ number: Double) -> Double { isFraction ? number * factor : number / factor }
    func number(_ count: Double) -> Double { isFraction ? count / factor : count * factor }
}
