/// Which counts are among the largest.
enum LargestCounts {
    /// The smallest of the `count` largest, 0 < count <= counts.count: a heap of the largest so far (Floyd 1964).
    /// O(n log count), mostly O(n).
    static func threshold(_ count: Int, in counts: [Int]) -> Int {
        var heap = Array(counts[..<count])
        for root in (0..<count / 2).reversed() { sift(&heap, root) }
        for candidate in counts[count...] where candidate > heap[0] {
            heap[0] = candidate
            sift(&heap, 0)
        }
        return heap[0]
    }

    /// The smallest on top.
    private static func sift(_ heap: inout [Int], _ start: Int) {
        var at = start
        while true {
            var child = 2 * at + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[at] else { return }
            heap.swapAt(at, child)
            at = child
        }
    }
}
