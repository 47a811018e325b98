import Bytes
import Glibc

/// An open descriptor, closed with its last reference.
final class RealFile: File {
    let descriptor: Int32
    let path: String

    init(_ descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        var done = 0
        while done < bytes.byteCount {
            let rest = bytes.extracting(done..<bytes.byteCount)
            // pwrite reads within the span, which outlives the call.
            let written = unsafe rest.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError(errno: errno, "write", path)
            }
            if written == 0 { throw FileError(.noSpace, "write", path) }
            done += written
        }
    }

    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        // pread fills a prefix of the buffer, whose length is what is declared initialised.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
                let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = FileError(errno: errno, "read", path) }
                if got <= 0 { return }
                done += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func sync() throws(FileError) {
        // Not repeated after EINTR: a failed sync says that bytes may be lost, and only the caller can write them anew.
        if fdatasync(descriptor) != 0 { throw FileError(errno: errno, "sync", path) }
    }

    func truncate(to size: Int) throws(FileError) {
        if ftruncate(descriptor, off_t(size)) != 0 { throw FileError(errno: errno, "truncate", path) }
    }

    func size() throws(FileError) -> Int {
        var answer = stat()
        // The answer is valid for the length of the call.
        if unsafe fstat(descriptor, &answer) != 0 { throw FileError(errno: errno, "examine", path) }
        return Int(answer.st_size)
    }
}

/// A lock that the kernel drops with the descriptor, so that a killed process leaves none behind.
final class RealLock: FileLock {
    private let file: RealFile

    init(_ file: RealFile) { self.file = file }
    deinit { release() }

    func release() { flock(file.descriptor, LOCK_UN) }
}
