import CALSA
import Glibc

/// Lists the sound cards and devices of ALSA.
public enum SoundCards {
    /// One output of a card.
    public struct Output: Sendable, Equatable {
        /// The ALSA name: `hw:0,0`.
        public var device: String
        /// The names of the card and the output.
        public var name: String
        /// The supported sample rates in Hz; nil while another program has the output open, or if they were
        /// not asked for.
        public var rates: [Int]?
    }

    /// A device in ALSA's configuration.
    public struct Device: Sendable, Equatable {
        /// The ALSA name: `pipewire`.
        public var name: String
        /// The description, one line.
        public var about: String
    }

    private static let rates: [UInt32] = [
        8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000,
    ]

    /// Lists the outputs of all cards. Opens each of them briefly if `findsRates` is true. [control]
    public static func list(findsRates: Bool = true) -> [Output] {
        var result: [Output] = [], card = Int32.beforeFirst
        while snd_card_next(&card) >= 0, card >= 0 { result += outputs(card, findsRates) }
        return result
    }

    private static func outputs(_ card: Int32, _ findsRates: Bool) -> [Output] {
        var control: OpaquePointer?, cardInfo: OpaquePointer?, info: OpaquePointer?
        guard snd_ctl_open(&control, "hw:\(card)", SND_CTL_NONBLOCK) >= 0, let control else { return [] }
        snd_ctl_card_info_malloc(&cardInfo)
        snd_pcm_info_malloc(&info)
        defer {
            snd_ctl_card_info_free(cardInfo)
            snd_pcm_info_free(info)
            snd_ctl_close(control)
        }
        guard snd_ctl_card_info(control, cardInfo) >= 0 else { return [] }
        let cardName = text(snd_ctl_card_info_get_name(cardInfo))
        var result: [Output] = [], device = Int32.beforeFirst
        while snd_ctl_pcm_next_device(control, &device) >= 0, device >= 0 {
            snd_pcm_info_set_device(info, UInt32(device))
            snd_pcm_info_set_subdevice(info, 0)
            snd_pcm_info_set_stream(info, SND_PCM_STREAM_PLAYBACK)
            guard snd_ctl_pcm_info(control, info) >= 0 else { continue }
            let name = "hw:\(card),\(device)", outputName = text(snd_pcm_info_get_name(info))
            result.append(
                Output(
                    device: name,
                    name: outputName.isEmpty || outputName == cardName
                        ? cardName : "\(cardName), \(outputName)",
                    rates: findsRates ? rates(of: name) : nil))
        }
        return result
    }

    private static func rates(of device: String) -> [Int]? {
        var pcm: OpaquePointer?, parameters: OpaquePointer?
        guard snd_pcm_open(&pcm, device, SND_PCM_STREAM_PLAYBACK, SND_PCM_NONBLOCK) >= 0, let pcm else {
            return nil
        }
        snd_pcm_hw_params_malloc(&parameters)
        defer {
            snd_pcm_hw_params_free(parameters)
            snd_pcm_close(pcm)
        }
        guard snd_pcm_hw_params_any(pcm, parameters) >= 0 else { return [] }
        return rates.filter { snd_pcm_hw_params_test_rate(pcm, parameters, $0, 0) == 0 }.map(Int.init)
    }

    /// Lists the output devices in ALSA's configuration that do not belong to one card. [control]
    public static func devices() -> [Device] {
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard snd_device_name_hint(.allCards, "pcm", &hints) >= 0, let hints else { return [] }
        defer { snd_device_name_free_hint(hints) }
        var result: [Device] = [], index = 0
        while let hint = hints[index] {
            index += 1
            // A device for both directions has no IOID.
            guard value(hint, "IOID") != "Input", let name = value(hint, "NAME"), !name.contains(":CARD="),
                name != "null"
            else { continue }
            let about = value(hint, "DESC")?.split(separator: "\n").joined(separator: ", ") ?? ""
            result.append(Device(name: name, about: about))
        }
        return result
    }

    private static func value(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let value = snd_device_name_get_hint(hint, key) else { return nil }
        defer { free(value) }
        return String(cString: value)
    }

    private static func text(_ name: UnsafePointer<CChar>?) -> String {
        name.map { String(cString: $0) } ?? ""
    }
}
