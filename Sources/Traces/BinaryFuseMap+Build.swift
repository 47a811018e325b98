import Bytes

extension BinaryFuseMap {
    /// Appends the map of `keys[i]` to `values[i]`. The keys must be distinct, each value below 2^`valueBits`, and both
    /// widths together at most 32 bits. O(keys).
    public static func write(
        _ keys: [UInt64], values: [UInt32], fingerprintBits: Int, valueBits: Int, to writer: inout ByteWriter
    ) {
        precondition(keys.count == values.count && fingerprintBits + valueBits <= 32 && keys.count < 1 << 31)
        guard !keys.isEmpty else { return }
        var shape = Shape(count: keys.count, fingerprintBits: fingerprintBits, valueBits: valueBits)
        var peeling = Peeling(keyCount: keys.count, cellCount: shape.cellCount)
        var attempt: UInt64 = 0
        repeat {
            // Just above some counts the paper's sizes are so tight that most seeds fail: more room then, and after a
            // few times every seed does. Keys that are not distinct never peel.
            precondition(attempt < 200, "keys are not distinct")
            if attempt > 0, attempt % 3 == 0 {
                shape.segmentCount += 1 + shape.segmentCount / 32
                peeling = Peeling(keyCount: keys.count, cellCount: shape.cellCount)
            }
            shape.seed = attempt &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D
            attempt += 1
        } while !peeling.run(keys, shape)
        let cells = peeling.assign(keys, values, shape)
        writer.write(shape.seed)
        writer.write(UInt8(shape.segmentBits))
        writer.write(UInt8(fingerprintBits))
        writer.write(UInt8(valueBits))
        writer.write(UInt32(shape.segmentCount))
        PackedBits.pack(cells, width: shape.cellBits, to: &writer.bytes)
        writer.write(UInt64(0))
    }

    /// Finds an order of the keys in which each has a cell to itself among those that come later.
    private struct Peeling {
        /// Per cell: how many keys use it, and the exclusive or of their positions and of which of their cells it is.
        private var degree: [UInt8]
        private var keyXor: [UInt32]
        private var placeXor: [UInt8]
        /// Peeled keys and the place (0, 1, 2) that each has to itself.
        private var order: [(key: UInt32, place: UInt8)]
        private var queue: [UInt32]

        init(keyCount: Int, cellCount: Int) {
            degree = [UInt8](repeating: 0, count: cellCount)
            keyXor = [UInt32](repeating: 0, count: cellCount)
            placeXor = degree
            order = []
            order.reserveCapacity(keyCount)
            queue = []
            queue.reserveCapacity(cellCount)
        }

        /// False if the keys do not peel under this seed.
        mutating func run(_ keys: [UInt64], _ shape: Shape) -> Bool {
            guard count(keys, shape) else { return false }
            order.removeAll(keepingCapacity: true)
            queue.removeAll(keepingCapacity: true)
            for cell in degree.indices where degree[cell] == 1 { queue.append(UInt32(cell)) }
            var next = 0
            while next < queue.count {
                let cell = Int(queue[next])
                next += 1
                guard degree[cell] == 1 else { continue }
                let key = keyXor[cell]
                order.append((key: key, place: placeXor[cell]))
                let places = shape.cells(shape.hash(keys[Int(key)]))
                remove(key, 0, places.0)
                remove(key, 1, places.1)
                remove(key, 2, places.2)
            }
            return order.count == keys.count
        }

        private mutating func count(_ keys: [UInt64], _ shape: Shape) -> Bool {
            for cell in degree.indices {
                degree[cell] = 0
                keyXor[cell] = 0
                placeXor[cell] = 0
            }
            var overflow = false
            for (position, key) in keys.enumerated() {
                let places = shape.cells(shape.hash(key))
                add(UInt32(position), 0, places.0, &overflow)
                add(UInt32(position), 1, places.1, &overflow)
                add(UInt32(position), 2, places.2, &overflow)
            }
            return !overflow
        }

        @inline(__always)
        private mutating func add(_ key: UInt32, _ place: UInt8, _ cell: Int, _ overflow: inout Bool) {
            if degree[cell] == .max { overflow = true }
            degree[cell] &+= 1
            keyXor[cell] ^= key
            placeXor[cell] ^= place
        }

        @inline(__always)
        private mutating func remove(_ key: UInt32, _ place: UInt8, _ cell: Int) {
            degree[cell] -= 1
            keyXor[cell] ^= key
            placeXor[cell] ^= place
            if degree[cell] == 1 { queue.append(UInt32(cell)) }
        }

        /// The cells' contents, from the last peeled key to the first.
        func assign(_ keys: [UInt64], _ values: [UInt32], _ shape: Shape) -> [UInt32] {
            var cells = [UInt32](repeating: 0, count: shape.cellCount)
            for (key, place) in order.reversed() {
                let hash = shape.hash(keys[Int(key)])
                let places = shape.cells(hash)
                let value = UInt64(values[Int(key)]) << UInt64(shape.fingerprintBits)
                let wanted = UInt32(truncatingIfNeeded: value) | shape.fingerprint(hash)
                let others = cells[places.0] ^ cells[places.1] ^ cells[places.2]
                let own = place == 0 ? places.0 : place == 1 ? places.1 : places.2
                cells[own] ^= others ^ wanted
            }
            return cells
        }
    }
}
