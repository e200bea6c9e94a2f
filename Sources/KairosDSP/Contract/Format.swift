/// Sample rate, lane layout and seed that a module is created for.
public struct Format: Sendable {
    /// Sample rate in Hz.
    public let sampleRate: Float
    /// Number of lanes in use: 16 voices, or 2 channels.
    public let lanes: Int
    /// Stereo side of each lane: −1 left, +1 right, 0 neither.
    public let side: Lanes
    /// Seed for everything random; differs between the modules of a patch.
    public let seed: UInt32

    /// True if the lanes are the channels of a stereo bus, false if they are voices.
    public var isBus: Bool { lanes == 2 }

    /// A format with these properties.
    public init(sampleRate: Float, lanes: Int, side: Lanes, seed: UInt32) {
        self.sampleRate = sampleRate
        self.lanes = lanes
        self.side = side
        self.seed = seed
    }

    /// Sixteen voices that are neither left nor right.
    public static func voices(sampleRate: Float, seed: UInt32 = 1) -> Format {
        Format(sampleRate: sampleRate, lanes: 16, side: .zero, seed: seed)
    }

    /// A stereo bus: lane 0 left, lane 1 right.
    public static func bus(sampleRate: Float, seed: UInt32 = 1) -> Format {
        var side = Lanes.zero
        side[0] = -1
        side[1] = 1
        return Format(sampleRate: sampleRate, lanes: 2, side: side, seed: seed)
    }
}
