/// Opens the drivers of the system, each on its own thread.
struct SystemDrivers: DriverSource {
    /// True if JACK's outputs are connected automatically.
    let connects: Bool
    /// The connections of JACK's outputs, remembered across clients.
    let speakers: Speakers
    /// The period that PipeWire is set to, in frames; nil if the user requested none.
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

    /// Opens a driver. It may wait for a server forever. Throws ``DeviceError``.
    func make(_ kind: DriverKind, rate: Int, period: Int) throws -> any AudioDriver {
        switch kind {
        case .jack: try JACKDriver(connects: connects, speakers: speakers, period: self.period)
        case .alsa(let device): try ALSADriver(device: device, sampleRate: rate, period: period)
        }
    }

    func close(_ driver: any AudioDriver, ifStuck report: @escaping @Sendable () -> Void) {
        _ = DeadlineCall("kairos-close") { if !driver.stop(within: 2) { report() } }
    }

    func timer(rate: Int, period: Int) -> any AudioDriver { NullDriver(sampleRate: rate, period: period) }
}
