import KairosControl
import Synchronization

/// The audio thread's end of its rings: messages from the loader; instances, tables and reports to other threads. The
/// engine owns the rings.
///
/// [audio], but for `init` and `deinit`.
struct LoaderLink: ~Copyable {
    private let messages: Unmanaged<Ring<LoaderMessage>>
    private let retired: Unmanaged<Ring<InstanceHandoff>>
    private let returned: Unmanaged<Ring<ReturnedTables>>
    private let reports: Unmanaged<Ring<Report>>
    /// The tables of the rig before, until the rig that replaced them is published.
    private var former: UnsafeMutablePointer<RigTables>?
    private let fixedAddress = FixedAddress()

    init(
        messages: Ring<LoaderMessage>, retired: Ring<InstanceHandoff>, returned: Ring<ReturnedTables>,
        reports: Ring<Report>
    ) {
        precondition(MemoryLayout<Report>.stride <= Report.size)
        self.messages = .passUnretained(messages)
        self.retired = .passUnretained(retired)
        self.returned = .passUnretained(returned)
        self.reports = .passUnretained(reports)
    }

    deinit { if let former { RigTables.free(former) } }

    /// The next message of the loader, or nil.
    func nextMessage() -> LoaderMessage? { messages._withUnsafeGuaranteedRef { $0.pop() } }

    /// Returns an instance to the loader. There is room: the loader limits how many instances exist.
    func sendBack(_ instance: InstanceHandoff) { retired._withUnsafeGuaranteedRef { _ = $0.push(instance) } }

    /// Keeps the tables of the rig before until ``returnFormer()``.
    mutating func keep(former tables: UnsafeMutablePointer<RigTables>) { former = tables }

    /// Returns the tables of the rig before. Called when the indices of the new rig are published: then no other
    /// thread uses the old ones.
    mutating func returnFormer() {
        guard let tables = former else { return }
        former = nil
        returned._withUnsafeGuaranteedRef { _ = $0.push(ReturnedTables(tables: tables)) }
    }

    /// Sends a report. It is dropped where the ring is full, because nobody reads it.
    func report(_ report: Report) { reports._withUnsafeGuaranteedRef { _ = $0.push(report) } }
}
