import Bytes
import CKernels
import Records

/// One key at one place in the nesting, and which keys were seen to follow it.
typealias KeyNode = plumb_key_node

extension plumb_key_node {
    /// The column of a key whose values have none yet; `BatchAssembler.ignored` is of those that never get one.
    static let unassigned: Int32 = -2

    /// A key that no text matches: it is longer than any.
    static var none: KeyNode {
        KeyNode(
            word0: 0, word1: 0, mask0: 0, mask1: 0, length: .max, offset: 0, parent: 0, column: unassigned, next: 0,
            other: 0)
    }
}

/// The keys that a sender uses. Records of one source repeat the same keys in nearly the same order, so the parser
/// compares the next key with the one that followed last time, and with the one before that, before it asks the hash
/// table.
struct KeyGraph: Sendable {
    var nodes: [KeyNode] = [KeyNode.none]
    /// The keys as they are written, escapes not resolved, one behind the other.
    private(set) var keyBytes: [UInt8] = []
    /// Open addressing; 0 is free. A power of two, at most half full.
    private(set) var table = [UInt32](repeating: 0, count: 64)
    /// The flattened name of each node.
    private(set) var names: [ByteString] = [.empty]

    /// Nodes after which the graph is forgotten at the next occasion: no honest sender has so many.
    static let nodeLimit = 20_000

    /// Of a short key, the hash of the two words that hold it whole; of a long one, of all its bytes.
    @inline(__always)
    static func hash(_ key: RawSpan, _ word0: UInt64, _ word1: UInt64, parent: UInt32) -> UInt64 {
        let seed = UInt64(parent) << 32 | UInt64(key.byteCount)
        if key.byteCount > 16 { return hash64(key, seed: seed) }
        let product = (word0 ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: word1 ^ 0xD1B5_4A32_D192_ED03 ^ seed)
        return product.high ^ product.low
    }

    /// Keeps the first `length` bytes of a word that was loaded from where a key begins.
    @inline(__always)
    static func mask(_ length: Int) -> UInt64 {
        length >= 8 ? .max : length <= 0 ? 0 : (1 << UInt64(8 * length)) - 1
    }

    /// Adds a key that is not there yet. O(length), amortised.
    mutating func add(_ key: RawSpan, name: ByteString, parent: UInt32) {
        var node = KeyNode.none
        node.length = UInt32(key.byteCount)
        node.offset = UInt32(keyBytes.count)
        node.parent = parent
        (node.word0, node.mask0) = Self.word(key, 0)
        (node.word1, node.mask1) = Self.word(key, 8)
        keyBytes.append(copying: key)
        nodes.append(node)
        names.append(name)
        insert(UInt32(nodes.count - 1), hash: Self.hash(key, node.word0, node.word1, parent: parent))
        if nodes.count * 2 > table.count { grow() }
    }

    private static func word(_ key: RawSpan, _ start: Int) -> (word: UInt64, mask: UInt64) {
        var word: UInt64 = 0
        var mask: UInt64 = 0
        for byte in 0..<min(8, max(0, key.byteCount - start)) {
            word |= UInt64(key[start + byte]) << UInt64(8 * byte)
            mask |= 0xFF << UInt64(8 * byte)
        }
        return (word, mask)
    }

    private mutating func insert(_ node: UInt32, hash: UInt64) {
        var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
        table[slot] = node
    }

    private mutating func grow() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for index in 1..<nodes.count {
            let node = nodes[index]
            let hash = Self.hash(
                keyBytes.rawSpan.slice(Int(node.offset), Int(node.length)), node.word0, node.word1, parent: node.parent)
            insert(UInt32(index), hash: hash)
        }
    }
}
