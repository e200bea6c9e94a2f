import ArgumentParser
import KairosDevices

/// `kairos ports`: what there is to connect.
struct Ports: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List keyboards, JACK, and sound cards with their sample rates.",
        discussion: """
            kairos ports

            A device is named as `kairos play --audio alsa:DEVICE` takes it. Exit status 1 when there is neither a
            sequencer nor a way to be heard.
            """)

    func run() throws {
        let hasKeyboards = listKeyboards()
        let isHeard = [listJACK(), listCards(), listDevices()].contains(true)
        if !hasKeyboards && !isHeard { throw ExitCode(1) }
    }

    private func listKeyboards() -> Bool {
        do {
            let ports = try SequencerPorts.list()
            show(row: "keyboards (ALSA sequencer; * connects itself):")
            for port in ports {
                show(row: "  \(port.isKeyboard ? "*" : " ") \(port.client):\(port.port)  \(port.name)")
            }
            return true
        } catch {
            show(row: "keyboards: \(error)")
            return false
        }
    }

    private func listJACK() -> Bool {
        do {
            // Opened as `kairos play` opens it: a frozen server is given two seconds.
            let driver = try AudioHost.open(.jack, rate: nil, period: nil, connects: false).driver
            show(row: "JACK: runs at \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop(within: 1)
            return true
        } catch {
            show(row: "JACK: \(error)")
            return false
        }
    }

    private func listCards() -> Bool {
        let cards = SoundCards.list()
        guard !cards.isEmpty else {
            show(row: "sound cards: there is none")
            return false
        }
        show(row: "sound cards:")
        for card in cards {
            let rates = card.rates.map { $0.map(String.init).joined(separator: " ") + " Hz" }
            show(row: "  alsa:\(card.device)  \(card.name): \(rates ?? "in use by another program")")
        }
        return true
    }

    private func listDevices() -> Bool {
        let devices = SoundCards.devices()
        if !devices.isEmpty { show(row: "other ALSA devices:") }
        for device in devices { show(row: "  alsa:\(device.name)  \(device.about)") }
        do {
            let driver = try ALSADriver(sampleRate: 48_000, period: 128)
            show(row: "default: \(driver.name), \(driver.sampleRate) Hz, period \(driver.period) frames")
            driver.stop(within: 1)
            return true
        } catch {
            show(row: "default: \(error)")
            return false
        }
    }
}
