import Statistics

/// A change that was reported and how far it has been accommodated.
struct Episode: Sendable {
    var isOpen = false
    var isUp = false
    /// What is added to the baseline while the change lasts, on the scaled axis.
    var offset: Float = 0
    /// Observations since the report.
    var age: UInt32 = 0
    /// Observations in a row that looked as before the change.
    var calm: UInt32 = 0
    /// Observations for which nothing new is reported.
    var quiet: UInt32 = 0
    /// A spike was reported and may turn out to be a shift.
    var isPending = false

    func save(to writer: inout StateWriter) {
        writer.write(isOpen)
        writer.write(isUp)
        writer.write(offset)
        writer.write(age)
        writer.write(calm)
        writer.write(quiet)
        writer.write(isPending)
    }

    init() {}

    init(from reader: inout StateReader) throws(StateError) {
        isOpen = try reader.readBool()
        isUp = try reader.readBool()
        offset = try reader.readFloat()
        age = try reader.readUInt32()
        calm = try reader.readUInt32()
        quiet = try reader.readUInt32()
        isPending = try reader.readBool()
    }
}
