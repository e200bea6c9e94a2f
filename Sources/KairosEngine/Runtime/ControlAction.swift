import KairosControl

/// One event on its way through the controls that it moves.
struct ControlAction {
    /// The event.
    let event: Event
    /// The channel that it acts on.
    let address: ChannelAddress
    /// The frame at which it acts.
    let frame: Int
    /// The report about it.
    var report: EventReport
    /// The index of the control that it moves.
    private(set) var control = 0
    /// The movement of that control.
    private(set) var movement = Movement.step(0)
    /// True once a control has handled it.
    var isHandled = false
    /// The outcome where no control handles it.
    var missed: EventReport.Outcome
    /// True where a mapping of the very device handles it: then general mappings do not.
    let hasOwnControl: Bool
    /// The index of the next control to ask.
    var next = 0

    init(
        _ event: Event, _ address: ChannelAddress, frame: Int, _ report: EventReport,
        hasOwnControl: Bool = false, missed: EventReport.Outcome = .unmapped
    ) {
        self.event = event
        self.address = address
        self.frame = frame
        self.report = report
        self.hasOwnControl = hasOwnControl
        self.missed = missed
    }

    /// Sets the control that it moves.
    mutating func set(control: Int, _ movement: Movement) {
        self.control = control
        self.movement = movement
    }

    /// Prepares the report of one more effect. An event with several effects has one report for each.
    mutating func beginReport(_ link: borrowing LoaderLink) {
        if isHandled { link.report(.event(report)) }
        isHandled = true
        var normalized: Float?
        if case .to(let position, _) = movement { normalized = position }
        report.control = EventReport.Control(index: Int32(control), normalized: normalized)
    }

    /// True for a press: a key that goes down, or a controller that crosses its centre upwards or repeats its value.
    var isPress: Bool {
        switch movement {
        case .step(let steps): steps > 0
        case .to(let position, let from):
            switch event.message {
            case .noteOn: true
            case .noteOff: false
            default: position >= 0.5 && ((from ?? 0) < 0.5 || from == position)
            }
        }
    }

    /// True where the event has a meaning without a mapping: that no control handles it is not worth a report.
    private var hasOtherMeaning: Bool {
        switch event.message {
        case .noteOn, .noteOff, .channelPressure, .polyPressure, .pitchBend: true
        default: false
        }
    }

    /// Completes the report of the event.
    func finish(_ report: inout EventReport) {
        if isHandled || !hasOtherMeaning { report = self.report }
        if !isHandled, !hasOtherMeaning { report.outcome = missed }
    }
}
