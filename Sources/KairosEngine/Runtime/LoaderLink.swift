import KairosControl
import Synchronization

/// The audio thread's end of its rings: messages from the loader; instances, tables and reports to other threads. The
/// engine owns the rings.
///
/// [audio], but for `init` and `deinit`.
struct LoaderLink: ~Copyable {
    private let messages: Unmanaged<Ring<LoaderMessage>>
    private let retired: Unmanaged<Ring<InstanceHandoff>>
    private let returned: Unmanaged<Ring<Box<RigTables>>>
    private let reports: Unmanaged<Ring<Report>>
    /// The tables of the rig before, until the rig that replaced them is published.
    private var former: Box<RigTables>?
    private let fixedAddress = FixedAddress()

    init(
        messages: Ring<LoaderMessage>, retired: Ring<InstanceHandoff>, returned: Ring<Box<RigTables>>,
        reports: Ring<Report>
    ) {
        self.messages = .passUnretained(messages)
        self.retired = .passUnretained(retired)
        self.returned = .passUnretained(returned)
        self.reports = .passUnretained(reports)
    }

    /// The next message of the loader, or nil.
    func nextMessage() -> LoaderMessage? {
        var message: LoaderMessage?
        messages._withUnsafeGuaranteedRef { $0.pop(into: &message) }
        return message
    }

    /// Returns an instance to the loader. There is room: the loader limits how many instances exist.
    func sendBack(_ instance: InstanceHandoff) { retired._withUnsafeGuaranteedRef { _ = $0.push(instance) } }

    /// Keeps the tables of the rig before until ``returnFormer()``.
    mutating func keep(former tables: consuming Box<RigTables>) {
        precondition(former == nil, "the loader sends one rig at a time")
        former = consume tables
    }

    /// Returns the tables of the rig before. Called when the indices of the new rig are published: then no other
    /// thread uses the old ones. There is room: the loader sends one rig at a time.
    mutating func returnFormer() {
        returned._withUnsafeGuaranteedRef { _ = $0.push(from: &former) }
    }

    /// Sends a report. It is dropped where the ring is full, because nobody reads it.
    func report(_ report: Report) { reports._withUnsafeGuaranteedRef { _ = $0.push(report) } }
}
