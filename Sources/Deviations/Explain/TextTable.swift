import Bytes

/// Texts as small numbers from 1 on; 0 is the missing one, and that of all beyond the limit.
struct TextTable {
    let limit: Int
    private(set) var texts: [ByteString] = [.empty]
    private var codes: [ByteString: Int] = [:]

    init(limit: Int) { self.limit = limit }

    /// O(length).
    mutating func code(_ text: ByteString) -> Int {
        if let code = codes[text] { return code }
        guard texts.count <= limit else { return 0 }
        codes[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }
}

/// Pairs of field and value as small numbers.
struct ItemTable {
    struct Item {
        var field: Int
        var value: ByteString
    }

    let valuesPerField: Int
    private(set) var fields: [ByteString] = []
    private(set) var items: [Item] = []
    private var fieldNumbers: [ByteString: Int] = [:]
    private var codes: [[ByteString: UInt32]] = []
    /// Fields with more values than are told apart.
    private(set) var isClosed: [Bool] = []

    init(valuesPerField: Int) { self.valuesPerField = valuesPerField }

    mutating func field(_ name: ByteString) -> Int {
        if let number = fieldNumbers[name] { return number }
        fieldNumbers[name] = fields.count
        fields.append(name)
        codes.append([:])
        isClosed.append(false)
        return fields.count - 1
    }

    /// Nil once the field has too many values. O(length).
    mutating func item(_ field: Int, _ value: ByteString) -> UInt32? {
        if let code = codes[field][value] { return isClosed[field] ? nil : code }
        guard !isClosed[field] else { return nil }
        guard codes[field].count < valuesPerField, value.count <= 200 else {
            isClosed[field] = true
            return nil
        }
        let code = UInt32(items.count)
        codes[field][value] = code
        items.append(Item(field: field, value: value))
        return code
    }
}
