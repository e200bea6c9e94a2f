import KairosDSP
import KairosTestSupport
import Testing

@testable import KairosOSC

/// OSC 1.0 address patterns: what matches, what is refused, and that the steps are bounded by the pattern's
/// length times the name's.
@Suite struct OSCPatternTests {
    private static func matches(_ name: String, _ pattern: String) throws -> Bool {
        var budget = Int.max
        return try OSCPattern(pattern).matches(name, &budget)
    }

    @Test(arguments: [
        ("osc", "osc", true), ("osc", "os", false), ("osc", "oscc", false), ("", "", true), ("", "*", true),
        ("osc", "*", true), ("osc", "?sc", true), ("osc", "o??", true), ("osc", "o???", false),
        ("osc", "**c**", true), ("osc", "[a-p]sc", true), ("osc", "[p-z]sc", false), ("osc", "[z-a]sc", true),
        ("osc", "[!a]sc", true), ("osc", "[!o]sc", false), ("o-c", "o[-s]c", true), ("o-c", "o[s-]c", true),
        ("o!c", "o[s!]c", true), ("o*c", "o[*]c", true), ("osc", "o[*]c", false), ("osc", "{osc,env}", true),
        ("osc", "{env,osc}", true), ("osc1", "{o,osc}1", true), ("osc", "{env,lfo}", false),
        ("osc", "{}osc{}", true),
        ("osc", "o{,s,sc}c", true), ("osc", "{o,os}{sc,c}", true), ("osc", "{osc", false),
        ("os*", "os{*}", true),
        ("osc", "os{*}", false), ("äöü", "???", true), ("äöü", "[ä-ö]*", true), ("a b", "a b", true),
    ])
    func `patterns match as the specification says`(_ name: String, _ pattern: String, _ expected: Bool) {
        #expect((try? Self.matches(name, pattern)) ?? false == expected)
    }

