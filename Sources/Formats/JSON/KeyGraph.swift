import Bytes
import CKernels
import Records

/// One key at one place in the nesting, and which keys were seen to follow it.
typealias KeyNode = plumb_key_node

extension plumb_key_node {
    /// The column of a key whose values have none yet; `BatchAssembler.ignored` is of those that never get one.
    static let unassigned: Int32 = -2
    /// Bytes of the lead beside the key itself: two quotes, the colon, and a space.
    static let leadExtra = 4

    /// A key that no text matches: it is longer than any.
    static var none: KeyNode {
        KeyNode(
            head: 0, tail: 0, kept: .max, lead_length: 0, tail_at: 0, misses: 0, length: .max, offset: 0, parent: 0,
            column: unassigned, next: (0, 0, 0, 0))
    }

    /// Whether a space stands between the colon and the value.
    var isSpaced: Bool { Int(lead_length) == Int(length) + Self.leadExtra }

    /// Sets how the key's values are led in. `leads` are those of all nodes, each written with its space.
    mutating func setLead(isSpaced: Bool, leads: RawSpan) {
        // What is longer than that is no key: its name would be too long.
        let bytes = min(Int(length) + Self.leadExtra - (isSpaced ? 0 : 1), Int(UInt16.max))
        let place = Int(offset)
        lead_length = UInt16(bytes)
        tail_at = UInt16(max(min(bytes, 16) - 8, 0))
        kept = KeyGraph.mask(bytes)
        head = leads.loadUInt64(at: place) & kept
        tail = leads.loadUInt64(at: place + Int(tail_at)) & kept
    }

    /// Notes a key that was seen to follow, in place of the one that seems least likely.
    mutating func addFollower(_ node: UInt32) {
        if next.0 == 0 {
            next.0 = node
        } else if next.1 == 0 {
            next.1 = node
        } else if next.2 == 0 {
            next.2 = node
        } else {
            next.3 = node
        }
    }
}

/// The keys that a sender uses. Records of one source repeat the same keys in nearly the same order, so the parser
/// compares the next key with those that followed before, before it asks the hash table.
struct KeyGraph: Sendable {
    var nodes: [KeyNode] = [KeyNode.none]
    /// The keys as they are written, escapes not resolved, each as `"key": `, and padding behind the last.
    private(set) var leads = [UInt8](repeating: 0, count: leadPadding)
    /// Open addressing; 0 is free. A power of two, at most half full.
    private(set) var table = [UInt32](repeating: 0, count: 64)
    /// The flattened name of each node.
    private(set) var names: [ByteString] = [.empty]

    /// Nodes after which the graph is forgotten at the next occasion: no honest sender has so many.
    static let nodeLimit = 20_000
    /// Bytes behind the last lead that may be read.
    private static let leadPadding = 16

    /// Of a short key, the hash of the two words that hold it whole; of a long one, of all its bytes.
    @inline(__always)
    static func hash(_ key: RawSpan, _ word0: UInt64, _ word1: UInt64, parent: UInt32) -> UInt64 {
        let seed = UInt64(parent) << 32 | UInt64(key.byteCount)
        if key.byteCount > 16 { return hash64(key, seed: seed) }
        let product = (word0 ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: word1 ^ 0xD1B5_4A32_D192_ED03 ^ seed)
        return product.high ^ product.low
    }

    /// The hash of the key at `start`, behind which 16 bytes more are readable.
    @inline(__always)
    static func hash(_ bytes: RawSpan, _ start: Int, _ length: Int, parent: UInt32) -> UInt64 {
        hash(
            bytes.slice(start, length), bytes.loadUInt64(at: start) & mask(length),
            bytes.loadUInt64(at: start + 8) & mask(length - 8), parent: parent)
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
        node.offset = UInt32(leads.count - Self.leadPadding)
        node.parent = parent
        leads.removeLast(Self.leadPadding)
        leads.append(.quote)
        leads.append(copying: key)
        leads += [.quote, .colon, UInt8(ascii: " ")]
        leads += [UInt8](repeating: 0, count: Self.leadPadding)
        node.setLead(isSpaced: false, leads: leads.rawSpan)
        nodes.append(node)
        names.append(name)
        insert(UInt32(nodes.count - 1))
        if nodes.count * 2 > table.count { grow() }
    }

    private mutating func insert(_ index: UInt32) {
        let node = nodes[Int(index)]
        let hash = Self.hash(leads.rawSpan, Int(node.offset) + 1, Int(node.length), parent: node.parent)
        var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
        table[slot] = index
    }

    private mutating func grow() {
        table = [UInt32](repeating: 0, count: table.count * 2)
        for index in 1..<nodes.count { insert(UInt32(index)) }
    }
}
