import Bytes
import TestSupport
import Testing

@Suite struct RansTests {
    /// Distributions: two bytes, all alike, one that rules, geometric, products, a rare one.
    private func bytes(_ count: Int, kind: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { row in
            let number = Int(random.next() >> 33)
            switch kind {
            case 0: return UInt8(number % 2)
            case 1: return UInt8(number % 256)
            case 2: return number % 100 == 0 ? UInt8(number >> 8 & 255) : 7
            case 3: return UInt8((number | 1 << 16).trailingZeroBitCount)
            case 4: return UInt8(number % 16 * (number >> 8 & 15))
            default: return row == count / 2 ? 255 : 0
            }
        }
    }

    private func ends(_ words: [UInt32]) -> [UInt32] {
        var end: UInt32 = 0
        return words.map { own in
            end += 4 + 2 * own
            return end
        }
    }

    @Test(arguments: [2, 3, 5, 63, 64, 65, 1_023, 1_025, 4_096, 4_097, 20_480], [1, 6, 10, 12])
    func bytesComeBack(count: Int, shift: Int) {
        for kind in 0..<6 {
            let original = bytes(count, kind: kind, seed: UInt64(count * 16 + shift))
            guard let levels = RansKernels.levels(RansKernels.counts(original.rawSpan), total: count) else {
                #expect(Set(original).count == 1 || kind == 5, "\(kind)")
                continue
            }
            let stored = RansKernels.bytes(ofLevels: levels)
            let longer = stored + [1, 2, 3]
            let read = RansKernels.readLevels(longer.rawSpan)
            #expect(read?.levels == levels && read?.byteCount == stored.count)
            let coded = RansKernels.encode(original.rawSpan, levels: levels, shift: shift)
            let groups = coded.groups.rawSpan
            let ends = ends(coded.words)
            let all = RansKernels.decode(groups, ends: ends, levels: levels, count: count, shift: shift, 0..<count)
            #expect(all == original)
            var random = SplitMix(seed: 7)
            for _ in 0..<12 {
                let places = (0..<4).map { _ in random.below(count) }.sorted()
                let some = RansKernels.gather(
                    groups, ends: ends, levels: levels, count: count, shift: shift, at: places)
                #expect(some == places.map { original[$0] })
                let first = (places[0] >> shift) << shift
                let part = RansKernels.decode(
                    groups, ends: ends, levels: levels, count: count, shift: shift, places[0]..<(places[3] + 1))
                #expect(part == Array(original[first...places[3]]))
            }
        }
    }

    @Test func entropyIsReached() throws {
        let original = bytes(20_480, kind: 3, seed: 1)
        let counts = RansKernels.counts(original.rawSpan)
        let levels = try #require(RansKernels.levels(counts, total: original.count))
        let coded = RansKernels.encode(original.rawSpan, levels: levels, shift: 10)
        // Two bits a byte, and no more than six bytes a group beside them.
        #expect(coded.groups.count < original.count / 4 * 101 / 100 + 20 * 6)
    }

    /// Whatever bytes stand there, an answer or none comes of them, and nothing is read beside them.
    @Test func damagedGroupsAreNoticedOrRead() throws {
        let original = bytes(3_000, kind: 4, seed: 2)
        let counts = RansKernels.counts(original.rawSpan)
        let levels = try #require(RansKernels.levels(counts, total: original.count))
        let coded = RansKernels.encode(original.rawSpan, levels: levels, shift: 10)
        let ends = ends(coded.words)
        var random = SplitMix(seed: 3)
        var noticed = 0
        for _ in 0..<200 {
            var damaged = coded.groups
            damaged[random.below(damaged.count)] ^= 1 << UInt8(random.below(8))
            let read = RansKernels.decode(
                damaged.rawSpan, ends: ends, levels: levels, count: original.count, shift: 10, 0..<original.count)
            if let read { #expect(read.count == original.count) } else { noticed += 1 }
        }
        #expect(noticed > 100)
        for _ in 0..<2_000 {
            let noise = (0..<random.below(80)).map { _ in UInt8(random.below(256)) }
            guard let read = RansKernels.readLevels(noise.rawSpan) else { continue }
            #expect(read.byteCount <= noise.count)
            _ = RansKernels.areFrequencies(read.levels)
        }
    }
}
