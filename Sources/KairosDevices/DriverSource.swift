/// Opens and closes drivers. No function waits.
protocol DriverSource: Sendable {
    /// Begins to open a driver and to start it with `access`, after `former` has been closed. `rate` is in
    /// Hz, `period` in frames.
    func open(
        _ kind: DriverKind, rate: Int, period: Int, access: EngineAccess, after former: (any AudioDriver)?
    ) -> any OpeningDriver
    /// Begins to close a driver. `report` is called if it does not stop.
    func close(_ driver: any AudioDriver, ifStuck report: @escaping @Sendable () -> Void)
    /// Makes a silent timer.
    func timer(rate: Int, period: Int) -> any AudioDriver
}
