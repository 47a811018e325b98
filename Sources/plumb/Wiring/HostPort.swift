/// `HOST:PORT` on a command line. An IPv6 address stands in brackets, as in a URL.
struct HostPort {
    /// As sockets want it, without brackets.
    let host: String
    let port: Int

    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw CommandFailure.wrong("\"\(text)\" is not HOST:PORT") }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw CommandFailure.wrong("\"\(text)\": an IPv6 address wants brackets, as in [::1]:7780")
        }
        self.host = host.isEmpty ? "127.0.0.1" : String(host)
        self.port = port
    }

    /// As it stands in URLs, with another port where the system chose one.
    func authority(port: Int? = nil) -> String {
        (host.contains(":") ? "[\(host)]" : host) + ":\(port ?? self.port)"
    }

    /// Whether it stands for every address of the machine.
    var isEveryInterface: Bool { host == "0.0.0.0" || host == "::" }
}
