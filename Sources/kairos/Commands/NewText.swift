import KairosFiles

/// The example files of `kairos new`, with comments.
enum NewText {
    /// A saw oscillator through a filter.
    static func patch(_ name: String) -> String {
        """
        # yaml-language-server: $schema=patch.schema.json
        kairos: patch/1
        name: \(name)
        voices: 16                      # or mono, or legato
        level: -12 dB
        modules:                        # 'kairos modules' lists them, 'kairos modules svf' describes one
          keys:   { type: keys }
          osc:    { type: saw }
          env:    { type: adsr, attack: 5 ms, decay: 300 ms, sustain: 70 %, release: 400 ms }
          filter: { type: svf, cutoff: 1.2 kHz, resonance: 20 % }
          vca:    { type: vca }
          out:    { type: output }
        connections:                    # without a port: the first one; to a parameter: with a depth
          - keys.pitch -> osc.pitch
          - keys.gate -> env.gate
          - osc -> filter
          - env -> filter.cutoff @ 24 st
          - filter.low -> vca
          - env -> vca.level
          - vca -> out
        macros:                         # up to eight, in this order
          - { name: Bright, to: filter.cutoff, range: [200 Hz, 9 kHz], role: brightness }
          - { name: Resonance, to: filter.resonance, role: timbre }

        """
    }

    /// Five knobs and two pads.
    static func mapping(_ device: String) -> String {
        """
        # yaml-language-server: $schema=mapping.schema.json
        kairos: mapping/1
        device: \(PatchFile.quoted(device))   # part of the controller's name; "" for every device
        controls:                       # 'kairos monitor' shows what a control sends
          - { cc: 20, to: macro 1 }
          - { cc: 21, to: macro 2 }
          - { cc: 22, to: macro 3 }
          - { cc: 23, to: macro 4 }
          - { cc: 1, to: modulation }   # by role: the macro of the patch that has this role
          - { note: 36, channel: 10, to: next entry }
          - { note: 37, channel: 10, to: previous entry }

        """
    }

    /// A single patch, a split and a layer.
    static func setList(_ name: String) -> String {
        """
        # yaml-language-server: $schema=setlist.schema.json
        kairos: setlist/1
        name: \(name)
        entries:                        # in playing order; 'kairos patches' lists the patches
          - { name: Tines, program: 0, patch: ivory-tines }
          - name: Bass and Lead         # a split
            program: 1
            layers:
              - { patch: oak-bass, keys: C-1..B3 }
              - { patch: comet-lead, keys: C4..G9 }
          - name: Tide and Bells        # a layer
            program: 2
            layers:
              - { patch: slow-tide, level: -3 dB }
              - { patch: winter-bells, level: -6 dB }

        """
    }

    /// Two detuned saw oscillators.
    static let module = """
        # yaml-language-server: $schema=module.schema.json
        kairos: module/1
        about: Two saw oscillators, one detuned upwards.
        modules:
          low:  { type: saw }
          high: { type: saw, detune: 9 ct }
          sum:  { type: mix, gainA: -6 dB, gainB: -6 dB }
        connections:
          - low -> sum.a
          - high -> sum.b
        inlets:                         # inputs of the module, and the inlets they lead to
          pitch: [low.pitch, high.pitch]
        outlets:
          output: sum
        params:                         # parameters of the module
          detune: { to: high.detune, range: [0 ct, 1 st], about: Detune of the second saw. }

        """
}
