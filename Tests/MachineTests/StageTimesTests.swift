import Machine
import Testing

struct StageTimesTests {
    struct Failure: Error {}

    private func work() -> UInt64 { (0..<200_000).reduce(UInt64(1)) { ($0 &* 6_364_136_223_846_793_005) ^ $1 } }

    @Test func timeCountsToItsStageAlone() {
        let times = StageTimes()
        let answer = times.measure(.compress) { work() }
        #expect(answer == work())
        #expect(times.nanoseconds(.compress) > 0)
        #expect(times.nanoseconds(.parse) == 0)
    }

    @Test func whatIsTooLittleIsNotMeasured() {
        let times = StageTimes()
        #expect(times.measure(.index, if: false) { work() } == work())
        #expect(times.nanoseconds(.index) == 0)
    }

    @Test func timeCountsWhereTheWorkFails() {
        let times = StageTimes()
        #expect(throws: Failure.self) {
            try times.measure(.templates) { () throws(Failure) in
                if work() != 0 { throw Failure() }
            }
        }
        #expect(times.nanoseconds(.templates) > 0)
    }
}
