import Bytes
import Records
import Statistics

/// All that the engine knows, changed by one thread at a time.
struct EngineState: Sendable {
    let options: EngineOptions
    let bucketNanoseconds: Int64
    var counters = EngineCounters()
    var position = JournalPosition.beginning

    /// Fields by name and in order of appearance.
    var fieldNumbers: [ByteString: Int] = [:]
    var fields: [Field] = []
    /// Field numbers of the dimensions and of the measures (measure m is `measures[m - 1]`).
    var dimensions: [Int] = []
    var measures: [Int] = []
    /// By dimension: whether it is a level, which only counts are broken down by.
    var isLevel: [Bool] = []
    var services: ValueTable
    var serviceField = -1
    /// By dimension: whether it is a route, by which quantiles are watched too.
    var isRoute: [Bool] = []

    var slots: [Slot] = []
    /// Slots by how often they are evaluated: every bucket, every 6th, every 12th; and those that are not settled yet.
    var due: [[Int32]] = [[], [], []]
    var unsettled: [Int32] = []
    /// `baseSlots[measure][service]`; −1 for none.
    var baseSlots: [[Int32]] = [[]]
    /// `partSlots[measure][dimension][service · 65 + code]`; −1 for none.
    var partSlots: [[[Int32]]] = [[]]

    /// Open buckets, oldest first, and emptied ones for reuse.
    var open: [OpenBucket] = []
    var spare: [OpenBucket] = []
    /// The newest bucket number seen; `Int64.min` before the first.
    var newest = Int64.min
    var rowsAhead = 0

    var watched = SeriesPool()
    /// Places among the slots and series that were given up, the lowest last.
    var freeSlots: [Int32] = []
    var freeSeries: [Int32] = []
    /// Series of whole services, and of the durations and amounts of their parts.
    var primarySeries = 0
    var measuredParts = 0
    /// Series of the variables of messages.
    var variableSeries = 0
    var findings: [UInt64: Finding] = [:]
    var findingOrder: [UInt64] = []
    var openFindings: [UInt64] = []
    var nextFinding: UInt64 = 1
    /// Findings that are new or changed since the callbacks ran.
    var changed: [UInt64] = []
    /// Slots whose quantiles are watched, and where each slot's are; −1, or past the end, for none.
    var tails: [TailSlot] = []
    var tailOfSlot: [Int32] = []
    /// Slots of values that are new in a field that had few.
    var fresh: [Int32] = []
    var samples = SampleRing(capacity: 2_048)
    var errorSamples = SampleRing(capacity: 1_024)
    var rowsInLastBucket = 0
    var patterns = PatternWatch()
    var templates = TemplateWatch()
    var variables = VariableWatch()
    var frozen: [FrozenBaseline] = []
    /// Taken off every bar while several series are suspicious together; see `weighSuspects`.
    var relief: Float = 0

    static let codesPerService = EngineLimits.valuesPerDimension + 1

    init(options: EngineOptions) {
        self.options = options
        bucketNanoseconds = options.bucketSeconds * 1_000_000_000
        services = ValueTable(limit: EngineLimits.services)
    }

    /// The number of a field, given one if there is room; nil past the limit.
    mutating func fieldNumber(_ name: ByteString, role: FieldRole? = nil) -> Int? {
        if let number = fieldNumbers[name] { return number }
        guard fields.count < EngineLimits.fields else { return nil }
        var field = Field(name: name, role: role)
        let number = fields.count
        switch field.role {
        case .level, .status, .dimension, .template:
            if dimensions.count < EngineLimits.dimensions || field.role == .template {
                field.position = dimensions.count
                dimensions.append(number)
                isLevel.append(field.role == .level || field.role == .template)
                isRoute.append(Self.isRoute(name))
                for measure in partSlots.indices { partSlots[measure].append([]) }
            } else {
                field.isClosed = true
            }
        case .duration, .amount:
            if measures.count < EngineLimits.measures {
                measures.append(number)
                field.position = measures.count
                baseSlots.append([])
                partSlots.append([[Int32]](repeating: [], count: dimensions.count))
            } else {
                field.isClosed = true
            }
        case .service, .message, .trace, .identifier: break
        }
        fields.append(field)
        fieldNumbers[name] = number
        return number
    }

    /// The slot of all records of a service for a measure, made if need be. O(1).
    mutating func baseSlot(measure: Int, service: Int, bucket: Int64) -> Int {
        while baseSlots[measure].count <= service { baseSlots[measure].append(-1) }
        let known = baseSlots[measure][service]
        if known >= 0 { return Int(known) }
        let slot = Slot(measure: UInt8(measure), dimension: -1, service: UInt16(service), code: 0, firstBucket: bucket)
        guard let number = place(slot) else { preconditionFailure("services have room of their own") }
        baseSlots[measure][service] = Int32(number)
        unsettled.append(Int32(number))
        return number
    }

    /// The slot of a service's records with one value of a dimension; nil past the limit. O(1).
    mutating func partSlot(measure: Int, dimension: Int, service: Int, code: Int, bucket: Int64) -> Int? {
        let place = service * Self.codesPerService + code
        if partSlots[measure][dimension].count <= place {
            let missing = (service + 1) * Self.codesPerService - partSlots[measure][dimension].count
            partSlots[measure][dimension] += [Int32](repeating: -1, count: missing)
        }
        let known = partSlots[measure][dimension][place]
        if known >= 0 { return Int(known) }
        let slot = Slot(
            measure: UInt8(measure), dimension: Int16(dimension), service: UInt16(service), code: UInt16(code),
            firstBucket: bucket)
        guard let number = self.place(slot) else { return nil }
        partSlots[measure][dimension][place] = Int32(number)
        unsettled.append(Int32(number))
        noteFresh(slot: number, bucket: bucket)
        return number
    }

    /// A series' latest evaluations, oldest first. O(steps).
    func steps(_ series: Int) -> [WatchedSeries.Step] {
        watched[series].steps(tick: Int64(slots[Int(watched[series].slot)].stride) * bucketNanoseconds)
    }

    /// Measure, service and value in words.
    func label(_ series: Int) -> SeriesLabel {
        let watchedSeries = watched[series]
        let slot = slots[Int(watchedSeries.slot)]
        if watchedSeries.quantity.isVariable { return variableLabel(series) }
        let measure =
            switch watchedSeries.quantity {
            case .records: "records"
            case .errorShare: "error share"
            case .duration, .amount: fields[measures[Int(slot.measure) - 1]].name.string
            case .p95: "p95 of " + fields[measures[Int(slot.measure) - 1]].name.string
            case .p99: "p99 of " + fields[measures[Int(slot.measure) - 1]].name.string
            case .level, .fineLevel, .share: ""
            }
        let service = services.values[Int(slot.service)].string
        guard slot.dimension >= 0 else { return SeriesLabel(measure: measure, service: service) }
        let part = part(of: slot)
        return SeriesLabel(measure: measure, service: service, field: part.field, value: part.value)
    }

    /// Field and value of a slot that holds a part of a service's records.
    func part(of slot: Slot) -> (field: String, value: String) {
        let field = fields[dimensions[Int(slot.dimension)]]
        guard field.role != .template else {
            return ("_msg", templates.text(service: slot.service, code: slot.code).string)
        }
        return (field.name.string, field.values.values[Int(slot.code)].string)
    }
}
