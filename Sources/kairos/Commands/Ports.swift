import ArgumentParser
import KairosDevices

/// `kairos ports`: lists MIDI and audio devices.
struct Ports: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List MIDI ports, JACK, and sound cards with their sample rates.",
        discussion: """
            kairos ports

            Sound cards are listed in the form for 'kairos play --audio'. Exit status 1 if
            there is neither an ALSA sequencer nor an audio output.
            """)

    func run() throws {
        let hasKeyboards = listKeyboards()
        let hasOutput = [listJACK(), listCards(), listDevices()].contains(true)
        if !hasKeyboards && !hasOutput { throw ExitCode(1) }
    }

    /// Prints the ports of the ALSA sequencer. Returns whether there is one.
    private func listKeyboards() -> Bool {
        do {
            let ports = try SequencerPorts.list()
            printLine("keyboards (ALSA sequencer; * is connected automatically):")
            for port in ports {
                printLine("  \(port.isKeyboard ? "*" : " ") \(port.client):\(port.port)  \(port.name)")
            }
            return true
        } catch {
            printLine("keyboards: \(error)")
            return false
        }
    }

    /// Prints the settings of the JACK server. Returns whether it answers.
    private func listJACK() -> Bool {
        do {
            // Opened as in `kairos play`, which gives up on a frozen server after two seconds.
            let driver = try AudioHost.open(.jack, rate: nil, period: nil, connects: false).driver
            printLine("JACK: \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop(within: 1)
            return true
        } catch {
            printLine("JACK: \(error)")
            return false
        }
    }

    /// Prints the sound cards. Returns whether there are any.
    private func listCards() -> Bool {
        let cards = SoundCards.list()
        guard !cards.isEmpty else {
            printLine("sound cards: none")
            return false
        }
        printLine("sound cards:")
        for card in cards {
            let rates = card.rates.map { $0.map(String.init).joined(separator: " ") + " Hz" }
            printLine("  alsa:\(card.device)  \(card.name): \(rates ?? "in use by another program")")
        }
        return true
    }

    /// Prints the other ALSA devices and the default device. Returns whether the default device can be
    /// opened.
    private func listDevices() -> Bool {
        let devices = SoundCards.devices()
        if !devices.isEmpty { printLine("other ALSA devices:") }
        for device in devices { printLine("  alsa:\(device.name)  \(device.about)") }
        do {
            let driver = try ALSADriver(sampleRate: 48_000, period: 128)
            printLine("default: \(driver.name), \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop(within: 1)
            return true
        } catch {
            printLine("default: \(error)")
            return false
        }
    }
}
