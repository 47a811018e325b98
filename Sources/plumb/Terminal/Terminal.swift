import Bytes
import Glibc
import Machine

/// What the command was started in: results go to standard output, everything else to standard error.
enum Terminal {
    /// Whether a person looks at it; only then bars and colours.
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

    /// Whether results may be coloured: on terminals, unless `NO_COLOR` is set (no-color.org).
    static var colored: Bool { outputIsTerminal && isUnset("NO_COLOR") }

    /// Columns of the terminal, 120 where there is none.
    static var columns: Int {
        var size = winsize()
        // ioctl fills the struct that it is given.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 120 }
        return Int(size.ws_col)
    }

    private static func isUnset(_ name: String) -> Bool {
        // The pointer is only compared with nil.
        unsafe getenv(name) == nil
    }

    /// Writes results. A reader that went away (a closed pipe) ends the program quietly, as it does for other tools.
    static func output(_ bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }
    static func output(_ text: String) { output(Array(text.utf8)) }
    static func print(_ line: String) { output(line + "\n") }

    /// A text without what would steer the terminal: control characters as pictures of themselves.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: scalars.append("⏎")
            case 0x00..<0x20: scalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: scalars.append("\u{2421}")
            case 0x80..<0xA0: scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// Writes a remark for the person who started the command.
    static func note(_ line: String) { write(Array((line + "\n").utf8), to: STDERR_FILENO) }
    static func noteInPlace(_ text: String) { write(Array(("\r\u{1B}[2K" + text).utf8), to: STDERR_FILENO) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var offset = 0
        while offset < bytes.count {
            // The array outlives the call, and the length stays within it.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                if errno == EPIPE { exit(0) }
                if descriptor == STDOUT_FILENO { note("plumb: writing the output: " + FileError.text(of: errno)) }
                exit(1)
            }
            offset += written
        }
    }
}