    @Test(arguments: [
        "[", "[a", "a[", "[]", "[]a]", "[!]", "[!", "{", "{a", "{a,", "a]", "a}", "}{", "][", "{a}}",
    ])
    func `brackets and braces that are not closed, not opened or empty are refused`(_ pattern: String) {
        do {
            _ = try OSCPattern(pattern)
            Issue.record("\(pattern) is accepted")
        } catch { #expect(error.code == "bad-pattern" && error.text.contains("pattern"), "\(pattern)") }
    }

    /// Whether the specification allows a pattern.
    private static func isValid(_ pattern: [Character]) -> Bool {
        var rest = pattern[...]
        while let letter = rest.popFirst() {
            switch letter {
            case "]", "}": return false
            case "[", "{":
                guard let end = rest.firstIndex(of: letter == "[" ? "]" : "}") else { return false }
                let inside = rest[rest.startIndex..<end]
                if letter == "[", inside.isEmpty || inside == ["!"] { return false }
                rest = rest[(end + 1)...]
            default: break
            }
        }
        return true
    }

    /// Matching as the specification defines it, by trying every possibility: exponential, for short texts
    /// only.
    private static func reference(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        let rest = pattern.dropFirst()
        switch first {
        case "*": return (0...name.count).contains { reference(name.dropFirst($0), rest) }
        case "?": return !name.isEmpty && reference(name.dropFirst(), rest)
        case "[":
            guard let end = rest.firstIndex(of: "]"), let letter = name.first else { return false }
            var set = Array(rest[rest.startIndex..<end]), isNegated = false
            if set.first == "!" {
                isNegated = true
                set.removeFirst()
            }
            var isIn = false
            while !set.isEmpty {
                if set.count > 2, set[1] == "-" {
                    let (low, high) = (min(set[0], set[2]), max(set[0], set[2]))
                    if letter >= low, letter <= high { isIn = true }
                    set.removeFirst(3)
                } else if set.removeFirst() == letter {
                    isIn = true
                }
            }
            return isIn != isNegated && reference(name.dropFirst(), rest[(end + 1)...])
        case "{":
            guard let end = rest.firstIndex(of: "}") else { return false }
            let choices = rest[rest.startIndex..<end].split(separator: ",", omittingEmptySubsequences: false)
            return choices.contains { choice in
                name.starts(with: choice)
                    && reference(name.dropFirst(choice.count), rest[(end + 1)...])
            }
        default: return name.first == first && reference(name.dropFirst(), rest)
        }
    }

    @Test func `a hundred thousand patterns match as the specification defines it`() throws {
        var draw = FuzzDraw(state: 5), matched = 0, refused = 0
        let letters = Array("ab*?[]{},!-b*{}[]"), plain = Array("ab-!,")
        for _ in 0..<100_000 {
            let pattern = (0..<draw(10)).map { _ in letters[draw(letters.count)] }
            let name = (0..<draw(6)).map { _ in plain[draw(plain.count)] }
            guard Self.isValid(pattern) else {
                refused += 1
                #expect((try? OSCPattern(String(pattern))) == nil, "\(String(pattern))")
                continue
            }
            let expected = Self.reference(name[...], pattern[...])
            let found = try Self.matches(String(name), String(pattern))
            #expect(found == expected, "\(String(name)) \(String(pattern))")
            matched += expected ? 1 : 0
        }
        #expect(matched > 3000 && refused > 3000, "\(matched) \(refused)")
    }

    @Test func `the steps are bounded by the pattern's length times the name's`() throws {
        let name = String(repeating: "a", count: 64)
        var most = 0.0
        for unit in [
            "*a", "*?", "*", "?*", "[a-z]*", "{a,aa,aaa}", "{,a}", "{,a}*", "*{a,}", "[!b]*a", "{*,a}a",
        ] {
            for count in [1, 4, 16, 64, 160] {
                for tail in ["", "b", "*b", "[!a]"] {
                    let pattern = String(repeating: unit, count: count) + tail
                    var budget = Int.max
                    _ = try OSCPattern(pattern).matches(name, &budget)
                    let steps = Int.max - budget, bound = 5 * (pattern.count + 1) * (name.count + 1)
                    most = max(most, Double(steps) / Double(bound))
                    #expect(steps <= bound, "\(pattern): \(steps) of \(bound)")
                }
            }
        }
        #expect(most > 0.1, "the bound is far too high")
    }

    /// Fails if a pattern reaches only the addresses without names in them.
    @Test func `patterns work in every part of every address`() throws {
        let osc = try OSCRig([TonePatch.text()])
        let about = try #require(osc.ask("/modules/saw"))
        #expect(osc.ask("/modules/sa[w]") == [.string("saw")] + about)
        #expect(osc.ask("/modul?s/saw") == about)
        let both = try #require(osc.ask("/modules/{saw,sine}"))
        #expect(both.contains(.string("saw")) && both.contains(.string("sine")))
        #expect(osc.refusal("/modules/zz*")?.first == "unknown-type")
        #expect(osc.refusal("/modules/[a")?.first == "bad-pattern")
        #expect(osc.ask("/m?d/osc") == osc.ask("/mod/osc"))
        #expect(osc.ask("/mo[d]/osc/detune", .int(7)) == [.float(7), .string("7 st")])
        #expect(osc.ask("/mod/osc/detune") == [.float(7), .string("7 st")])
        #expect(osc.ask("/mod/osc/detun?/normal*")?.first == .string("osc.detune"))
        #expect(osc.ask("/*/osc/detune/normalized", .float(1))?.count == 2)
        #expect(osc.refusal("/x*/osc")?.first == "unknown-command")
        #expect(osc.refusal("/mod/osc/detune/x*")?.first == "unknown-command")
    }

    @Test func `an exhausted budget ends the matching`() throws {
        var budget = 100
        let matches = try OSCPattern(String(repeating: "*a", count: 100)).matches(
            String(repeating: "a", count: 64), &budget)
        #expect(!matches && budget <= 0 && budget > -1000)
    }
}
