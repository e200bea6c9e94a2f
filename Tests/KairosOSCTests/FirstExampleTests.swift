import Foundation
import Testing

@testable import KairosOSC

/// The first example of the reference does as it says, and ends in silence.
@Suite(.serialized) struct FirstExampleTests {
    /// A line as `oscsend` takes it.
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

    @Test func `it plays a note, ends it, and goes back`() throws {
        let desk = try Desk()
        let before = desk.ask("/patch/show")
        let lines = OSCDispatcher.firstExample.map(\.command)
        #expect(OSCDispatcher.reference.contains("oscsend localhost 9000 \(lines[0])"))
        for line in lines {
            let message = try Self.message(line)
            let answer = desk.console.answer(message, client: "test", stamp: 0)
            #expect(answer.address == "/ok", "\(line): \(answer.values)")
            switch message.address {
            case "/patch/commit":
                #expect(answer.values.count == 3, "nothing was connected to the output by itself")
                desk.pass()
                #expect(desk.frequency() == 0, "it is silent until a key is played")
            case "/note/on":
                desk.pass()
                #expect(abs(desk.frequency() - 440) < 0.5)
            case "/note/off":
                desk.rest()
                #expect(desk.voices == 0)
                #expect(desk.frequency() == 0)
            default: break
            }
        }
        desk.pass()
        #expect(desk.frequency() == 0 && desk.voices == 0)
        #expect(desk.ask("/patch/show") == before, "the patch is as it was")
    }
}
