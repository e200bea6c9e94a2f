import Foundation
import KairosControl
import KairosFiles
import Testing

/// Scala files in all dialects that are in use.
@Suite struct ScalaFiles {
    private func cents(_ text: String) throws -> [Double] {
        try ScalaFile.scale(Array(text.utf8), file: "t.scl").cents
    }

    private func near(_ a: [Double], _ b: [Double]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test func `cents, ratios and whole numbers, followed by comments`() throws {
        let text = "! t.scl\n!\nA scale\n 5\n!\n 100.0\n 9/8   a tone\n3 / 2 !fifth\n701.955 cents\n2\n"
        #expect(near(try cents(text), [100, 1200 * log2(1.125), 1200 * log2(1.5), 701.955, 1200]))
        #expect(near(try cents("x\n3\n100.\n.5\n-25.5\n"), [100, 0.5, -25.5]))
    }

    @Test func `any line ending, a byte order mark, tabs, no name, no final line ending`() throws {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["! t", "", "2", "! remark", "\t600.0\t", "2/1"].joined(separator: end)
            #expect(near(try cents("\u{feff}" + text), [600, 1200]))
        }
        // Latin-1 in the name.
        let latin = Array("Sch".utf8) + [0xf6] + Array("n\n1\n2/1\n".utf8)
        #expect(try ScalaFile.scale(latin, file: "t.scl").name == "Schön")
    }

    @Test func `numbers too large for any integer`() throws {
        for count in [40, 400, 5000] {
            let huge = String(repeating: "9", count: count)
            #expect(near(try cents("x\n1\n\(huge)/\(huge)\n"), [0]))
            #expect(abs(try cents("x\n1\n1\(String(repeating: "0", count: count))/\(huge)\n")[0]) < 1e-6)
        }
    }

