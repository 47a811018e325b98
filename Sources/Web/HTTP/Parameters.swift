import Hummingbird
import QueryLanguage
import Records

/// The arguments of a request: from the address, and from a form in the body, as VictoriaLogs' clients send either.
struct Parameters: Sendable {
    private var values: [String: [String]] = [:]

    /// A form's largest size: a query text has its own, smaller limit.
    private static let formBytes = 1 << 20

    /// Reads the form too, where the request has one.
    static func reading(_ request: Request) async throws -> Parameters {
        var parameters = Parameters(request)
        let type = request.headers[.contentType] ?? ""
        guard request.method == .post, type.hasPrefix("application/x-www-form-urlencoded") else { return parameters }
        let body = try await request.body.collect(upTo: formBytes)
        parameters.add(Substring(String(buffer: body)))
        return parameters
    }

    /// The address alone.
    init(_ request: Request) {
        if let query = request.uri.query { add(Substring(query)) }
    }

    private mutating func add(_ form: Substring) {
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decoded(parts[0])
            values[name, default: []].append(parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// Undoes form encoding: `+` is a space, `%XX` a byte. In paths a `+` is a `+`.
    fileprivate static func decoded(_ text: Substring, isPath: Bool = false) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+"), !isPath {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The first value of an argument; nil without one, or if it is empty.
    subscript(_ name: String) -> String? { values[name]?.first.flatMap { $0.isEmpty ? nil : $0 } }

    /// All values of an argument that may be repeated, empty ones apart.
    func all(_ name: String) -> [String] { (values[name] ?? []).filter { !$0.isEmpty } }

    /// A flag: present and neither `0` nor `false`.
    func flag(_ name: String) -> Bool {
        self[name].map { !["0", "false", "f", "no"].contains($0.lowercased()) } ?? false
    }

    /// A duration in nanoseconds, or an answer that says what is wrong.
    func duration(_ name: String) throws -> Int64? {
        guard let text = self[name] else { return nil }
        // A number alone counts seconds, as Prometheus' clients write it.
        let seconds = Double(text).flatMap { $0.isFinite && abs($0) < 1e9 ? Int64($0 * 1e9) : nil }
        guard let nanoseconds = DurationLiteral(text)?.nanoseconds ?? seconds else {
            throw AnswerError(.badRequest, "\(name) must be a duration such as 5m, not \"\(text)\"")
        }
        return nanoseconds
    }

    /// A whole number, 0 for one below, or an answer that says what is wrong.
    func count(_ name: String, default fallback: Int) throws -> Int {
        guard let text = self[name] else { return fallback }
        guard let number = Int(text) else {
            throw AnswerError(.badRequest, "\(name) must be a whole number from 0, not \"\(text)\"")
        }
        return max(number, 0)
    }
}

extension BasicRequestContext {
    /// A part of the path that the route names, its percent encoding undone.
    func part(_ name: String) throws -> String {
        Parameters.decoded(Substring(try parameters.require(name)), isPath: true)
    }
}

extension Tenant {
    /// From the headers `AccountID` and `ProjectID`, each 0 where it is missing.
    init(_ headers: HTTPFields) throws {
        func number(_ name: String) throws -> UInt32 {
            guard let text = headers.value(name) else { return 0 }
            guard let number = UInt32(text) else {
                throw AnswerError(.badRequest, "\(name) must be a number from 0 to 4294967295, not \"\(text)\"")
            }
            return number
        }
        self.init(account: try number("AccountID"), project: try number("ProjectID"))
    }
}

extension HTTPFields {
    /// The value of the first field of a name, whose case does not matter.
    func value(_ name: String) -> String? {
        let folded = name.lowercased()
        return first { $0.name.canonicalName == folded }?.value
    }
}
