/// A driver that is being opened on another thread.
protocol OpeningDriver: Sendable {
    /// The open driver or the error; nil while it is being opened.
    var result: Result<any AudioDriver, DeviceError>? { get }
    /// Gives up the attempt: if the driver opens later, it is closed.
    func abandon()
}
