/// Orders of an arpeggio. The names of the cases are the words of patch files.
enum ArpeggioMode: Int, CaseIterable {
    case up, down, upDown, downUp, played, random, chord

    /// The index of the note at a step, 0..<`total`, of notes that are numbered from the lowest. `random` and `chord`
    /// have their own.
    func index(_ step: Int, of total: Int) -> Int {
        let turn = max(1, 2 * total - 2), place = step % turn
        let bounced = place < total ? place : turn - place
        return switch self {
        case .up, .played, .random, .chord: step % total
        case .down: total - 1 - step % total
        case .upDown: bounced
        case .downUp: total - 1 - bounced
        }
    }
}
