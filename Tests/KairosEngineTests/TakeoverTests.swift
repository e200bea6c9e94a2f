import KairosCompiler
import KairosControl
import KairosDSP
import KairosEngine
import KairosSession
import KairosTestSupport
import Testing

/// Takeover of a parameter by a control: the player's actions and the audible result.
@Suite struct TakeoverTests {
    /// The level is the third power of the position of its one macro, which is 50 % initially.
    private static let patch = LevelPatch.text()

    private func control(
        _ takeover: Mapping.Takeover, _ input: Mapping.Input = .control(16),
        change: (inout Mapping.Control) -> Void = { _ in }
    ) -> Mapping {
        var control = Mapping.Control(input, to: .macro(1), takeover: takeover)
        change(&control)
        return Mapping(name: "m", controls: [control])
    }

    /// The position 50 ms after each step. A step is a controller value, or the messages that `write` makes of it.
    private func positions(
        _ mapping: Mapping, _ steps: [Int], programs: [Int: Int] = [:],
        write: (inout Score, Int, Int) -> Void = { $0.control($1, 16, UInt8($2)) }
    ) throws -> [Float] {
        let sounds = try [0, 1].map {
            Sound(try compile(Self.patch, name: "P\($0)", program: $0), mappings: [mapping])
        }
        var score = Score()
        score.on(10, 60)
        for (index, step) in steps.enumerated() {
            let frame = 2400 * (index + 1)
            if let program = programs[index] {
                score.program(frame - 8, program)
                score.off(frame - 6, 60)
                score.on(frame - 4, 60)
            }
            write(&score, frame, step)
        }
        let sound = Rendering(sounds, score.events, frames: 2400 * (steps.count + 2))
        return steps.indices.map { cubeRootPrecise(sound.left[2400 * ($0 + 2) - 10]) }
    }

