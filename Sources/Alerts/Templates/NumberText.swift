/// Numbers for people.
enum NumberText {
    /// Whole numbers without a point; others as short as reads back the same.
    static func plain(_ value: Double) -> String {
        if value.rounded() == value, value.magnitude < 1e15 { return String(Int64(value)) }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value.isNaN ? "NaN" : String(value)
    }

    /// `digits` after the point, rounded half away from zero.
    static func fixed(_ value: Double, digits: Int) -> String {
        let digits = min(max(digits, 0), 15)
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard value.isFinite, scaled < 9e18 else { return plain(value) }
        var text = String(UInt64(scaled))
        while text.utf8.count <= digits { text = "0" + text }
        if digits > 0 { text.insert(".", at: text.index(text.endIndex, offsetBy: -digits)) }
        return value < 0 && scaled > 0 ? "-" + text : text
    }

    /// At most this many significant digits, zeros at the end left out.
    static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite, value != 0 else { return plain(value) }
        var whole = 0
        var rest = value.magnitude
        while rest >= 10 && whole < 400 {
            rest /= 10
            whole += 1
        }
        while rest < 1 && whole > -400 {
            rest *= 10
            whole -= 1
        }
        if whole >= 15 || whole < -6 { return plain(value) }
        var text = fixed(value, digits: max(0, digits - 1 - whole))
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// With a metric (1,000) or binary (1,024) prefix: 1234567 gives `1.235M`, 0.012 gives `12m`.
    static func scaled(_ value: Double, base: Double) -> String {
        guard value.isFinite, value != 0 else { return plain(value) }
        var rest = value
        if value.magnitude >= 1 {
            let prefixes =
                base == 1_024
                ? ["", "ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]
                : ["", "k", "M", "G", "T", "P", "E", "Z", "Y"]
            var index = 0
            while rest.magnitude >= base && index < prefixes.count - 1 {
                rest /= base
                index += 1
            }
            return significant(rest, digits: 4) + prefixes[index]
        }
        guard base == 1_000 else { return significant(value, digits: 4) }
        let prefixes = ["", "m", "u", "n", "p", "f", "a"]
        var index = 0
        while rest.magnitude < 1 && index < prefixes.count - 1 {
            rest *= base
            index += 1
        }
        return significant(rest, digits: 4) + prefixes[index]
    }

    /// Seconds as `1d 2h 3m 4s`; under a second with a prefix.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds != 0 else { return seconds == 0 ? "0s" : plain(seconds) }
        guard seconds.magnitude >= 1 else { return scaled(seconds, base: 1_000) + "s" }
        guard seconds.magnitude < 9e15 else { return plain(seconds) + "s" }
        let sign = seconds < 0 ? "-" : ""
        let whole = Int64(seconds.magnitude)
        let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60)
        if days > 0 { return "\(sign)\(days)d \(hours)h \(minutes)m \(whole % 60)s" }
        if hours > 0 { return "\(sign)\(hours)h \(minutes)m \(whole % 60)s" }
        if minutes > 0 { return "\(sign)\(minutes)m \(whole % 60)s" }
        return sign + significant(seconds.magnitude, digits: 4) + "s"
    }

    /// Go's `printf` for the verbs that alerts use: `%v %s %q %d %f %.2f %g %%`. What is missing is said in the text.
    static func format(_ format: String, _ values: [TemplateValue]) -> String {
        var text = ""
        var rest = format[...]
        var values = values[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            var digits: Int?
            if rest.first == "." {
                rest.removeFirst()
                let number = rest.prefix { $0.isNumber }
                rest = rest.dropFirst(number.count)
                digits = Int(number) ?? 0
            }
            guard let verb = rest.popFirst() else { return text + "%!(NOVERB)" }
            if verb == "%" {
                text += "%"
                continue
            }
            guard let value = values.popFirst() else {
                text += "%!\(verb)(MISSING)"
                continue
            }
            switch (verb, value.number) {
            case ("f", let number?): text += fixed(number, digits: digits ?? 6)
            case ("g", let number?), ("e", let number?):
                text += digits.map { significant(number, digits: $0) } ?? plain(number)
            case ("d", let number?): text += plain(number.rounded(.towardZero))
            case ("v", _), ("s", _): text += value.text
            case ("q", _): text += "\"" + TemplateFunction.quotesEscape.apply([value]).text + "\""
            default: text += "%!\(verb)(\(value.text))"
            }
        }
        return text
    }
}
