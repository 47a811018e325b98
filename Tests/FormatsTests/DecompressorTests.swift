import Bytes
import CLZ4
import CZlib
import CZstd
import Formats
import Testing

@Suite struct DecompressorTests {
    @Test func packingsThatAreNotReadAreNamed() {
        let xz: [UInt8] = [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]
        #expect(Compression.unreadable(xz.rawSpan) == "xz")
        #expect(Compression.unreadable(Array("BZh91AY&SY".utf8).rawSpan) == "bzip2")
        #expect(Compression.unreadable(Array("PK\u{3}\u{4}".utf8).rawSpan) == "zip")
        for text in ["", "BZh", "BZh2 was here", "PK", "LZIP", "{\"a\":1}"] {
            #expect(Compression.unreadable(Array(text.utf8).rawSpan) == nil, "\(text)")
        }
        for known in Compression.allCases {
            #expect(Compression.unreadable(Self.pack(Self.text, known).rawSpan) == nil, "\(known)")
        }
    }

    static let text: [UInt8] = (0..<40_000).flatMap {
        Array("{\"row\":\($0),\"text\":\"the same words again\"}\n".utf8)
    }

    /// Packs with the libraries' one-shot calls.
    static func pack(_ bytes: [UInt8], _ compression: Compression) -> [UInt8] {
        switch compression {
        case .none: return bytes
        case .gzip: return gzip(bytes)
        case .zstd:
            var output = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
            let count = unsafe output.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { source in
                    unsafe ZSTD_compress(target.baseAddress, target.count, source.baseAddress, source.count, 1)
                }
            }
            return Array(output[..<count])
        case .lz4:
            var output = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(bytes.count, nil))
            let count = unsafe output.withUnsafeMutableBytes { target in
                unsafe bytes.withUnsafeBytes { source in
                    unsafe LZ4F_compressFrame(target.baseAddress, target.count, source.baseAddress, source.count, nil)
                }
            }
            return Array(output[..<count])
        }
    }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        unsafe deflateInit2_(
            &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        var output = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
        var input = bytes
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.next_in = source.baseAddress
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(target.count)
                unsafe deflate(&stream, Z_FINISH)
            }
        }
        let count = unsafe Int(stream.total_out)
        unsafe deflateEnd(&stream)
        return Array(output[..<count])
    }

    static func unpack(_ packed: [UInt8], _ compression: Compression, pieces: Int, limit: Int = 1 << 30) throws
        -> [UInt8]
    {
        var decompressor = try Decompressor(compression, outputLimit: limit)
        var output: [UInt8] = []
        var piece: [UInt8] = []
        var offset = 0
        while offset < packed.count {
            let count = min(pieces, packed.count - offset)
            decompressor.feed(packed.rawSpan.slice(offset, count))
            offset += count
            while try decompressor.next(into: &piece) {
                #expect(piece.count <= Decompressor.pieceBytes)
                output += piece
            }
        }
        try decompressor.finish()
        return output
    }

    @Test(arguments: Compression.allCases, [1 << 20, 997])
    func unpacks(compression: Compression, pieces: Int) throws {
        let packed = Self.pack(Self.text, compression)
        #expect(Compression.detect(packed.rawSpan) == compression)
        #expect(try Self.unpack(packed, compression, pieces: pieces) == Self.text)
        #expect(try Self.unpack(packed + packed, compression, pieces: pieces) == Self.text + Self.text)
        #expect(try Self.unpack([], compression, pieces: 1) == [])
    }

    @Test(arguments: [Compression.gzip, .zstd, .lz4])
    func refusesBombsCutsAndDamage(compression: Compression) throws {
        let packed = Self.pack([UInt8](repeating: 0, count: 50 << 20), compression)
        let error = #expect(throws: DecompressionError.self) {
            try Self.unpack(packed, compression, pieces: 1 << 20, limit: 1 << 20)
        }
        #expect(error?.code == .overLimit(bytes: 1 << 20))
        let small = Self.pack(Array("some text to pack".utf8), compression)
        for cut in 1..<small.count {
            #expect(throws: DecompressionError.self) { try Self.unpack(Array(small[..<cut]), compression, pieces: 5) }
        }
        for place in small.indices {
            var damaged = small
            damaged[place] ^= 0x41
            // Some header bits mean nothing; wherever no error is seen, the text must be right.
            if let output = try? Self.unpack(damaged, compression, pieces: 64), compression == .gzip {
                #expect(output == Array("some text to pack".utf8), "byte \(place)")
            }
        }
    }
}