    private func at(_ value: Int) -> Float { NormalizedValue.fraction(NormalizedValue.scaled(UInt8(value))) }
    private func near(_ a: [Float], _ b: [Float], _ tolerance: Float = 0.0001) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < tolerance }
    }

    @Test func `jump: at once`() throws {
        #expect(try positions(control(.jump), [100, 20]) == [at(100), at(20)])
    }

    /// Fails where a control with another position acts at once.
    @Test func `pickup: the parameter does not move before the control passes its value`() throws {
        #expect(
            near(
                try positions(control(.pickup), [10, 30, 50, 70, 60]),
                [0.5, 0.5, 0.5, at(70), at(60)]))
    }

    /// Fails where pickup needs a value near the parameter (DelugeFirmware 1707): a fast move passes it.
    @Test func `pickup: a fast move that passes the value catches it`() throws {
        #expect(near(try positions(control(.pickup), [5, 120, 3]), [0.5, at(120), at(3)]))
    }

    @Test func `pickup: a control whose first value equals the parameter has pickup`() throws {
        #expect(near(try positions(control(.pickup), [64, 90]), [0.5, at(90)]))
        #expect(near(try positions(control(.pickup), [65, 90]), [at(65), at(90)]))
    }

    /// Fails where a control keeps its pickup over a program change (surge 8068).
    @Test func `pickup: begins again at each patch change, there and back`() throws {
        let heard = try positions(
            control(.pickup), [60, 70, 90, 80, 30, 40], programs: [2: 1, 5: 0])
        // The control is at 70 when the second patch starts with 50 %: 90 and 80 wait, 30 passes 50 %.
        #expect(near(Array(heard[..<5]), [0.5, at(70), 0.5, 0.5, at(30)]))
        // Back at the first patch, which starts with 50 % too: 40 does not pass it, coming from 30.
        #expect(near([heard[5]], [0.5]))
    }

    /// Fails where the control that was moved first keeps its pickup.
    @Test func `pickup: begins again when another control moves the parameter`() throws {
        var other = Mapping.Control(.control(17), to: .macro(1))
        other.takeover = .jump
        let mapping = Mapping(name: "m", controls: control(.pickup).controls + [other])
        let heard = try positions(mapping, [64, 80, 1000 + 10, 81, 82, 5]) {
            $0.control($1, $2 >= 1000 ? 17 : 16, UInt8($2 % 1000))
        }
        #expect(near(heard, [0.5, at(80), at(10), at(10), at(10), at(5)]))
    }

    @Test func `scale: the remaining travel of the control covers the remaining range`() throws {
        let heard = try positions(control(.scale), [32, 96, 127, 0])
        // The value 32 sets the position of the control. Up to 96 it moves (96 − 32) of 95 steps, and the parameter
        // does the same.
        let part = (at(96) - at(32)) / (1 - at(32))
        #expect(near(heard, [0.5, 0.5 + 0.5 * part, 1, 0]))
    }

    /// Fails where relative encodings are confused: a step down is a jump up.
    @Test func `relative, in each of the three encodings`() throws {
        for (encoding, up, down) in [
            (Mapping.Encoding.twos, 3, 125), (.offset, 67, 61), (.sign, 3, 67),
        ] {
            let heard = try positions(control(.relative) { $0.encoding = encoding }, [up, up, down])
            let expected: [Float] = [0.5234375, 0.546875, 0.5234375]
            #expect(near(heard, expected), "\(encoding)")
        }
        let coarse = try positions(control(.relative) { $0.step = 0.1 }, [1, 1, 1, 1, 1, 1, 127])
        #expect(near(coarse, [0.6, 0.7, 0.8, 0.9, 1, 1, 0.9]))
    }

    @Test func `latch and momentary buttons`() throws {
        let latch = control(.jump) {
            $0.button = .latch; $0.range = TypedRange("0.1 %", "72.9 %")
        }
        #expect(near(try positions(latch, [127, 0, 127, 0, 1, 0]), [0.9, 0.9, 0.1, 0.1, 0.9, 0.9]))
        let held = control(.jump, .note(36)) {
            $0.button = .momentary; $0.range = TypedRange("0.1 %", "72.9 %")
        }
        let heard = try positions(held, [1, 0, 1]) {
            if $2 == 1 { $0.on($1, 36, velocity: 5) } else { $0.off($1, 36) }
        }
        #expect(near(heard, [0.9, 0.1, 0.9]))
    }

    @Test func `a shift that is held selects the second layer`() throws {
        var mapping = control(.jump)
        var second = Mapping.Control(.control(16), to: .macro(1), inverted: true)
        second.shifted = true
        mapping.controls.append(second)
        mapping.shift = Mapping.Shift(.control(41))
        let heard = try positions(mapping, [100, 1127, 100, 1000, 100]) {
            $0.control($1, $2 >= 1000 ? 41 : 16, UInt8($2 % 1000))
        }
        #expect(near(heard, [at(100), at(100), 1 - at(100), 1 - at(100), at(100)]))
    }

    @Test func `steps divide the range evenly`() throws {
        let heard = try positions(control(.jump) { $0.steps = 3 }, [0, 42, 43, 84, 86, 127])
        #expect(near(heard, [0, 0, 0.5, 0.5, 1, 1]))
    }

    @Test func `one control moves many, many move one`() throws {
        let two = Mapping(
            name: "m",
            controls: [
                .init(.control(16), to: .macro(1)), .init(.control(18), to: .macro(1), inverted: true),
            ])
        let heard = try positions(two, [100, 1010]) { $0.control($1, $2 >= 1000 ? 18 : 16, UInt8($2 % 1000)) }
        #expect(near(heard, [at(100), 1 - at(10)]))
    }

    /// Fails where both mappings act: the general one jumps and makes pickup useless.
    @Test func `a controller's own mapping overrides the general one`() throws {
        var own = control(.pickup)
        own.device = "Box"
        let mappings = [control(.jump), own]
        var score = Score()
        score.on(10, 60, source: 5)
        score.control(1000, 16, 100, source: 5)
        score.control(4000, 16, 100, source: 6)
        let host = OfflineHost(
            Rig([Sound(try compile(Self.patch), mappings: mappings)]), mode: .entry)
        host.engine.setSources(1 << 5, ofMapping: 1)
        host.play(score.events)
        var sound = Rendering(frames: 8000)
        sound.render(with: host)
        let heard = [3900, 7900].map { cubeRootPrecise(sound.left[$0]) }
        #expect(near(heard, [0.5, at(100)]))
    }

    // MARK: 14 bits

    private func fine(_ value: Int) -> Float {
        NormalizedValue.fraction(NormalizedValue.scaled(UInt32(value), bits: 14))
    }

    /// The parameter values over a movement through all 14 bits, for either order of the halves.
    ///
    /// Fails where the coarse half alone makes a step: a jump of up to 127 values and back.
    @Test(arguments: [false, true]) func `coarse and fine in either order, up and down: no step goes back`(
        isFineFirst: Bool
    ) {
        var pair = PairDecoder(), stamp: UInt64 = 0
        var places: [Int] = []
        func send(_ value: Int) {
            stamp += 5_000_000
            let halves = [(false, value >> 7), (true, value & 127)]
            for (isFine, half) in isFineFirst ? halves.reversed() : halves {
                stamp += 300_000
                let position =
                    isFine
                    ? pair.decode(fine: UInt32(half), at: stamp)
                    : pair.decode(coarse: UInt32(half), at: stamp)
                if let position { places.append(Int(position >> 18)) }
            }
        }
        let way =
            Array(stride(from: 1000, to: 15_000, by: 37)) + Array(stride(from: 15_000, to: 500, by: -211))
        // Two movements come first, from which the order of the halves is derived.
        send(990)
        send(995)
        places = []
        for value in way { send(value) }
        let turn = places.firstIndex(of: places.max() ?? 0) ?? 0
        #expect(places[...turn].elementsEqual(places[...turn].sorted()))
        #expect(places[turn...].elementsEqual(places[turn...].sorted(by: >)))
        #expect(places.last == way.last)
    }

    @Test func `a fine half alone moves, and a coarse half alone settles after 20 ms`() throws {
        let pair = control(.jump, .controlPair(20, 52))
        let heard = try positions(pair, [9000, 9001, 5000]) { score, frame, value in
            if value != 9001 { score.control(frame, 20, UInt8(value >> 7)) }
            if value != 5000 { score.control(frame + 10, 52, UInt8(value & 127)) }
        }
        #expect(near(heard, [fine(9000), fine(9001), fine(4992)], 1e-5))
    }

    @Test func `a parameter by number moves a macro, in 14 bits and by steps`() throws {
        let mapping = control(.jump, .nonRegistered(200))
        let heard = try positions(mapping, [9000, -1]) { score, frame, value in
            func part(_ part: Event.Part, _ value: UInt8) -> Event {
                Event(
                    parameter: .nonRegistered, 200, part, channel: 0,
                    normalized: NormalizedValue.scaled(value))
            }
            if value < 0 { return score.add(frame, part(.decrement, 0)) }
            score.add(frame, part(.coarse, UInt8(value >> 7)))
            score.add(frame + 1, part(.fine, UInt8(value & 127)))
        }
        #expect(near(heard, [fine(9000), fine(9000) - 1 / 128], 1e-5))
    }

    // MARK: end points

    /// Every parameter of every module, with every curve and both resolutions.
    @Test func `minimum, centre and maximum are exact, and each choice has an equal share`() {
        for type in ModuleRegistry.standard.types {
            for (symbol, spec) in type.params {
                for bits: UInt32 in [7, 14] {
                    let top = UInt32(1) << bits - 1
                    for bend in Mapping.Curve.allCases {
                        var row = ControlTable.Row(control: 0, effect: .param(0), law: .numbers(spec.law))
                        row.curve = bend
                        func value(_ value: UInt32) -> Float {
                            row.value(at: NormalizedValue.fraction(NormalizedValue.scaled(value, bits: bits)))
                                .number ?? .nan
                        }
                        #expect(value(0) == spec.range.lowerBound, "\(type.name).\(symbol)")
                        #expect(value(top) == spec.range.upperBound, "\(type.name).\(symbol)")
                        if bend == .straight, let centre = spec.law.centre {
                            #expect(value(1 << (bits - 1)) == centre, "\(type.name).\(symbol)")
                        }
                        row.inverted = true
                        #expect(value(0) == spec.range.upperBound && value(top) == spec.range.lowerBound)
                    }
                    guard spec.law.steps > 1, spec.law.steps <= 64 else { continue }
                    let row = ControlTable.Row(control: 0, effect: .param(0), law: .numbers(spec.law))
                    var shares = [Int](repeating: 0, count: Int(spec.law.steps))
                    for value in 0...top {
                        let at = row.value(
                            at: NormalizedValue.fraction(NormalizedValue.scaled(value, bits: bits)))
                        shares[Int((at.number ?? .nan) - spec.range.lowerBound)] += 1
                    }
                    let least = shares.min() ?? 0, most = shares.max() ?? 0
                    // As even as integer steps can be, with one step of tolerance at each end.
                    #expect(most - least <= 2, "\(type.name).\(symbol): \(shares)")
                }
            }
        }
    }
}
