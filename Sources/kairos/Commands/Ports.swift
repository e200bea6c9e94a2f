import ArgumentParser
import KairosDevices

/// `kairos ports`: what there is to connect.
struct Ports: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List keyboards and sound devices.",
        discussion: "kairos ports\n\nExit status 1 when there is neither a sequencer nor a way to be heard.")

    func run() throws {
        var heard = false, played = false
        do {
            let ports = try SequencerPorts.list()
            played = true
            print("keyboards (ALSA sequencer; * connects itself):")
            for port in ports {
                print("  \(port.isKeyboard ? "*" : " ") \(port.client):\(port.port)  \(port.name)")
            }
        } catch { print("keyboards: \(error)") }
        do {
            let driver = try JACKDriver(connects: false)
            heard = true
            print("sound: JACK runs at \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop()
        } catch { print("sound: \(error)") }
        do {
            let driver = try ALSADriver(sampleRate: 48_000, period: 128)
            heard = true
            print("sound: \(driver.name), \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop()
        } catch { print("sound: \(error)") }
        if !heard && !played { throw ExitCode(1) }
    }
}
