/// A kind of driver that can be opened.
public enum DriverKind: Sendable, Equatable {
    /// The JACK server that runs, or PipeWire in its place.
    case jack
    /// An ALSA device.
    case alsa(String)
}

/// A driver that is being opened.
protocol OpeningDriver: Sendable {
    /// What came of it; nil while nothing has.
    var result: Result<any AudioDriver, DeviceError>? { get }
    /// Nobody wants it any more: if it opens after all, it is closed.
    func abandon()
}

/// Where drivers come from. Nothing here waits.
protocol DriverSource: Sendable {
    /// Begins to open a driver and to start it with `access`, once `former` has been closed.
    func open(
        _ kind: DriverKind, rate: Int, period: Int, access: EngineAccess, after former: (any AudioDriver)?
    ) -> any OpeningDriver
    /// Begins to close a driver. `told` is called where that does not return.
    func close(_ driver: any AudioDriver, ifStuck told: @escaping @Sendable () -> Void)
    /// A timer.
    func timer(rate: Int, period: Int) -> any AudioDriver
}

/// Opens real drivers, each on a thread of its own.
struct SystemDrivers: DriverSource {
    /// Whether JACK's outputs are connected.
    let connects: Bool
    /// What JACK's outputs are connected to, over all its clients.
    let speakers: Speakers
    /// The period that PipeWire is made to use, in frames; nil where the player asked for none.
    let period: Int?

    private struct Opening: OpeningDriver {
        let call: DeadlineCall<Result<any AudioDriver, DeviceError>>
        var result: Result<any AudioDriver, DeviceError>? { call.value }
        func abandon() {
            guard !call.abandon(), case .success(let driver)? = call.value else { return }
            _ = DeadlineCall("kairos-close") { driver.stop(within: 60) }
        }
    }

    func open(
        _ kind: DriverKind, rate: Int, period: Int, access: EngineAccess, after former: (any AudioDriver)?
    ) -> any OpeningDriver {
        Opening(
            call: DeadlineCall(
                "kairos-open", late: { if case .success(let driver) = $0 { driver.stop(within: 60) } }
            ) {
                former?.stop(within: 2)
                let result = open(kind, rate: rate, period: period, access: access)
                access.notify()
                return result
            })
    }

    private func open(
        _ kind: DriverKind, rate: Int, period: Int, access: EngineAccess
    ) -> Result<any AudioDriver, DeviceError> {
        Result {
            let driver = try make(kind, rate: rate, period: period)
            do {
                access.feed.prepare(rate: driver.sampleRate)
                try driver.start(access)
            } catch {
                driver.stop(within: 1)
                throw error
            }
            return driver
        }.mapError { $0 as? DeviceError ?? DeviceError("\($0)") }
    }

    /// Opens a driver. It may wait for a server for ever.
    func make(_ kind: DriverKind, rate: Int, period: Int) throws -> any AudioDriver {
        switch kind {
        case .jack: try JACKDriver(connects: connects, speakers: speakers, period: self.period)
        case .alsa(let device): try ALSADriver(device: device, sampleRate: rate, period: period)
        }
    }

    func close(_ driver: any AudioDriver, ifStuck told: @escaping @Sendable () -> Void) {
        _ = DeadlineCall("kairos-close") { if !driver.stop(within: 2) { told() } }
    }

    func timer(rate: Int, period: Int) -> any AudioDriver { NullDriver(sampleRate: rate, period: period) }
}
