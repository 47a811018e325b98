import Bytes
import Glibc

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
                exit(1)
            }
            offset += written
        }
    }
}
