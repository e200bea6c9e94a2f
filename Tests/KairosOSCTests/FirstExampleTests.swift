import Foundation
import Testing

@testable import KairosOSC

/// The first example of the reference does what its comments say, and ends in silence.
@Suite(.serialized) struct FirstExampleTests {
    /// Parses a line in the syntax of `oscsend`.
    private static func message(_ line: String) throws -> OSCMessage {
        let words = line.split(separator: " ").map(String.init)
        let types = words.count > 1 ? Array(words[1]) : []
        let values = try zip(types, words.dropFirst(2)).map { type, word -> OSCValue in
            switch type {
            case "i": .int(try #require(Int32(word)))
            case "f": .float(try #require(Float(word)))
            default: .string(word)
            }
        }
        #expect(types.count == max(0, words.count - 2), "\(line)")
        return OSCMessage(words[0], values)
    }

    @Test func `it plays a note, ends it, and undoes the edit`() throws {
        let osc = try OSCRig()
        let before = osc.ask("/patch/show")
        let lines = OSCDispatcher.firstExample.map(\.command)
        #expect(OSCDispatcher.reference.contains("oscsend localhost 9000 \(lines[0])"))
        for line in lines {
            let message = try Self.message(line)
            let answer = osc.dispatcher.answer(message, client: "test", stamp: 0)
            #expect(answer.address == "/ok", "\(line): \(answer.values)")
            switch message.address {
            case "/patch/commit":
                #expect(answer.values.count == 3, "no module was connected to the output automatically")
                osc.advance()
                #expect(osc.frequency() == 0, "the patch is silent until a key is played")
            case "/note/on":
                osc.advance()
                #expect(abs(osc.frequency() - 440) < 0.5)
            case "/note/off":
                osc.waitForSilence()
                #expect(osc.voices == 0)
                #expect(osc.frequency() == 0)
            default: break
            }
        }
        osc.advance()
        #expect(osc.frequency() == 0 && osc.voices == 0)
        #expect(osc.ask("/patch/show") == before, "the patch is restored")
    }
}
