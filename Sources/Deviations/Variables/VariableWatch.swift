import Bytes

/// Which forms of messages have variables that are watched: the most frequent, of which forty messages showed what
/// their variables hold.
///
/// A form is told by a service and the hash of its static text, which no later message changes. Memory is bounded: all
/// that is known of a form that is not watched is a count, and of these as many are kept as `maximumEntries`.
struct VariableWatch: Sendable {
    static let maximumEntries = 8_192
    static let maximumTrials = 128
    /// Forms of one service whose variables are watched.
    static let formsPerService = 16
    /// Messages after which a form is tried.
    private static let triedAfter: UInt32 = 10
    /// Buckets without a message after which a form is watched no more: three days.
    static let gone: Int64 = 864
    /// One of so many series may be that of a variable.
    static let shareOfSeries = 10

    struct Entry: Sendable {
        var count: UInt32
        var last: Int64
        /// The form's place if it is watched; `counted`, `tried` or `leftAlone` otherwise.
        var state: Int32

        static let counted: Int32 = -1
        static let tried: Int32 = -2
        static let leftAlone: Int32 = -3
    }

    /// What a slot belongs to; `value`: −1 for the variable's own.
    struct Owner: Sendable {
        var form: Int32
        var place: UInt8
        var value: Int8
    }

    enum Step {
        case pass
        case begin
        case trial
        case count(form: Int)
    }

    var entries: [UInt64: Entry] = [:]
    var trials: [UInt64: VariableTrial] = [:]
    var forms: [VariableForm] = []
    /// Places among the forms that were given up, the lowest last.
    var freeForms: [Int] = []
    var owners: [Int32: Owner] = [:]
    /// Slots that are watched no more, but of which an open bucket has records or a finding tells.
    var resting: [Int32] = []
    /// Messages looked at of forms for which there was no room.
    var outside: UInt64 = 0

    static func key(service: UInt16, staticHash: UInt64) -> UInt64 {
        staticHash ^ (UInt64(service) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    }

    /// What is to be done with a message. O(1).
    mutating func note(_ key: UInt64, bucket: Int64) -> Step {
        guard var entry = entries[key] else {
            guard entries.count < Self.maximumEntries else {
                outside += 1
                return .pass
            }
            entries[key] = Entry(count: 1, last: bucket, state: Entry.counted)
            return .pass
        }
        if entry.state >= 0 {
            let form = Int(entry.state)
            forms[form].count &+= 1
            forms[form].last = max(forms[form].last, bucket)
            return .count(form: form)
        }
        guard entry.state != Entry.tried else { return .trial }
        guard entry.state == Entry.counted || entry.last < bucket else { return .pass }
        entry.count &+= 1
        entry.last = bucket
        let begins =
            entry.state == Entry.counted && entry.count >= Self.triedAfter && trials.count < Self.maximumTrials
        if begins { entry.state = Entry.tried }
        entries[key] = entry
        return begins ? .begin : .pass
    }

    /// The trial showed nothing to watch, or there is no room: `isFinal` for the one, to be tried again for the other.
    mutating func drop(_ key: UInt64, isFinal: Bool, bucket: Int64) {
        trials[key] = nil
        let state = isFinal ? Entry.leftAlone : Entry.counted
        entries[key] = Entry(count: 0, last: bucket, state: state)
        if !isFinal { outside += UInt64(VariableTrial.messages) }
    }

    /// Takes a form in; answers its place.
    mutating func insert(_ form: VariableForm) -> Int {
        trials[form.key] = nil
        let place = freeForms.popLast() ?? forms.count
        if place == forms.count { forms.append(form) } else { forms[place] = form }
        entries[form.key] = Entry(count: 0, last: form.last, state: Int32(place))
        own(place)
        return place
    }

    /// Notes whose the slots of a form are.
    mutating func own(_ place: Int) {
        for (number, variable) in forms[place].places.enumerated() {
            owners[variable.slot] = Owner(form: Int32(place), place: UInt8(number), value: -1)
            for (index, value) in variable.values.enumerated() where value.slot >= 0 {
                owners[value.slot] = Owner(form: Int32(place), place: UInt8(number), value: Int8(index))
            }
        }
    }

    /// Forgets a form; answers its slots.
    mutating func remove(form place: Int) -> [Int32] {
        let form = forms[place]
        entries[form.key] = nil
        let released = form.places.flatMap(\.slots)
        for slot in released { owners[slot] = nil }
        forms[place].places = []
        forms[place].sample = .empty
        freeForms.append(place)
        freeForms.sort(by: >)
        return released
    }

    /// Forgets one place of a form, or the form with its last one; answers the slots.
    mutating func remove(place number: Int, of form: Int) -> [Int32] {
        guard forms[form].places.count > 1 else {
            let key = forms[form].key
            let last = forms[form].last
            let released = remove(form: form)
            entries[key] = Entry(count: 0, last: last, state: Entry.leftAlone)
            return released
        }
        let released = forms[form].places.remove(at: number).slots
        for slot in released { owners[slot] = nil }
        own(form)
        return released
    }

    /// Forgets counts and trials of forms that came no more, and where there is still no room the rarest. O(entries).
    mutating func prune(bucket: Int64) {
        for (key, trial) in trials where bucket - trial.last > Self.gone {
            trials[key] = nil
            entries[key] = nil
        }
        guard 4 * entries.count > 3 * Self.maximumEntries else { return }
        var bound: UInt32 = 2
        while 2 * entries.count > Self.maximumEntries, bound < 1 << 16 {
            entries = entries.filter { _, entry in
                entry.state >= 0 || entry.state == Entry.tried
                    || entry.count >= bound && bucket - entry.last <= Self.gone
            }
            bound *= 4
        }
    }
}

extension VariablePlace {
    /// All that count for it.
    var slots: [Int32] { [slot] + values.map(\.slot).filter { $0 >= 0 } }
}
