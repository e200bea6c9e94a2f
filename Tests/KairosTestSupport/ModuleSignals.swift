public import KairosDSP

/// A value in −1…1 of lane, frame and seed.
public func noise(_ lane: Int, _ frame: Int, _ seed: UInt32) -> Float {
    let key = UInt32(truncatingIfNeeded: frame) &* 16 &+ UInt32(lane)
    return bipolar(SIMD16(repeating: scrambled(key ^ scrambled(seed &+ 77))))[0]
}

extension InletInfo {
    /// A test value for the inlet, from `value` in −1…1: the value itself where the inlet idles at 0; otherwise a
    /// value around the idle one, such as a pitch around note 69 or a level around 1.
    public func testValue(_ value: Float, swing: Float = 0.75) -> Float {
        idle == 0 ? value : idle + idle * swing * value
    }
}

extension ModuleBench {
    /// A bench with many events: parameters at any values, some of them moving, notes that start and end.
    ///
    /// `moving` is the proportion of the parameters that move. With a `lane`, all lanes receive the signals of that
    /// lane, so that one note can be compared in two lanes.
    public static func busy(
        seed: UInt32, moving: Float = 0.6, lane only: Int? = nil, format: Format = .voices(sampleRate: 48_000)
    ) -> ModuleBench<M> {
        var bench = ModuleBench<M>(M.self, format: format)
        for inlet in M.Inlet.allCases where inlet.info.kind == .audio {
            let salt = seed &* 31 &+ UInt32(inlet.rawValue)
            let info = inlet.info
            let isSteady = noise(0, 1, salt) > 0 && info.idle != 0
            bench.inlets[inlet.rawValue] =
                isSteady
                ? .lanes((0..<16).map { info.testValue(noise(only == $0 ? 99 : $0, 0, salt)) })
                : .moving { lane, frame in
                    info.testValue(noise(only == lane ? 99 : lane, frame, salt))
                }
        }
        for param in M.Param.allCases {
            let spec = param.spec
            let salt = seed &* 131 &+ UInt32(param.rawValue) &+ 1000
            let place = noise(0, 0, salt) * 0.5 + 0.5
            if spec.isReadAtNoteOn {
                bench.params[param.rawValue] = .lanes(
                    (0..<16).map { lane in
                        let place = noise(only == lane ? 99 : lane, 0, salt) * 0.5 + 0.5
                        return spec.law.value(normalized: spec.unit == .seconds ? place * 0.1 : place)
                    })
            } else if spec.latched || noise(0, 1, salt) * 0.5 + 0.5 > moving {
                // Times of several seconds would mask what follows them.
                bench.params[param.rawValue] = .steady(
                    spec.law.value(normalized: spec.unit == .seconds ? place * 0.1 : place))
            } else {
                bench.params[param.rawValue] = .moving { lane, frame in
                    let swing = noise(only == lane ? 99 : lane, frame / 8, salt) * 0.2
                    return spec.law.value(normalized: min(1, max(0, place + swing)))
                }
            }
        }
        bench.events = [
            .note(0, LaneMask(bits: 0x00ff), seed: seed), .note(77, LaneMask(bits: 0xff00), seed: seed &+ 1),
            .release(300, LaneMask(bits: 0x0f0f)), .note(515, LaneMask(bits: 0x0003), seed: seed &+ 2),
            .release(1000, .all), .note(1203, LaneMask(bits: 0xaaaa), seed: seed &+ 3),
        ]
        return bench
    }
}

/// A message that names the first lanes in which two renders differ.
public func compare(
    _ a: [[Lanes]], _ b: [[Lanes]], _ what: String, _ faults: inout [String], lanes: Int = 16
) {
    for outlet in a.indices {
        for frame in a[outlet].indices {
            let x = unsafeBitCast(a[outlet][frame], to: SIMD16<UInt32>.self)
            let y = unsafeBitCast(b[outlet][frame], to: SIMD16<UInt32>.self)
            if (0..<lanes).contains(where: { x[$0] != y[$0] }) {
                faults.append(
                    "\(what): outlet \(outlet) differs from frame \(frame): \(a[outlet][frame]), \(b[outlet][frame])"
                )
                return
            }
        }
    }
}
