import Bytes
import Records

extension TemplateColumn: TemplatedTexts {
    public var templateCount: Int { templates.count }
    public func pieces(of template: Int) -> [ByteString] { templates[template].pieces }
}

extension EncodedBlock: TemplatedBlock {
    public func templatedTexts(_ name: ByteString) throws -> (any TemplatedTexts)? { try templateColumn(name) }
}
