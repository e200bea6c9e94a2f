package import KairosControl

extension ControlTable {
    /// For each of `rows`, the index of the row of `old` whose takeover state it continues: the same control
    /// (under its new index in `places`) with the same effect, law and layer. Nil if there is none.
    package static func origins(of rows: [Row], in old: [Row], places: [Int32?]) -> [Int32?] {
        rows.map { row in
            old.firstIndex {
                places.indices.contains(Int($0.control)) && places[Int($0.control)] == row.control
                    && $0.effect == row.effect && $0.law == row.law && $0.layer == row.layer
            }.map { Int32($0) }
        }
    }
}