    /// The text after a valid pitch is a comment, by the specification of the format; an exponent is part of
    /// the number.
    @Test func `exponents, comments without a space, and numbers at the ends of the range`() throws {
        #expect(
            near(
                try cents("x\n5\n2.0391e2\n5/4E\n100.0C#\n3/2E\n2/1\n"),
                [203.91, 1200 * log2(1.25), 100, 1200 * log2(1.5), 1200]))
        #expect(near(try cents("x\n4\n0.0\n-0.0\n1.0e-320\n+1200,5\n"), [0, 0, 0, 1200.5]))
        #expect(near(try cents("x\n2\n4294967296/2147483648\n2.5E+2 cents\n"), [1200, 250]))
    }

    @Test func `scales of one note and of none`() throws {
        #expect(Tuning(Scale(cents: try cents("x\n1\n1200.\n"))).pitches.allSatisfy { $0?.isFinite == true })
        #expect(try cents("x\n0\n") == [0])
    }

    @Test func `numbers of a keyboard mapping beyond their ranges are refused with their column`() {
        func fault(_ frequency: String, _ degree: String) -> String {
            let text = "1\n0\n127\n60\n69\n \(frequency)\n0\n\t\(degree)\n"
            do {
                let map = try ScalaFile.keyboard(Array(text.utf8), file: "t.kbm")
                return Tuning(.equal, keyboard: map).pitches.allSatisfy { $0?.isFinite != false }
                    ? "good" : "infinite"
            } catch { return "\(error)" }
        }
        for good in ["440.0", "440", "440,5", "0.001", "4.4e2"] { #expect(fault(good, "0") == "good") }
        for bad in ["0", "-440", "5e-324", "1e400", "nan", "inf", "0x1p9", "1e6", ""] {
            #expect(fault(bad, "0").hasPrefix("t.kbm:"))
            #expect(fault(bad, "0") != "good")
        }
        #expect(fault("-1", "0").hasPrefix("t.kbm:6:2: "))
        for bad in ["\(Int.min)", "\(Int.max)", "100001", "1.5"] {
            #expect(fault("440", bad).hasPrefix("t.kbm:8:2: "))
        }
    }

    @Test func `faults are reported with their line`() {
        func fault(_ text: String) -> String {
            do { return "\(try cents(text))" } catch { return "\(error)" }
        }
        #expect(fault("x\n2\n!\n100.0\n") == "t.scl:5:1: the file ends before note 2 of 2")
        #expect(fault("x\ntwo\n").hasPrefix("t.scl:2:1: the number of notes must be a whole number"))
        for ratio in ["3/0", "0/3", "0", "-3/2", "-2", "000/1"] {
            #expect(fault("x\n1\n \(ratio)\n").hasPrefix("t.scl:3:2: '\(ratio)' is not a ratio"))
        }
        #expect(fault("x\n1\n3/2/1\n").contains("two slashes"))
        #expect(fault("x\n1\n3/ \n").contains("no whole number after its slash"))
        for exponent in ["3e2", "3/2e1", "2e1/3"] {
            #expect(fault("x\n1\n\(exponent)\n").contains("has an exponent"))
        }
        for pitch in [".", "+", "1.2.3", "1,2.3", "e5", "nan", "inf.0", "−5.0", "0.e"] {
            #expect(fault("x\n1\n\(pitch)\n").hasPrefix("t.scl:3:1: ") || pitch == "0.e")
        }
        // Not a number with a comment.
        for pitch in ["3:2", "1_000.", "2^1", "3*2", "1.5:", "2\u{663}"] {
            #expect(fault("x\n1\n\(pitch)\n").hasPrefix("t.scl:3:1: '\(pitch)' is not a pitch"))
        }
        for count in ["0x1", "1e0", "1e-400", "nan"] {
            #expect(fault("x\n\(count)\n2/1\n").hasPrefix("t.scl:2:1: the number of notes"))
        }
        #expect(fault("x\n1\n1.0e400\n").contains("outside"))
        #expect(fault("x\n1\nfifth\n").contains("cents with a point (701.955), a ratio (3/2)"))
        #expect(fault("").contains("the file ends"))
    }

    private func tuning(_ scale: String, _ keyboard: String) throws -> [Double?] {
        Tuning(
            try ScalaFile.scale(Array(scale.utf8), file: "t.scl"),
            keyboard: try ScalaFile.keyboard(Array(keyboard.utf8), file: "t.kbm")
        ).pitches
    }

    @Test func `a keyboard mapping assigns degrees to keys, and other keys are silent`() throws {
        // The white keys play a scale of seven; A4 is 440 Hz.
        let seven = "x\n7\n200.\n400.\n500.\n700.\n900.\n1100.\n1200.\n"
        let white = "! w\n12\n21\n108\n60\n69\n440.0\n7\n0\nx\n1\nx\n2\n3\nX\n4\nx\n5\nx\n6\n"
        let pitches = try tuning(seven, white)
        #expect(pitches[61] == nil && pitches[20] == nil && pitches[109] == nil)
        for key in [21, 60, 62, 64, 65, 67, 69, 71, 72, 108] {
            #expect(abs(try #require(pitches[key]) - Double(key)) < 1e-12)
        }
    }

    @Test
    func
        `a mapping without a pattern maps every key; keys left out are silent; any key can be the reference`()
        throws
    {
        let linear = try tuning("x\n5\n240.\n480.\n720.\n960.\n2/1\n", "0\n0\n127\n60\n69\n220\n0\n")
        for (key, pitch) in [69: 57, 74: 69, 70: 59.4] {
            #expect(abs(try #require(linear[key]) - pitch) < 1e-12)
        }
        let short = try tuning("x\n2\n600.\n2/1\n", "3\n0\n127\n60\n60\n261.625565300598634\n2\n0\n1\n")
        #expect(short[62] == nil)
        for (key, pitch) in [61: 66.0, 63: 72] { #expect(abs(try #require(short[key]) - pitch) < 1e-9) }
    }

    @Test func `scales whose period is not an octave`() throws {
        // Carlos Alpha: 78 cents per step.
        let alpha = Tuning(Scale(cents: [78]))
        for key in 0..<128 {
            #expect(abs(try #require(alpha.pitches[key]) - (60 + 0.78 * Double(key - 60))) < 1e-9)
        }
        for (key, pitch) in Tuning(.equal).pitches.enumerated() {
            #expect(abs(try #require(pitch) - Double(key)) < 1e-9)
        }
    }
}
