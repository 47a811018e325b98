import Bytes
import Records
import Traces

extension EncodedBlock {
    public func mayContain(identifier id: ByteString) -> Bool {
        guard header.columns.contains(where: \.isIdentifier) else { return false }
        guard let section = header.identifiers else { return true }
        let key = IdentifierHasher.key(id)
        let answer = try? read(section) { reader throws(CorruptionError) in
            BlockedBloom.mayContain(key, in: try reader.readSpan(reader.remaining))
        }
        return answer ?? true
    }
}
